"""Which checks suit what cases expect."""

import pytest

from suffice.begin.grading import checks_for
from suffice.records import Case, Check, Json, Message


def cases(*answers: Json, **keys: object) -> list[Case]:
    asked = (Message("user", "Well?"),)
    return [
        Case(str(number), asked, expected=(answer,), **keys)  # type: ignore[arg-type]
        for number, answer in enumerate(answers)
    ]


SENTENCE = "You may send it back within thirty days as long as it has not been worn outside"


@pytest.mark.parametrize(
    ("answers", "checks"),
    [
        (["30 days", "Lyon", "the blue one"], ["contains"]),
        ([SENTENCE, SENTENCE + " at all", SENTENCE + " yet"], [{"metric": "f1", "threshold": 0.5}]),
        (["bug", "wish", "Bug", "bug", "wish"] * 3, ["label"]),
        ([1, 2, 3], []),
        ([{"a": 1}], []),
        ([], []),
    ],
)
def test_checks_follow_from_the_answers(answers: list[Json], checks: list[Json]) -> None:
    """Short ones are looked for, long ones compared by words, labels read, numbers left alone."""
    assert checks_for(cases(*answers))[0] == checks


def test_cases_that_say_how_they_are_checked_are_left_alone() -> None:
    """The study's checks would stand in for nothing, or for what was not meant."""
    assert checks_for(cases("a", checks=(Check("exact"),))) == ([], "")
    assert checks_for(cases("a", schema={"type": "string"})) == ([], "")
