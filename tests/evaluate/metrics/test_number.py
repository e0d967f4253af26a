"""number: numbers as people write them, units converted, tolerances kept."""

import pytest

from suffice.errors import UsageError
from suffice.evaluate.metrics.number import Number
from suffice.evaluate.metrics.quantity import Quantity, quantities, quantity
from suffice.records import Json
from tests.evaluate.metrics.contexts import context


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("1,250.50", 1250.5, ""),
        ("1.250,50", 1250.5, ""),
        ("1,250", 1250, ""),
        ("1.250", 1.25, ""),
        ("1,5", 1.5, ""),
        ("1.250.000", 1_250_000, ""),
        ("1,00,000", 100_000, ""),
        ("1\u202f250", 1250, ""),
        ("1'250", 1250, ""),
        (".5", 0.5, ""),
        ("-5", -5, ""),
        ("\u22125", -5, ""),
        ("1e6", 1e6, ""),
        ("1.2 \u00d7 10^6", 1.2e6, ""),
        ("1.2 million", 1.2e6, ""),
        ("3 billion", 3e9, ""),
        ("5k", 5000, ""),
        ("12 %", 12, "%"),
        ("12 percent", 12, "%"),
        ("$5", 5, "USD"),
        ("-$5", -5, "USD"),
        ("$1.2M", 1.2e6, "USD"),
        ("5m", 5, "m"),
        ("$5m", 5e6, "USD"),
        ("5 euros", 5, "EUR"),
        ("EUR 5", 5, "EUR"),
        ("5 km", 5, "km"),
        ("60 km/h", 60, "km/h"),
        ("21 \u00b0C", 21, "\u00b0C"),
        ("\uff15", 5, ""),
    ],
)
def test_a_quantity_is_read_as_written(text: str, value: float, unit: str) -> None:
    """Groups, decimal commas, scale words, signs, money and units."""
    found = quantity(text)
    assert found is not None
    assert found.value == pytest.approx(value)
    assert found.unit == unit


@pytest.mark.parametrize("text", ["1.2.3", "GPT-4", "v2", "none", "", "9" * 400])
def test_what_is_no_number_is_not_read_as_one(text: str) -> None:
    """Versions, names and what no float can hold."""
    assert quantities(text) == []


def test_a_word_that_goes_on_is_no_unit() -> None:
    """`in` is an inch only where the number ends with it."""
    assert quantities("5 in total") == [Quantity(5)]
    assert quantities("5 in") == [Quantity(5, "in")]


@pytest.mark.parametrize(
    ("text", "expected", "value"),
    [
        ("42", 42, 1),
        ("It is 42.", 42, 1),
        ("The answer is 42 of 100", 42, 1),
        ("3 boxes of 4 make 12", 12, 1),
        ("3 * 4 = 12, in 2 steps", 12, 1),
        ("**24** months, see section 3", 24, 1),
        ("24 [3]", 24, 1),
        ("#### 7", 7, 1),
        ("twelve", 12, 1),
        ('{"answer": 42}', 42, 1),
        ('{"answer": "1,250.50"}', 1250.5, 1),
        ("43", 42, 0),
        ("no idea", 42, 0),
        ("", 42, 0),
        ("5 km", "5000 m", 1),
        ("5000", "5000 m", 1),
        ("3.1 miles", "5 km", 0),
        ("5 kg", "5 km", 0),
        ("24 months", 24, 1),
        ("2 years", "24 months", 1),
        ("77 \u00b0F", "25 \u00b0C", 1),
        ("5 in total", "5 kg", 1),
        ("24 boxes", "24 crates", 1),
        ("12 %", 12, 1),
        ("12 %", 0.12, 1),
        ("0.12", "12 %", 1),
        ("12 %", 1200, 0),
        ("12 kg", "12 %", 0),
        ("$5", "5 dollars", 1),
        ("$5", 5, 1),
        ("$5", "5 EUR", 0),
        ("$1.2M", 1_200_000, 1),
        ("1.2 million", "1,200,000", 1),
        ("4 or 5", "5", 1),
    ],
)
def test_what_counts_as_the_same_number(text: str, expected: Json, value: float) -> None:
    """By meaning, whatever the spelling; another unit or currency is another amount."""
    assert Number().score(context(text, expected)).value == value


def test_tolerances_are_absolute_or_relative() -> None:
    """`tolerance` is in the expected unit; either tolerance is enough."""
    assert Number(tolerance=0.5).score(context("42.4", 42)).value == 1
    assert Number(tolerance=0.5).score(context("42.6", 42)).value == 0
    assert Number(tolerance=100).score(context("5.05 km", "5000 m")).value == 1
    assert Number(relative_tolerance=0.01).score(context("100.9", 100)).value == 1
    assert Number(relative_tolerance=0.01).score(context("102", 100)).value == 0


def test_the_option_unit_is_that_of_bare_expected_numbers() -> None:
    """So a dataset of plain numbers can still be answered in another unit."""
    assert Number(unit="km").score(context("5000 m", 5)).value == 1
    assert Number(unit="USD").score(context("5 EUR", 5)).value == 0


def test_the_best_of_several_expected_counts() -> None:
    """Any acceptable number is right."""
    assert Number().score(context("7", 5, 7)).value == 1


def test_an_expected_text_without_a_number_is_unscored() -> None:
    """The case is at fault, not the answer."""
    assert "is a number" in str(Number().score(context("7", "many", True)).unscored)


@pytest.mark.parametrize("options", [{"unit": "zorkmids"}, {"tolerance": -1.0}])
def test_impossible_options_are_refused(options: dict[str, str]) -> None:
    """At once, not at the first answer."""
    with pytest.raises(UsageError, match="number:"):
        Number(**options)  # type: ignore[arg-type]
