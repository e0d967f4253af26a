"""From trials to what can be said of one rung: estimates with intervals, held against the bars.

A case counts once: replicates are averaged first. Failures are asked, not answered; what could not
be scored is answered, not scored; neither is ever a zero. An unanswerable case has no content to be
right, so it speaks only for `abstains`.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from suffice.decide.judging import JUDGE, MEASURE, UNJUDGED, Judging
from suffice.records import (
    Aspect,
    BarResult,
    BarStatus,
    Case,
    Counts,
    Estimate,
    Interval,
    Standing,
    Trial,
)
from suffice.stats.intervals import estimate_interval, mean_interval, quantile_interval
from suffice.stats.outcome import MINIMUM_CLUSTERS

MEASURABLE = 0.95  # with fewer calls answered, what is left may not be a fair sample
POWER = 0.8  # how likely the cases that are asked for should decide a bar
LATENCY, COST = "latency_p95_s", "usd_per_1k"
_LOWER_IS_BETTER = frozenset({LATENCY, COST})


@dataclass(frozen=True, slots=True)
class Measure:
    """One quality: which aspect it reads, and of which cases."""

    name: str
    aspect: Aspect
    of: Callable[[Case], bool] = lambda _: True


QUALITIES = (
    Measure("correct", Aspect.CONTENT, of=lambda case: case.answerable),
    Measure("format", Aspect.FORMAT),
    Measure("abstains", Aspect.ABSTENTION, of=lambda case: not case.answerable),
    Measure("answers", Aspect.ABSTENTION, of=lambda case: case.answerable),
    Measure("grounded", Aspect.GROUNDING),
    Measure("style", Aspect.STYLE),
)
BY_NAME = {measure.name: measure for measure in QUALITIES}


@dataclass(frozen=True, slots=True)
class Sample:
    """Per-case means of one measure, with the cluster of each case and the counts behind them."""

    values: Mapping[str, float]
    clusters: Mapping[str, str]
    counts: Counts

    def arrays(self) -> tuple[NDArray[np.float64], list[str]]:
        return (
            np.array(list(self.values.values()), dtype=np.float64),
            [self.clusters[case] for case in self.values],
        )


def sample(
    trials: Sequence[Trial],
    cases: Mapping[str, Case],
    measure: Measure,
    barred: Collection[str] = (),
) -> Sample:
    """The per-case means of a measure. Scores of `barred` metrics count for nothing."""
    of_interest = [trial for trial in trials if measure.of(cases[trial.case])]
    values: dict[str, list[float]] = {}
    answered = 0
    for trial in of_interest:
        answered += trial.answer.failure is None
        value = _value(trial, measure.aspect, barred)
        if value is not None:
            values.setdefault(trial.case, []).append(value)
    return Sample(
        values={case: sum(each) / len(each) for case, each in values.items()},
        clusters={case: cases[case].cluster or case for case in values},
        counts=Counts(len(of_interest), answered, sum(len(each) for each in values.values())),
    )


def estimates(
    trials: Sequence[Trial],
    cases: Mapping[str, Case],
    *,
    level: float,
    judging: Judging = UNJUDGED,
) -> tuple[Estimate, ...]:
    """Everything that was measured of one rung."""
    found = []
    checked = {score.aspect for trial in trials for score in trial.scores}
    for measure in QUALITIES:
        if measure.aspect not in checked:
            continue
        drawn = sample(trials, cases, measure, judging.barred)
        if judging.corrects and measure.name == MEASURE:
            found.append(_corrected(trials, cases, drawn, level, judging))
        elif drawn.counts.asked:
            found.append(_quality(measure.name, drawn, level))
    if judging.barred:
        others = {score.metric for trial in trials for score in trial.scores} - judging.barred
        shown = _quality(JUDGE, sample(trials, cases, BY_NAME[MEASURE], others), level)
        found.append(replace(shown, note="shown only: people have not confirmed this judge"))
    found.append(_latency(_sample_of(trials, cases, Aspect.LATENCY), level))
    found.append(_cost(_sample_of(trials, cases, Aspect.COST), level))
    return tuple(found)


def held_against(bars: Mapping[str, float], found: Sequence[Estimate]) -> tuple[BarResult, ...]:
    """Each bar as met, missed, or undecided with how many more cases would decide it."""
    by_name = {estimate.measure: estimate for estimate in found}
    nothing = Counts(0, 0, 0)
    return tuple(
        _bar(name, required, by_name.get(name) or _unmeasured(name, nothing))
        for name, required in bars.items()
    )


def standing(
    rung: str,
    built: str,
    trials: Sequence[Trial],
    found: tuple[Estimate, ...],
    bars: Mapping[str, float],
) -> Standing:
    paid = [trial.answer.usd for trial in trials if trial.answer.failure is None]
    return Standing(
        rung=rung,
        built=built,
        estimates=found,
        bars=held_against(bars, found),
        asked=len(trials),
        answered=len(paid),
        usd=None if None in paid else float(sum(usd for usd in paid if usd is not None)),
    )


def unfair(counts: Counts) -> str:
    """Why so few answers cannot speak for all that was asked, or an empty string."""
    if counts.answered >= MEASURABLE * counts.asked:
        return ""
    failed = counts.asked - counts.answered
    return f"{failed} of {counts.asked} calls gave no answer, too many to speak for the rest"


def _value(trial: Trial, aspect: Aspect, barred: Collection[str]) -> float | None:
    if not barred:
        return trial.value(aspect)
    kept = tuple(score for score in trial.scores if score.metric not in barred)
    values = [s.value for s in kept if s.aspect is aspect and s.value is not None]
    return min(values) if values else None


def _sample_of(trials: Sequence[Trial], cases: Mapping[str, Case], aspect: Aspect) -> Sample:
    return sample(trials, cases, Measure(aspect.value, aspect))


def _quality(name: str, drawn: Sample, level: float) -> Estimate:
    values, clusters = drawn.arrays()
    if not values.size:
        return _unmeasured(name, drawn.counts)
    return _estimate(name, float(values.mean()), estimate_interval(values, clusters, level), drawn)


def _corrected(
    trials: Sequence[Trial],
    cases: Mapping[str, Case],
    drawn: Sample,
    level: float,
    judging: Judging,
) -> Estimate:
    """What a judge says is right, corrected by people's labels."""
    judged, reason = judging.mean(trials, cases, level)
    if judged is None:
        return _unmeasured(MEASURE, drawn.counts, reason)
    note = f"by a judge, corrected by {judged.labelled} labels of people"
    return _estimate(MEASURE, judged.difference, judged.interval, drawn, note)


