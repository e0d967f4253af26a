"""exact: the same answer, written otherwise."""

import pytest

from suffice.evaluate.metrics.exact import Exact
from suffice.records import Json
from tests.evaluate.metrics.contexts import FAQ, context


@pytest.mark.parametrize(
    ("text", "expected", "value"),
    [
        ("Paris", ["Paris"], 1),
        (" the PARIS. ", ["Paris"], 1),
        ("Rome", ["Paris", "Rome"], 1),
        ("Milan", ["Paris", "Rome"], 0),
        ("It is Paris", ["Paris"], 0),
        ("", ["Paris"], 0),
        ('{"answer": "Paris"}', ["Paris"], 1),
        ("```\nParis\n```", ["Paris"], 1),
        ('{"answer": "Paris"}', ['{"answer": "Paris"}'], 1),
        ("12", [12], 1),
        ("True", [True], 1),
        ("1", [True], 0),
        ("-5", ["5"], 0),
        ("B", ["A"], 0),
        ("A", ["A"], 1),
        ("null", [None], 1),
        ('{"answer": null}', [None], 1),
        ("none", [None], 0),
        ('{"a": 1, "b": "X"}', [{"b": "x", "a": 1.0}], 1),
        ('{"a": 1}', [{"a": 1, "b": 2}], 0),
        ("[1, 2]", [[1, 2]], 1),
        ("[2, 1]", [[1, 2]], 0),
        ('```json\n{"a": "1,250"}\n```', [{"a": 1250}], 1),
        ("true", [[True]], 0),
    ],
)
def test_what_counts_as_the_same(text: str, expected: list[Json], value: float) -> None:
    """Shape, case, articles and punctuation are no difference; anything else is."""
    assert Exact().score(context(text, *expected)).value == value


@pytest.mark.parametrize(
    ("metric", "text"),
    [
        (Exact(ignore_case=False), "paris"),
        (Exact(ignore_punctuation=False), "Paris!"),
        (Exact(ignore_articles=False), "the Paris"),
    ],
)
def test_each_switch_makes_its_difference_count(metric: Exact, text: str) -> None:
    """What is ignored by default is wrong once its switch is off."""
    assert metric.score(context(text, "Paris")).value == 0
    assert Exact().score(context(text, "Paris")).value == 1


def test_articles_are_ignored_whatever_their_case() -> None:
    """Minding case says nothing of articles."""
    assert Exact(ignore_case=False).score(context("The Seine", "Seine")).value == 1


def test_the_score_says_what_was_read() -> None:
    """Where the answer's shape was taken off, the score keeps what was left."""
    assert Exact().score(context('{"answer": "Paris"}', "Paris")).reading == "Paris"
    assert Exact().score(context("Paris", "Paris")).reading is None


@pytest.mark.parametrize("text", ["Paris [1]", "[2] Paris", "Paris [1, 2].", "Paris [2][1]"])
def test_where_an_answer_comes_from_is_no_part_of_it(text: str) -> None:
    """The numbers of passages that were given are taken off; other brackets are the answer's."""
    assert Exact().score(context(text, "Paris", passages=FAQ)).value == 1
    assert Exact().score(context(text, "Paris")).value == 0
    assert Exact().score(context("Paris [7]", "Paris", passages=FAQ)).value == 0


def test_nothing_expected_is_unscored() -> None:
    """A case without an expected answer cannot be right or wrong."""
    assert "expected" in str(Exact().score(context("Paris")).unscored)
