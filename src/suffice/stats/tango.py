"""The score interval for a paired difference: Tango's, and its clustered form.

Most cases of two good systems agree, and the few that differ carry all the news. A t interval
then takes its error from those few and is far too short; with none it has no width at all. The
score interval asks instead which differences could have given these wins and losses.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from suffice.records import Interval
from suffice.stats.clusters import (
    FloatArray,
    clustered,
    effective_size,
    mean_and_error,
    t_quantile,
    varies_little,
    z_quantile,
)
from suffice.stats.intervals import is_binary, is_share

# Halvings of a part of [-1, 1]: after 45 a bound is exact to 6e-14.
_HALVINGS = 45


@dataclass(frozen=True, slots=True)
class Difference:
    """The mean paired difference, with all that an interval of any level takes.

    `gains` and `drops` are the mean positive and negative parts. `pairs` is how many 0/1 pairs
    they weigh as; None where values are no shares, such as seconds.
    """

    mean: float
    error: float
    gains: float
    drops: float
    pairs: float | None
    clusters: int
    plain: bool

    def interval(self, level: float) -> Interval:
        if self.pairs is not None:
            return self._score_interval(self.pairs, level)
        if self.clusters < 2:
            return Interval(-np.inf, np.inf, level, "none: one cluster")
        reach = t_quantile(self.clusters, level) * self.error
        method = f"cluster t, {self.clusters - 1} df"
        return Interval(self.mean - reach, self.mean + reach, level, method)

    def _score_interval(self, pairs: float, level: float) -> Interval:
        normal = self.plain or self.clusters < 2
        quantile = z_quantile(level) if normal else t_quantile(self.clusters, level)
        low, high = tango_bounds(self.gains * pairs, self.drops * pairs, pairs, quantile)
        method = "Tango" if self.plain else f"cluster score, {self.clusters - 1} df"
        return Interval(float(low), float(high), level, method)


def difference(candidate: FloatArray, baseline: FloatArray, clusters: Sequence[str]) -> Difference:
    """Candidate minus baseline on the same cases.

    Its interval is Tango's for 0/1 values of single cases, the clustered form for other scores
    between 0 and 1, and cluster t for anything else.
    """
    values = candidate - baseline
    sums, sizes = clustered(values, clusters)
    binary = is_binary(candidate) and is_binary(baseline)
    plain = binary and sizes.size == values.size
    gains, drops = np.maximum(values, 0).mean(), np.maximum(-values, 0).mean()
    shares = is_share(candidate) and is_share(baseline)
    error = mean_and_error(sums, sizes)[1] if sizes.size > 1 else np.asarray(np.inf)
    pairs = (
        values.size
        if plain
        else float(weighed_pairs(sums, sizes, gains, drops, error, binary=binary))
    )
    return Difference(
        mean=float(values.mean()),
        error=float(error),
        gains=float(gains),
        drops=float(drops),
        pairs=pairs if shares else None,
        clusters=sizes.size,
        plain=plain,
    )


def weighed_pairs(
    sums: FloatArray,
    sizes: FloatArray,
    gains: FloatArray,
    drops: FloatArray,
    error: FloatArray,
    *,
    binary: bool = False,
) -> FloatArray:
    """As how many independent 0/1 pairs, with these shares of wins and losses, the cases weigh.

    So many that Tango's variance at the observed difference is the cluster-robust one. Where many
    cases differ the interval is then the cluster-t interval; where few do, it stays honest.
    """
    if sizes.size < 2:
        return np.ones_like(gains)
    capped = varies_little(sums, np.zeros(1)) | binary
    simple = gains + drops - np.square(gains - drops)
    return effective_size(simple, error, sizes, capped=capped)


def tango_bounds(
    wins: ArrayLike, losses: ArrayLike, cases: ArrayLike, quantile: ArrayLike
) -> tuple[FloatArray, FloatArray]:
    """Where Tango's score statistic equals the quantile, by halving. Counts may be fractions."""
    given = (wins, losses, cases, quantile)
    b, c, n, q = np.broadcast_arrays(*(np.asarray(each, dtype=np.float64) for each in given))
    return -_upper(c, b, n, q), _upper(b, c, n, q)


def _upper(
    wins: FloatArray, losses: FloatArray, cases: FloatArray, quantile: FloatArray
) -> FloatArray:
    inside, outside = (wins - losses) / cases, np.ones_like(wins)
    for _ in range(_HALVINGS):
        middle = (inside + outside) / 2
        beyond = _score(wins, losses, cases, middle) < -quantile
        inside, outside = np.where(beyond, inside, middle), np.where(beyond, middle, outside)
    return outside


def _score(
    wins: FloatArray, losses: FloatArray, cases: FloatArray, difference: FloatArray
) -> FloatArray:
    """Tango (1998, Statistics in Medicine 17:891): the distance of the data from a difference,
    in standard errors, with the share of losses at its most likely value under that difference."""
    linear = (2 * cases - wins + losses) * difference - wins - losses
    constant = -losses * difference * (1 - difference)
    root = np.sqrt(np.maximum(np.square(linear) - 8 * cases * constant, 0.0))
    losing = (root - linear) / (4 * cases)
    variance = cases * (2 * losing + difference * (1 - difference))
    return (wins - losses - cases * difference) / np.sqrt(np.maximum(variance, 1e-300))
