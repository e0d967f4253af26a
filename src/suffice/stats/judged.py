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
from suffice.stats.clusters import FloatArray, t_quantile
from suffice.stats.tango import tango_bounds


@dataclass(frozen=True, slots=True)
class Judged:
    """A corrected difference, candidate minus baseline.

    `trust` is how much of the judge is used: 0 human labels alone, 1 the judge in full.
    `clusters` counts the labelled ones, on which the degrees of freedom rest.
    """

    difference: float
    interval: Interval
    p: float
    standard_error: float
    trust: float
    labelled: int
    clusters: int


def ppi_difference(  # noqa: PLR0917 (three samples, in the order of the paper)
    labelled_human_diff: FloatArray,
    labelled_judge_diff: FloatArray,
    unlabelled_judge_diff: FloatArray,
    labelled_clusters: Sequence[str],
    unlabelled_clusters: Sequence[str],
    level: float = 0.95,
) -> Judged:
    """PPI++ (Angelopoulos, Duchi & Zrnic 2023, arXiv:2311.01453) for a mean, clustered.

    Each argument holds, per case, the candidate's grade less the baseline's. The errors are those
    of cluster totals, also where a cluster has labelled and unlabelled cases; a t quantile with
    one degree of freedom less than labelled clusters stands for the normal one.
    """
    if not (labelled_human_diff.size and unlabelled_judge_diff.size):
        raise ValueError("a correction needs labelled and unlabelled cases")
    names, codes = np.unique([*labelled_clusters, *unlabelled_clusters], return_inverse=True)
    here, there = codes[: labelled_human_diff.size], codes[labelled_human_diff.size :]
    human = _influence(labelled_human_diff, here, names.size)
    judge = _influence(unlabelled_judge_diff, there, names.size)
    judge -= _influence(labelled_judge_diff, here, names.size)
    trust = _trust(human, judge)
    labelled = int(np.unique(here).size)
    difference = float(
        labelled_human_diff.mean()
        + trust * (unlabelled_judge_diff.mean() - labelled_judge_diff.mean())
    )
    error = float(np.sqrt(np.square(human + trust * judge).sum()))
    return Judged(
        difference=difference,
        interval=_interval(difference, error, labelled_human_diff, labelled, level),
        p=_p_value(difference, error, labelled),
        standard_error=error,
        trust=trust,
        labelled=labelled_human_diff.size,
        clusters=labelled,
    )


def labelled_mean(human_diff: FloatArray, clusters: Sequence[str], level: float = 0.95) -> Judged:
    """The same where people labelled every case: their labels alone, and no judge."""
    names, codes = np.unique(clusters, return_inverse=True)
    difference = float(human_diff.mean())
    error = float(np.sqrt(np.square(_influence(human_diff, codes, names.size)).sum()))
    return Judged(
        difference=difference,
        interval=_interval(difference, error, human_diff, names.size, level),
        p=_p_value(difference, error, names.size),
        standard_error=error,
        trust=0.0,
        labelled=human_diff.size,
        clusters=names.size,
    )


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


def _trust(human: FloatArray, judge: FloatArray) -> float:
    """The weight of the judge that makes the error least, between 0 and 1 ("power tuning")."""
    spread = float(np.square(judge).sum())
    return min(1.0, max(0.0, -float(human @ judge) / spread)) if spread > 0 else 0.0


def _interval(
    difference: float, error: float, human: FloatArray, clusters: int, level: float
) -> Interval:
    if error > 0:
        reach = t_quantile(clusters, level) * error
        method = f"PPI++, {clusters - 1} df"
        return Interval(difference - reach, difference + reach, level, method)
    # Every label says the same. That is as much as so many clusters can say, and no more.
    gains, drops = np.maximum(human, 0).mean(), np.maximum(-human, 0).mean()
    low, high = tango_bounds(
        gains * clusters, drops * clusters, clusters, t_quantile(clusters, level)
    )
    return Interval(float(low), float(high), level, "cluster score")


def _p_value(difference: float, error: float, clusters: int) -> float:
    if error > 0:
        return float(2 * special.stdtr(clusters - 1, -abs(difference) / error))
    return 0.5**clusters if difference else 1.0  # the sign-flip test's
