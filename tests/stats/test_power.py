"""How many cases a difference takes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.power import tt_solve_power

from suffice.stats.paired import compare
from suffice.stats.power import cases_needed, detectable_difference, more_cases, pilot


def test_a_hundred_cases_cannot_settle_five_points() -> None:
    """At 20% discordance 100 cases show 12 points; 5 points take more than 600 cases."""
    assert detectable_difference(100, 100, 0.2, 0.0) == pytest.approx(0.12, abs=0.005)
    assert 600 < cases_needed(0.05, 0.2, 0.0) < 660


def test_mcnemars_sample_size_as_published() -> None:
    """Connor (1987), Biometrics 43:207, for 80% power, takes the error under no difference where
    we take the one under the difference: within 4% of each other."""
    for discordance, gap in ((0.2, 0.1), (0.3, 0.1), (0.5, 0.2)):
        reach = 1.959964 * discordance**0.5 + 0.841621 * (discordance - gap**2) ** 0.5
        assert cases_needed(gap, discordance, 0.0) == pytest.approx((reach / gap) ** 2, rel=0.04)


def test_it_agrees_with_the_paired_t_test() -> None:
    """statsmodels' power of a t test finds as many cases, within 2."""
    needed = tt_solve_power(effect_size=0.05 / (0.2 - 0.05**2) ** 0.5, alpha=0.05, power=0.8)
    assert abs(cases_needed(0.05, 0.2, 0.0) - needed) <= 2


def test_the_promised_power_is_delivered() -> None:
    """150 studies of the size asked for: between 70% and 90% find the difference."""
    generator, discordance, gap = np.random.default_rng(1), 0.2, 0.1
    cases = cases_needed(gap, discordance, 0.0)
    names, found = [str(place) for place in range(cases)], 0
    for _ in range(150):
        chance = generator.random(cases)
        candidate, baseline = np.ones(cases), np.ones(cases)
        baseline[chance < (discordance + gap) / 2] = 0.0
        candidate[chance > 1 - (discordance - gap) / 2] = 0.0
        found += compare(candidate, baseline, names, generator, draws=500).p <= 0.05
    assert 0.70 < found / 150 < 0.90


@given(st.floats(0.02, 0.5), st.floats(0.02, 1), st.floats(0, 1), st.sampled_from([1, 3, 10]))
def test_the_two_questions_have_one_answer(
    gap: float, discordance: float, icc: float, size: int
) -> None:
    """The cases needed for a difference can detect it, and a few clusters fewer cannot."""
    cases = cases_needed(gap, discordance, icc, size)
    assert detectable_difference(cases, cases // size, discordance, icc) <= gap + 1e-9
    if cases > 10 * size:
        fewer = cases - size
        assert detectable_difference(fewer, fewer // size, discordance, icc) > gap - 1e-9


def test_alike_cases_are_worth_less() -> None:
    """With copies in each cluster, 500 cases in 100 clusters show what 100 cases show."""
    copies = detectable_difference(500, 100, 0.2, 1.0)
    assert copies == pytest.approx(detectable_difference(100, 100, 0.2, 0.0))


def test_one_cluster_detects_nothing() -> None:
    """Nothing short of everything."""
    assert detectable_difference(50, 1) == 1.0


def test_a_pilot_gives_discordance_and_correlation() -> None:
    """Of 4 clusters, one differs in all its cases: a quarter discordant, and all alike."""
    candidate, baseline = np.ones(12), np.repeat([0.0, 1.0, 1.0, 1.0], 3)
    assert pilot(candidate, baseline, list("aaabbbcccddd")) == pytest.approx((0.25, 1.0))


def test_more_cases_for_a_promising_difference() -> None:
    """12 wins and 6 losses of 100 need some hundred more; 40 to 10 need hardly any."""
    names = [str(place) for place in range(100)]
    counts = []
    for wins, losses in ((12, 6), (40, 10)):
        candidate, baseline = np.ones(100), np.ones(100)
        baseline[:wins], candidate[wins : wins + losses] = 0.0, 0.0
        paired = compare(candidate, baseline, names, np.random.default_rng(2))
        counts.append(more_cases(paired, margin=0.0))
    assert counts[0] is not None
    assert 200 < counts[0] < 500
    assert counts[1] == 1


def test_more_cases_for_not_worse_are_counted_one_sided() -> None:
    """10 wins and 10 losses of 100, margin 5 points: (1.66 + 0.85) * 0.045 / 0.05 is 2.3, so some
    5 times the cases; a two-sided test would take 7 times."""
    candidate, baseline = np.ones(100), np.ones(100)
    baseline[:10], candidate[10:20] = 0.0, 0.0
    names = [str(place) for place in range(100)]
    paired = compare(candidate, baseline, names, np.random.default_rng(4))
    assert more_cases(paired, margin=0.05) == pytest.approx(420, abs=50)


def test_no_number_of_cases_settles_no_difference_without_a_margin() -> None:
    """Two systems that agree on everything are never told apart."""
    same = np.ones(50)
    paired = compare(same, same, [str(p) for p in range(50)], np.random.default_rng(3))
    assert more_cases(paired, margin=0.0) is None
    assert more_cases(paired, margin=0.03) is not None


def test_a_difference_of_nothing_is_refused() -> None:
    """No sample size finds a difference of 0."""
    with pytest.raises(ValueError, match="between 0 and 1"):
        cases_needed(0.0)
