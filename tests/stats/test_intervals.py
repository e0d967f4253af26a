"""Intervals of one number."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from suffice.stats.clusters import FloatArray
from suffice.stats.intervals import (
    bootstrap_interval,
    estimate_interval,
    mean_interval,
    quantile_interval,
    rate_interval,
)


def singles(count: int) -> list[str]:
    return [f"{place:05d}" for place in range(count)]


def groups(count: int, size: int) -> list[str]:
    return [f"{place:05d}" for place in range(count) for _ in range(size)]


def rate(hits: int, cases: int) -> FloatArray:
    return np.repeat([1.0, 0.0], [hits, cases - hits])


@pytest.mark.parametrize(
    ("hits", "cases", "low", "high"),
    [
        # Newcombe (1998), Statistics in Medicine 17:857, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_a_rate_of_single_cases_has_wilsons_interval(
    hits: int, cases: int, low: float, high: float
) -> None:
    """Newcombe's published examples come out to the fourth decimal."""
    interval = rate_interval(rate(hits, cases), singles(cases))
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=5e-5)
    assert interval.method == "Wilson"


@given(st.integers(1, 300), st.data(), st.sampled_from([0.8, 0.95, 0.99]))
def test_wilson_agrees_with_statsmodels(cases: int, data: st.DataObject, level: float) -> None:
    """For any counts and level."""
    hits = data.draw(st.integers(0, cases))
    interval = rate_interval(rate(hits, cases), singles(cases), level)
    expected = proportion_confint(hits, cases, 1 - level, method="wilson")
    assert (interval.low, interval.high) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_rate_of_all_or_none_has_width(value: float) -> None:
    """60 right answers in 12 clusters count as 12: certain they are not."""
    interval = rate_interval(np.full(60, value), groups(12, 5))
    assert 0.2 < interval.high - interval.low < 0.4


def test_alike_clusters_widen_a_rate() -> None:
    """Clusters whose cases stand and fall together count as one case each."""
    values = np.repeat(rate(20, 40), 5)
    apart = rate_interval(values, singles(200))
    together = rate_interval(values, groups(40, 5))
    alone = rate_interval(rate(20, 40), singles(40))
    assert together.high - together.low > 2 * (apart.high - apart.low)
    assert together.high - together.low == pytest.approx(alone.high - alone.low, rel=0.05)


def test_one_cluster_says_nearly_nothing() -> None:
    """However many cases one cluster holds, it is one observation."""
    interval = rate_interval(np.ones(50), ["a"] * 50)
    assert interval.low < 0.25


def test_a_rate_takes_shares_only() -> None:
    """Seconds and dollars have no rate."""
    with pytest.raises(ValueError, match="between 0 and 1"):
        rate_interval(np.array([0.5, 2.0]), ["a", "b"])


def test_a_mean_of_single_cases_has_the_t_interval() -> None:
    """Where every cluster is one case it is the textbook's."""
    values = np.random.default_rng(4).normal(3, 2, 25)
    interval = mean_interval(values, singles(25))
    assert interval is not None
    expected = stats.t.interval(0.95, 24, values.mean(), stats.sem(values))
    assert (interval.low, interval.high) == pytest.approx(expected)
    assert interval.method == "cluster t, 24 df"


def test_a_mean_of_one_cluster_has_no_interval() -> None:
    """One cluster says nothing of how clusters differ."""
    assert mean_interval(np.array([1.0, 2.0, 3.0]), ["a", "a", "a"]) is None


def test_the_values_choose_the_interval() -> None:
    """Grades get a rate's, seconds a mean's."""
    grades = estimate_interval(np.array([0.0, 1.0, 1.0]), singles(3))
    seconds = estimate_interval(np.array([0.5, 1.5, 2.5]), singles(3))
    assert grades is not None
    assert seconds is not None
    assert (grades.method, seconds.method) == ("Wilson", "cluster t, 2 df")


def test_a_rate_near_its_edge_covers_where_a_t_interval_does_not() -> None:
    """At 95% right in 40 clusters of 5, at most 8% of intervals miss."""
    generator, names, missed = np.random.default_rng(5), groups(40, 5), 0
    for _ in range(400):
        shared = np.repeat(generator.random(40) < 0.95, 5)
        values = np.where(generator.random(200) < 0.45, shared, generator.random(200) < 0.95)
        interval = rate_interval(values.astype(np.float64), names)
        missed += not interval.low <= 0.95 <= interval.high
    assert missed / 400 < 0.08


def median(values: FloatArray) -> float:
    return float(np.median(values))


def ratio(values: FloatArray) -> float:
    return float(values[:, 0].sum() / values[:, 1].sum())


def test_no_bootstrap_below_forty_clusters() -> None:
    """39 clusters are refused, 40 are not."""
    values = np.random.default_rng(6).normal(size=80)
    for clusters, given_one in ((39, False), (40, True)):
        names = [str(place % clusters) for place in range(80)]
        interval = bootstrap_interval(median, values, names, np.random.default_rng(1), draws=300)
        assert (interval is not None) is given_one


def test_a_bootstrap_resamples_whole_clusters() -> None:
    """Copies within clusters add no certainty."""
    values = np.random.default_rng(7).normal(size=50)
    widths = []
    for size in (1, 8):
        found = bootstrap_interval(
            lambda drawn: float(drawn.mean()),
            np.repeat(values, size),
            groups(50, size),
            np.random.default_rng(2),
            draws=400,
        )
        assert found is not None
        widths.append(found.high - found.low)
    assert widths[1] == pytest.approx(widths[0])


def test_a_bootstrap_takes_ratios_and_repeats_itself() -> None:
    """Two columns make a ratio; the same generator makes the same interval."""
    table = np.random.default_rng(8).uniform(1, 2, (45, 2))
    found = [
        bootstrap_interval(ratio, table, singles(45), np.random.default_rng(9), draws=300)
        for _ in range(2)
    ]
    assert found[0] is not None
    assert found[0] == found[1]
    assert found[0].low < ratio(table) < found[0].high


def test_a_bootstrap_of_equal_values_has_no_interval() -> None:
    """What does not vary gives None, not NaN."""
    names = singles(40)
    assert bootstrap_interval(median, np.ones(40), names, np.random.default_rng(1)) is None


def test_a_quantile_is_bounded_by_order_statistics() -> None:
    """The bounds are values that were measured, on either side of the quantile."""
    values = np.random.default_rng(10).exponential(size=200)
    interval = quantile_interval(values, singles(200), 0.95)
    assert interval is not None
    assert interval.low in values
    assert interval.high in values
    assert interval.low < np.quantile(values, 0.95) < interval.high


def test_a_far_quantile_of_few_cases_has_no_interval() -> None:
    """40 cases cannot bound a 95th percentile from above."""
    assert quantile_interval(np.arange(40.0), singles(40), 0.95) is None
