"""Reading answers: JSON out of its wrappings, the answer out of JSON, words without noise."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suffice.evaluate.declining import declined
from suffice.evaluate.reading import MISSING, answer_of, find_json, normalise, plain, words_of
from suffice.records import Json
from tests.evaluate.metrics.contexts import HOSTILE


@pytest.mark.parametrize(
    ("text", "value", "strict"),
    [
        ('{"a": 1}', {"a": 1}, True),
        (' \n{"a": 1}\n', {"a": 1}, True),
        ("12", 12, True),
        ("null", None, True),
        ('```json\n{"a": 1}\n```', {"a": 1}, False),
        ('```\n{"a": 1}\n```', {"a": 1}, False),
        ('Here you are:\n```json\n{"a": 1}\n```\nAnything else?', {"a": 1}, False),
        ('Sure! {"a": 1} is it.', {"a": 1}, False),
        ('First {"a": 1}, no: {"a": 2}.', {"a": 2}, False),
        ('As in [1], {"a": 2}', {"a": 2}, False),
        ("the list [1, 2]", [1, 2], False),
        ('{"a": {"b": [1, {"c": 2}]}} done', {"a": {"b": [1, {"c": 2}]}}, False),
        ("no JSON", MISSING, False),
        ("", MISSING, False),
        ("{not json}", MISSING, False),
        ('{"a": NaN}', MISSING, False),
        ("[" * 100_000, MISSING, False),
    ],
)
def test_json_is_found_in_its_wrappings(text: str, value: Json, strict: bool) -> None:
    """Strict is only a text that is the value and nothing else."""
    assert find_json(text) == (value, strict)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Paris", "Paris"),
        (" Paris\n", "Paris"),
        ('"Paris"', "Paris"),
        ('{"answer": "Paris"}', "Paris"),
        ('{"reasoning": "it is", "answer": "Paris"}', "Paris"),
        ('{"Answer": 5}', "5"),
        ('{"city": "Paris"}', "Paris"),
        ('```json\n{"answer": "Paris"}\n```', "Paris"),
        ("```\nParis\n```", "Paris"),
        ("Answer: Paris", "Paris"),
        ("**Final answer:** Paris", "Paris"),
        ("The answer: **Paris**", "Paris"),
        ('["Paris"]', "Paris"),
        ("null", ""),
        ('{"answer": null}', ""),
        ('{"answer": true}', "true"),
        ('{"a": 1, "b": 2}', '{"a": 1, "b": 2}'),
        ("see [1] for {x}", "see [1] for {x}"),
    ],
)
def test_the_answer_is_read_out_of_its_shape(text: str, said: str) -> None:
    """One obvious answer is taken out; where none is obvious, the text stays whole."""
    assert plain(text) == said


def test_an_object_without_an_obvious_answer_has_none() -> None:
    """Two fields that could both be meant are not chosen between."""
    assert answer_of({"a": 1, "b": 2}) is MISSING


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The Eiffel Tower.", "eiffel tower"),
        ("well-known", "well known"),
        ("U.S.A.", "usa"),
        ("\uff30\uff41\uff52\uff49\uff53", "paris"),
        ("don\u2019t", "dont"),
        ("a\u00a0b", "a b"),
        ("caf\u00e9", "cafe\u0301"),
        ("\u22125", "-5"),
        ("**Paris**", "paris"),
        ("STRASSE", "stra\u00dfe"),
    ],
)
def test_what_does_not_matter_is_taken_away(one: str, other: str) -> None:
    """Case, articles, punctuation, spacing and Unicode spelling are no difference."""
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("3.5", "35"),
        ("-5", "5"),
        ("C++", "C"),
        ("C#", "C"),
        ("5%", "5"),
        ("<5", ">5"),
        ("vitamin A", "vitamin"),
        ("10:30", "1030"),
        ("1/2", "12"),
        ("A", "B"),
        ("+", "!"),
        ("the", "a"),
    ],
)
def test_what_matters_is_kept(one: str, other: str) -> None:
    """Stripping all punctuation, as SQuAD's script does, would make these the same."""
    assert normalise(one) != normalise(other)


def test_scripts_without_spaces_are_read_by_character() -> None:
    """Otherwise a Chinese sentence would be one word, right or wrong as a whole."""
    assert words_of("\u6771\u4eac is big") == ["\u6771", "\u4eac", "is", "big"]


@pytest.mark.parametrize(
    "text",
    [
        "I don't know.",
        "I don\u2019t have enough information to answer that.",
        "I'm sorry, but I can't help with that.",
        "Sorry, I cannot find this in the documents.",
        "The provided documents do not mention the price.",
        "The context doesn't specify this.",
        "There is no information about shipping.",
        "The fee is not mentioned in the text.",
        "It cannot be determined from the passages.",
        "I don't know, but you can contact support.",
        "I'm not sure. Please check the manual.",
        "Unknown",
        "N/A",
        "null",
        '{"answer": null}',
        '{"answer": ""}',
        '{"answer": "I don\'t know"}',
        "```json\nnull\n```",
    ],
)
def test_declining_is_seen(text: str) -> None:
    """By its phrases, in whatever shape, with an offer of help or without."""
    assert declined(text)


@pytest.mark.parametrize(
    "text",
    [
        "Paris",
        "",
        "It does not contain gluten.",
        "I'm not sure, but it is Paris.",
        "I don't know for certain. However, it takes 5 days.",
        "The documents do not mention it, but I believe it is Paris.",
        "The unknown soldier lies in Paris.",
        "No.",
        "None of them are open on Sunday.",
        "You do not have to pay.",
        "Refunds are not provided for digital goods.",
        "None",
        "Paris is the capital. It is large. It is old. I don't know how old.",
    ],
)
def test_answering_is_not_taken_for_declining(text: str) -> None:
    """A hedge before a claim, or a negation within one, is an answer."""
    assert not declined(text)


def test_own_phrases_decline_too() -> None:
    """A system declines in words of its own, as the study says."""
    assert declined("That is above my pay grade!", ("above my pay grade",))
    assert not declined("That is above my pay grade!")


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_read_to_its_end(text: str) -> None:
    """No exception, and nothing that would hang: the texts are long enough to show it."""
    assert isinstance(find_json(text), tuple)
    assert isinstance(plain(text), str)
    assert isinstance(normalise(text), str)
    assert isinstance(words_of(text), list)
    assert declined(text) in (True, False)


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_normalising_never_empties_a_text(text: str) -> None:
    """What holds a visible character keeps one: no answer becomes equal to an empty one."""
    assert bool(normalise(text)) == bool(text.split())
