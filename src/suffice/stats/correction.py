"""Many comparisons at once: the chance that any of them errs is held, not that of each."""

from collections.abc import Sequence

from statsmodels.stats.multitest import multipletests


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's corrected p-values, in the order given.

    statsmodels defaults to Holm-Sidak, which assumes independence; comparisons on the same cases
    are not independent.
    """
    if not p_values:
        return []
    return [float(each) for each in multipletests(list(p_values), method="holm")[1]]
