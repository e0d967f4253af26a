"""A judge against people."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.inter_rater import cohens_kappa

from suffice.stats.agreement import kappa, sensitivity_specificity


def test_kappa_by_its_published_example() -> None:
    """Cohen (1960), Educ. Psychol. Meas. 20:37, table 1: three categories, kappa .492."""
    shares = {(0, 0): 88, (0, 1): 14, (0, 2): 18, (1, 0): 10, (1, 1): 40, (1, 2): 10}
    shares |= {(2, 0): 2, (2, 1): 6, (2, 2): 12}
    pairs = [pair for pair, count in shares.items() for _ in range(count)]
    one, other = zip(*pairs, strict=True)
    assert kappa(one, other) == pytest.approx(0.492, abs=5e-4)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=2))
def test_kappa_is_what_statsmodels_finds(pairs: list[tuple[str, str]]) -> None:
    """The same number as the reference implementation's, wherever it is defined."""
    one, other = zip(*pairs, strict=True)
    found = kappa(one, other)
    if found is not None:
        table = [[pairs.count((a, b)) for b in "abc"] for a in "abc"]
        assert found == pytest.approx(float(cohens_kappa(table, return_results=False)))


def test_kappa_takes_any_labels() -> None:
    """Words, and one that a single rater uses: 3 of 5 agree, 2 of 5 by chance, so kappa 1/3."""
    one, other = ["good", "bad", "bad", "good", "odd"], ["good", "bad", "good", "good", "bad"]
    assert kappa(one, other) == pytest.approx(1 / 3)


def test_kappa_of_one_label_is_undefined() -> None:
    """Where both say yes to everything, agreement by chance is certain: None, not NaN or 1."""
    assert kappa([True] * 5, [True] * 5) is None
    assert kappa([], []) is None


def test_sensitivity_and_specificity_with_intervals() -> None:
    """Of 10 good answers 9 are accepted, of 4 bad ones 3 rejected."""
    human = [True] * 10 + [False] * 4
    judge = [True] * 9 + [False] + [False] * 3 + [True]
    sensitivity, specificity = sensitivity_specificity(judge, human)
    assert (sensitivity.value, specificity.value) == (0.9, 0.75)
    assert sensitivity.interval is not None
    assert sensitivity.interval.low == pytest.approx(0.5958, abs=1e-4)


def test_specificity_of_no_bad_answers_is_unknown() -> None:
    """Nothing to reject gives None, not 0 or 1."""
    _, specificity = sensitivity_specificity([True], [True])
    assert specificity.value is None
    assert specificity.interval is None


def test_two_raters_rate_the_same_cases() -> None:
    """Lists of different lengths are a mistake."""
    with pytest.raises(ValueError, match="2 and 1 labels"):
        kappa([1, 0], [1])
