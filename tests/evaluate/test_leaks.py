"""Near-duplicates: found where they leak, not called out where a template repeats."""

import pytest

from suffice.evaluate.leaks import leaks, near_duplicates
from suffice.records import Case, Example, Message, Source


def paired(*texts: str) -> list[tuple[int, int]]:
    return [(pair.first, pair.second) for pair in near_duplicates(texts)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("How do I reset my password?", "How do I reset my password?"),
        ("How do I reset my password?", "how do i reset my password"),
        ("How do I reset my password?", "How can I reset the password"),
        ("Which countries are supported?", "Which countries do you support?"),
        ("My card still hasn't arrived after 2 weeks!", "My card hasn't arrived after 2 weeks"),
        ("Wo ist die nächste Filiale in Köln?", "wo ist die nächste filiale in köln"),
        ("\uff37\uff48\uff4f founded it?", "Who founded it?"),
        (
            "I ordered the replacement card yesterday, when will it arrive at my address",
            "I ordered the replacment card yesterday, when will it arrive at my address",
        ),
        (
            "word " * 3 + " ".join(f"w{n}" for n in range(100)),
            " ".join(f"w{n}" for n in range(100)),
        ),
    ],
)
def test_near_duplicates_are_found(one: str, other: str) -> None:
    """Case, punctuation, small words and slips of spelling make no new question."""
    assert paired(one, "Something else altogether", other) == [(0, 2)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What does plan A cost?", "What does plan B cost?"),
        ("How much did revenue grow in 2021?", "How much did revenue grow in 2022?"),
        (
            "What is the telephone number of the regional office in Springfield, please?",
            "What is the telephone number of the regional office in Shelbyville, please?",
        ),
        (
            "On which day did the patient Maria come to the outpatient clinic for the first time",
            "On which day did the patient Marta come to the outpatient clinic for the first time",
        ),
        (
            "Is it allowed to take the company laptop along on a private holiday abroad?",
            "Is it not allowed to take the company laptop along on a private holiday abroad?",
        ),
        (
            "What is the balance of account 1034 at the end of the month in euros?",
            "What is the balance of account 1043 at the end of the month in euros?",
        ),
        (
            "How do I talk to the IT department about it?",
            "How do I talk to the department about it?",
        ),
        ("How do I open an account?", "How do I close an account?"),
        ("Is it so?", "Was it?"),
    ],
)
def test_questions_that_differ_in_what_matters_are_two(one: str, other: str) -> None:
    """A number, a name, a letter, a negation: each makes another question."""
    assert paired(one, other) == []


def test_thousands_of_rows_of_one_template_are_no_duplicates() -> None:
    """Rows that differ in one number stay apart, though nearly all their words are the same."""
    texts = [
        f"What is the balance of account {n} at the end of May, in euros?" for n in range(2000)
    ]
    assert paired(*texts) == []


def test_a_duplicate_among_a_template_is_found() -> None:
    """Crowded hashing still sees the two rows that are one."""
    texts = [f"What is the balance of account {n} at the end of May, in euros?" for n in range(500)]
    again = "what's the balance of the account 77 at the end of May in euros"
    twice = "What is the balance of account 123 at the very end of May, in euros?"
    assert paired(*texts, again, twice) == [(77, 500), (123, 501)]


def test_equal_texts_are_tied_to_the_first() -> None:
    """Enough pairs to join them, not all of them."""
    assert paired("a b c", "x y z", "A B C!", "a, b, c") == [(0, 2), (0, 3)]


def test_texts_that_say_nothing_are_like_nothing() -> None:
    """Empty texts and texts of small words alone are not compared."""
    assert paired("", "", "is it?", "Was it?") == []


def test_answers_part_what_words_do_not() -> None:
    """Longer by a harmless word, but another answer is expected: two questions."""
    texts = [
        "When does the annual subscription to the premium newsletter expire?",
        "When does the annual web subscription to the premium newsletter expire?",
    ]
    assert len(near_duplicates(texts)) == 1
    assert len(near_duplicates(texts, ["May", "May"])) == 1
    assert len(near_duplicates(texts, ["May", None])) == 1
    assert near_duplicates(texts, ["May", "June"]) == ()


def test_equal_questions_with_unequal_answers_are_still_duplicates() -> None:
    """That is a contradiction in the cases, and no reason to part them."""
    assert len(near_duplicates(["Who won?", "who won"], ["A", "B"])) == 1


def test_the_order_of_texts_does_not_matter() -> None:
    """What is alike one way is alike the other way round."""
    texts = ["How do I reset my password?", "Where is it?", "how can I reset the password"]
    found = {frozenset((texts[a], texts[b])) for a, b in paired(*texts)}
    turned = texts[::-1]
    assert found == {frozenset((turned[a], turned[b])) for a, b in paired(*turned)}


# ---------------------------------------------------------------- leaks


def case(name: str, text: str, *system: str) -> Case:
    messages = (*(Message("system", each) for each in system), Message("user", text))
    return Case(name, messages, expected=("x",), source=Source("cases.jsonl", int(name[1:])))


def example(name: str, text: str) -> Example:
    return Example(
        name, (Message("user", text),), "x", source=Source("examples.jsonl", int(name[1:]))
    )


HELD_OUT = [
    case("h1", "How do I reset my password?"),
    case("h2", "Where is the nearest branch?"),
    case("h3", "how do I reset my password"),
]


def test_a_leak_names_both_sides_with_their_lines() -> None:
    """Each held-out case is told once for dev and once for the examples."""
    dev = [case("d7", "How can I reset the password"), case("d8", "How can I reset the password?")]
    found = leaks(HELD_OUT, dev, [example("e4", "How do I reset my password?")])
    assert [(leak.held_out, leak.kind, leak.other) for leak in found] == [
        ("h1", "dev", "d7"),
        ("h1", "example", "e4"),
        ("h3", "dev", "d7"),
        ("h3", "example", "e4"),
    ]
    assert str(found[0]) == (
        "held-out cases.jsonl:1 and dev cases.jsonl:7 ask the same (100% alike): "
        "How do I reset my password?"
    )


def test_a_near_leak_tells_how_near() -> None:
    """Its similarity is the share of common shingles."""
    dev = [case("d7", "I wonder how the nearest branch of yours is found, where is it?")]
    near = [case("d8", "Where exactly is the nearest branch?")]
    assert leaks(HELD_OUT, dev, []) == ()
    long = case("h9", "When does the annual subscription to the premium newsletter expire?")
    other = case("d9", "When does the annual web subscription to the premium newsletter expire?")
    found = leaks([long], [*near, other], [])
    assert [leak.other for leak in found] == ["d9"]
    assert 0.8 <= found[0].similarity < 1


def test_duplicates_within_a_side_are_no_leak() -> None:
    """Two held-out cases that ask the same hurt nobody but their cluster."""
    assert leaks(HELD_OUT, [case("d7", "What else?")], []) == ()


def test_a_common_system_turn_is_no_leak() -> None:
    """What every case of a study says is not what it asks."""
    system = "You are the assistant of a bank. Answer briefly and kindly, never guess. " * 5
    held_out, dev = case("h1", "Open on Sunday?", system), case("d1", "Lost card?", system)
    assert leaks([held_out], [dev], []) == ()
    again = case("d2", "Open on Sunday?", "You are a pirate.")
    assert [leak.other for leak in leaks([held_out], [dev, again], [])] == ["d2"]
