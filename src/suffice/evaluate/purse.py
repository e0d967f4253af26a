"""What a run may spend. The limit is never overshot by more than the calls in flight.

A call reserves what it is expected to cost before it goes, and settles what it did cost after.
The expectation is an estimate at first (the prompt's tokens and the whole token limit at list
price) and the mean of what calls have really cost once some have come back, because answers are
usually far shorter than the limit. A reserved estimate that was too low can overshoot only by its
own call, which is in flight.
"""

import threading
from dataclasses import dataclass, field

from suffice.errors import BudgetExceeded

_ENOUGH_TO_LEARN_FROM = 20


@dataclass
class Purse:
    """The money of one run, shared by all its threads."""

    limit_usd: float | None = None
    spent_usd: float = 0.0
    _reserved: float = 0.0
    _settled: int = 0
    _settled_usd: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def reserve(self, estimate_usd: float) -> float:
        """Takes a call's expected cost out of what is left, or raises BudgetExceeded."""
        if self.limit_usd is None:
            return 0.0
        with self._lock:
            if self._settled >= _ENOUGH_TO_LEARN_FROM:
                estimate_usd = min(estimate_usd, self._settled_usd / self._settled)
            expected = self.spent_usd + self._reserved + estimate_usd
            if self.spent_usd >= self.limit_usd or expected > self.limit_usd:
                raise BudgetExceeded(
                    f"the budget of ${self.limit_usd:.2f} is used up: ${self.spent_usd:.4f} spent. "
                    "What was answered is kept: run again with a larger --budget-usd to go on"
                )
            self._reserved += estimate_usd
            return estimate_usd

    def settle(self, reserved_usd: float, actual_usd: float | None) -> None:
        """Puts a reservation back and books what the call did cost (None: it failed)."""
        with self._lock:
            self._reserved -= reserved_usd
            if actual_usd is not None:
                self.spent_usd += actual_usd
                self._settled += 1
                self._settled_usd += actual_usd
