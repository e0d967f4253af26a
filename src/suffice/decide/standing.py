"""From trials to what can be said of one rung: estimates with intervals, held against the bars."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from suffice.decide import retrieved
from suffice.decide.bars import COST, LATENCY, held_against, unmeasured
from suffice.decide.judging import JUDGE, MEASURE, UNJUDGED, Judging
from suffice.decide.measures import (
    BY_NAME,
    QUALITIES,
    Measure,
    Sample,
    sample,
    single_answers,
    unfair,
)
from suffice.evaluate.summaries import macro_f1
from suffice.records import Aspect, Case, Counts, Estimate, Interval, LearningCurve, Standing, Trial
from suffice.report.words import count
from suffice.stats.intervals import estimate_interval, mean_interval, quantile_interval
from suffice.stats.outcome import MINIMUM_CLUSTERS

RIGHT_OF_ANSWERED = Measure("right_of_answered", Aspect.CONTENT, of=lambda case: case.answerable)


def estimates(
    trials: Sequence[Trial],
    cases: Mapping[str, Case],
    *,
    level: float,
    judging: Judging = UNJUDGED,
) -> tuple[Estimate, ...]:
    """Everything that was measured of one rung."""
    found = []
    for measure in QUALITIES:
        drawn = sample(trials, cases, measure, judging.barred)
        if not drawn.counts.asked:
            continue
        if judging.corrects and measure.name == MEASURE:
            found.append(_corrected(trials, cases, drawn, level, judging))
        else:
            found.append(_quality(measure.name, drawn, level))
    if judging.barred:
        others = {score.metric for trial in trials for score in trial.scores} - judging.barred
        shown = _quality(JUDGE, sample(trials, cases, BY_NAME[MEASURE], others), level)
        found.append(replace(shown, note="shown only: people have not confirmed this judge"))
    found += _of_answered(trials, cases, level, judging)
    found += _macro_f1(trials, cases)
    found += [_quality(name, drawn, level) for name, drawn in retrieved.samples(trials, cases)]
    found.append(_latency(single_answers(trials, cases, Measure("", Aspect.LATENCY)), level))
    found.append(_cost(sample(trials, cases, Measure("", Aspect.COST)), level))
    return tuple(found)


def standing(
    rung: str,
    built: str,
    trials: Sequence[Trial],
    found: tuple[Estimate, ...],
    bars: Mapping[str, float],
    *,
    notes: Sequence[str] = (),
    ruled_out: str = "",
    curve: LearningCurve | None = None,
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
        notes=tuple(notes),
        ruled_out=ruled_out,
        curve=curve,
    )


def _quality(name: str, drawn: Sample, level: float) -> Estimate:
    values, clusters = drawn.arrays()
    if not values.size:
        return unmeasured(name, drawn.counts)
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
        return unmeasured(MEASURE, drawn.counts, reason)
    note = f"by a judge, corrected by {judged.labelled} labels of people"
    return _estimate(MEASURE, judged.difference, judged.interval, drawn, note)


def _of_answered(
    trials: Sequence[Trial], cases: Mapping[str, Case], level: float, judging: Judging
) -> list[Estimate]:
    """How often it is right where it did not decline; of interest where it may decline."""
    tried = [
        trial
        for trial in trials
        if trial.value(Aspect.ABSTENTION) == 1 and cases[trial.case].answerable
    ]
    drawn = sample(tried, cases, RIGHT_OF_ANSWERED, judging.barred)
    if not drawn.values or judging.corrects:
        return []
    return [_quality(RIGHT_OF_ANSWERED.name, drawn, level)]


def _macro_f1(trials: Sequence[Trial], cases: Mapping[str, Case]) -> list[Estimate]:
    """The mean F1 over labels, where labels are asked for. A figure of the whole set: no interval
    that we trust covers it with few cases a label."""
    value = macro_f1(trials, list(cases.values()))
    if value is None:
        return []
    drawn = sample(trials, cases, BY_NAME[MEASURE])
    return [_estimate("macro_f1", value, None, drawn, "of the whole set: without an interval")]


def _latency(drawn: Sample, level: float) -> Estimate:
    values, clusters = drawn.arrays()
    if not values.size:
        return unmeasured(LATENCY, drawn.counts)
    interval = quantile_interval(values, clusters, 0.95, level)
    note = "" if interval else "too few answers lie beyond the 95% mark to bound it"
    return _estimate(LATENCY, float(np.quantile(values, 0.95)), interval, drawn, note)


def _cost(drawn: Sample, level: float) -> Estimate:
    values, clusters = drawn.arrays()
    if not values.size:
        note = "no price is known; set `price:` in suffice.yaml" if drawn.counts.answered else ""
        return unmeasured(COST, drawn.counts, note)
    per_1k = values * 1000
    return _estimate(COST, float(per_1k.mean()), mean_interval(per_1k, clusters, level), drawn)


def _estimate(
    name: str, value: float, interval: Interval | None, drawn: Sample, note: str = ""
) -> Estimate:
    clusters = {drawn.clusters[key] for key in drawn.values}
    return Estimate(
        measure=name,
        value=value,
        interval=interval,
        counts=drawn.counts,
        cases=drawn.cases,
        clusters=len(clusters),
        note=unfair(drawn.counts) or _too_few(len(clusters)) or note,
    )


def _too_few(clusters: int) -> str:
    if clusters >= MINIMUM_CLUSTERS:
        return ""
    return f"{count(clusters, 'cluster')} of cases; no verdict below {MINIMUM_CLUSTERS}"


def nothing_answered(standing: Standing) -> str:
    """Why a rung as a whole cannot be measured, or an empty string."""
    return unfair(Counts(standing.asked, standing.answered, standing.answered))
