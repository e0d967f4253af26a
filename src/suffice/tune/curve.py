"""What more examples would bring: the same training on an eighth, a quarter, half and all of them.

The share of dev cases that are right is taken to grow along a line over the logarithm of the number
of examples, fitted to the last three points: a plain power law over all points promises too much.
The interval comes from drawing the dev cases anew. Beyond four times the examples nothing is said.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from suffice.records import Example, fingerprint

SHARES = (0.125, 0.25, 0.5, 1.0)
FEWEST = 20  # examples of the smallest part
_FITTED = 3  # points
_DRAWS = 2000
_FARTHEST = 4.0  # times the examples

Measured = Callable[[Sequence[Example]], Sequence[float] | NDArray[np.float64]]


@dataclass(frozen=True)
class Point:
    """One training: how many examples, and which dev cases came out right (1 or 0)."""

    examples: int
    right: NDArray[np.float64]

    @property
    def share(self) -> float:
        return float(self.right.mean())


@dataclass(frozen=True, slots=True)
class Gain:
    """What so many more examples would add to the share that is right, in points of a hundred."""

    more: int
    points: float
    low: float
    high: float

    def __str__(self) -> str:
        return (
            f"{self.more:,} more examples: {self.points:+.0f} points "
            f"({self.low:+.0f} to {self.high:+.0f})"
        )


@dataclass(frozen=True)
class Curve:
    points: tuple[Point, ...]
    seed: int = 0

    def gain(self, more: int) -> Gain | None:
        """None where it would be farther than the points can carry."""
        held = self.points[-1].examples
        if len(self.points) < _FITTED or held + more > _FARTHEST * held:
            return None
        rights = np.stack([point.right for point in self.points[-_FITTED:]])
        sizes = np.array([point.examples for point in self.points[-_FITTED:]], np.float64)
        rng = np.random.default_rng(self.seed)
        cases = rights.shape[1]
        drawn = rng.integers(0, cases, (_DRAWS, cases))
        gains = [self._gained(sizes, rights[:, each].mean(axis=1), more) for each in drawn]
        low, high = np.percentile(gains, (2.5, 97.5))
        gained = self._gained(sizes, rights.mean(axis=1), more)
        return Gain(more, 100 * gained, 100 * float(low), 100 * float(high))

    @staticmethod
    def _gained(sizes: NDArray[np.float64], shares: NDArray[np.float64], more: int) -> float:
        slope, start = np.polyfit(np.log(sizes), shares, 1)
        there = slope * np.log(sizes[-1] + more) + start
        here = slope * np.log(sizes[-1]) + start
        return float(np.clip(there, 0, 1) - np.clip(here, 0, 1))


def parts(examples: Sequence[Example], seed: int) -> list[list[Example]]:
    """Each part holds the smaller ones, so that what differs is how much there is."""
    order = sorted(examples, key=lambda each: fingerprint(seed, each.messages, each.reply))
    sizes = dict.fromkeys(round(share * len(order)) for share in SHARES)
    return [order[:size] for size in sizes if size >= FEWEST]


def learning_curve(examples: Sequence[Example], measured: Measured, seed: int) -> Curve:
    """`measured` trains on examples and says of each dev case whether it came out right."""
    points = [
        Point(len(part), np.asarray(measured(part), np.float64)) for part in parts(examples, seed)
    ]
    return Curve(tuple(points), seed)
