"""Looking at results before all are in, without cheating.

Lan & DeMets (1983, Biometrika 70:659), where alpha is spent as the cube of the share of the data
that was seen (Kim & DeMets 1987, Biometrika 74:149): little on early looks, so the last costs
hardly more than a single one would, and enough to stop early at what is plain. It has the power of
O'Brien-Fleming's spending and asks a tenth to a quarter less where the answer is clear
(docs/decisions/2026-11-28-cost-of-certainty.md).
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from scipy import optimize, special

from suffice.stats.clusters import FloatArray

# Gauss-Legendre nodes between the bounds: 5-look levels agree with 4 times as many to 1e-12.
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(128)
# Beyond 10 standard deviations there is nothing left to integrate.
_FAR = 10.0
# Increments below this drown in the integration's rounding.
_SMALLEST_INCREMENT = 1e-12


def nominal_levels(fractions: Sequence[float], alpha: float = 0.05) -> list[float]:
    """The two-sided p-value that counts as significant at each look.

    `fractions` are the shares of the planned clusters that each look sees, increasing up to 1.
    """
    steps = tuple(float(each) for each in fractions)
    if not steps or any(b <= a for a, b in zip((0.0, *steps), steps, strict=False)):
        raise ValueError(f"looks must come at increasing shares above 0, not {list(fractions)}")
    if steps[-1] > 1 or not 0 < alpha < 1:
        raise ValueError(f"shares end at 1 and alpha lies in (0, 1), not {steps[-1]} and {alpha}")
    return list(_levels(steps, float(alpha)))


def sequential_holm(
    p_values: Sequence[float],
    fractions: Sequence[float],
    looks: int | Sequence[int],
    alpha: float = 0.05,
) -> list[bool]:
    """Which hypotheses of a family are rejected at their looks, counted from 0; one look for all,
    or for each its own, the last that its data had.

    Holm's procedure with the look's nominal level in place of alpha: with m hypotheses left, any
    that falls below its own level for alpha / m is rejected, and m is one less, until none does
    (Maurer & Bretz 2013, Stat. Biopharm. Res. 5:311). A hypothesis that an earlier look rejected
    enters with p = 0.
    """
    at = [looks] * len(p_values) if isinstance(looks, int) else looks
    left = set(range(len(p_values)))
    while left:
        levels = nominal_levels(fractions, alpha / len(left))
        passed = next((each for each in sorted(left) if p_values[each] <= levels[at[each]]), None)
        if passed is None:
            break
        left.remove(passed)
    return [each not in left for each in range(len(p_values))]


def spent(fraction: float, alpha: float) -> float:
    """How much of a two-sided alpha may be spent by this share: half of it on either side."""
    return alpha * fraction**3


@lru_cache(maxsize=4096)
def _levels(fractions: tuple[float, ...], alpha: float) -> tuple[float, ...]:
    """Armitage, McPherson & Rowe (1969): carries the density of the running sum from look to look
    within the bounds, and sets each bound so that what crosses it is what may be spent."""
    levels: list[float] = []
    places, mass, before, used = np.zeros(1), np.ones(1), 0.0, 0.0
    for fraction in fractions:
        deviation = np.sqrt(fraction - before)
        increment = spent(fraction, alpha) - used
        bound = _bound(places, mass, deviation, increment, np.sqrt(fraction))
        levels.append(2 * float(special.ndtr(-bound / np.sqrt(fraction))))
        reach = min(bound, _FAR * np.sqrt(fraction))
        nodes = reach * _NODES
        density = _normal((nodes[:, None] - places) / deviation) @ mass / deviation
        places, mass = nodes, density * _WEIGHTS * reach
        before, used = fraction, used + increment
    return tuple(levels)


def _bound(
    places: FloatArray, mass: FloatArray, deviation: float, increment: float, scale: float
) -> float:
    """The bound on the running sum that is crossed, either way, with chance `increment`."""
    # At the first look exact; later by Bonferroni, which errs on the safe side.
    alone = float(-special.ndtri(max(increment, 1e-300) / 2)) * scale
    if increment < _SMALLEST_INCREMENT or places.size == 1:
        return alone

    def excess(bound: float) -> float:
        crossing = special.ndtr((places - bound) / deviation)
        crossing += special.ndtr((-places - bound) / deviation)
        return float(crossing @ mass) - increment

    if excess(0.0) <= 0 or excess(_FAR * scale) >= 0:  # two looks all but at once
        return alone
    return float(optimize.brentq(excess, 0.0, _FAR * scale, xtol=1e-13))


def _normal(values: FloatArray) -> FloatArray:
    density: FloatArray = np.exp(-0.5 * np.square(values)) / np.sqrt(2 * np.pi)
    return density
