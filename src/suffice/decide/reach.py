"""How far a rung could come at most. One that surely could not reach a bar is not built, or not
asked any held-out case: what that costs would be spent for nothing.

Before it is built, by why dev cases fail: at most means that every failure from a cause that the
rung mends comes out right, and all else stays as it is. While it is built, by what the answers of
its own tries on dev are.
"""

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from suffice.decide.attribute import CURES, OF_FACTS, Probed
from suffice.decide.bars import COST, LATENCY
from suffice.decide.measures import BY_NAME, Measure, sample
from suffice.evaluate.calibrate import JUDGED
from suffice.records import Aspect, Case, Cause, Trial
from suffice.report import words
from suffice.stats.clusters import FloatArray
from suffice.stats.intervals import mean_interval, rate_interval
from suffice.stats.outcome import MINIMUM_CLUSTERS

# What it could be at most is more than it will be, so that this errs in far fewer than 2.5%.
LEVEL = 0.95
_TAIL = 0.05  # of the answers may be slower than a p95
_SHOWS = frozenset({"retrieve", "hybrid"})
_IN_PARTS = OF_FACTS | {Cause.SKILL}
_QUALITIES = ("correct", "format", "abstains", "answers")  # what causes speak of


def out_of_reach(
    rung: str, probed: Sequence[Probed], bars: Mapping[str, float], unmet: Collection[str] = ()
) -> str:
    """Why a rung surely could not reach the bars, or nothing. `unmet` are those that the first rung
    does not even likely meet: each must be mended, so that a rung which mends nothing of what fails
    in one of them is no cure whatever it does for the others."""
    if rung not in CURES:
        return ""
    for name in (each for each in _QUALITIES if each in bars):
        now, most, clusters = _could_be(rung, BY_NAME[name], probed)
        if name in unmet and now.size and now.min() < 1 and (now == most).all():
            return f"it mends nothing of what fails in {words.label(name)} on dev"
        if len(set(clusters)) < MINIMUM_CLUSTERS:
            continue
        found = rate_interval(most, clusters, LEVEL).high
        if found < bars[name]:
            scale = words.scale_of(name, found, None, bars[name])
            return (
                f"of what fails on dev it could mend so much that {words.label(name)} would be "
                f"{scale.write(found)} at most, {words.required(name, bars[name])} is required"
            )
    return ""


def falls_short(trials: Sequence[Trial], cases: Sequence[Case], bars: Mapping[str, float]) -> str:
    """Which bar these tries on dev surely miss, or nothing. What was chosen among others on dev
    looks better there than it is, so one that falls short even so surely does. A judge that nobody
    has confirmed decides nothing, neither this."""
    by_id = {case.id: case for case in cases}
    for name in _QUALITIES:
        if name not in bars:
            continue
        values, clusters = sample(trials, by_id, BY_NAME[name], JUDGED).arrays()
        if len(set(clusters)) < MINIMUM_CLUSTERS:
            continue
        most = rate_interval(values, clusters, LEVEL).high
        if most < bars[name]:
            return _told(name, most, "{} at most", bars[name], len(values))
    return _dear(trials, by_id, bars) or _slow(trials, by_id, bars)


def _dear(trials: Sequence[Trial], by_id: Mapping[str, Case], bars: Mapping[str, float]) -> str:
    values, clusters = sample(trials, by_id, Measure("", Aspect.COST)).arrays()
    if COST not in bars or len(set(clusters)) < MINIMUM_CLUSTERS:
        return ""
    found = mean_interval(1000 * values, clusters, LEVEL)
    if found is None or found.low <= bars[COST]:
        return ""
    return _told(COST, found.low, "{} at least", bars[COST], len(values))


def _slow(trials: Sequence[Trial], by_id: Mapping[str, Case], bars: Mapping[str, float]) -> str:
    """Where surely more than a twentieth of the answers take longer than a bar of the p95."""
    values, clusters = sample(trials, by_id, Measure("", Aspect.LATENCY)).arrays()
    if LATENCY not in bars or len(set(clusters)) < MINIMUM_CLUSTERS:
        return ""
    over = (values > bars[LATENCY]).astype(np.float64)
    if rate_interval(over, clusters, LEVEL).low <= _TAIL:
        return ""
    usual = float(np.quantile(values, 1 - _TAIL))
    return _told(LATENCY, usual, "about {}", bars[LATENCY], over.size)


def _told(name: str, value: float, how: str, required: float, cases: int) -> str:
    scale = words.scale_of(name, value, None, required)
    return (
        f"tried on {words.count(cases, 'dev case')}, its {words.label(name)} is "
        f"{how.format(scale.write(value))}, {words.required(name, required)} is required"
    )


def _could_be(
    rung: str, measure: Measure, probed: Sequence[Probed]
) -> tuple[FloatArray, FloatArray, list[str]]:
    """Each case's value as it is, as it could be at most, and its cluster."""
    curable = CURES[rung] | {Cause.UNSTABLE}  # what comes out right now and then may do so always
    if rung == "retrieve":  # answers of a shape are held to it while they are written
        curable |= {Cause.FORMAT} if any(each.case.schema for each in probed) else set()
    if rung == "schema" and any(each.malformed for each in probed):
        curable |= CURES["fewshot"]  # it stands on examples, which may do more held to the form
    values, most, clusters = list[float](), list[float](), list[str]()
    for each in probed:
        if not measure.of(each.case):
            continue
        now = [
            value
            for trial in each.closed
            if trial.answer.failure is None and (value := trial.value(measure.aspect)) is not None
        ]
        if not now:
            continue
        mended = each.cause in curable or (rung in _SHOWS and each.found)
        if measure.name == "format":
            mended = mended or (each.malformed and Cause.FORMAT in curable)
        values.append(float(np.mean(now)))
        told = each.gold or each.found  # what documents add to it is known
        if measure.aspect is Aspect.CONTENT and told and each.parts.keys() & _IN_PARTS:
            most.append(_in_parts(each, values[-1], curable, found=rung in _SHOWS and each.found))
        else:
            most.append(1.0 if mended else values[-1])
        clusters.append(each.case.cluster or each.case.id)
    return np.array(values), np.array(most), clusters


def _in_parts(each: Probed, now: float, curable: Collection[Cause], *, found: bool) -> float:
    """An answer that lacks a fact here and a skill there, with what the rung mends of both."""
    worth = each.worth if Cause.FORMAT in curable else now
    facts = OF_FACTS & set(each.parts)
    worth += each.gained if facts & set(curable) else 0.0
    if Cause.SKILL in curable:
        worth += 1.0 - each.worth - each.gained
    return 1.0 if found else min(1.0, worth)
