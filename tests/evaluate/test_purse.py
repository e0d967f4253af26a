"""The purse is never overdrawn by more than the calls in flight."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from suffice.errors import BudgetExceeded
from suffice.evaluate.purse import Purse


def test_without_a_limit_everything_goes() -> None:
    """No budget means no brake, but the spending is still counted."""
    purse = Purse()
    purse.settle(purse.reserve(1000), 5.0)
    assert purse.spent_usd == 5.0


def test_a_call_that_might_overshoot_is_refused() -> None:
    """What is spent, what is in flight and the next call together stay within the limit."""
    purse = Purse(1.0)
    purse.reserve(0.6)
    with pytest.raises(BudgetExceeded, match=r"budget of \$1\.00.*--budget-usd"):
        purse.reserve(0.6)


def test_a_call_that_failed_gives_its_reservation_back() -> None:
    """A failure costs nothing, so what was set aside for it is free again."""
    purse = Purse(1.0)
    purse.settle(purse.reserve(0.9), None)
    assert purse.reserve(0.9) == 0.9


def test_estimates_learn_from_what_calls_really_cost() -> None:
    """A cautious first estimate does not stop a run early that is in truth cheap."""
    purse = Purse(1.0)
    for _ in range(90):
        purse.settle(purse.reserve(0.5), 0.01)
    assert purse.spent_usd == pytest.approx(0.9)


def test_what_an_earlier_start_of_the_run_spent_counts() -> None:
    """A run that was stopped and started again has one budget, not two."""
    with pytest.raises(BudgetExceeded):
        Purse(1.0, spent_usd=1.0).reserve(0.0)


def test_many_threads_overshoot_by_no_more_than_what_is_in_flight() -> None:
    """With 16 calls in flight that each cost more than was thought, 16 calls is the most."""
    purse = Purse(1.0)

    def call(_: int) -> bool:
        try:
            reserved = purse.reserve(0.001)
        except BudgetExceeded:
            return False
        purse.settle(reserved, 0.01)
        return True

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(call, range(2000)))
    assert 0.9 < purse.spent_usd <= 1.0 + 16 * 0.01
