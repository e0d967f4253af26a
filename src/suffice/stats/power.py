"""How many cases a difference needs, and how small a difference the cases can show.

Everything follows from two numbers of a pilot: how often the systems differ on a case
(discordance) and how alike the cases of one cluster are in that (ICC).
"""

from collections.abc import Callable, Sequence
from math import ceil, inf, sqrt

import numpy as np
from scipy import special

from suffice.records import Interval
from suffice.stats.clusters import FloatArray, intraclass_correlation, t_quantile
from suffice.stats.intervals import wilson
from suffice.stats.paired import Paired

# Without a pilot: two systems differ on one case in five, and clusters are somewhat alike.
ASSUMED_DISCORDANCE = 0.2
ASSUMED_ICC = 0.1
_FEWEST_CLUSTERS = 10
_MOST_CASES = 10_000_000


def pilot(
    candidate: FloatArray, baseline: FloatArray, clusters: Sequence[str]
) -> tuple[float, float]:
    """Discordance and ICC of the differences. For scores other than 0/1, discordance is the mean
    squared difference, which takes the same place in the variance."""
    difference = candidate - baseline
    if not difference.size:
        raise ValueError("a pilot needs at least one case")
    return float(np.square(difference).mean()), intraclass_correlation(difference, clusters)


def detectable_difference(
    cases: int,
    clusters: int,
    discordance: float = ASSUMED_DISCORDANCE,
    icc: float = ASSUMED_ICC,
    *,
    alpha: float = 0.05,
    power: float = 0.8,
) -> float:
    """The smallest difference that a two-sided test finds with this power. At most 1.

    A difference cannot exceed the discordance: where it would, the discordance that it needs is
    taken instead.
    """
    if clusters < 2 or cases < clusters:
        return 1.0
    # With D the difference, q the quantiles and s the share below: D = q sqrt((discordance - D^2)
    # design / cases), so D^2 = s * discordance.
    unit = _quantiles(clusters, alpha, power) ** 2 * _design(cases / clusters, icc) / cases
    share = unit / (1 + unit)
    return min(1.0, sqrt(share * max(discordance, share)))


def cases_needed(
    difference: float,
    discordance: float = ASSUMED_DISCORDANCE,
    icc: float = ASSUMED_ICC,
    cases_per_cluster: float = 1.0,
    *,
    alpha: float = 0.05,
    power: float = 0.8,
) -> int:
    """How many cases a two-sided test needs to find this difference with this power."""
    if not 0 < abs(difference) <= 1:
        raise ValueError(f"a difference to find lies between 0 and 1, not {difference}")

    def suffice(clusters: int) -> bool:
        cases = round(clusters * cases_per_cluster)
        return abs(difference) >= detectable_difference(
            cases, clusters, discordance, icc, alpha=alpha, power=power
        )

    enough = _FEWEST_CLUSTERS
    while not suffice(enough) and enough < _MOST_CASES:
        enough *= 2
    too_few = enough // 2
    while enough - too_few > 1 and enough > _FEWEST_CLUSTERS:
        middle = (enough + too_few) // 2
        enough, too_few = (middle, too_few) if suffice(middle) else (enough, middle)
    return ceil(enough * cases_per_cluster)


def more_cases(
    paired: Paired, margin: float, alpha: float = 0.05, power: float = 0.8
) -> int | None:
    """How many more cases would settle the comparison, if the difference stays as it is.

    Settled means better or worse, or not worse by the margin, whichever takes fewer. None where
    no number would: the difference sits at 0 and at the margin's edge.
    """
    clusters = max(paired.clusters, _FEWEST_CLUSTERS)
    error = (paired.interval.high - paired.interval.low) / 2
    error /= t_quantile(clusters, paired.interval.level)
    superior = _factor(_quantiles(clusters, alpha, power) * error, abs(paired.difference))
    inferior = _factor(_quantiles(clusters, 2 * alpha, power) * error, paired.difference + margin)
    least = _FEWEST_CLUSTERS / paired.clusters
    wanted = paired.cases * (max(min(superior, inferior), least) - 1)
    return max(1, ceil(wanted)) if wanted < _MOST_CASES else None


def _factor(reach: float, distance: float) -> float:
    """How many times the cases bring this reach down to the distance."""
    return (reach / distance) ** 2 if distance > 1e-9 else inf


def _quantiles(clusters: int, alpha: float, power: float) -> float:
    """How many standard errors away a two-sided test at alpha finds a difference with power."""
    upper = special.stdtrit(clusters - 1, np.array([1 - alpha / 2, power]))
    return float(upper.sum())


def _design(cases_per_cluster: float, icc: float) -> float:
    """The design effect: how many times the variance that independent cases would have."""
    return 1 + max(0.0, cases_per_cluster - 1) * icc


def more_for_bar(
    value: float, interval: Interval, required: float, cases: int, power: float = 0.8
) -> int | None:
    """How many more cases would decide a bar for a share, with this power, if the share is what it
    seems to be. None where no number would: it sits on the bar.

    The interval tells how many independent cases its own count as (Wilson's, turned round); then
    the least number is sought at which Wilson's bound clears the bar at an unlucky draw.
    """
    if abs(value - required) < 1e-9:
        return None
    quantile, unlucky = _normal((1 + interval.level) / 2), _normal(power)
    weight = _least(lambda count: _reach(value, count, quantile) <= _longer(value, interval))

    def decides(count: float) -> bool:
        slip = unlucky * sqrt(value * (1 - value) / count)
        if value > required:
            unlucky_value = np.array(max(0.0, value - slip))
            return float(wilson(unlucky_value, np.array(count), quantile)[0]) >= required
        unlucky_value = np.array(min(1.0, value + slip))
        return float(wilson(unlucky_value, np.array(count), quantile)[1]) < required

    needed = _least(decides)
    if needed >= _MOST_CASES:
        return None
    return max(1, ceil(cases * (needed / weight - 1)))


def more_for_mean(
    value: float, interval: Interval, required: float, cases: int, power: float = 0.8
) -> int | None:
    """The same for seconds and dollars, whose interval shortens with the root of the cases."""
    gap = abs(value - required)
    if gap < 1e-9:
        return None
    reach = interval.high - value if value < required else value - interval.low
    reach *= 1 + _normal(power) / _normal((1 + interval.level) / 2)
    return max(1, ceil(cases * ((reach / gap) ** 2 - 1)))


def _longer(value: float, interval: Interval) -> float:
    return max(value - interval.low, interval.high - value)


def _reach(value: float, count: float, quantile: float) -> float:
    low, high = wilson(np.array(value), np.array(count), quantile)
    return max(value - float(low), float(high) - value)


def _least(enough: Callable[[float], bool]) -> float:
    """The least number for which it is enough, to within a hundredth."""
    high = 1.0
    while not enough(high) and high < _MOST_CASES:
        high *= 2
    low = high / 2
    while high - low > 0.01 * low and high < _MOST_CASES:
        middle = (low + high) / 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _normal(share: float) -> float:
    return float(special.ndtri(share))
