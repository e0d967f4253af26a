"""How far the verdict holds: what bars, margin and needs could become before it changes."""

from dataclasses import replace

from suffice.decide.sensitivity import would_change
from suffice.records import BarResult, BarStatus, Counts, Estimate, Interval, Outcome, Standing
from tests.decide.test_verdict import a_comparison


def a_bar(
    low: float, status: BarStatus, name: str = "correct", *, required: float = 0.8,
    high: float | None = None,
) -> BarResult:  # fmt: skip
    top = low + 0.1 if high is None else high
    found = Estimate(name, (low + top) / 2, Interval(low, top), Counts(9, 9, 9), 90, 40)
    return BarResult(name, required, status, found)


def a_standing(rung: str, *bars: BarResult, ruled_out: str = "") -> Standing:
    return Standing(rung, "", (), bars, 90, 90, None, ruled_out=ruled_out)


CLEARS = a_bar(0.85, BarStatus.MET)
MISSES = a_bar(0.6, BarStatus.MISSED)


def test_how_far_the_chosen_one_would_suffice() -> None:
    """Up to what its interval surely clears; a limit from above the other way round."""
    slow = a_bar(1.0, BarStatus.MET, "latency_p95_s", required=2.0, high=1.4)
    said = would_change("prompt", [a_standing("prompt", CLEARS, slow)], [])
    assert said == (
        "prompt would still suffice with correct 85% or less, latency p95 1.4 s or more",
    )


def test_what_a_cheaper_one_would_need() -> None:
    said = would_change(
        "fewshot", [a_standing("prompt", MISSES), a_standing("fewshot", CLEARS)], []
    )
    assert said[1:] == ("prompt would suffice if correct were 60% or less",)


def test_where_nothing_suffices_each_rung_says_what_it_would_need() -> None:
    """Of the bars it misses; one without an interval cannot say."""
    blind = replace(MISSES, estimate=replace(MISSES.estimate, interval=None))
    rungs = [a_standing("prompt", MISSES, CLEARS), a_standing("tune", blind)]
    assert would_change(None, rungs, []) == ("prompt would suffice if correct were 60% or less",)


def test_a_need_that_rules_out_what_would_do() -> None:
    """Only where the need is all that stands in its way."""
    why = "needs.citations: prompt has no documents before it that it could name"
    rungs = [a_standing("prompt", CLEARS, ruled_out=why), a_standing("retrieve", CLEARS)]
    said = would_change("retrieve", rungs, [], {"prompt": why})
    assert "without needs.citations, prompt would suffice" in said
    other = [a_standing("prompt", CLEARS, ruled_out=f"{why}; it forgets")]
    assert not any("without" in each for each in would_change(None, other, [], {"prompt": why}))


def test_without_bars_the_margin_decides() -> None:
    rung = Standing("prompt", "", (), (), 90, 90, None)
    near = a_comparison(Outcome.BETTER, 0.012)
    said = would_change("prompt", [rung], [replace(near, exceeds_margin=False)])
    assert said == ("fewshot would replace prompt with a margin below 0.012",)
    assert would_change("prompt", [rung], [replace(near, exceeds_margin=True)]) == ()
