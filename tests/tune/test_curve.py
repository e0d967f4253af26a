"""The learning curve: nested parts, an honest line, and nothing said beyond its reach."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from suffice.records import Example
from suffice.tune.curve import Curve, Point, learning_curve, parts
from tests.tune.test_lint import clean


def test_each_part_holds_the_smaller_ones() -> None:
    """An eighth, a quarter, a half, all; none with fewer than twenty examples."""
    sizes = [len(part) for part in parts(clean(400), seed=1)]
    assert sizes == [50, 100, 200, 400]
    small, large = parts(clean(400), seed=1)[:2]
    assert {each.id for each in small} < {each.id for each in large}
    assert [len(part) for part in parts(clean(100), seed=1)] == [25, 50, 100]


def line(cases: int, shares: Sequence[float], seed: int) -> Curve:
    rng = np.random.default_rng(seed)
    luck = rng.random(cases)
    points = [
        Point(100 * 2**place, (luck < share).astype(np.float64))
        for place, share in enumerate(shares)
    ]
    return Curve(tuple(points))


def test_the_gain_is_that_of_the_line_it_came_from() -> None:
    """Six points a doubling; the interval holds the truth nearly always, and is not endless."""
    inside = 0
    for seed in range(60):
        gain = line(400, (0.5, 0.56, 0.62, 0.68), seed).gain(800)
        assert gain is not None
        inside += gain.low <= 6 <= gain.high
        assert gain.high - gain.low < 8
    assert inside >= 54


def test_where_nothing_is_gained_that_is_said() -> None:
    """A flat line, and a share that cannot grow beyond everything."""
    flat = line(300, (0.7, 0.7, 0.7, 0.7), 1).gain(800)
    assert flat is not None
    assert abs(flat.points) < 1
    full = line(300, (0.8, 0.9, 0.97, 1.0), 1).gain(2000)
    assert full is not None
    assert full.points == 0
    assert str(full) == "2,000 more examples: +0 points (+0 to +0)"


def test_nothing_is_said_beyond_its_reach() -> None:
    """Four times the examples, and three points at least."""
    curve = line(300, (0.5, 0.6, 0.7, 0.8), 1)
    assert curve.gain(2400) is not None
    assert curve.gain(2401) is None
    assert Curve(curve.points[:2]).gain(10) is None


def test_every_part_is_measured_once() -> None:
    """From the smallest to all."""
    asked: list[int] = []

    def measured(examples: Sequence[Example]) -> NDArray[np.float64]:
        asked.append(len(examples))
        return np.ones(10)

    curve = learning_curve(clean(200), measured, seed=0)
    assert asked == [25, 50, 100, 200]
    assert [point.share for point in curve.points] == [1.0] * 4
