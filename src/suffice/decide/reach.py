"""How far a rung could come at most, by why dev cases fail. One that surely could not reach a bar
is not built: what it costs to try would be spent for nothing.

At most means: every failure from a cause that the rung mends comes out right, and all else stays
as it is.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from suffice.decide.attribute import CURES, Probed
from suffice.decide.measures import BY_NAME, Measure
from suffice.records import Cause
from suffice.report import words
from suffice.stats.intervals import rate_interval
from suffice.stats.outcome import MINIMUM_CLUSTERS

LEVEL = 0.99  # a rung that is passed over wrongly is never seen again
_SHOWS = frozenset({"retrieve", "hybrid"})
_TOLD = ("correct", "format", "abstains", "answers")  # what causes speak of


def out_of_reach(rung: str, probed: Sequence[Probed], bars: Mapping[str, float]) -> str:
    """Why a rung surely could not reach the bars, or nothing."""
    if rung not in CURES:
        return ""
    curable = CURES[rung] | {Cause.UNSTABLE}  # what comes out right now and then may do so always
    if rung == "retrieve":  # answers of a shape are held to it while they are written
        curable |= {Cause.FORMAT} if any(each.case.schema for each in probed) else set()
    for name in _TOLD:
        found = _at_most(rung, BY_NAME[name], probed, curable) if name in bars else None
        if found is not None and found < bars[name]:
            scale = words.scale_of(name, found, None, bars[name])
            return (
                f"of what fails on dev it could mend so much that {words.label(name)} would be "
                f"{scale.write(found)} at most, {words.required(name, bars[name])} is required"
            )
    return ""


def _at_most(
    rung: str, measure: Measure, probed: Sequence[Probed], curable: frozenset[Cause]
) -> float | None:
    """The upper end of what could be; None where the cases are too few to say."""
    values, clusters = list[float](), list[str]()
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
        values.append(1.0 if mended else float(np.mean(now)))
        clusters.append(each.case.cluster or each.case.id)
    if len(set(clusters)) < MINIMUM_CLUSTERS:
        return None
    return rate_interval(np.array(values), clusters, LEVEL).high
