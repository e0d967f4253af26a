"""What more examples would bring: the same training on an eighth, a quarter, half and all of them.

The share of dev cases that are right is taken to grow along a line over the logarithm of the number
of examples, fitted to the last three points: a plain power law over all points promises too much.
The interval comes from drawing the dev cases anew, by cluster. Beyond four times the examples
nothing is said.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from suffice.records import CurvePoint, Example, Gain, LearningCurve, fingerprint
from suffice.stats.clusters import clustered
from suffice.stats.intervals import rate_interval

SHARES = (0.125, 0.25, 0.5, 1.0)
FEWEST = 20  # examples of the smallest part
FITTED = 3  # points that the line goes through
_DRAWS = 2000
_FARTHEST = 4.0  # times the examples

# Trains on examples and says of each dev case whether it came out right (1) or not (0).
Measured = Callable[[Sequence[Example]], Sequence[float] | NDArray[np.float64]]


@dataclass(frozen=True)
class Point:
    """One training: how many examples, and which dev cases came out right (1 or 0)."""

    examples: int
    right: NDArray[np.float64]

    @property
    def share(self) -> float:
        return float(self.right.mean())


@dataclass(frozen=True)
class Curve:
    """`clusters` are of the dev cases, in their order; without them each stands for itself."""

    points: tuple[Point, ...]
    seed: int = 0
    clusters: Sequence[str] = ()

    def gain(self, more: int) -> Gain | None:
        """None where it would be farther than the points can carry."""
        last = self.points[-FITTED:]
        if len(last) < FITTED or not 0 < more <= (_FARTHEST - 1) * last[-1].examples:
            return None
        parted = [clustered(point.right, self._clusters) for point in last]
        sums, sizes = np.stack([each for each, _ in parted]), parted[0][1]
        rng = np.random.default_rng(self.seed)
        drawn = rng.integers(0, sizes.size, (_DRAWS, sizes.size))
        shares = sums[:, drawn].sum(axis=2) / sizes[drawn].sum(axis=1)
        low, high = np.percentile(self._gained(shares, more), (2.5, 97.5))
        gained = self._gained(sums.sum(axis=1) / sizes.sum(), more)
        return Gain(more, 100 * float(gained), 100 * float(low), 100 * float(high))

    def enough(self, wanted: float) -> Gain | None:
        """What so many more examples bring that the wanted share is reached; None where it is
        reached already, or lies beyond what the points can carry."""
        if len(self.points) < FITTED or self.points[-1].share >= wanted:
            return None
        last = self.points[-1]
        slope, start = self._line(np.array([point.share for point in self.points[-FITTED:]]))
        here = slope * np.log(last.examples) + start
        if slope <= 0 or (wanted - last.share) / slope > np.log(_FARTHEST):
            return None
        there = float(np.exp((here + wanted - last.share - start) / slope))
        return self.gain(10 * ceil((there - last.examples) / 10))

    def record(self, wanted: float) -> LearningCurve:
        """What a verdict keeps of it: the points with their intervals, what twice as many would
        bring, and how many would be enough."""
        doubled = self.gain(self.points[-1].examples) if self.points else None
        return LearningCurve(
            tuple(
                CurvePoint(each.examples, each.share, rate_interval(each.right, self._clusters))
                for each in self.points
            ),
            doubled,
            self.enough(wanted),
        )

    @property
    def _clusters(self) -> Sequence[str]:
        return self.clusters or [str(place) for place in range(len(self.points[-1].right))]

    def _line(self, shares: NDArray[np.float64]) -> NDArray[np.float64]:
        """Slope and start over the logarithm; `shares` has a row for each of the last points."""
        sizes = np.array([point.examples for point in self.points[-FITTED:]], np.float64)
        return np.asarray(np.polyfit(np.log(sizes), shares, 1), np.float64)

    def _gained(self, shares: NDArray[np.float64], more: int) -> NDArray[np.float64]:
        slope, start = self._line(shares)
        held = self.points[-1].examples
        there, here = (slope * np.log(size) + start for size in (held + more, held))
        return np.asarray(np.clip(there, 0, 1) - np.clip(here, 0, 1))


def parts(examples: Sequence[Example], seed: int) -> list[list[Example]]:
    """Each part holds the smaller ones, so that what differs is how much there is. All keep their
    order: the last part is the training that was done anyway."""
    drawn = sorted(
        range(len(examples)),
        key=lambda at: fingerprint(seed, examples[at].messages, examples[at].reply),
    )
    sizes = dict.fromkeys(round(share * len(drawn)) for share in SHARES)
    return [[examples[at] for at in sorted(drawn[:size])] for size in sizes if size >= FEWEST]


def learning_curve(
    examples: Sequence[Example],
    measured: Measured,
    seed: int,
    clusters: Mapping[str, str] | None = None,
) -> Curve:
    """Of the trainings on every part. `clusters` has those of the dev cases, by case in order."""
    points = [
        Point(len(part), np.asarray(measured(part), np.float64)) for part in parts(examples, seed)
    ]
    return Curve(tuple(points), seed, tuple((clusters or {}).values()))
