"""The purse is never overdrawn by more than the calls in flight."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from suffice.errors import BudgetExceeded
from suffice.evaluate.purse import Purse


def test_without_a_limit_everything_goes() -> None:
    """No budget means no brake, but the spending is still counted."""
    purse = Purse()
    purse.settle(purse.reserve(1000), 5.0)
    assert purse.spent_usd == 5.0


def test_after_its_time_nothing_new_is_begun() -> None:
    """What is under way is settled still."""
    purse = Purse(until=time.monotonic() + 60)
    reserved = purse.reserve(0.1)
    purse.until = time.monotonic() - 1
    with pytest.raises(BudgetExceeded, match="--minutes"):
        purse.reserve(0.1)
    purse.settle(reserved, 0.1)
    assert purse.spent_usd == 0.1


def test_a_call_that_might_overshoot_is_refused() -> None:
    """What is spent and the next call together stay within the limit."""
    purse = Purse(1.0)
    purse.settle(purse.reserve(0.6), 0.6)
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


def test_a_call_waits_for_what_others_in_flight_may_give_back() -> None:
    """Cautious estimates in flight fill the purse; what they really cost leaves room for all."""
    purse = Purse(0.5)

    def call(_: int) -> None:
        reserved = purse.reserve(0.05)
        time.sleep(0.0005)
        purse.settle(reserved, 0.0005)

    with ThreadPoolExecutor(32) as pool:
        list(pool.map(call, range(210)))
    assert purse.spent_usd == pytest.approx(0.105)


def test_one_who_waits_in_vain_is_told_so() -> None:
    """When the last call in flight took the room, those who waited do not wait for ever."""
    purse = Purse(1.0)
    reserved = purse.reserve(0.9)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(purse.reserve, 0.9)
        time.sleep(0.02)
        assert not waiting.done()
        purse.settle(reserved, 0.9)
        with pytest.raises(BudgetExceeded):
            waiting.result(timeout=5)


def test_a_call_that_dies_makes_room_for_one_who_waits() -> None:
    """A thread that ends in an error settles on its way out, and the next one goes."""
    purse = Purse(1.0)
    held = threading.Event()

    def dying() -> None:
        reserved = purse.reserve(0.9)
        try:
            held.set()
            time.sleep(0.02)
            raise ZeroDivisionError
        finally:
            purse.settle(reserved, None)

    with ThreadPoolExecutor(2) as pool:
        died = pool.submit(dying)
        held.wait(5)
        assert pool.submit(purse.reserve, 0.9).result(timeout=5) == 0.9
        assert isinstance(died.exception(), ZeroDivisionError)
