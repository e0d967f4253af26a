"""The list of prices: few, dated, and None for everything else."""

from datetime import date

import pytest

from suffice.models.prices import price_of
from suffice.records import Usage


def test_a_known_model_has_a_dated_price_with_its_source() -> None:
    """A price without a date and a source could not be checked."""
    price = price_of("anthropic", "claude-haiku-4-5")
    assert price is not None
    assert (price.input, price.output, price.cache_write) == (1.0, 5.0, 1.25)
    assert date.fromisoformat(price.as_of) <= date(2026, 11, 21)
    assert price.source.startswith("https://")


def test_a_dated_snapshot_costs_what_its_model_costs() -> None:
    """Unless it is listed with a price of its own."""
    for provider, name in [
        ("openai", "gpt-4o-mini-2024-07-18"),
        ("anthropic", "claude-sonnet-4-5-20250929"),
    ]:
        assert price_of(provider, name) == price_of(provider, name.partition("-20")[0])
    older = price_of("openai", "gpt-4o-2024-05-13")
    assert older is not None
    assert older.input == 5.0


@pytest.mark.parametrize(
    ("provider", "name"),
    [("openai", "gpt-4o-next"), ("openai", "gpt"), ("huggingface", "gpt-4o"), ("nobody", "x")],
)
def test_an_unknown_model_has_no_price(provider: str, name: str) -> None:
    """None, which is shown as unknown, and no guess from a like name."""
    assert price_of(provider, name) is None


def test_cached_tokens_cost_less_than_fresh_ones() -> None:
    """Holds for every listed price, so that a slip in the list is seen."""
    for provider, name in [("openai", "gpt-5"), ("openai", "o3"), ("anthropic", "claude-opus-4-5")]:
        price = price_of(provider, name)
        assert price is not None
        cached = price.usd(Usage(input_tokens=1000, cached_tokens=1000))
        assert cached < price.usd(Usage(input_tokens=1000))
