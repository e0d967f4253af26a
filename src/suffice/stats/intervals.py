"""Confidence intervals of one number: a mean, a rate, a ratio, a quantile.

Each method is used only where its coverage holds in simulation (docs/statistics.md has the
figures); elsewhere the answer is None, and the caller says that there is no interval.
"""

import warnings
from collections.abc import Callable, Sequence

import numpy as np
from scipy import stats

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

# Under 40 clusters BCa errs far too often (8% for a nominal 5% at 12).
MINIMUM_BOOTSTRAP_CLUSTERS = 40


def estimate_interval(
    values: FloatArray, clusters: Sequence[str], level: float = 0.95
) -> Interval | None:
    """Of the mean of per-case values: as a share where all lie in [0, 1], else as any mean."""
    if is_share(values):
        return rate_interval(values, clusters, level)
    return mean_interval(values, clusters, level)


def mean_interval(
    values: FloatArray, clusters: Sequence[str], level: float = 0.95
) -> Interval | None:
    """The mean, give or take a t quantile of cluster-robust errors. None below 2 clusters."""
    sums, sizes = clustered(values, clusters)
    if sizes.size < 2:
        return None
    mean, error = (float(each) for each in mean_and_error(sums, sizes))
    reach = t_quantile(sizes.size, level) * error
    return Interval(mean - reach, mean + reach, level, f"cluster t, {sizes.size - 1} df")


def rate_interval(values: FloatArray, clusters: Sequence[str], level: float = 0.95) -> Interval:
    """The mean of values between 0 and 1: Wilson's, on the effective sample size of clusters.

    Never of zero width, not even where every case passed. The clustered form is the modified
    Wilson interval of Franco, Little, Louis & Slud (2019, J. Survey Stat. Methodol. 7:334): the
    cases divided by the design effect, and a t quantile for the few clusters it rests on. It
    serves shares of replicates and partial scores too: near 1 a t interval misses half the time.
    """
    if not values.size or not is_share(values):
        raise ValueError("a rate needs at least one value, all between 0 and 1")
    sums, sizes = clustered(values, clusters)
    binary = is_binary(values)
    low, high = wilson_bounds(sums, sizes, level, binary=binary)
    method = (
        "Wilson" if binary and sizes.size == values.size else f"cluster Wilson, {sizes.size - 1} df"
    )
    return Interval(float(low), float(high), level, method)


def wilson_bounds(
    sums: FloatArray, sizes: FloatArray, level: float, *, binary: bool
) -> tuple[FloatArray, FloatArray]:
    """Wilson's bounds for shares summed by cluster; `binary` where each case is 0 or 1."""
    rate = sums.sum(axis=-1) / sizes.sum()
    if binary and sizes.size == sizes.sum():
        return wilson(rate, sizes.sum(), z_quantile(level))
    if sizes.size < 2:  # one cluster is one observation
        return wilson(rate, np.ones_like(rate), z_quantile(level))
    _, error = mean_and_error(sums, sizes)
    edge = np.where(rate > 0.5, 1.0, 0.0)[..., None] * sizes
    capped = varies_little(sums, edge) | binary
    count = effective_size(rate * (1 - rate), error, sizes, capped=capped)
    return wilson(rate, count, t_quantile(sizes.size, level))


def wilson(rate: FloatArray, count: FloatArray, quantile: float) -> tuple[FloatArray, FloatArray]:
    """Wilson (1927). The count may be a fraction."""
    square = quantile**2
    middle = (rate + square / (2 * count)) / (1 + square / count)
    reach = quantile * np.sqrt(rate * (1 - rate) / count + square / (4 * count**2))
    reach /= 1 + square / count
    return np.maximum(middle - reach, 0.0), np.minimum(middle + reach, 1.0)


def bootstrap_interval(
    statistic: Callable[[FloatArray], float],
    values: FloatArray,
    clusters: Sequence[str],
    generator: np.random.Generator,
    level: float = 0.95,
    *,
    draws: int = 2000,
) -> Interval | None:
    """BCa over whole clusters, for ratios and quantiles, which have no better interval.

    `values` has a row for each case; a ratio takes two columns. None below 40 clusters, and where
    the statistic does not vary enough between resamples to say anything.
    """
    _, codes = np.unique(np.asarray(clusters, dtype=np.str_), return_inverse=True)
    count = int(codes.max(initial=-1)) + 1
    if count < MINIMUM_BOOTSTRAP_CLUSTERS:
        return None
    rows = np.split(np.argsort(codes, kind="stable"), np.cumsum(np.bincount(codes))[:-1])

    def resampled(drawn: np.ndarray) -> float:
        return statistic(values[np.concatenate([rows[int(each)] for each in drawn])])

    # scipy warns of a degenerate sample, divides by its zero and returns NaN.
    with warnings.catch_warnings(), np.errstate(invalid="ignore", divide="ignore"):
        warnings.simplefilter("ignore", stats.DegenerateDataWarning)
        found = stats.bootstrap(
            (np.arange(count),),
            resampled,
            n_resamples=draws,
            vectorized=False,
            confidence_level=level,
            method="BCa",
            rng=generator,
        ).confidence_interval
    if not (np.isfinite(found.low) and np.isfinite(found.high)):
        return None
    return Interval(float(found.low), float(found.high), level, f"BCa, {count} clusters")


def quantile_interval(
    values: FloatArray, clusters: Sequence[str], share: float, level: float = 0.95
) -> Interval | None:
    """Of a quantile, such as the 95th percentile of latency, by order statistics.

    Woodruff (1952, JASA 47:635): the interval for the share of cases below the quantile, read
    off the sorted values. None where too few cases lie beyond the quantile to bound it, which
    for a 95th percentile takes about 75 cases.
    """
    ordered, cases = np.sort(values), values.size
    below = (values <= np.quantile(values, share)).astype(np.float64)
    sums, sizes = clustered(below, clusters)
    low, high = wilson_bounds(sums, sizes, level, binary=True)
    first, last = int(np.floor(low * cases)) - 1, int(np.ceil(high * cases))
    if first < 0 or last >= cases:
        return None
    return Interval(float(ordered[first]), float(ordered[last]), level, "order statistics")


def is_share(values: FloatArray) -> bool:
    return bool(((values >= 0) & (values <= 1)).all())


def is_binary(values: FloatArray) -> bool:
    return bool(np.isin(values, (0.0, 1.0)).all())
