"""Errors of whole procedures: families, early looks, judges, ratios and quantiles."""

import gc
from collections.abc import Iterator

import numpy as np
from ppi_py import ppi_mean_ci

from benchmarks.error_rates import Row, row, shapes
from benchmarks.simulated import graded, partial_scores, seconds, share
from suffice.records import Interval, Outcome
from suffice.stats.clusters import FloatArray, t_quantile
from suffice.stats.correction import holm
from suffice.stats.intervals import bootstrap_interval, quantile_interval
from suffice.stats.judged import ppi_difference
from suffice.stats.outcome import decide
from suffice.stats.paired import compare, sign_flip
from suffice.stats.sequential import nominal_levels, sequential_holm

# Of resampling, in the benchmark; the product draws 10,000 signs and 2,000 bootstrap samples.
_SIGNS, _RESAMPLES = 4000, 1000
_RUNGS = 3


def looks(generator: np.random.Generator, studies: int) -> Iterator[Row]:
    """Two equal systems, looked at more than once: how often any look names a winner."""
    for kind in (partial_scores(1.0, 0.0), graded(0.3, 0.0)):
        for clusters, size, fractions in (
            (40, 5, (0.5, 1.0)),
            (100, 1, (0.5, 1.0)),
            (100, 5, (0.2, 0.4, 0.6, 0.8, 1.0)),
        ):
            sums = kind.sample(generator, (studies, clusters, size)).sum(axis=-1)
            seen = [round(share * clusters) for share in fractions]
            p = np.array(
                [[sign_flip(each[:upto], generator, _SIGNS) for upto in seen] for each in sums]
            )
            at = (f"{kind.name}, {len(fractions)} looks", (clusters, size))
            stopped = np.any(p <= np.array(nominal_levels(fractions)), axis=1)
            yield row("early looks", "alpha spent as the cube", *at, stopped)
            yield row(
                "early looks", "0.05 at each look", *at, np.any(p <= 0.05, axis=1), ours=False
            )


def families(generator: np.random.Generator, studies: int) -> Iterator[Row]:
    """Three equal rungs against one baseline: how often any is called a winner."""
    fractions = (0.5, 1.0)
    gc.freeze()  # statsmodels collects garbage in every correction: 35 ms each, without this
    for clusters, size in ((40, 5), (100, 1), (100, 5)):
        p = np.array(
            [_family(generator, clusters, size, fractions) for _ in range(studies)]
        )  # studies, looks, rungs
        at = (f"{_RUNGS} rungs and a baseline, all equal", (clusters, size))
        final = p[:, -1]
        corrected = np.array([min(holm(list(each))) for each in final])
        yield row("family", "Holm", *at, corrected <= 0.05)
        early = [
            any(
                any(sequential_holm(list(each), fractions, look)) for look, each in enumerate(study)
            )
            for study in p
        ]
        yield row("family", "Holm over 2 looks", *at, np.array(early))
        yield row("family", "no correction", *at, np.any(final <= 0.05, axis=1), ours=False)


def _family(
    generator: np.random.Generator, clusters: int, size: int, fractions: tuple[float, ...]
) -> list[list[float]]:
    grades = share(0.5).sample(generator, (_RUNGS + 1, clusters, size)).sum(axis=-1)
    apart = grades[1:] - grades[0]
    return [
        [sign_flip(each[: round(part * clusters)], generator, _SIGNS) for each in apart]
        for part in fractions
    ]


def judges(generator: np.random.Generator, studies: int) -> Iterator[Row]:
    """Two equal systems, 70% right. The judge wrongly accepts 10% of one's wrong answers and 35%
    of the other's: how often the comparison names a winner."""
    for labelled, unlabelled, size in (
        (12, 388, 1),
        (40, 360, 1),
        (100, 300, 1),
        (12, 68, 5),
        (40, 60, 5),
    ):
        errors: dict[str, list[bool]] = {
            "PPI++": [],
            "ppi-python": [],
            "raw judge": [],
            "labels alone": [],
        }
        for _ in range(studies):
            human, judge = _judged(generator, labelled + unlabelled, size)
            names = [f"{place}" for place in range(labelled + unlabelled) for _ in range(size)]
            cut = labelled * size
            found = ppi_difference(human[:cut], judge[:cut], judge[cut:], names[:cut], names[cut:])
            errors["PPI++"].append(_excludes_zero(found.interval))
            # Knows no clusters and takes the normal quantile, as its documentation has it.
            low, high = ppi_mean_ci(human[:cut], judge[:cut], judge[cut:], alpha=0.05)
            errors["ppi-python"].append(bool(low[0] > 0 or high[0] < 0))
            errors["raw judge"].append(_t_rejects(judge.reshape(-1, size).mean(axis=1)))
            errors["labels alone"].append(_t_rejects(human[:cut].reshape(-1, size).mean(axis=1)))
        data = f"{labelled} clusters labelled of {labelled + unlabelled}"
        for method, each in errors.items():
            ours = method == "PPI++"
            yield row("judge", method, data, (labelled, size), np.array(each), ours=ours)


