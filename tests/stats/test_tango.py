"""Tango's interval and its clustered form."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from suffice.stats.noninferiority import lower_bound, tango_interval
from suffice.stats.tango import difference


@pytest.mark.parametrize(
    ("wins", "losses", "cases", "low", "high"),
    [
        # Fagerland, Lydersen & Laake (2014), Statistics in Medicine 33:2850, and chapter 8 of
        # their Statistical Analysis of Contingency Tables: Cavo et al. 2012, Bentur et al. 2009.
        (6, 16, 161, -0.124, -0.0054),
        (1, 7, 21, -0.517, -0.026),
    ],
)
def test_published_examples(wins: int, losses: int, cases: int, low: float, high: float) -> None:
    """The authors' figures come out as printed."""
    interval = tango_interval(wins, losses, cases)
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=3e-4)


@given(st.integers(0, 30), st.integers(0, 30), st.integers(1, 100))
def test_swapping_the_systems_mirrors_the_interval(wins: int, losses: int, agree: int) -> None:
    """The baseline against the candidate is the same news with the other sign."""
    cases = wins + losses + agree
    one, other = tango_interval(wins, losses, cases), tango_interval(losses, wins, cases)
    assert (one.low, one.high) == pytest.approx((-other.high, -other.low), abs=1e-9)
    assert -1 <= one.low <= (wins - losses) / cases <= one.high <= 1


@given(st.integers(0, 40), st.integers(0, 40))
def test_zero_is_excluded_when_mcnemar_says_so(wins: int, losses: int) -> None:
    """At no difference Tango's statistic is McNemar's: (b - c) / sqrt(b + c)."""
    interval = tango_interval(wins, losses, 100)
    statistic = abs(wins - losses) / max(1.0, float(wins + losses)) ** 0.5
    if abs(statistic - stats.norm.ppf(0.975)) > 1e-6:
        assert (interval.low > 0 or interval.high < 0) == (statistic > stats.norm.ppf(0.975))


def test_impossible_counts_are_refused() -> None:
    """More discordant cases than cases."""
    with pytest.raises(ValueError, match="cannot come from 5 cases"):
        tango_interval(4, 2, 5)


def test_agreement_on_every_case_leaves_doubt() -> None:
    """12 clusters without a difference do not show that there is none."""
    answers, names = np.ones(60), [str(place // 5) for place in range(60)]
    interval = difference(answers, answers, names).interval(0.95)
    assert -0.4 < interval.low < -0.2
    assert 0.2 < interval.high < 0.4


def test_where_many_cases_differ_it_is_the_t_interval() -> None:
    """With dense differences the clustered form and cluster t agree within a tenth."""
    generator = np.random.default_rng(1)
    candidate, baseline = generator.beta(3, 1, 500), generator.beta(2, 1, 500)
    found = difference(candidate, baseline, [str(place // 5) for place in range(500)])
    interval = found.interval(0.95)
    reach = stats.t.ppf(0.975, 99) * found.error
    assert interval.method == "cluster score, 99 df"
    assert interval.low == pytest.approx(found.mean - reach, abs=0.1 * reach)
    assert interval.high == pytest.approx(found.mean + reach, abs=0.1 * reach)


def test_seconds_get_the_t_interval() -> None:
    """What is no share has no wins and losses."""
    candidate = np.array([1.5, 2.0, 3.5, 2.5])
    found = difference(candidate, np.ones(4), ["a", "b", "c", "d"]).interval(0.95)
    expected = stats.t.interval(0.95, 3, candidate.mean() - 1, stats.sem(candidate))
    assert (found.low, found.high) == pytest.approx(expected)


def test_the_lower_bound_is_one_sided() -> None:
    """At alpha 0.05 it is the lower end of Tango's 90% interval."""
    candidate, baseline = np.ones(100), np.ones(100)
    candidate[:6], baseline[6:10] = 0.0, 0.0
    names = [str(place) for place in range(100)]
    found = lower_bound(candidate, baseline, names, 0.05)
    assert found == pytest.approx(tango_interval(4, 6, 100, 0.90).low)


def test_a_system_worse_by_the_margin_seldom_passes() -> None:
    """40 clusters of 5, 6% discordance, 5 points worse: at most 8% pass, where t passes 12%."""
    generator, passed = np.random.default_rng(2), 0
    names = [str(place // 5) for place in range(200)]
    for _ in range(400):
        shared, own = np.repeat(generator.random(40), 5), generator.random(200)
        chance = np.where(generator.random(200) < 0.45, shared, own)
        candidate, baseline = np.ones(200), np.ones(200)
        candidate[chance < 0.055] = 0.0
        baseline[(chance >= 0.055) & (chance < 0.06)] = 0.0
        passed += lower_bound(candidate, baseline, names, 0.05) > -0.05
    assert passed / 400 < 0.08
