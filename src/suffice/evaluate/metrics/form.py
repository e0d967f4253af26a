"""Whether the whole answer has the form of a regular expression.

For a house's form that no JSON Schema can say: a set opening, a set closing, one line. Every answer
is to have it, one that declines too. Patterns are those of Python's `re`; a match that takes longer
than a second leaves the answer unscored.
"""

from dataclasses import dataclass
from typing import ClassVar

import regex

from suffice.errors import UsageError
from suffice.evaluate.metrics.scoring import scored, unscored
from suffice.ports import Context
from suffice.records import Aspect, Score

_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Form:
    """`pattern` must match from the first character to the last, white space around it aside."""

    name: ClassVar[str] = "form"
    aspect: ClassVar[Aspect] = Aspect.FORMAT

    pattern: str

    def __post_init__(self) -> None:
        try:
            regex.compile(self.pattern)
        except (regex.error, RecursionError, OverflowError) as error:
            raise UsageError(f"form: the pattern {self.pattern!r} is wrong: {error}") from None

    def score(self, context: Context) -> Score:
        text = context.answer.text.strip()
        try:
            kept = regex.fullmatch(self.pattern, text, regex.DOTALL, timeout=_SECONDS) is not None
        except TimeoutError:
            return unscored(self, f"the pattern ran longer than {_SECONDS:g} s")
        return scored(self, float(kept), "" if kept else f"not of the form {self.pattern}")


create = Form
