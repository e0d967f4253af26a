"""One line of the benchmark of intervals: how often a method erred, and how sure that is."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from suffice.stats.clusters import FloatArray, z_quantile
from suffice.stats.intervals import wilson

LOW, HIGH = 0.035, 0.065
CLUSTERS, SIZES = (12, 40, 100), (1, 5)
EDGE = 1e-9


@dataclass(frozen=True)
class Row:
    """How often one method erred on one kind of study."""

    part: str
    method: str
    ours: bool
    data: str
    clusters: int
    cluster_size: int
    error: float | None
    low: float | None
    high: float | None
    studies: int
    refused: float
    reading: str


def row(
    part: str,
    method: str,
    data: str,
    shape: tuple[int, int],
    errors: FloatArray | NDArray[np.bool_],
    *,
    ours: bool = True,
    refused: int = 0,
) -> Row:
    """Counts errors; its bounds are Wilson's, the Monte-Carlo error of the rate."""
    count = errors.size
    if not count:
        return Row(part, method, ours, data, *shape, None, None, None, refused, 1.0, "refused")
    rate = float(np.mean(errors))
    low, high = wilson(np.asarray(rate), np.asarray(float(count)), z_quantile(0.95))
    return Row(
        part=part,
        method=method,
        ours=ours,
        data=data,
        clusters=shape[0],
        cluster_size=shape[1],
        error=rate,
        low=float(low),
        high=float(high),
        studies=count,
        refused=refused / (refused + count),
        reading=_reading(rate),
    )


def exact_row(part: str, method: str, data: str, cases: int, rate: float, *, ours: bool) -> Row:
    """A rate that was computed, not simulated."""
    return Row(part, method, ours, data, cases, 1, rate, rate, rate, 0, 0.0, _reading(rate))


def _reading(rate: float) -> str:
    if rate > HIGH:
        return "TOO BOLD"
    return "held" if rate >= LOW else "cautious"


def shapes() -> Iterator[tuple[int, int]]:
    yield from ((clusters, size) for size in SIZES for clusters in CLUSTERS)


def missed(low: FloatArray, high: FloatArray, truth: float) -> NDArray[np.bool_]:
    return (low > truth + EDGE) | (high < truth - EDGE)
