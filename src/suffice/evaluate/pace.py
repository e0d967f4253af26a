"""How fast an endpoint is asked: as fast as it bears, never faster than it allows.

One `Pace` is shared by all threads that call one endpoint. It holds three brakes: how many calls
may be in flight (halved when the endpoint says that it is overloaded, raised by one for every
round of successes), requests and tokens a minute (a bucket each), and the wait that the endpoint
itself asked for with Retry-After, which holds back every call and not only the one that was told.

Clock, sleep and random numbers come in as arguments, so that tests need no time.
"""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from suffice.errors import ProviderError
from suffice.records import FailureKind

OVERLOAD = frozenset({FailureKind.RATE_LIMIT, FailureKind.SERVER, FailureKind.TIMEOUT})


@dataclass(frozen=True, slots=True)
class Limits:
    """What a study says of an endpoint's patience."""

    concurrency: int = 32
    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    tries: int = 6
    first_wait_seconds: float = 0.5
    longest_wait_seconds: float = 60.0


class Pace:
    """The brakes of one endpoint."""

    def __init__(
        self,
        limits: Limits,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        chance: random.Random | None = None,
    ) -> None:
        self.limits = limits
        self._clock, self._sleep = clock, sleep
        self._chance = chance or random.Random()  # jitter need not be repeatable
        self._free = threading.Condition()
        self._allowed = float(limits.concurrency)
        self._in_flight = 0
        self._not_before = 0.0
        self._last_cut = float("-inf")
        self._requests = _Bucket(limits.requests_per_minute, clock)
        self._tokens = _Bucket(limits.tokens_per_minute, clock)

    @property
    def allowed(self) -> int:
        """Calls that may be in flight now."""
        return max(1, int(self._allowed))

    def enter(self, tokens: int) -> None:
        """Waits for the turn of a call that will use about so many tokens."""
        with self._free:
            self._free.wait_for(lambda: self._in_flight < self.allowed)
            self._in_flight += 1
        while (wait := self._turn(tokens)) > 0:
            self._sleep(wait)

    def leave(self, error: ProviderError | None = None) -> None:
        """A call has ended. What it ended with moves the brakes."""
        with self._free:
            self._in_flight -= 1
            if error is None:
                self._allowed = min(
                    self.limits.concurrency, self._allowed + 1 / max(1.0, self._allowed)
                )
            elif error.kind in OVERLOAD:
                self._slow_down(error)
            self._free.notify()

    def wait_before(self, tries: int, error: ProviderError) -> float:
        """Seconds to wait before try number `tries` + 1: what was asked for, and a growing draw.

        Full jitter (uniform up to the cap) keeps many clients from coming back at once. It is
        added to what was asked for: servers tell all their clients the same, and often 0.
        """
        cap = min(
            self.limits.longest_wait_seconds, self.limits.first_wait_seconds * 2 ** (tries - 1)
        )
        return max(0.0, error.retry_after or 0.0) + self._chance.uniform(0, cap)

    def pause(self, seconds: float) -> None:
        self._sleep(seconds)

    def _slow_down(self, error: ProviderError) -> None:
        """Halves the concurrency, once for all the calls that were in flight together."""
        now = self._clock()
        if now - self._last_cut > 1.0:
            self._allowed = max(1.0, self._allowed / 2)
            self._last_cut = now
        if error.retry_after is not None:
            self._not_before = max(
                self._not_before,
                now + min(error.retry_after, self.limits.longest_wait_seconds),
            )

    def _turn(self, tokens: int) -> float:
        """0 when the call may go now, having taken its share; else the seconds to wait."""
        with self._free:
            hold = self._not_before - self._clock()
            if hold > 0:
                return hold
            wait = max(self._requests.wait(1), self._tokens.wait(tokens))
            if wait <= 0:
                self._requests.take(1)
                self._tokens.take(tokens)
            return wait


class _Bucket:
    """A token bucket that holds ten seconds' worth: bursts pass, the minute's limit holds."""

    def __init__(self, per_minute: float | None, clock: Callable[[], float]) -> None:
        self._rate = per_minute / 60 if per_minute else None
        self._clock = clock
        self._size = self._rate * 10 if self._rate else 0.0
        self._level = max(self._size, 1.0)
        self._at = clock()

    def wait(self, amount: float) -> float:
        if self._rate is None:
            return 0.0
        self._fill()
        # A call larger than the bucket goes when the bucket is full and leaves it in debt.
        missing = min(amount, max(self._size, 1.0)) - self._level
        return missing / self._rate if missing > 0 else 0.0

    def take(self, amount: float) -> None:
        if self._rate is not None:
            self._level -= amount

    def _fill(self) -> None:
        now = self._clock()
        assert self._rate is not None  # noqa: S101 (wait() has returned otherwise)
        self._level = min(max(self._size, 1.0), self._level + (now - self._at) * self._rate)
        self._at = now
