"""How far the verdict holds: what bars, needs and traffic could become before it changes."""

from dataclasses import replace

from suffice.decide.cost import Money, Traffic
from suffice.decide.sensitivity import would_change
from suffice.records import BarResult, BarStatus, Counts, Estimate, Interval, Standing


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
    said = would_change("prompt", [a_standing("prompt", CLEARS, slow)])
    assert said == (
        "prompt would still suffice with bars of correct 85% or less, latency p95 1.4 s or more",
    )


def test_what_a_cheaper_one_would_need() -> None:
    said = would_change("fewshot", [a_standing("prompt", MISSES), a_standing("fewshot", CLEARS)])
    assert said[1:] == ("prompt would suffice with bars of correct 60% or less",)


def test_where_nothing_suffices_each_rung_says_what_it_would_need() -> None:
    """Of the bars it misses; one without an interval cannot say."""
    blind = replace(MISSES, estimate=replace(MISSES.estimate, interval=None))
    rungs = [a_standing("prompt", MISSES, CLEARS), a_standing("tune", blind)]
    assert would_change(None, rungs) == ("prompt would suffice with bars of correct 60% or less",)


def test_a_need_that_rules_out_what_would_do() -> None:
    """Only where the need is all that stands in its way."""
    why = "needs.citations: prompt has no documents before it that it could name"
    rungs = [a_standing("prompt", CLEARS, ruled_out=why), a_standing("retrieve", CLEARS)]
    said = would_change("retrieve", rungs, {"prompt": why})
    assert "without needs.citations, prompt would suffice" in said
    other = [a_standing("prompt", CLEARS, ruled_out=f"{why}; it forgets")]
    assert not any("without" in each for each in would_change(None, other, {"prompt": why}))


def test_all_needs_are_named() -> None:
    """Without one of two it would still be out."""
    why = "needs.deletion: nothing can be taken out of it; needs.tenants: it says so to everybody"
    said = would_change(None, [a_standing("tune", CLEARS, ruled_out=why)], {"tune": why})
    assert said == ("without needs.deletion and needs.tenants, tune would suffice",)


def test_few_cases_promise_nothing() -> None:
    """Below ten clusters no bar can be met, however low."""
    few = replace(MISSES, estimate=replace(MISSES.estimate, clusters=6))
    assert would_change(None, [a_standing("prompt", few)]) == ()


def priced(rung: str, usd: float) -> Standing:
    cost = Estimate("usd_per_1k", usd, None, Counts(9, 9, 9), 90, 40)
    return replace(a_standing(rung, CLEARS), estimates=(CLEARS.estimate, cost))


def test_from_which_traffic_on_another_would_cost_less() -> None:
    """Tuning costs once and saves tokens; among rungs that suffice alone."""
    money = Money(Traffic(1_000_000, months=12))
    said = would_change("prompt", [priced("prompt", 5.0), priced("tune", 1.0)], None, money)
    [line] = [each for each in said if "cheaper" in each]
    assert line.endswith("requests a month on, tune would be cheaper")
    missing = replace(priced("tune", 1.0), bars=(MISSES,))
    said = would_change("prompt", [priced("prompt", 5.0), missing], None, money)
    assert not any("cheaper" in each for each in said)


def test_what_fresher_knowledge_would_cost() -> None:
    """A training at every change; a prompt costs the same, and so does what is free."""
    money = Money(Traffic(1000, months=12))
    [line] = [each for each in would_change("tune", [priced("tune", 1.0)], None, money)
              if "daily" in each]  # fmt: skip
    assert "cost of tune over 12 months from" in line
    for free in (priced("prompt", 1.0), priced("prompt", 0.0)):
        assert not any("daily" in each for each in would_change("prompt", [free], None, money))