def _latency(drawn: Sample, level: float) -> Estimate:
    values, clusters = drawn.arrays()
    if not values.size:
        return _unmeasured(LATENCY, drawn.counts)
    interval = quantile_interval(values, clusters, 0.95, level)
    note = "" if interval else "too few cases lie beyond the 95% mark to bound it"
    return _estimate(LATENCY, float(np.quantile(values, 0.95)), interval, drawn, note)


def _cost(drawn: Sample, level: float) -> Estimate:
    values, clusters = drawn.arrays()
    if not values.size:
        note = "no price is known; set `price:` in suffice.yaml" if drawn.counts.answered else ""
        return _unmeasured(COST, drawn.counts, note)
    per_1k = values * 1000
    return _estimate(COST, float(per_1k.mean()), mean_interval(per_1k, clusters, level), drawn)


def _estimate(
    name: str, value: float, interval: Interval | None, drawn: Sample, note: str = ""
) -> Estimate:
    return Estimate(
        measure=name,
        value=value,
        interval=interval,
        counts=drawn.counts,
        cases=len(drawn.values),
        clusters=len(set(drawn.clusters.values())),
        note=unfair(drawn.counts) or note,
    )


def _unmeasured(name: str, counts: Counts, note: str = "") -> Estimate:
    return Estimate(name, None, None, counts, 0, 0, note or "nothing could be scored")


def _bar(name: str, required: float, estimate: Estimate) -> BarResult:
    status = _status(required, estimate, lower_is_better=name in _LOWER_IS_BETTER)
    more = _more_cases(required, estimate) if status is BarStatus.UNDECIDED else None
    return BarResult(name, required, status, estimate, more)


def _status(required: float, estimate: Estimate, *, lower_is_better: bool) -> BarStatus:
    """Met when the whole interval clears the bar, missed when none of it does."""
    interval = estimate.interval
    if interval is None or estimate.clusters < MINIMUM_CLUSTERS or unfair(estimate.counts):
        return BarStatus.UNDECIDED
    low, high = interval.low, interval.high
    if lower_is_better:
        required, low, high = -required, -high, -low
    if low >= required:
        return BarStatus.MET
    return BarStatus.MISSED if high < required else BarStatus.UNDECIDED


def _more_cases(required: float, estimate: Estimate) -> int | None:
    """How many more cases would probably decide the bar, if the value is what it seems to be.

    An interval shortens with the square root of the number of cases. To be just long enough
    would decide it half the time, since the next value lies above or below this one. None where
    no number would do: calls fail, the value sits on the bar, there is no interval to go by.
    """
    if estimate.value is None or not estimate.cases or unfair(estimate.counts):
        return None
    to_minimum = ceil(
        max(0, MINIMUM_CLUSTERS - estimate.clusters) * estimate.cases / max(1, estimate.clusters)
    )
    if estimate.interval is None:
        return to_minimum or None
    interval, gap = estimate.interval, abs(estimate.value - required)
    if gap < 1e-9:
        return None
    above = estimate.value > required
    reach = estimate.value - interval.low if above else interval.high - estimate.value
    reach *= 1 + _quantile(POWER) / _quantile((1 + interval.level) / 2)
    return max(to_minimum, ceil(estimate.cases * ((reach / gap) ** 2 - 1)), 1)


def _quantile(share: float) -> float:
    return NormalDist().inv_cdf(share)
