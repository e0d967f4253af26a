"""The learning curve: nested parts, an honest line, and nothing said beyond its reach."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from suffice.records import Example, LearningCurve
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


def test_clusters_are_drawn_whole() -> None:
    """Ten times the same cases say no more than the cases do."""
    shares = (0.5, 0.56, 0.62, 0.68)
    alone = line(60, shares, 3)
    points = tuple(Point(each.examples, np.tile(each.right, 10)) for each in alone.points)
    names = [str(place) for place in range(60)] * 10
    widths = []
    for curve in (alone, Curve(points, 0, names), Curve(points)):
        gain = curve.gain(800)
        assert gain is not None
        widths.append(gain.high - gain.low)
    assert widths[1] == pytest.approx(widths[0], rel=0.15)
    assert widths[2] < 0.5 * widths[0]


def test_how_many_would_be_enough_is_read_off_the_same_line() -> None:
    """Six points a doubling: nine points take 1.5 doublings; what cannot be reached is not said."""
    exact = Curve(tuple(
        Point(100 * 2**place, (np.arange(1000) < 1000 * share).astype(np.float64))
        for place, share in enumerate((0.5, 0.56, 0.62, 0.68))
    ))  # fmt: skip
    enough = exact.enough(0.77)
    assert enough is not None
    assert enough.more == pytest.approx(800 * 2**1.5 - 800, abs=10)
    assert enough.points == pytest.approx(9, abs=0.1)
    assert exact.enough(0.82) is None
    assert exact.enough(0.68) is None
    flat = Curve(tuple(Point(each.examples, exact.points[0].right) for each in exact.points))
    assert flat.enough(0.6) is None


def test_a_verdict_keeps_the_points_and_what_they_promise() -> None:
    """With an interval for each; nothing is promised from fewer than three points."""
    record = line(200, (0.5, 0.6, 0.7, 0.8), 1).record(0.85)
    assert [point.examples for point in record.points] == [100, 200, 400, 800]
    assert all(each.interval.low < each.share < each.interval.high for each in record.points)
    assert record.doubled is not None
    assert record.doubled.more == 800
    assert record.enough is not None
    short = Curve(line(200, (0.5, 0.6), 1).points).record(0.85)
    assert (len(short.points), short.doubled, short.enough) == (2, None, None)
    assert Curve(()).record(0.85) == LearningCurve(())


def test_the_last_part_is_what_there_is_in_its_order() -> None:
    """So that its training is the one that was done already."""
    assert parts(clean(200), seed=1)[-1] == clean(200)


def test_every_part_is_measured_once() -> None:
    """From the smallest to all."""
    asked: list[int] = []

    def measured(examples: Sequence[Example]) -> NDArray[np.float64]:
        asked.append(len(examples))
        return np.ones(10)

    curve = learning_curve(clean(200), measured, seed=0)
    assert asked == [25, 50, 100, 200]
    assert [point.share for point in curve.points] == [1.0] * 4