def _judged(
    generator: np.random.Generator, clusters: int, size: int
) -> tuple[FloatArray, FloatArray]:
    """The differences that people and the judge see between two systems, per case."""
    right = share(0.7).sample(generator, (2, clusters, size))
    wrongly = np.array([0.10, 0.35])[:, None, None]
    chance = generator.random(right.shape)
    accepted = np.where(right > 0, chance < 0.95, chance < wrongly).astype(np.float64)
    return (right[0] - right[1]).ravel(), (accepted[0] - accepted[1]).ravel()


def _t_rejects(values: FloatArray) -> bool:
    error = values.std(ddof=1) / np.sqrt(values.size)
    return bool(abs(values.mean()) > t_quantile(values.size, 0.95) * error)


def _excludes_zero(interval: Interval) -> bool:
    return interval.low > 0 or interval.high < 0


def quantiles(generator: np.random.Generator, studies: int) -> Iterator[Row]:
    """Order statistics for the median and the 95th percentile; BCa beside it."""
    values = seconds()
    for part, truth in ((0.5, 1.0), (0.95, float(np.exp(0.5 * 1.6448536)))):
        for clusters, size in shapes():
            names = _names(clusters, size)
            found = [
                quantile_interval(
                    values.sample(generator, (1, clusters, size)).ravel(), names, part
                )
                for _ in range(studies)
            ]
            at = (f"{values.name}, {part:.0%} quantile", (clusters, size))
            yield _interval_row("quantile", "order statistics", at, found, truth)

            def quantile(drawn: FloatArray, part: float = part) -> float:
                return float(np.quantile(drawn, part))

            found = [
                bootstrap_interval(
                    quantile,
                    values.sample(generator, (1, clusters, size)).ravel(),
                    names,
                    generator,
                    draws=_RESAMPLES // 2,
                )
                for _ in range(studies // 8)
            ]
            yield _interval_row("quantile", "BCa", at, found, truth, ours=False)


def ratios(generator: np.random.Generator, studies: int) -> Iterator[Row]:
    """US dollars per right answer: log-normal cost over 80% right."""
    truth = seconds().mean / 0.8
    for clusters, size in shapes():
        found = []
        for _ in range(studies):
            cost = seconds().sample(generator, (1, clusters, size)).sum(axis=-1)[0]
            right = share(0.8).sample(generator, (1, clusters, size)).sum(axis=-1)[0]
            # Sums by cluster resample just as their cases would.
            table, names = np.column_stack([cost, right]), _names(clusters, 1)
            found.append(bootstrap_interval(_ratio, table, names, generator, draws=_RESAMPLES))
        at = ("dollars per right answer", (clusters, size))
        yield _interval_row("ratio", "BCa", at, found, truth)


def _ratio(drawn: FloatArray) -> float:
    cost, right = drawn.sum(axis=0)
    return float(cost / right)


def _interval_row(
    part: str,
    method: str,
    at: tuple[str, tuple[int, int]],
    found: list[Interval | None],
    truth: float,
    *,
    ours: bool = True,
) -> Row:
    given = [each for each in found if each]
    errors = np.array([not each.low <= truth <= each.high for each in given])
    return row(part, method, *at, errors, ours=ours, refused=len(found) - len(given))


def refusals(generator: np.random.Generator, studies: int) -> Iterator[Row]:
    """Nine clusters: whatever is found, there is no verdict."""
    names = _names(9, 5)
    refused = 0
    for _ in range(studies):
        values = partial_scores(1.0, 0.5).sample(generator, (1, 9, 5)).ravel()
        paired = compare(np.maximum(values, 0), np.maximum(-values, 0), names, generator)
        outcome, _ = decide(paired, p_corrected=paired.p, lower_bound=0.0, margin=0.05)
        refused += outcome is Outcome.NOT_ENOUGH
    assert refused == studies, "a verdict was given on 9 clusters"
    nothing = np.zeros(0)
    yield row("refusal", "any verdict", "9 clusters", (9, 5), nothing, refused=refused)


def _names(clusters: int, size: int) -> list[str]:
    return [f"{place:03d}" for place in range(clusters) for _ in range(size)]
