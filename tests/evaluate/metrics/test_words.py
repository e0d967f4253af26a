"""contains, f1, form, regex, similarity and style: metrics of words."""

import pytest

from suffice.errors import UsageError
from suffice.evaluate.metrics.contains import Contains
from suffice.evaluate.metrics.f1 import F1
from suffice.evaluate.metrics.form import Form
from suffice.evaluate.metrics.regex import Regex
from suffice.evaluate.metrics.similarity import Similarity
from suffice.evaluate.metrics.style import Style, reading_grade
from tests.evaluate.metrics.contexts import LetterEmbedder, context


@pytest.mark.parametrize(
    ("metric", "text", "value"),
    [
        (Contains(), "It is PARIS.", 1),
        (Contains(), "It is Rome.", 0),
        (Contains(any_of=("Rome", "Milan")), "Rome", 1),
        (Contains(any_of=("Rome", "Milan")), "Paris", 0),
        (Contains(all_of=("Rome", "Milan")), "Rome", 0),
        (Contains(all_of=("Rome", "Milan")), "Milan and  rome", 1),
        (Contains(none_of=("Rome",)), "Paris", 1),
        (Contains(none_of=("Rome",)), "rome", 0),
        (Contains(none_of=("Rome",)), "I don't know.", 0),
        (Contains(any_of=("Rome",), ignore_case=False), "rome", 0),
        (Contains(any_of=("a b",)), "a\u00a0b", 1),
    ],
)
def test_contains(metric: Contains, text: str, value: float) -> None:
    """Every rule must hold; without any, one expected answer must be in it."""
    assert metric.score(context(text, "Paris")).value == value


@pytest.mark.parametrize(
    ("text", "expected", "value"),
    [
        ("Paris", ["Paris"], 1),
        # Worked by hand: precision 1/4, recall 1/1, F1 = 2 * .25 / 1.25.
        ("it is in Paris", ["Paris"], 0.4),
        # Precision 2/3, recall 2/2.
        ("the tower of London", ["tower London"], 0.8),
        # A word counts as often as it occurs: 1 of 3 against 1 of 1.
        ("Paris Paris Paris", ["Paris"], 0.5),
        ("Rome", ["Paris", "Rome"], 1),
        ("", ["Paris"], 0),
        ("\u6771\u4eac\u5e02", ["\u6771\u4eac"], 0.8),
    ],
)
def test_f1(text: str, expected: list[str], value: float) -> None:
    """Harmonic mean of token precision and recall, the best over what is expected."""
    assert F1().score(context(text, *expected)).value == pytest.approx(value)


def test_f1_with_a_threshold_is_right_or_wrong() -> None:
    """The F1 itself stays in the detail."""
    score = F1(threshold=0.5).score(context("it is in Paris", "Paris"))
    assert (score.value, score.detail) == (0, "F1 0.400")


@pytest.mark.parametrize(
    ("metric", "text", "value"),
    [
        (Regex(r"\d{4}"), "in 1889", 1),
        (Regex(r"^\d{4}$"), '{"answer": "1889"}', 1),
        (Regex(r'"answer":'), '{"answer": "1889"}', 1),
        (Regex(r"\d{4}"), "long ago", 0),
        (Regex(r"\d", negate=True), "long ago", 1),
        (Regex(r"\d", negate=True), "1889", 0),
        (Regex(r"(?i)paris"), "PARIS", 1),
    ],
)
def test_regex(metric: Regex, text: str, value: float) -> None:
    """Found in the answer as it stands, or in what it says."""
    assert metric.score(context(text)).value == value


def test_a_broken_pattern_is_the_users_to_mend() -> None:
    """Before anything is asked, with the pattern and what is wrong with it."""
    with pytest.raises(UsageError, match=r"the pattern '\(' is wrong"):
        Regex("(")


def test_a_catastrophic_pattern_is_interrupted() -> None:
    """`re` would try for years; here the answer stays unscored after a second."""
    score = Regex(r"(a|aa)+$").score(context("a" * 80 + "b"))
    assert "longer than 1 s" in str(score.unscored)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Tolvane here: 14 euros. Safe trails!", 1),
        (" Tolvane here: two\nlines. Safe trails!\n", 1),
        ("Tolvane here: 14 euros.", 0),
        ("I said: Tolvane here: 14 euros. Safe trails!", 0),
        ("", 0),
    ],
)
def test_form_is_of_the_whole_answer(text: str, value: float) -> None:
    """From its first character to its last; an answer that declines has to have it too."""
    metric = Form("Tolvane here: .+ Safe trails!")
    assert metric.score(context(text)).value == value
    assert metric.score(context("Tolvane here: I do not know. Safe trails!")).value == 1


