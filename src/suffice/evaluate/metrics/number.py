"""Whether the number in the answer is the expected one, within a tolerance, units converted.

Reads the number after "answer", "=", "total" or "####" where there is one, else the last: who
reckons aloud ends with the result. A number without a unit is taken to be in the expected one;
12 % is 12 and also 0.12; another currency is another amount.
"""

import math
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import ClassVar

import pint

from suffice.errors import UsageError
from suffice.evaluate.metrics.quantity import CURRENCIES, PERCENT, Quantity, quantities
from suffice.evaluate.metrics.scoring import changed, excuse, scored, shortened, unscored
from suffice.evaluate.reading import as_text, plain
from suffice.ports import Context
from suffice.records import Aspect, Json, Score

_CITATION = re.compile(r"\[\d{1,4}\]")
_CUE = re.compile(
    r"(?:\banswer\b(?:\s+is)?|\btotals?\b(?:\s+(?:is|of))?|=|####|\*\*(?=\W{0,3}\d))[:\s]*", re.I
)
_CODES = frozenset(CURRENCIES.values())


@dataclass(frozen=True, slots=True)
class Number:
    """`tolerance` is in the expected unit; `unit` is that of expected numbers that have none."""

    name: ClassVar[str] = "number"
    aspect: ClassVar[Aspect] = Aspect.CONTENT

    tolerance: float = 0.0
    relative_tolerance: float = 1e-6
    unit: str | None = None

    def __post_init__(self) -> None:
        if not (self.tolerance >= 0 and self.relative_tolerance >= 0):
            raise UsageError("number: tolerances must not be negative")
        if self.unit and not _is_unit(self.unit):
            raise UsageError(f"number: {self.unit!r} is no unit that pint knows; try 'km'")

    def score(self, context: Context) -> Score:
        if reason := excuse(context):
            return unscored(self, reason)
        wanted = [each for value in context.case.expected if (each := self._wanted(value))]
        if not wanted:
            return unscored(self, f"no expected answer is a number: {context.case.expected!r:.80}")
        read = plain(context.answer.text)
        found = _stated(read)
        if found is None:
            return scored(self, 0.0, f"no number in {shortened(read)}", changed(read, context))
        right = any(self._is(found, each) for each in wanted)
        return scored(self, float(right), reading=changed(str(found), context))

    def _wanted(self, value: Json) -> Quantity | None:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return None
        found = _expected(as_text(value))
        if found and not found.unit and self.unit:
            return Quantity(found.value, _code(self.unit) or self.unit)
        return found

    def _is(self, found: Quantity, wanted: Quantity) -> bool:
        return any(
            math.isclose(
                value, wanted.value, rel_tol=self.relative_tolerance, abs_tol=self.tolerance
            )
            for value in _in_unit(found, wanted.unit)
        )


@lru_cache(maxsize=1 << 14)
def _expected(text: str) -> Quantity | None:
    return next(iter(quantities(text)), None)


def _stated(text: str) -> Quantity | None:
    """The quantity that an answer comes down to."""
    clean = _CITATION.sub(" ", text)
    for cue in reversed(list(_CUE.finditer(clean))):
        if found := quantities(clean[cue.end() : cue.end() + 200]):
            return found[0]
    return next(reversed(quantities(clean)), None)


def _in_unit(found: Quantity, unit: str) -> list[float]:
    """The values that a quantity may have in a unit: none where it cannot be converted."""
    ours, theirs = found.unit, unit
    if ours == theirs:
        return [found.value]
    if PERCENT in (ours, theirs):
        ratio = found.value / 100 if ours == PERCENT else found.value * 100
        plain_number = not (ours if theirs == PERCENT else theirs) or not _dimension(ours, theirs)
        return [found.value, ratio] if plain_number else []
    if ours in _CODES or theirs in _CODES:
        return [] if _dimension(ours, theirs) else [found.value]
    one, other = _known(ours), _known(theirs)
    if one is None or other is None:  # "24 boxes": no unit, just what was counted
        return [found.value]
    try:
        return [float(_registry().Quantity(found.value, one).to(other).magnitude)]
    except pint.DimensionalityError:
        return []


def _dimension(ours: str, theirs: str) -> bool:
    """Whether both sides carry a unit or currency, so that they cannot mean the same."""
    return all(unit in _CODES or unit == PERCENT or _known(unit) for unit in (ours, theirs))


def _is_unit(unit: str) -> bool:
    return unit == PERCENT or _code(unit) is not None or _known(unit) is not None


def _code(unit: str) -> str | None:
    return CURRENCIES.get(unit.lower())


@cache
def _registry() -> "pint.UnitRegistry[float]":
    return pint.UnitRegistry()


@lru_cache(maxsize=1024)
def _known(unit: str) -> "pint.Unit | None":
    """The unit of that name, capitals aside; None for an ordinary word."""
    power = re.sub(r"(?<=[A-Za-zµμ])([23])", r"**\1", unit.replace("°", "deg").replace(" ", ""))
    for name in dict.fromkeys((power, power.lower())):
        try:
            return _registry().Unit(name) if name else None
        except (pint.UndefinedUnitError, pint.DefinitionSyntaxError):
            continue
    return None


create = Number
