"""Whether a candidate is not worse than a baseline by more than a margin.

At 6% discordance a Wald or t bound passes a system that is worse by the whole margin about twice
as often as it says. The score bound does not.
"""

from collections.abc import Sequence

from suffice.records import Interval
from suffice.stats.clusters import FloatArray, z_quantile
from suffice.stats.tango import difference, tango_bounds


def tango_interval(wins: int, losses: int, cases: int, level: float = 0.95) -> Interval:
    """Tango's score interval for (wins - losses) / cases, the difference of paired proportions."""
    if min(wins, losses) < 0 or wins + losses > cases or cases < 1:
        raise ValueError(f"{wins} wins and {losses} losses cannot come from {cases} cases")
    low, high = tango_bounds(wins, losses, cases, z_quantile(level))
    return Interval(float(low), float(high), level, "Tango")


def lower_bound(
    candidate: FloatArray, baseline: FloatArray, clusters: Sequence[str], alpha: float = 0.05
) -> float:
    """What the difference, candidate minus baseline, exceeds with confidence 1 - alpha.

    One-sided: the lower end of the two-sided interval at level 1 - 2 alpha.
    """
    return difference(candidate, baseline, clusters).interval(1 - 2 * alpha).low
