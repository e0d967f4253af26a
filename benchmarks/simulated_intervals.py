"""Errors of the intervals and tests of one system and of two, on simulated studies.

What is simulated is what users get: the vectorised bounds are held against the public functions.
"""

from collections.abc import Iterator

import numpy as np
from scipy import special, stats

from benchmarks.error_rates import EDGE, Row, exact_row, missed, row, shapes
from benchmarks.simulated import (
    Pairs,
    Values,
    graded,
    partial,
    partial_scores,
    replicate_means,
    replicated,
    seconds,
    share,
)
from suffice.stats.clusters import FloatArray, mean_and_error, t_quantile, z_quantile
from suffice.stats.intervals import rate_interval, wilson, wilson_bounds
from suffice.stats.paired import exact_mcnemar, sign_flip
from suffice.stats.tango import difference, tango_bounds, weighed_pairs

# ---------------------------------------------------------------- one system


def rates(generator: np.random.Generator, studies: int) -> Iterator[Row]:
    kinds = [share(rate) for rate in (0.5, 0.8, 0.95)]
    for values in [*kinds, replicated(0.9), partial(0.7)]:
        for clusters, size in shapes():
            yield from _rate_rows(generator, values, (studies, clusters, size))


def _rate_rows(
    generator: np.random.Generator, values: Values, shape: tuple[int, int, int]
) -> Iterator[Row]:
    studies, clusters, size = shape
    sample = values.sample(generator, shape)
    sums, sizes = sample.sum(axis=-1), np.full(clusters, float(size))
    binary = values.name.startswith("0/1")
    low, high = wilson_bounds(sums, sizes, 0.95, binary=binary)
    _same_as_public(sample[0], low[0])
    at = (values.name, (clusters, size))
    name = "Wilson" if binary and size == 1 else "cluster Wilson"
    yield row("one rate", name, *at, missed(low, high, values.mean))
    mean, error = mean_and_error(sums, sizes)
    reach = t_quantile(clusters, 0.95) * error
    errors = missed(mean - reach, mean + reach, values.mean)
    yield row("one rate", "cluster t", *at, errors, ours=False)
    low, high = wilson(mean, np.full(studies, float(clusters * size)), z_quantile(0.95))
    yield row("one rate", "naive Wilson", *at, missed(low, high, values.mean), ours=False)


def _same_as_public(sample: FloatArray, low: float) -> None:
    """What is simulated is what users get."""
    names = [str(place) for place in range(len(sample)) for _ in sample[place]]
    assert abs(rate_interval(sample.ravel(), names).low - low) < 1e-9


def means(generator: np.random.Generator, studies: int) -> Iterator[Row]:
    values = seconds()
    for clusters, size in shapes():
        sample = values.sample(generator, (studies, clusters, size))
        sums, sizes = sample.sum(axis=-1), np.full(clusters, float(size))
        mean, error = mean_and_error(sums, sizes)
        reach = t_quantile(clusters, 0.95) * error
        at = (values.name, (clusters, size))
        yield row("one mean", "cluster t", *at, missed(mean - reach, mean + reach, values.mean))
        flat = sample.reshape(studies, -1)
        reach = t_quantile(flat.shape[1], 0.95) * stats.sem(flat, axis=1)
        errors = missed(mean - reach, mean + reach, values.mean)
        yield row("one mean", "naive t", *at, errors, ours=False)


# ---------------------------------------------------------------- two systems


PAIRS = (
    graded(0.2, 0.0),
    graded(0.2, 0.1),
    graded(0.06, -0.05),
    replicate_means(0.3, 0.0),
    replicate_means(0.3, 1.0),
    partial_scores(1.0, 0.0),
    partial_scores(0.1, 2.0),
)


