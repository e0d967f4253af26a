"""The bars: met, missed, or undecided and how many more cases would decide.

A bar is held at the interval's own level, for each rung by itself: 2.5% one-sided. It is not
corrected across rungs; docs/statistics.md says what that costs.
"""

from collections.abc import Mapping, Sequence
from math import ceil

from suffice.decide.measures import unfair
from suffice.records import BarResult, BarStatus, Counts, Estimate
from suffice.stats.outcome import MINIMUM_CLUSTERS
from suffice.stats.power import more_for_bar, more_for_mean

LATENCY, COST = "latency_p95_s", "usd_per_1k"
LOWER_IS_BETTER = frozenset({LATENCY, COST})
_FARTHEST = 50  # times the cases that there are


def held_against(bars: Mapping[str, float], found: Sequence[Estimate]) -> tuple[BarResult, ...]:
    """Each bar as met, missed or undecided."""
    by_name = {estimate.measure: estimate for estimate in found}
    return tuple(
        _bar(name, required, by_name.get(name) or unmeasured(name, Counts(0, 0, 0)))
        for name, required in bars.items()
    )


def too_few(bar: BarResult) -> bool:
    """Whether no rung could surely meet a bar on such a number of cases, whatever it answered."""
    return bar.estimate.interval is None or bar.estimate.clusters < MINIMUM_CLUSTERS


def untold(bar: BarResult) -> bool:
    """Whether so few cases keep a bar open on which, as far as they go, the rung is good enough."""
    value = bar.estimate.value
    if not too_few(bar):
        return False
    if value is None:
        return True
    return value <= bar.required if bar.bar in LOWER_IS_BETTER else value >= bar.required


def unmeasured(name: str, counts: Counts, note: str = "") -> Estimate:
    silent = "nothing could be scored" if counts.asked else "no held-out case speaks of it"
    return Estimate(name, None, None, counts, 0, 0, note or silent)


def _bar(name: str, required: float, estimate: Estimate) -> BarResult:
    status = _status(name, required, estimate)
    more = _more_cases(name, required, estimate) if status is BarStatus.UNDECIDED else None
    return BarResult(name, required, status, estimate, more)


def _status(name: str, required: float, estimate: Estimate) -> BarStatus:
    """Met when the whole interval clears the bar, missed when none of it does."""
    interval = estimate.interval
    if interval is None or estimate.clusters < MINIMUM_CLUSTERS or unfair(estimate.counts):
        return BarStatus.UNDECIDED
    low, high = interval.low, interval.high
    if name in LOWER_IS_BETTER:
        required, low, high = -required, -high, -low
    if low >= required:
        return BarStatus.MET
    return BarStatus.MISSED if high < required else BarStatus.UNDECIDED


def _more_cases(name: str, required: float, estimate: Estimate) -> int | None:
    """How many more cases would probably decide the bar, if the value is what it seems to be.

    None where no number would: calls fail, the value sits on the bar or so near that nobody would
    ask so many, there is no interval.
    """
    if estimate.value is None or not estimate.cases or unfair(estimate.counts):
        return None
    missing = max(0, MINIMUM_CLUSTERS - estimate.clusters)
    least = ceil(missing * estimate.cases / max(1, estimate.clusters))
    if estimate.interval is None:
        return least or None
    plan = more_for_mean if name in LOWER_IS_BETTER else more_for_bar
    more = plan(estimate.value, estimate.interval, required, estimate.cases)
    if more is None or more > _FARTHEST * estimate.cases:
        return None
    return max(least, more, 1)
