"""Questions that rules make of natural paragraphs, and the paragraphs that they are made of."""

import json
import random
import re
from collections import Counter
from pathlib import Path

import pytest
from nano.prose import LONGEST_ANSWER, Cloze, cloze, load, sentences
from nano.sources import (
    SAME_OPENING,
    Collection,
    Package,
    blocks_of,
    cleaned,
    descriptions,
    dictionary,
    files_of,
    gathered,
    is_prose,
    marked_up,
    paragraphs,
    plain,
)

CANAL = (
    "The canal was opened in 1869 after ten years of work. It joins two seas and saves ships the "
    "long journey around the southern cape. The authority that runs it collects a toll from every "
    "vessel, and the income pays for the dredgers that keep the channel deep."
)


def asked(sentence: str, draws: int = 80) -> dict[str, str]:
    """Every question that the draws make of one sentence, with its answer."""
    made = (cloze(sentence, random.Random(seed)) for seed in range(draws))
    return {found.question: found.answer for found in made if found is not None}


@pytest.mark.parametrize(
    ("sentence", "question", "answer"),
    [
        (
            "The archive contains a copy of every letter in the collection.",
            "What does the archive contain in the collection?",
            "a copy of every letter",
        ),
        (
            "Glade is a design tool for graphical programs.",
            "What is Glade?",
            "a design tool for graphical programs",
        ),
        (
            "The bridge was completed in March 1932 by local workers.",
            "When was the bridge completed?",
            "March 1932",
        ),
        (
            "The new station has twelve covered platforms for passengers.",
            "How many covered platforms does the new station have?",
            "twelve",
        ),
        (
            "There are four modes in the current version of the player.",
            "How many modes are there in the current version of the player?",
            "four",
        ),
        (
            "When the door opens, the sensor sends a short signal to the panel.",
            "When the door opens, what does the sensor send to the panel?",
            "a short signal",
        ),
        (
            "The settings are stored in a hidden folder.",
            "Where are the settings stored?",
            "in a hidden folder",
        ),
        (
            "The compiler depends on the standard library.",
            "What does the compiler depend on?",
            "the standard library",
        ),
        (
            "To close the window, press the escape key.",
            "What should you press to close the window?",
            "the escape key",
        ),
        (
            "A developer should review the patch before its release.",
            "Who should review the patch before its release?",
            "A developer",
        ),
    ],
)
def test_a_plain_sentence_is_turned_round(sentence: str, question: str, answer: str) -> None:
    """A sentence of a safe shape gives the question that its answer stands for."""
    assert asked(sentence)[question] == answer


@pytest.mark.parametrize(
    ("sentence", "wrong"),
    [
        ("The option allows the command to use the older format.", "the command"),
        ("The option allows the shorter command to use the older format.", "the shorter command"),
        ("The Table holds the table in the memory of the machine.", "the table"),
        ("Microcomputers have given rise to a new class of machines.", "given rise"),
        ("The store is used to define further rules for a column.", "define further rules"),
        ("The name of the file the user opened is shown in the title.", "the user"),
        ("The kit includes a hammer, a saw and a level for the shelves.", "a hammer"),
    ],
)
def test_a_phrase_in_doubt_is_no_answer(sentence: str, wrong: str) -> None:
    """A phrase that is not a verb's whole object never answers what the verb does."""
    questions = {q: a for q, a in asked(sentence).items() if "___" not in q}
    assert wrong not in questions.values()


def test_a_subject_that_is_a_noun_before_a_noun_is_not_asked_for() -> None:
    """ "Subsequent checks will be faster" is not read as somebody who checks."""
    questions = asked("Subsequent checks will finish faster after the first complete run.")
    assert not [q for q in questions if q.startswith("What checks")]


def test_a_contraction_is_no_part_of_a_noun_phrase() -> None:
    """The verb that hides in "you'd" keeps a gap from running over the end of its phrase."""
    answers = asked("Choose the number of decimal places you'd like in the table.").values()
    assert answers
    assert not [answer for answer in answers if "'" in answer]


