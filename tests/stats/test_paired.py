"""Two systems on the same cases."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suffice.stats.clusters import FloatArray
from suffice.stats.paired import Paired, compare, exact_mcnemar, sign_flip


def generator() -> np.random.Generator:
    return np.random.default_rng(11)


def graded(wins: int, losses: int, cases: int) -> tuple[FloatArray, FloatArray, list[str]]:
    candidate, baseline = np.ones(cases), np.ones(cases)
    baseline[:wins] = 0.0
    candidate[wins : wins + losses] = 0.0
    return candidate, baseline, [str(place) for place in range(cases)]


def test_mcnemar_by_its_published_example() -> None:
    """Fagerland, Lydersen & Laake (2013), BMC Med. Res. Methodol. 13:91: 6 and 16 discordant
    pairs of 161 give an exact p of 0.052479 and a mid-p of 0.034690."""
    found = compare(*graded(6, 16, 161), generator(), draws=200_000)
    assert found.mcnemar_p == pytest.approx(0.052479, abs=1e-6)
    assert found.p == pytest.approx(0.034690, abs=0.002)


@given(st.integers(1, 7), st.integers(0, 7))
def test_the_sign_flip_of_single_cases_is_mcnemars_mid_p(wins: int, losses: int) -> None:
    """Exactly so where few cases differ: exact McNemar less half the chance of what was seen."""
    found = compare(*graded(wins, losses, 20), generator())
    sums = np.repeat([1.0, -1.0], [wins, losses])
    totals = [abs(np.dot(signs, sums)) for signs in product((1, -1), repeat=sums.size)]
    tied = np.mean(np.isclose(totals, abs(wins - losses)))
    assert found.p == pytest.approx(exact_mcnemar(wins, losses) - tied / 2)


def test_the_sign_flip_by_hand() -> None:
    """Sums 3, 2, 1: of 8 patterns two reach 6, tied with what was seen, so p is 1/8."""
    assert sign_flip(np.array([3.0, 2.0, 1.0]), generator()) == pytest.approx(1 / 8)


def test_drawn_signs_agree_with_all_patterns() -> None:
    """16 clusters are drawn, 15 are enumerated; with the 16th at nearly 0 they agree."""
    sums = generator().normal(0.4, 1, 15)
    exact = sign_flip(sums, generator())
    drawn = sign_flip(np.append(sums, 1e-6), generator(), draws=100_000)
    assert drawn == pytest.approx(exact, abs=0.005)


@pytest.mark.parametrize("clusters", [10, 15, 40, 400])
def test_p_is_never_zero(clusters: int) -> None:
    """However clear the difference, resampling cannot show impossibility."""
    p = sign_flip(np.ones(clusters), generator(), draws=500)
    assert 0 < p < 0.01


def test_no_difference_gives_p_of_one() -> None:
    """Where no case differs, chance explains everything."""
    found = compare(*graded(0, 0, 30), generator())
    assert (found.p, found.difference, found.mcnemar_p) == (1.0, 0.0, 1.0)


def test_clusters_leave_no_mcnemar() -> None:
    """McNemar's test takes cases for independent, so clustered cases get none."""
    candidate, baseline, _ = graded(6, 2, 20)
    found = compare(candidate, baseline, [str(place // 2) for place in range(20)], generator())
    assert found.mcnemar_p is None
    assert (found.wins, found.losses, found.cases, found.clusters) == (6, 2, 20, 10)


def test_many_clusters_are_drawn_in_blocks() -> None:
    """With 5,000 clusters 10,000 draws would be 50 million signs at once; the answer stands."""
    sums = generator().normal(0.05, 1, 5000)
    assert sign_flip(sums, generator(), draws=1000) < 0.05


def values(count: int) -> st.SearchStrategy[list[float]]:
    return st.lists(st.sampled_from([0.0, 1 / 3, 2 / 3, 1.0]), min_size=count, max_size=count)


def facts(paired: Paired) -> tuple[float, ...]:
    ends = (paired.interval.low, paired.interval.high)
    return paired.difference, paired.p, *ends, paired.standard_error, paired.icc


@given(values(24), values(24), st.permutations(range(24)))
def test_the_order_of_cases_does_not_matter(
    one: list[float], other: list[float], order: list[int]
) -> None:
    """Shuffled cases give the same comparison."""
    candidate, baseline = np.array(one), np.array(other)
    names = [str(place // 2) for place in range(24)]
    straight = compare(candidate, baseline, names, generator())
    shuffled = compare(
        candidate[order], baseline[order], [names[place] for place in order], generator()
    )
    assert facts(shuffled) == pytest.approx(facts(straight), abs=1e-9)


@given(values(24), values(24))
def test_swapping_the_systems_mirrors_the_comparison(one: list[float], other: list[float]) -> None:
    """The difference changes its sign, wins are losses, and p stays."""
    candidate, baseline = np.array(one), np.array(other)
    names = [str(place // 2) for place in range(24)]
    there = compare(candidate, baseline, names, generator())
    back = compare(baseline, candidate, names, generator())
    assert back.difference == pytest.approx(-there.difference, abs=1e-12)
    assert back.p == pytest.approx(there.p)
    assert (back.wins, back.losses) == (there.losses, there.wins)
    assert back.interval.low == pytest.approx(-there.interval.high, abs=1e-9)


def test_equal_systems_seldom_differ() -> None:
    """20 clusters of 5 whose cases go together: 2% to 8% of p-values are below 5%, where a t
    test that takes cases for independent errs twice as often."""
    draws, found = np.random.default_rng(12), 0
    for _ in range(500):
        sums = (draws.normal(size=(20, 1)) * 0.5 + draws.normal(size=(20, 5))).sum(axis=1)
        found += sign_flip(sums, draws, 500) <= 0.05
    assert 0.02 < found / 500 < 0.08


def test_unpaired_values_are_refused() -> None:
    """Two systems must have answered the same cases."""
    with pytest.raises(ValueError, match="3 values cannot be paired with 2"):
        compare(np.ones(3), np.ones(2), ["a", "b", "c"], generator())
