"""What a set of cases can resolve, before anything is asked.

Without a pilot run nobody knows on how many cases two rungs will differ, nor how alike the cases of
a cluster are. Both are assumed here, and said: one case in five differs, and cases of one cluster
agree by a fifth. `suffice compare` knows better once there is a run.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from suffice.records import Case
from suffice.report.words import count
from suffice.stats.clusters import z_quantile
from suffice.stats.intervals import wilson
from suffice.stats.outcome import MINIMUM_CLUSTERS
from suffice.stats.power import (
    ASSUMED_DISCORDANCE,
    ASSUMED_ICC,
    cases_needed,
    detectable_difference,
)

SETTLED_POINTS = 0.05  # the difference that people hope to see


@dataclass(frozen=True, slots=True)
class Resolution:
    """The smallest difference between two rungs that these cases show four times in five."""

    cases: int
    clusters: int
    detectable: float | None
    margin: float
    cases_for_margin: int
    cases_for_five_points: int

    @property
    def too_few_clusters(self) -> bool:
        return self.clusters < MINIMUM_CLUSTERS

    @property
    def sentences(self) -> tuple[str, ...]:
        """In words, for a person who has to decide whether to write more cases."""
        if self.detectable is None or self.too_few_clusters:
            return (
                f"{count(self.cases, 'held-out case')} in {count(self.clusters, 'cluster')}: "
                f"no verdict is given below {MINIMUM_CLUSTERS} clusters. Add cases from other "
                "sources, or set a smaller `split: {dev: ...}`.",
            )
        said = [
            f"Two rungs must differ by {self.detectable * 100:.1f} points for {self.cases} "
            f"held-out cases in {self.clusters} clusters to show it, 80% of the time.",
        ]
        if self.detectable > SETTLED_POINTS:
            said.append(
                f"They cannot settle 5 points: that takes about {self.cases_for_five_points} "
                "held-out cases."
            )
        if self.detectable > self.margin:
            said.append(
                f"The margin of {self.margin * 100:g} points takes about {self.cases_for_margin}."
            )
        said.append(
            f"(Assumed until a run shows better: rungs differ on {ASSUMED_DISCORDANCE:.0%} of the "
            f"cases; correlation within a cluster {ASSUMED_ICC:g}.)"
        )
        return tuple(said)


def share_for_bar(required: float, cases: int, clusters: int) -> float | None:
    """The share of right answers from which on these cases clear a bar for sure; None where not
    even all of them would do."""
    if cases < 1 or clusters < MINIMUM_CLUSTERS:
        return None
    count = cases / (1 + (cases / clusters - 1) * ASSUMED_ICC)
    rates = np.arange(cases + 1) / cases
    low, _ = wilson(rates, np.full_like(rates, count), z_quantile(0.95))
    clears = rates[low >= required]
    return float(clears[0]) if clears.size else None


def resolution(held_out: Sequence[Case], margin: float) -> Resolution:
    clusters = len({case.cluster or case.id for case in held_out})
    per_cluster = len(held_out) / max(1, clusters)

    def needed(difference: float) -> int:
        return cases_needed(difference, ASSUMED_DISCORDANCE, ASSUMED_ICC, per_cluster)

    return Resolution(
        cases=len(held_out),
        clusters=clusters,
        detectable=detectable_difference(len(held_out), clusters, ASSUMED_DISCORDANCE, ASSUMED_ICC)
        if clusters > 1
        else None,
        margin=margin,
        cases_for_margin=needed(margin),
        cases_for_five_points=needed(SETTLED_POINTS),
    )
