"""Looks before the end."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from suffice.stats import sequential
from suffice.stats.sequential import nominal_levels, sequential_holm, spent


def bounds(fractions: list[float], alpha: float = 0.05) -> list[float]:
    return [float(stats.norm.isf(level / 2)) for level in nominal_levels(fractions, alpha)]


@pytest.fixture
def of_obrien_fleming(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The spending that bounds were published of; how they follow from it is the same for ours."""

    def spending(fraction: float, alpha: float) -> float:
        return 4 * float(stats.norm.cdf(stats.norm.ppf(alpha / 4) / np.sqrt(fraction)))

    sequential._levels.cache_clear()
    monkeypatch.setattr(sequential, "spent", spending)
    yield
    sequential._levels.cache_clear()


@pytest.mark.usefixtures("of_obrien_fleming")
def test_five_looks_as_published() -> None:
    """The two-sided 0.05 bounds for five equal looks that the program of Reboussin, DeMets, Kim &
    Lan (2000, Control. Clin. Trials 21:190) prints, and its R form, ldbounds."""
    expected = [4.8769, 3.3569, 2.6803, 2.2898, 2.0310]
    assert bounds([0.2, 0.4, 0.6, 0.8, 1.0]) == pytest.approx(expected, abs=2e-4)


@pytest.mark.usefixtures("of_obrien_fleming")
def test_two_looks_as_published() -> None:
    """The same method at one half and the end: 2.963 and 1.969."""
    assert bounds([0.5, 1.0]) == pytest.approx([2.9626, 1.9686], abs=2e-4)


def test_the_first_look_has_what_may_be_spent_by_then() -> None:
    """A fifth of the data spends a fifth of a fifth of a fifth of alpha; the last of five stands
    near 2.05."""
    first, *_, last = bounds([0.2, 0.4, 0.6, 0.8, 1.0])
    assert first == pytest.approx(stats.norm.isf(0.05 / 125 / 2))
    assert 2.0 < last < 2.1


def test_one_look_costs_nothing() -> None:
    """Without early looks the level is alpha."""
    assert nominal_levels([1.0], 0.05) == pytest.approx([0.05])


def test_looks_spend_alpha_and_no_more() -> None:
    """100,000 simulated walks cross any bound 5% of the time, within 0.3 points."""
    fractions = np.array([0.3, 0.5, 0.9, 1.0])
    steps = np.random.default_rng(1).normal(size=(100_000, 4)) * np.sqrt(
        np.diff(fractions, prepend=0)
    )
    walks = np.abs(steps.cumsum(axis=1)) / np.sqrt(fractions)
    crossed = (walks > np.array(bounds(list(fractions)))).any(axis=1).mean()
    assert crossed == pytest.approx(0.05, abs=0.003)


@given(st.lists(st.floats(0.01, 1), min_size=1, max_size=6, unique=True), st.floats(0.001, 0.2))
def test_levels_stay_below_alpha(fractions: list[float], alpha: float) -> None:
    """No look may ever use more than alpha, and none more than was spent by then."""
    steps = sorted(fractions)
    for share, level in zip(steps, nominal_levels(steps, alpha), strict=True):
        assert 0 <= level <= spent(share, alpha) + 1e-9 <= alpha + 2e-9


@pytest.mark.parametrize("fractions", [[], [0.5, 0.5], [0.0, 1.0], [0.5, 1.2], [1.0, 0.5]])
def test_looks_must_increase_up_to_the_whole(fractions: list[float]) -> None:
    """Shares that repeat, fall, or pass 1 are refused."""
    with pytest.raises(ValueError, match="shares"):
        nominal_levels(fractions)


def test_the_last_look_is_nearly_holm() -> None:
    """Three hypotheses at the end of one look: Holm's own decisions."""
    assert sequential_holm([0.02, 0.001, 0.04], [1.0], 0) == [True, True, True]
    assert sequential_holm([0.03, 0.001, 0.04], [1.0], 0) == [False, True, False]


def test_an_early_look_asks_for_much_more() -> None:
    """At half the cases p = 0.01 stops nothing; at the end it does."""
    assert sequential_holm([0.01, 0.9], [0.5, 1.0], 0) == [False, False]
    assert sequential_holm([0.01, 0.9], [0.5, 1.0], 1) == [True, False]


def test_what_was_rejected_before_frees_its_share() -> None:
    """A hypothesis carried over with p = 0 leaves all of alpha to the other."""
    assert sequential_holm([0.04, 0.9], [1.0], 0) == [False, False]
    assert sequential_holm([0.04, 0.0], [1.0], 0) == [True, True]


def test_each_is_held_to_the_level_of_its_own_look() -> None:
    """p = 0.02 is enough at the end and not at half; what is rejected frees its share for both."""
    halves = [0.5, 1.0]
    assert sequential_holm([0.02, 0.02], halves, [0, 1]) == [False, True]
    assert sequential_holm([0.005, 0.04], halves, [0, 1]) == [False, False]
    assert sequential_holm([0.002, 0.04], halves, [0, 1]) == [True, True]
