"""Families of comparisons."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from suffice.stats.correction import holm


def test_holm_by_hand() -> None:
    """Four p-values: times 4, 3, 2 and 1 from the smallest, never falling, in the order given."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_it_is_holm_and_not_holm_sidak() -> None:
    """statsmodels' default would give 1 - 0.98**2 = 0.0396."""
    assert holm([0.02, 0.5])[0] == pytest.approx(0.04)


def test_an_empty_family_is_empty() -> None:
    """Nothing to compare is no error."""
    assert holm([]) == []


@settings(max_examples=15, deadline=None)  # statsmodels collects garbage on each call
@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_it_is_what_statsmodels_finds(p_values: list[float]) -> None:
    """The same numbers as the reference implementation's, ties and zeros among them."""
    reference = multipletests(p_values, method="holm")[1]
    assert holm(p_values) == pytest.approx([float(each) for each in reference])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_correction_never_helps(p_values: list[float]) -> None:
    """A corrected p-value is at least the raw one and at most 1."""
    corrected = holm(p_values)
    assert all(
        raw <= each + 1e-12 and each <= 1 for raw, each in zip(p_values, corrected, strict=True)
    )