def test_a_form_that_takes_for_ever_is_interrupted_and_a_broken_one_refused() -> None:
    score = Form(r"(a|aa)+").score(context("a" * 80 + "b"))
    assert "longer than 1 s" in str(score.unscored)
    with pytest.raises(UsageError, match=r"the pattern '\(' is wrong"):
        Form("(")


def test_similarity_is_the_cosine() -> None:
    """Clipped to 0 and 1; the best over what is expected."""
    score = Similarity().score(context("ab", "zz", "aab", embedder=LetterEmbedder()))
    assert score.value == pytest.approx(3 / (2**0.5 * 5**0.5), abs=1e-3)


def test_similarity_with_a_threshold_is_right_or_wrong() -> None:
    """The cosine stays in the detail."""
    seen = context("ab", "aab", embedder=LetterEmbedder())
    assert Similarity(threshold=0.9).score(seen).value == 1
    assert Similarity(threshold=0.99).score(seen).value == 0
    assert Similarity(threshold=0.99).score(seen).detail == "cosine 0.949"


def test_similarity_without_an_embedder_is_unscored() -> None:
    """Never 0."""
    assert "no embedder" in str(Similarity().score(context("ab", "ab")).unscored)


@pytest.mark.parametrize(
    ("metric", "text", "broken"),
    [
        (Style(max_words=3), "one two three", ""),
        (Style(max_words=3), "one two three four", "4 words, at most 3"),
        (Style(max_words=3), '{"answer": "one two three"}', ""),
        (Style(min_words=2), "one", "1 words, at least 2"),
        (Style(min_words=1), "", "0 words, at least 1"),
        (Style(must=("kind regards",)), "With Kind  regards!", ""),
        (Style(must=("regards",)), "regard", "lacks 'regards'"),
        (Style(must_not=("cheap",)), "cheaper", ""),
        (Style(must_not=("cheap",)), "So cheap.", "has 'cheap'"),
        (Style(starts_with="Dear"), "Dear you", ""),
        (Style(starts_with="Dear"), "Hello", "does not start with 'Dear'"),
        (Style(max_grade=3), "The cat sat on the mat.", ""),
        (
            Style(max_words=1, starts_with="Dear"),
            "Hello you",
            "2 words, at most 1; does not start with 'Dear'",
        ),
    ],
)
def test_style(metric: Style, text: str, broken: str) -> None:
    """1 if every rule is kept; the detail names each that is not."""
    score = metric.score(context(text))
    assert (score.value, score.detail) == (float(not broken), broken)


def test_the_reading_grade_is_flesch_kincaid() -> None:
    """Two published examples (Wikipedia, "Flesch-Kincaid readability tests")."""
    # "The cat sat on the mat." 6 words, 1 sentence, 6 syllables: -1.45
    assert reading_grade("The cat sat on the mat.") == pytest.approx(-1.45, abs=0.01)
    # 13 words, 24 syllables: 11.3 by the page's own count; ours finds 23 to 25.
    sentence = "The Australian platypus is seemingly a hybrid of a mammal and reptilian creature."
    assert reading_grade(sentence) == pytest.approx(11.3, abs=1.0)


def test_a_style_without_a_rule_is_refused() -> None:
    """It would give every answer a 1."""
    with pytest.raises(UsageError, match="no rule is set"):
        Style()


@pytest.mark.parametrize(
    ("expected", "text", "value"),
    [
        ("9", "There are 9.", 1),
        ("9", "19", 0),
        ("9", "9.5 metres", 0),
        ("5", "9.5 metres", 0),
        ("1", "[1] two", 0),
        ("14 euros", "[1] 14 euros a month", 1),
        ("Heron", "the Herons", 0),
        ("£4", "it is £4.", 1),
    ],
)
def test_an_expected_answer_stands_in_whole_words(expected: str, text: str, value: float) -> None:
    """A part of another number or word is another answer."""
    assert Contains().score(context(text, expected)).value == value
