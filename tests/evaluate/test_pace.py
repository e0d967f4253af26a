"""Pacing, with a clock and a sleep of the test's own: nothing here waits."""

import random
from dataclasses import dataclass, field

import pytest

from suffice.errors import ProviderError
from suffice.evaluate.pace import Limits, Pace
from suffice.records import FailureKind


@dataclass
class Time:
    """A clock that moves only when somebody sleeps."""

    now: float = 100.0
    slept: list[float] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def paced(time: Time, limits: Limits) -> Pace:
    return Pace(limits, clock=time.clock, sleep=time.sleep, chance=random.Random(1))


def overloaded(retry_after: float | None = None) -> ProviderError:
    return ProviderError(
        "busy",
        kind=FailureKind.RATE_LIMIT,
        endpoint="test",
        retryable=True,
        retry_after=retry_after,
    )


def test_requests_a_minute_are_kept() -> None:
    """After a burst of ten seconds' worth, calls go at the rate that is allowed."""
    time = Time()
    pace = paced(time, Limits(requests_per_minute=60))
    for _ in range(70):
        pace.enter(tokens=1)
        pace.leave()
    assert time.now - 100 == pytest.approx(60, abs=1)


def test_tokens_a_minute_are_kept() -> None:
    """Long prompts slow down even where few requests are made."""
    time = Time()
    pace = paced(time, Limits(tokens_per_minute=6000))
    for _ in range(20):
        pace.enter(tokens=500)
        pace.leave()
    # 10,000 tokens at 100 a second, less the burst of 1,000
    assert time.now - 100 == pytest.approx(90, abs=6)


def test_a_call_larger_than_the_minute_still_goes() -> None:
    """A prompt beyond the bucket waits for a full one instead of for ever."""
    time = Time()
    pace = paced(time, Limits(tokens_per_minute=600))
    pace.enter(tokens=5000)
    pace.leave()
    pace.enter(tokens=1)
    assert time.now - 100 == pytest.approx(490, abs=20)


def test_overload_halves_the_concurrency_once_for_a_burst() -> None:
    """Ten calls told to slow down at the same moment halve the limit once, not ten times."""
    time = Time()
    pace = paced(time, Limits(concurrency=32))
    for _ in range(10):
        pace.enter(1)
    for _ in range(10):
        pace.leave(overloaded())
    assert pace.allowed == 16


def test_success_brings_the_concurrency_back() -> None:
    """The limit grows by about one for every round of successes, up to what the study allows."""
    time = Time()
    pace = paced(time, Limits(concurrency=8))
    pace.enter(1)
    pace.leave(overloaded())
    assert pace.allowed == 4
    for _ in range(200):
        pace.enter(1)
        pace.leave()
    assert pace.allowed == 8


def test_what_the_endpoint_asks_for_holds_back_every_call() -> None:
    """Retry-After told to one call makes the next one wait too."""
    time = Time()
    pace = paced(time, Limits())
    pace.enter(1)
    pace.leave(overloaded(retry_after=7))
    pace.enter(1)
    assert time.now - 100 == pytest.approx(7)


def test_waits_grow_and_are_capped() -> None:
    """Without Retry-After the wait is a draw below a cap that doubles up to the longest wait."""
    pace = paced(Time(), Limits(first_wait_seconds=1, longest_wait_seconds=10))
    for tries, cap in ((1, 1), (2, 2), (3, 4), (8, 10)):
        waits = [pace.wait_before(tries, overloaded()) for _ in range(200)]
        assert max(waits) <= cap
        assert max(waits) > cap * 0.8


def test_what_was_asked_for_is_waited_and_a_draw_on_top() -> None:
    """Clients that were all told the same wait no less than that, and do not come back at once."""
    pace = paced(Time(), Limits(first_wait_seconds=1, longest_wait_seconds=10))
    for asked in (0, 33):
        waits = [pace.wait_before(3, overloaded(retry_after=asked)) for _ in range(200)]
        assert asked <= min(waits) < asked + 1
        assert asked + 3 < max(waits) <= asked + 4


def test_an_error_that_is_no_overload_leaves_the_pace_alone() -> None:
    """A refused request says nothing of how busy the endpoint is."""
    pace = paced(Time(), Limits(concurrency=8))
    pace.enter(1)
    pace.leave(ProviderError("no", kind=FailureKind.REFUSED_REQUEST, endpoint="test"))
    assert pace.allowed == 8