def test_the_gap_is_where_the_answer_was() -> None:
    """A gap filled with its answer gives the sentence back."""
    filled = 0
    for seed in range(60):
        made = cloze(CANAL, random.Random(seed))
        if made is not None and "___" in made.question:
            filled += 1
            assert made.question.replace("___", made.answer).endswith(made.sentence)
    assert filled


def test_a_gap_says_that_a_date_is_hidden() -> None:
    """What an order to fill the gap says of it, the answer is."""
    for question, answer in asked("Work on the long tunnel began in spring 1869.", 200).items():
        if question.startswith("Which date"):
            assert answer == "1869"
            break
    else:
        pytest.fail("no order named the date")


def test_every_cloze_is_sound() -> None:
    """The answer is one to six words of the paragraph that the question does not hold."""
    kinds: Counter[bool] = Counter()
    for seed in range(300):
        made = cloze(CANAL, random.Random(seed))
        assert made is not None
        assert made.sentence in CANAL
        assert made.sentence.count(made.answer) == 1
        assert 1 <= len(made.answer.split()) <= LONGEST_ANSWER
        hidden = rf"(?<!\w){re.escape(made.answer.lower())}(?!\w)"
        assert not re.search(hidden, made.question.lower())
        kinds["___" in made.question] += 1
    assert min(kinds[True], kinds[False]) > 30


def test_the_same_generator_asks_the_same() -> None:
    """A question is drawn by the generator alone."""
    assert cloze(CANAL, random.Random(7)) == cloze(CANAL, random.Random(7))


def test_nothing_is_asked_where_nothing_is_safe() -> None:
    """A text without a statement of a usable length gives no question."""
    assert cloze("Is it so? Yes! See [1] there; or not.", random.Random(0)) is None


def test_an_abbreviation_ends_no_sentence() -> None:
    """A full stop after an initial or a title does not end the sentence."""
    text = "The prize was given to Dr. Lovelace for her work. It was shared by J. Smith and others."
    assert sentences(text) == [
        "The prize was given to Dr. Lovelace for her work.",
        "It was shared by J. Smith and others.",
    ]


def test_a_cloze_is_frozen() -> None:
    """A question cannot be changed once it is made."""
    made = Cloze("What is this?", "a test", "This is a test.")
    with pytest.raises(AttributeError):
        made.answer = "another"  # type: ignore[misc]


def test_a_page_gives_its_paragraphs_and_not_its_code() -> None:
    """Listings, tables and navigation are left out, and a heading leaves an empty block."""
    page = (
        "<html><head><title>T</title></head><body><nav><p>Menu</p></nav><h1>Head</h1>"
        "<p>One <code>word</code>\nand more.</p><pre>x = 1</pre><table><tr><td>cell</td></tr>"
        "</table><p>Two &amp; three.</p></body></html>"
    )
    blocks = marked_up(page)
    assert blocks[blocks.index("Head") :] == ["Head", "", "One word and more.", "Two & three."]
    assert set(blocks[: blocks.index("Head")]) == {""}


def test_entries_of_a_dictionary_are_kept_apart() -> None:
    """Braces are marks of reference, and an empty block stands between two entries."""
    text = "abacus\n\n   A {frame} with\n   beads.\nabbey\n\n   A {convent}.\n"
    assert [block for block in dictionary(text) if block != "abbey"][:3] == [
        "abacus",
        "A frame with beads.",
        "",
    ]


def test_short_blocks_are_joined_until_a_heading() -> None:
    """Consecutive sentences make one paragraph, and a heading starts another."""
    one = "The first of these lines speaks of a river that runs to the sea."
    two = "The second of these lines tells of the boats that sail along its banks."
    assert list(paragraphs([one, two, "", one])) == [f"{one} {two}", one]


def test_a_long_block_is_cut_between_sentences() -> None:
    """No sentence is torn apart, and none is lost."""
    sentence = "Every one of the twelve boats in the harbour was painted by the sailors in spring."
    cut = list(paragraphs([" ".join([sentence] * 20)]))
    assert len(cut) == 3
    assert " ".join(cut) == " ".join([sentence] * 20)


