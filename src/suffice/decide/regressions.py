"""What a dearer rung breaks: kinds of cases, by their tags, on which it is surely worse.

A mean can rise while one kind of customer is served worse than before. Each tag with enough
clusters is a comparison of its own, corrected across all tags and measures of the rung.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from suffice.decide.compare import compare_pairs
from suffice.decide.judging import Judging
from suffice.decide.plan import Plan
from suffice.records import Case, Outcome, Trial
from suffice.stats.outcome import MINIMUM_CLUSTERS


def regressed(
    rung: str,
    trials: Mapping[str, Sequence[Trial]],
    cases: Sequence[Case],
    plan: Plan,
    judging: Judging,
    *,
    looks: Mapping[str, int] | None = None,
) -> str:
    """Why a rung must not be chosen: on which tags it is surely worse than the cheapest rung."""
    first = next(iter(trials))
    if rung == first:
        return ""
    parts = _parts(cases)
    family = len(parts) * len(plan.measures)
    said = []
    for tag, part in parts.items():
        chosen = {case.id: case for case in part}
        for found in compare_pairs(
            [(rung, first, measure) for measure in plan.measures],
            {
                name: [each for each in trials[name] if each.case in chosen]
                for name in (rung, first)
            },
            chosen,
            margin=plan.margin,
            alpha=plan.alpha,
            generator=np.random.default_rng(plan.seed),
            judging=judging,
            family=family,
            fractions=plan.fractions,
            looks=looks,
        ):
            if found.outcome is Outcome.WORSE and found.difference is not None:
                said.append(
                    f"on cases tagged {tag!r} its `{found.measure}` is surely lower than "
                    f"{first}'s, by {-100 * found.difference:.0f} points"
                )
    return "; ".join(said)


def _parts(cases: Sequence[Case]) -> dict[str, list[Case]]:
    """The cases of each tag, where they are enough to compare on and not all there are."""
    tags = sorted({tag for case in cases for tag in case.tags})
    parts = {tag: [case for case in cases if tag in case.tags] for tag in tags}
    return {
        tag: part
        for tag, part in parts.items()
        if len(part) < len(cases)
        and len({case.cluster or case.id for case in part}) >= MINIMUM_CLUSTERS
    }
