"""Shares with Wilson's interval, held against their goals. Knows no model and no question."""

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks.results_file import Claim
from suffice.stats.intervals import rate_interval

_TESTS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass
class Found:
    """What the parts of a benchmark found so far."""

    claims: list[Claim] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)

    def share(self, name: str, values: Sequence[bool], goal: str = "") -> float:
        """Of a yes or no per question; a claim where there is a goal for it."""
        marks = np.array(values, dtype=float)
        between = rate_interval(marks, [str(place) for place in range(len(marks))])
        measured = float(marks.mean())
        self._keep(name, "share", goal, measured, (between.low, between.high), len(marks))
        return measured

    def number(
        self,
        name: str,
        unit: str,
        measured: float,
        goal: str = "",
        *,
        between: tuple[float, float] | None = None,
        count: int | None = None,
    ) -> None:
        """Of anything else, with the bounds that the measurement itself brings."""
        self._keep(name, unit, goal, measured, between or (None, None), count)

    def _keep(  # noqa: PLR0917 - private: the two above name what they give
        self,
        name: str,
        unit: str,
        goal: str,
        measured: float,
        between: tuple[float, float] | tuple[None, None],
        count: int | None,
    ) -> None:
        low, high = between
        if goal:
            met = meets(goal, measured)
            self.claims.append(Claim(name, unit, goal, measured, low, high, met))
        self.rows.append(
            {"what": name, "n": count, "measured": measured, "low": low, "high": high, "unit": unit}
        )


def meets(goal: str, measured: float) -> bool:
    """Whether a number is as a goal like `>= 0.85` wants it."""
    test, bound = goal.split()
    return _TESTS[test](measured, float(bound))