def test_marks_of_the_printed_page_are_made_plain() -> None:
    """Curly quotes, footnotes and emphasis become what a keyboard has."""
    assert cleaned("\u201cIt\u2019s *here*\u201d[3] , he  said .") == '"It\'s here", he said.'


def test_prose_passes() -> None:
    """A paragraph of plain English of forty to 120 words is prose."""
    assert is_prose(CANAL)


@pytest.mark.parametrize(
    "text",
    [
        CANAL.rpartition(". ")[0][:120],
        CANAL + " Run make_all(x) and see https://example.org for more.",
        CANAL.removesuffix("."),
        CANAL[0].lower() + CANAL[1:],
        CANAL + " This program comes without any warranty of any kind.",
        " ".join(["Parcel weight, order number, street name, postal code, city, phone."] * 5),
    ],
    ids=["short", "code", "unended", "torn", "licence", "list"],
)
def test_what_is_no_prose_is_refused(text: str) -> None:
    """Fragments, code, licence terms and lists are not kept."""
    assert not is_prose(text)


def test_a_paragraph_is_kept_once() -> None:
    """A paragraph that only its middle tells from another is not kept again."""
    collection = Collection()
    changed = CANAL.replace("every vessel", "each vessel")
    assert collection.admits(CANAL, "a")
    assert not collection.admits(changed, "b")


def test_one_opening_does_not_flood_a_source() -> None:
    """So many paragraphs of a source may start with the same four words, and no more."""
    collection = Collection()
    rng = random.Random(0)
    kept = 0
    for _ in range(2 * SAME_OPENING):
        first, last = ("".join(rng.choices("abcdefgh", k=60)) for _ in range(2))
        told = CANAL.replace("in 1869", f"in {first}").replace("the channel", f"the {last}")
        kept += collection.admits(told, "a")
    assert kept == SAME_OPENING


def test_descriptions_leave_out_how_the_software_is_packaged(tmp_path: Path) -> None:
    """The synopsis and the sentence about the package are dropped from a description."""
    (tmp_path / "x_Translation-en").write_text(
        "Package: boats\nDescription-md5: 0\nDescription-en: boat game\n Boats is a game.\n It is"
        " fun.\n .\n This package contains the manual. It is long.\n\n"
    )
    assert next(descriptions(tmp_path)) == ["Boats is a game. It is fun.", "It is long."]


def test_files_of_a_package_are_read_from_its_list(tmp_path: Path) -> None:
    """An installed package is found by either name of its list, and another one is not."""
    (tmp_path / "boats:amd64.list").write_text("/usr/share/doc/boats/manual.html\n")
    assert files_of("boats", tmp_path) == [Path("/usr/share/doc/boats/manual.html")]
    assert files_of("ships", tmp_path) is None


def test_pages_in_other_languages_are_not_read(tmp_path: Path) -> None:
    """A folder named for a language other than English is passed by."""
    for language in ("de", "en"):
        (tmp_path / language).mkdir()
        (tmp_path / language / "page.txt").write_text("Text.\n\nMore.")
    assert blocks_of(tmp_path / "en" / "page.txt") == ["Text.", "More."]
    assert blocks_of(tmp_path / "de" / "page.txt") == []


def test_a_missing_package_is_named() -> None:
    """A package that is not installed is left out with the command that installs it."""
    notices: list[str] = []
    for _ in gathered([Package("no-such-package", "none")], notices.append, carried=()):
        pass
    assert "apt-get install no-such-package" in notices[-1]


def test_gathered_lines_can_be_loaded(tmp_path: Path) -> None:
    """What is written as a line with its source is loaded as a text."""
    path = tmp_path / "paragraphs.jsonl"
    path.write_text(json.dumps({"text": CANAL, "source": "canals"}) + "\n")
    assert load(path) == [CANAL]


def test_plain_text_is_cut_at_blank_lines() -> None:
    """Lines of one paragraph are joined by single spaces."""
    assert plain("One\n  two.\n \nThree.") == ["One two.", "Three."]