def pairs(generator: np.random.Generator, studies: int) -> Iterator[Row]:
    for kind in PAIRS:
        for clusters, size in shapes():
            sample = kind.sample(generator, (studies, clusters, size))
            yield from _pair_intervals(kind, sample)
            if kind.difference == 0:
                yield from _pair_tests(generator, kind, sample[: studies // 3])


def _pair_intervals(kind: Pairs, sample: FloatArray) -> Iterator[Row]:
    _, clusters, size = sample.shape
    part, at = "difference, interval", (kind.name, (clusters, size))
    low, high = difference_bounds(sample, 0.95)
    name = "Tango" if kind.binary and size == 1 else "cluster score"
    yield row(part, name, *at, missed(low, high, kind.difference))
    mean, error = mean_and_error(sample.sum(axis=-1), np.full(clusters, float(size)))
    reach = t_quantile(clusters, 0.95) * error
    errors = missed(mean - reach, mean + reach, kind.difference)
    yield row(part, "cluster t", *at, errors, ours=False)
    flat = sample.reshape(len(sample), -1)
    reach = t_quantile(flat.shape[1], 0.95) * stats.sem(flat, axis=1)
    errors = missed(mean - reach, mean + reach, kind.difference)
    yield row(part, "naive paired t", *at, errors, ours=False)


def difference_bounds(sample: FloatArray, level: float) -> tuple[FloatArray, FloatArray]:
    """The bounds of many studies at once; the first is checked against the public function."""
    studies, clusters, size = sample.shape
    gains = np.maximum(sample, 0).mean(axis=(1, 2))
    drops = np.maximum(-sample, 0).mean(axis=(1, 2))
    sums, sizes = sample.sum(axis=-1), np.full(clusters, float(size))
    binary = bool(np.isin(sample, (-1.0, 0.0, 1.0)).all())
    error = mean_and_error(sums, sizes)[1]
    weight = weighed_pairs(sums, sizes, gains, drops, error, binary=binary)
    quantile = np.full(studies, t_quantile(clusters, level))
    if size == 1:  # as for users: 0/1 grades of single cases get Tango's own interval
        plain = np.isin(sums, (-1.0, 0.0, 1.0)).all(axis=1)
        weight = np.where(plain, float(clusters), weight)
        quantile = np.where(plain, z_quantile(level), quantile)
    low, high = tango_bounds(gains * weight, drops * weight, weight, quantile)
    names = [str(place) for place in range(clusters) for _ in range(size)]
    first = sample[0].ravel()
    public = difference(np.maximum(first, 0), np.maximum(-first, 0), names).interval(level)
    assert abs(public.low - low[0]) < 1e-6, (public, low[0])
    return low, high


def _pair_tests(generator: np.random.Generator, kind: Pairs, sample: FloatArray) -> Iterator[Row]:
    """Two equal systems: how often each test names a winner."""
    _, clusters, size = sample.shape
    part, at = "difference, test", (kind.name, (clusters, size))
    p = np.array([sign_flip(sums, generator, 2000) for sums in sample.sum(axis=-1)])
    low, high = difference_bounds(sample, 0.95)
    won = (p <= 0.05) & ((low > 0) | (high < 0))
    yield row(part, "sign-flip", *at, (p <= 0.05))
    yield row(part, "verdict: sign-flip and interval", *at, won)
    if kind.binary and size == 1:
        wins, losses = (sample > 0).sum(axis=(1, 2)), (sample < 0).sum(axis=(1, 2))
        exact = np.array([exact_mcnemar(int(b), int(c)) for b, c in zip(wins, losses, strict=True)])
        yield row(part, "exact McNemar (shown)", *at, (exact <= 0.05), ours=False)


# ---------------------------------------------------------------- not worse by a margin


def noninferiority(generator: np.random.Generator, studies: int) -> Iterator[Row]:
    """The candidate IS worse by the margin of 5 points: how often it passes as not worse."""
    for cases in (50, 100, 150, 200):
        yield from _exact_noninferiority(cases, discordance=0.06, margin=0.05)
    for kind in (graded(0.06, -0.05), graded(0.2, -0.05), partial_scores(1.0, 0.0)):
        margin = -kind.difference
        for clusters, size in shapes():
            if size == 1 and kind.binary and kind.name.startswith("0/1, 6%"):
                continue  # exact, above
            sample = kind.sample(generator, (studies, clusters, size))
            low, _ = difference_bounds(sample, 0.9)
            part, at = "not worse by a margin", (kind.name, (clusters, size))
            name = "Tango" if kind.binary and size == 1 else "cluster score"
            yield row(part, name, *at, (low > -margin + EDGE))
            mean, error = mean_and_error(sample.sum(axis=-1), np.full(clusters, float(size)))
            bound = mean - t_quantile(clusters, 0.9) * error
            yield row(part, "cluster t", *at, (bound > -margin + EDGE), ours=False)


def _exact_noninferiority(cases: int, discordance: float, margin: float) -> Iterator[Row]:
    """No simulation: every count of wins and losses with its probability."""
    wins, losses = np.divmod(np.arange((cases + 1) ** 2), cases + 1)
    wins, losses = wins[wins + losses <= cases], losses[wins + losses <= cases]
    agree = cases - wins - losses
    chances = ((discordance - margin) / 2, (discordance + margin) / 2, 1 - discordance)
    log = special.gammaln(cases + 1.0)
    for count, chance in zip((wins, losses, agree), chances, strict=True):
        log = log + count * np.log(chance) - special.gammaln(count + 1.0)
    weight, mean = np.exp(log), (wins - losses) / cases
    variance = (wins + losses) / cases - mean**2
    bounds = {
        "Tango": tango_bounds(wins, losses, cases, z_quantile(0.9))[0],
        "Wald": mean - z_quantile(0.9) * np.sqrt(variance / cases),
        "paired t": mean - t_quantile(cases, 0.9) * np.sqrt(variance / (cases - 1)),
    }
    data = f"0/1, {discordance:.0%} differ, {-margin:+.0%}, exact"
    for method, bound in bounds.items():
        rate = float(weight[bound > -margin + EDGE].sum())
        ours = method == "Tango"
        yield exact_row("not worse by a margin", method, data, cases, rate, ours=ours)
