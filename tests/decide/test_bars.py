"""Bars: how many more cases would decide them, checked by simulation."""

import numpy as np
import pytest

from suffice.decide.bars import held_against
from suffice.records import BarResult, BarStatus, Counts, Estimate, Interval
from suffice.stats.intervals import estimate_interval, rate_interval


def an_estimate(values: np.ndarray, name: str = "correct") -> Estimate:
    clusters = [str(place) for place in range(values.size)]
    interval = estimate_interval(values.astype(float), clusters)
    counts = Counts(values.size, values.size, values.size)
    return Estimate(name, float(values.mean()), interval, counts, values.size, values.size)


def held(estimate: Estimate, required: float) -> BarResult:
    (result,) = held_against({estimate.measure: required}, [estimate])
    return result


def right(hits: int, cases: int) -> np.ndarray:
    return np.array([1.0] * hits + [0.0] * (cases - hits))


@pytest.mark.parametrize(("cases", "bar", "most"), [(20, 0.95, 70), (40, 0.95, 50)])
def test_a_perfect_start_needs_no_more_than_it_takes(cases: int, bar: float, most: int) -> None:
    """All of 20 right: about 53 more would clear 95%, and not four hundred."""
    result = held(an_estimate(right(cases, cases)), bar)
    assert result.status is BarStatus.UNDECIDED
    assert result.more_cases is not None
    total = cases + result.more_cases
    clusters = [str(place) for place in range(total)]
    assert rate_interval(np.ones(total), clusters).low >= bar
    assert result.more_cases <= most


@pytest.mark.parametrize(("share", "bar"), [(0.9, 0.85), (0.8, 0.85), (0.6, 0.5)])
def test_so_many_more_cases_usually_decide(share: float, bar: float) -> None:
    """If the share is what it seems to be, the bar is then decided about four times in five."""
    result = held(an_estimate(right(int(share * 50), 50)), bar)
    assert result.more_cases is not None
    generator = np.random.default_rng(1)
    total = 50 + result.more_cases
    decided = [
        held(an_estimate((generator.random(total) < share).astype(float)), bar).status
        is not BarStatus.UNDECIDED
        for _ in range(200)
    ]
    assert 0.7 < np.mean(decided) < 0.95


def test_what_could_not_be_scored_decides_nothing() -> None:
    """Seventy right answers of seventy scored, while seventy more could not be read."""
    interval = Interval(0.95, 1.0)
    estimate = Estimate("correct", 1.0, interval, Counts(140, 140, 70), 70, 70)
    result = held(estimate, 0.5)
    assert result.status is BarStatus.UNDECIDED
    assert result.more_cases is None


def test_a_lower_value_is_better_for_seconds() -> None:
    """A bar of two seconds is met by an interval that ends below it."""
    counts = Counts(50, 50, 50)
    fast = Estimate("latency_p95_s", 1.0, Interval(0.8, 1.4), counts, 50, 50)
    slow = Estimate("latency_p95_s", 3.0, Interval(2.2, 3.8), counts, 50, 50)
    assert held(fast, 2.0).status is BarStatus.MET
    assert held(slow, 2.0).status is BarStatus.MISSED


def test_what_sits_all_but_on_the_bar_is_not_told_to_ask_a_quarter_of_a_million() -> None:
    """101 of 112 at a bar of 90%: no number of cases that anyone has would tell."""
    result = held(an_estimate(right(101, 112)), 0.9)
    assert result.status is BarStatus.UNDECIDED
    assert result.more_cases is None
