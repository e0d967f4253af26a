"""A comparison by a judge, corrected with human labels of some of the cases.

A judge that is lenient with one system's answers and not with the other's names winners that are
none, and no pooled correction sees it. PPI++ on the paired differences does: the judge's
difference on all cases, less the judge's own error in the difference, measured where people
labelled both answers.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from suffice.records import Interval
from suffice.stats.clusters import FloatArray, clustered, mean_and_error
from suffice.stats.tango import Difference, weighed_pairs

# With 10 to 15 labelled clusters the corrected judge errs about 8% for a nominal 5%: then the
# labels speak alone.
MINIMUM_LABELLED_CLUSTERS = 20


@dataclass(frozen=True, slots=True)
class Judged:
    """A corrected difference, candidate minus baseline.

    `trust` is how much of the judge is used: 0 human labels alone, 1 the judge in full.
    `clusters` counts the labelled ones, on which the degrees of freedom rest. `evidence` gives
    the interval at any other level.
    """

    difference: float
    interval: Interval
    p: float
    standard_error: float
    trust: float
    labelled: int
    clusters: int
    evidence: Difference


def ppi_difference(  # noqa: PLR0917 (three samples, in the order of the paper)
    labelled_human_diff: FloatArray,
    labelled_judge_diff: FloatArray,
    unlabelled_judge_diff: FloatArray,
    labelled_clusters: Sequence[str],
    unlabelled_clusters: Sequence[str],
    level: float = 0.95,
) -> Judged:
    """PPI++ (Angelopoulos, Duchi & Zrnic 2023, arXiv:2311.01453) for a mean, clustered.

    Each argument holds, per case, the candidate's grade less the baseline's. Departs from the
    paper where samples are small: errors are those of cluster totals, each cluster under the
    trust that the others give the judge; and a t quantile with one degree of freedom less than
    labelled clusters stands for the normal one.
    """
    if not (labelled_human_diff.size and unlabelled_judge_diff.size):
        raise ValueError("a correction needs labelled and unlabelled cases")
    names, codes = np.unique([*labelled_clusters, *unlabelled_clusters], return_inverse=True)
    here, there = codes[: labelled_human_diff.size], codes[labelled_human_diff.size :]
    labelled = int(np.unique(here).size)
    if labelled < MINIMUM_LABELLED_CLUSTERS:
        return labelled_mean(labelled_human_diff, labelled_clusters, level)
    human = _influence(labelled_human_diff, here, names.size)
    judge = _influence(unlabelled_judge_diff, there, names.size)
    judge -= _influence(labelled_judge_diff, here, names.size)
    trust, trust_without = _trust(human, judge)
    moved = trust * (unlabelled_judge_diff.mean() - labelled_judge_diff.mean())
    evidence = Difference(
        mean=float(labelled_human_diff.mean() + moved),
        error=float(np.sqrt(np.square(human + trust_without * judge).sum())),
        gains=0.0,
        drops=0.0,
        pairs=None,
        clusters=labelled,
        plain=False,
    )
    if evidence.error == 0:  # every label says the same, and so does the judge
        return labelled_mean(labelled_human_diff, labelled_clusters, level)
    return _judged(evidence, trust, labelled_human_diff.size, level)


def labelled_mean(human_diff: FloatArray, clusters: Sequence[str], level: float = 0.95) -> Judged:
    """The same from human labels alone, where people labelled every case or too few."""
    sums, sizes = clustered(human_diff, clusters)
    if sizes.size < 2:
        raise ValueError("labelled cases need at least 2 clusters")
    mean, error = mean_and_error(sums, sizes)
    gains, drops = np.maximum(human_diff, 0).mean(), np.maximum(-human_diff, 0).mean()
    evidence = Difference(
        mean=float(mean),
        error=float(error),
        gains=float(gains),
        drops=float(drops),
        pairs=float(weighed_pairs(sums, sizes, gains, drops, error)),
        clusters=sizes.size,
        plain=False,
    )
    return _judged(evidence, 0.0, human_diff.size, level)


def _judged(evidence: Difference, trust: float, labelled: int, level: float) -> Judged:
    return Judged(
        difference=evidence.mean,
        interval=_named(evidence.interval(level), trust),
        p=_p_value(evidence),
        standard_error=evidence.error,
        trust=trust,
        labelled=labelled,
        clusters=evidence.clusters,
        evidence=evidence,
    )


def _named(interval: Interval, trust: float) -> Interval:
    method = "PPI++" if trust else "labels alone"
    return Interval(interval.low, interval.high, interval.level, f"{method}, {interval.method}")


def _influence(values: FloatArray, codes: NDArray[np.intp], count: int) -> FloatArray:
    """How far each cluster moves the mean: the squares add up to its cluster-robust variance."""
    sums = np.bincount(codes, weights=values, minlength=count)
    sizes = np.bincount(codes, minlength=count)
    present = int((sizes > 0).sum())
    if present < 2:
        raise ValueError("labelled and unlabelled cases each need at least 2 clusters")
    moved = (sums - values.mean() * sizes) / (values.size - sizes)
    scaled: FloatArray = moved * np.sqrt((present - 1) / present)
    return scaled


def _trust(human: FloatArray, judge: FloatArray) -> tuple[float, FloatArray]:
    """The weight of the judge that makes the error least, between 0 and 1 ("power tuning"), and
    for each cluster the same without it: a weight tuned on the data it is judged by flatters."""
    together, spread = human * judge, np.square(judge)
    tuned = -together.sum() / max(spread.sum(), 1e-300)
    without = -(together.sum() - together) / np.maximum(spread.sum() - spread, 1e-300)
    return float(np.clip(tuned, 0, 1)), np.clip(without, 0, 1)


def _p_value(evidence: Difference) -> float:
    if evidence.error > 0:
        distance = abs(evidence.mean) / evidence.error
        return float(2 * special.stdtr(evidence.clusters - 1, -distance))
    return 0.5**evidence.clusters if evidence.mean else 1.0  # the sign-flip test's
