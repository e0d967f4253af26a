"""Sums by cluster and the errors between clusters."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st

from suffice.stats.clusters import clustered, intraclass_correlation, mean_and_error


def test_the_error_is_the_sandwich_where_clusters_are_of_one_size() -> None:
    """With equal clusters it equals statsmodels' cluster-robust error of a mean."""
    values = np.random.default_rng(1).normal(size=60)
    codes = np.repeat(np.arange(12), 5)
    fitted = sm.OLS(values, np.ones(60)).fit(cov_type="cluster", cov_kwds={"groups": codes})
    mean, error = mean_and_error(*clustered(values, [str(code) for code in codes]))
    assert mean == pytest.approx(fitted.params[0])
    assert error == pytest.approx(fitted.bse[0])


def test_the_error_is_the_jackknife_where_clusters_differ_in_size() -> None:
    """Leaving out one cluster after the other gives the same error."""
    values = np.random.default_rng(2).normal(size=20)
    names = list("aaaaaaaabbbbbccccdde")
    means = [values[[name != out for name in names]].mean() for out in "abcde"]
    jackknife = np.sqrt(4 / 5 * np.square(np.array(means) - values.mean()).sum())
    _, error = mean_and_error(*clustered(values, names))
    assert error == pytest.approx(jackknife)


@given(st.permutations(range(12)))
def test_the_order_of_cases_does_not_matter(order: list[int]) -> None:
    """The same cases in another order give the same mean and error."""
    values, names = np.linspace(0, 1, 12) ** 2, list("aaabbbccddde")
    one = mean_and_error(*clustered(values, names))
    other = mean_and_error(*clustered(values[order], [names[place] for place in order]))
    assert other == pytest.approx(one)


@pytest.mark.parametrize(("within", "expected"), [(0.0, 1.0), (1e6, 0.0)])
def test_the_correlation_runs_from_strangers_to_copies(within: float, expected: float) -> None:
    """Cases that copy their cluster correlate by 1, cases of pure noise by about 0."""
    generator = np.random.default_rng(3)
    values = np.repeat(generator.normal(size=200), 5) + within * generator.normal(size=1000)
    names = [str(place) for place in np.repeat(np.arange(200), 5)]
    assert intraclass_correlation(values, names) == pytest.approx(expected, abs=0.05)


def test_single_cases_have_no_correlation() -> None:
    """Where every cluster is one case there is nothing to correlate."""
    assert intraclass_correlation(np.array([0.0, 1.0, 1.0]), ["a", "b", "c"]) == 0.0


def test_a_value_that_is_no_number_is_refused() -> None:
    """A NaN is never averaged away."""
    with pytest.raises(ValueError, match="leave out what could not be scored"):
        clustered(np.array([1.0, np.nan]), ["a", "b"])


def test_values_and_clusters_go_together() -> None:
    """Another number of clusters than values is a mistake, not a broadcast."""
    with pytest.raises(ValueError, match="2 values but 1 clusters"):
        clustered(np.array([1.0, 0.0]), ["a"])
