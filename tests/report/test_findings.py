"""What passes and what fails in continuous integration."""

import pytest

from suffice.records import BarStatus, Outcome
from suffice.report.findings import Result, find_bar, find_comparison, findings
from tests.report.verdicts import (
    a_bar,
    a_comparison,
    a_standing,
    a_support_desk,
    a_verdict,
    an_estimate,
)


@pytest.mark.parametrize(
    ("status", "decides", "result"),
    [
        (BarStatus.MET, True, Result.PASSED),
        (BarStatus.MISSED, True, Result.FAILED),
        (BarStatus.UNDECIDED, True, Result.UNMEASURABLE),
        (BarStatus.MET, False, Result.PASSED),
        (BarStatus.MISSED, False, Result.ASIDE),
        (BarStatus.UNDECIDED, False, Result.ASIDE),
    ],
)
def test_only_the_deciding_rung_can_fail_a_bar(
    status: BarStatus, decides: bool, result: Result
) -> None:
    """A bar that a cheaper rung missed is why the ladder climbed, not a failure of today."""
    bar = a_bar(an_estimate("correct", 0.8, 0.7, 0.9), 0.85, status)
    assert find_bar("prompt", bar, decides=decides).result is result


@pytest.mark.parametrize(
    ("outcome", "result"),
    [
        (Outcome.BETTER, Result.PASSED),
        (Outcome.NOT_WORSE, Result.PASSED),
        (Outcome.WORSE, Result.ASIDE),
        (Outcome.NOT_ENOUGH, Result.ASIDE),
    ],
)
def test_comparisons_inform_and_fail_nothing(outcome: Outcome, result: Result) -> None:
    """Bars decide; a rung that clears them all passes even where a cheaper one did better."""
    assert find_comparison(a_comparison(outcome)).result is result


def test_the_last_rung_decides_where_none_suffices() -> None:
    """Where nothing was chosen, the last rung's missed bar fails and the first one's does not."""
    missed = a_bar(an_estimate("correct", 0.6, 0.5, 0.7), 0.85, BarStatus.MISSED)
    verdict = a_verdict(a_standing("prompt", missed), a_standing("fewshot", missed))
    assert [(each.rung, each.result) for each in findings(verdict)] == [
        ("prompt", Result.ASIDE),
        ("fewshot", Result.FAILED),
    ]


def test_a_missed_bar_fails_nothing_where_the_budget_ended_the_climb() -> None:
    """The rung that was not reached might meet it: that is not measured, and no pass."""
    missed = a_bar(an_estimate("correct", 0.6, 0.5, 0.7), 0.85, BarStatus.MISSED)
    met = a_bar(an_estimate("format", 1.0, 0.97, 1.0), 0.85, BarStatus.MET)
    verdict = a_verdict(a_standing("prompt", missed, met), complete=False)
    found = findings(verdict)
    assert [each.result for each in found] == [Result.UNMEASURABLE, Result.PASSED]
    assert found[0].summary.startswith("missed, but the budget ended the climb")


def test_bars_and_comparisons_of_each_rung_in_order() -> None:
    """Nothing of a verdict is left out, and a comparison stands with its candidate."""
    found = findings(a_support_desk())
    assert [each.rung for each in found] == ["prompt"] * 3 + ["fewshot"] * 6 + ["schema"] * 5
    assert found[0].name == "correct at least 80%"
    assert found[-1].name == "format against fewshot"
