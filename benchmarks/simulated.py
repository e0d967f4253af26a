"""Studies whose truth is known: graded cases in clusters, two systems apart by a chosen amount.

Every array has the shape (studies, clusters, cases of a cluster). Within a cluster each case is,
with chance sqrt(icc), a copy of one shared draw, so that two cases of it correlate by icc and the
share of right answers stays what it is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from suffice.stats.clusters import FloatArray

Shape: TypeAlias = tuple[int, ...]
Draw: TypeAlias = Callable[[np.random.Generator, Shape], FloatArray]
# Alike enough that ignoring clusters of 5 nearly triples the error.
ICC = 0.2


@dataclass(frozen=True)
class Values:
    """One number per case, with its true mean."""

    name: str
    draw: Draw
    mean: float

    def sample(self, generator: np.random.Generator, shape: Shape) -> FloatArray:
        return alike(generator, shape, lambda part: self.draw(generator, part))


@dataclass(frozen=True)
class Pairs:
    """Differences per case, candidate minus baseline, with their true mean."""

    name: str
    draw: Draw
    difference: float
    binary: bool = False

    def sample(self, generator: np.random.Generator, shape: Shape) -> FloatArray:
        return alike(generator, shape, lambda part: self.draw(generator, part))


def alike(
    generator: np.random.Generator, shape: Shape, draw: Callable[[Shape], FloatArray]
) -> FloatArray:
    own = draw(shape)
    if shape[-1] == 1:
        return own
    copied = generator.random(shape) < np.sqrt(ICC)
    return np.where(copied, draw((*shape[:-1], 1)), own)


def share(rate: float) -> Values:
    def draw(generator: np.random.Generator, shape: Shape) -> FloatArray:
        return (generator.random(shape) < rate).astype(np.float64)

    return Values(f"0/1, {rate:.0%} right", draw, rate)


def replicated(rate: float) -> Values:
    """Means of 3 replicates; some cases are nearly always right, some nearly never."""

    def draw(generator: np.random.Generator, shape: Shape) -> FloatArray:
        return generator.binomial(3, generator.beta(2 * rate, 2 - 2 * rate, shape)) / 3

    return Values(f"3 replicates, {rate:.0%} right", draw, rate)


def partial(mean: float) -> Values:
    def draw(generator: np.random.Generator, shape: Shape) -> FloatArray:
        return generator.beta(2, 2 / mean - 2, shape)

    return Values(f"partial scores, mean {mean}", draw, mean)


def seconds() -> Values:
    """Skewed like latency and cost: log-normal, sigma 0.5."""

    def draw(generator: np.random.Generator, shape: Shape) -> FloatArray:
        return np.exp(0.5 * generator.standard_normal(shape))

    return Values("log-normal seconds", draw, float(np.exp(0.125)))


def graded(discordance: float, difference: float) -> Pairs:
    """0/1 grades that differ on this share of the cases."""

    def draw(generator: np.random.Generator, shape: Shape) -> FloatArray:
        chance = generator.random(shape)
        wins = chance < (discordance + difference) / 2
        losses = ~wins & (chance < discordance)
        return wins.astype(np.float64) - losses

    name = f"0/1, {discordance:.0%} differ, {difference:+.0%}"
    return Pairs(name, draw, difference, binary=True)


def replicate_means(active: float, lean: float) -> Pairs:
    """Means of 3 replicates, where only some cases have systems of different chances."""

    def draw(generator: np.random.Generator, shape: Shape) -> FloatArray:
        return (
            _active(generator, shape, active)
            * (
                generator.binomial(3, generator.beta(1 + lean, 1, shape))
                - generator.binomial(3, generator.beta(1, 1 + lean, shape))
            )
            / 3
        )

    difference = active * lean / (2 + lean)
    return Pairs(f"3 replicates, {active:.0%} differ, {difference:+.0%}", draw, difference)


def partial_scores(active: float, lean: float) -> Pairs:
    def draw(generator: np.random.Generator, shape: Shape) -> FloatArray:
        return _active(generator, shape, active) * (
            generator.beta(1 + lean, 1, shape) - generator.beta(1, 1 + lean, shape)
        )

    difference = active * lean / (2 + lean)
    return Pairs(f"partial scores, {active:.0%} differ, {difference:+.0%}", draw, difference)


def _active(generator: np.random.Generator, shape: Shape, active: float) -> FloatArray:
    return (generator.random(shape) < active).astype(np.float64)
