"""What a run may spend. The limit is never overshot by more than the calls in flight.

A call reserves what it is expected to cost before it goes, and settles what it did cost after.
The expectation is an estimate at first (the prompt's tokens and the whole token limit at list
price) and the mean of what calls have really cost once some have come back, because answers are
usually far shorter than the limit. For the same reason a call that does not fit waits while others
are in flight: what they give back may make room for it. A reserved estimate that was too low can
overshoot only by its own call, which is in flight.
"""

import threading
import time
from dataclasses import dataclass, field

from suffice.errors import BudgetExceeded
from suffice.report.words import money

_ENOUGH_TO_LEARN_FROM = 20


@dataclass
class Purse:
    """The money of one run, shared by all its threads.

    Every reservation must be settled, also when its call dies: others may be waiting for it.
    """

    limit_usd: float | None = None
    spent_usd: float = 0.0
    until: float | None = None  # on the monotonic clock
    _reserved: float = 0.0
    _in_flight: int = 0
    _settled: int = 0
    _settled_usd: float = 0.0
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def reserve(self, estimate_usd: float) -> float:
        """Takes a call's expected cost out of what is left, waiting while others may give back.
        Raises BudgetExceeded where nothing is in flight and the call still does not fit, and where
        the time is over."""
        with self._changed:
            self.refuse_late()
            while not self._fits(expected := self._expected(estimate_usd)):
                if not self._in_flight or self._is_empty():
                    raise self._exceeded(expected)
                self._changed.wait()
            self._reserved += expected
            self._in_flight += 1
            return expected

    def refuse_late(self) -> None:
        """Raises BudgetExceeded once the run's time is over: nothing new is begun then."""
        if self.until is not None and time.monotonic() > self.until:
            raise BudgetExceeded(
                "the time for this run is used up. What was answered is kept: run again with more "
                "--minutes to go on"
            )

    def settle(self, reserved_usd: float, actual_usd: float | None) -> None:
        """Puts a reservation back and books what the call did cost (None: nothing)."""
        with self._changed:
            self._reserved -= reserved_usd
            self._in_flight -= 1
            if actual_usd is not None:
                self.spent_usd += actual_usd
                self._settled += 1
                self._settled_usd += actual_usd
            self._changed.notify_all()

    def _expected(self, estimate_usd: float) -> float:
        if self._settled < _ENOUGH_TO_LEARN_FROM:
            return estimate_usd
        return min(estimate_usd, self._settled_usd / self._settled)

    def _fits(self, usd: float) -> bool:
        if self.limit_usd is None:
            return True
        # Sums of reservations that have all been settled may be off by a rounding error.
        reserved = self._reserved if self._in_flight else 0.0
        return not self._is_empty() and self.spent_usd + reserved + usd <= self.limit_usd

    def _is_empty(self) -> bool:
        return self.limit_usd is not None and self.spent_usd >= self.limit_usd

    def _exceeded(self, next_usd: float) -> BudgetExceeded:
        limit, spent = money(self.limit_usd or 0.0), money(self.spent_usd)
        if not self._is_empty():
            return BudgetExceeded(
                f"the next call may cost up to {money(next_usd)}, which does not fit the budget of "
                f"{limit} with {spent} spent. Raise --budget-usd, or lower max_tokens in "
                "suffice.yaml; what was answered is kept"
            )
        return BudgetExceeded(
            f"the budget of {limit} is used up: {spent} spent. "
            "What was answered is kept: run again with a larger --budget-usd to go on"
        )
