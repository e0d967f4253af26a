"""Many comparisons at once: the chance that any of them errs is held, not that of each.

Tested against statsmodels, which is not imported: it takes as long to load as the whole of a small
run's statistics, and collects garbage at every call (docs/decisions/2026-11-21-statsmodels.md).
"""

from collections.abc import Sequence
from itertools import accumulate


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's corrected p-values, in the order given (Holm 1979, Scand. J. Stat. 6:65).

    The smallest is multiplied by how many there are, the next by one less, and so on; none falls
    below the one before it. Holds whatever the dependence, as comparisons on the same cases need.
    """
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    scaled = [p_values[place] * (len(order) - rank) for rank, place in enumerate(order)]
    corrected = dict(zip(order, accumulate(scaled, max), strict=True))
    return [min(1.0, corrected[place]) for place in range(len(order))]
