"""abstention: declining where it is right, and only there."""

import pytest

from suffice.evaluate.metrics.abstention import Abstention
from tests.evaluate.metrics.contexts import context


@pytest.mark.parametrize(
    ("text", "answerable", "value"),
    [
        ("Paris", True, 1),
        ("I don't know.", True, 0),
        ("Paris", False, 0),
        ("I don't know.", False, 1),
        ('{"answer": null}', False, 1),
        ("null", True, 0),
        ("", True, None),
        (" \n", False, None),
    ],
)
def test_declining_is_right_only_where_no_answer_exists(
    text: str, answerable: bool, value: float | None
) -> None:
    """An empty text neither answers nor declines."""
    assert Abstention().score(context(text, answerable=answerable)).value == value


def test_own_phrases_count() -> None:
    """A study may decline in words of its own."""
    metric = Abstention(phrases=("above my pay grade",))
    assert metric.score(context("Above my pay-grade.", answerable=False)).value == 1
