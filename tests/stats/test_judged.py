"""Comparisons by a judge, corrected by labels."""

import numpy as np
import pytest
from ppi_py import ppi_mean_ci, ppi_mean_pointestimate

from suffice.stats.clusters import FloatArray
from suffice.stats.judged import Judged, labelled_mean, ppi_difference
from suffice.stats.tango import difference


def names(count: int, size: int = 1, start: int = 0) -> list[str]:
    return [f"{start + place}" for place in range(count) for _ in range(size)]


def two_equal_systems(
    generator: np.random.Generator, cases: int, size: int = 1
) -> tuple[FloatArray, FloatArray]:
    """Both 70% right. The judge wrongly accepts 10% of one's wrong answers, 35% of the other's."""
    right = np.repeat(generator.random((2, cases // size)) < 0.7, size, axis=1)
    chance = generator.random(right.shape)
    accepted = np.where(right, chance < 0.95, chance < np.array([[0.10], [0.35]]))
    human, judge = right.astype(np.float64), accepted.astype(np.float64)
    return human[0] - human[1], judge[0] - judge[1]


def corrected(
    human: FloatArray, judge: FloatArray, labelled: int, size: int = 1, level: float = 0.95
) -> Judged:
    cases = labelled * size
    rest = (human.size - cases) // size
    return ppi_difference(
        human[:cases],
        judge[:cases],
        judge[cases:],
        names(labelled, size),
        names(rest, size, start=labelled),
        level,
    )


def test_it_is_ppi_where_cases_are_single() -> None:
    """ppi-python gives the same estimate and, with 2,000 labels, the same interval to 1%."""
    human, judge = two_equal_systems(np.random.default_rng(1), 10_000)
    found = corrected(human, judge, 2000)
    sample = (human[:2000], judge[:2000], judge[2000:])
    expected = ppi_mean_pointestimate(*sample, lam=found.trust)
    low, high = ppi_mean_ci(*sample, alpha=0.05, lam=found.trust)
    assert found.difference == pytest.approx(float(np.squeeze(expected)))
    width = float(high[0] - low[0])
    assert found.interval.low == pytest.approx(float(low[0]), abs=0.01 * width)
    assert found.interval.high == pytest.approx(float(high[0]), abs=0.01 * width)


def test_its_trust_is_ppis_power_tuning() -> None:
    """The interval is as short as ppi-python's with the weight that it tunes itself."""
    human, judge = two_equal_systems(np.random.default_rng(2), 10_000)
    found = corrected(human, judge, 2000)
    low, high = ppi_mean_ci(human[:2000], judge[:2000], judge[2000:], alpha=0.05)
    assert 0 < found.trust < 1
    width = found.interval.high - found.interval.low
    assert width == pytest.approx(float(high[0] - low[0]), rel=0.01)


def test_a_biased_judge_names_no_winner_after_correction() -> None:
    """Raw, the judge names one of two equal systems better in over 40% of 300 studies of 200
    cases; corrected by 60 labels in at most 8%."""
    generator, raw, mended = np.random.default_rng(3), 0, 0
    for _ in range(300):
        human, judge = two_equal_systems(generator, 200)
        interval = difference(np.maximum(judge, 0), np.maximum(-judge, 0), names(200)).interval(
            0.95
        )
        raw += interval.low > 0 or interval.high < 0
        found = corrected(human, judge, 60).interval
        mended += found.low > 0 or found.high < 0
    assert raw / 300 > 0.35
    assert mended / 300 < 0.08


def test_clusters_widen_the_interval() -> None:
    """Cases that go together in fives count for less than single ones."""
    human, judge = two_equal_systems(np.random.default_rng(4), 1000, size=5)
    together, apart = corrected(human, judge, 40, size=5), corrected(human, judge, 200)
    assert together.standard_error > 1.3 * apart.standard_error
    assert together.clusters == 40


def test_a_useless_judge_is_not_trusted() -> None:
    """Coin flips add nothing, so the human labels decide."""
    generator = np.random.default_rng(5)
    human = generator.choice([-1.0, 0.0, 1.0], 400)
    found = corrected(human, generator.choice([-1.0, 1.0], 400), 100)
    assert found.trust < 0.2
    assert found.difference == pytest.approx(human[:100].mean(), abs=0.05)


def test_few_labels_speak_alone() -> None:
    """Below 20 labelled clusters the judge is left out."""
    human, judge = two_equal_systems(np.random.default_rng(6), 300)
    few = 19
    found = corrected(human, judge, few)
    assert found == labelled_mean(human[:few], names(few))
    assert found.interval.method.startswith("labels alone")
    assert corrected(human, judge, few + 1).interval.method.startswith("PPI++")


def test_labels_that_all_agree_leave_doubt() -> None:
    """30 labels without any difference do not make it certain, and p is 1."""
    found = corrected(np.zeros(100), np.zeros(100), 30)
    assert found.p == 1.0
    assert found.interval.low < -0.05 < 0.05 < found.interval.high


def test_a_difference_on_every_label_has_a_p_above_zero() -> None:
    """25 wins of 25 are no certainty either."""
    found = corrected(np.ones(100), np.ones(100), 25)
    assert 0 < found.p < 1e-6
    assert found.interval.low < 0.95


def test_a_correction_needs_both_kinds_of_cases() -> None:
    """Without unlabelled cases there is nothing to correct."""
    with pytest.raises(ValueError, match="labelled and unlabelled"):
        ppi_difference(np.ones(3), np.ones(3), np.zeros(0), names(3), [])
