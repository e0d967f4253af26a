"""Whether a regular expression matches somewhere in the answer.

Matched against the answer as it stands and against what it says once fences and JSON are off.
A match that takes longer than a second leaves the answer unscored: nothing hangs. Patterns are
those of Python's `re`; the `regex` package runs them, which alone can be interrupted.
"""

from dataclasses import dataclass
from typing import ClassVar

import regex

from suffice.errors import UsageError
from suffice.evaluate.declining import declined
from suffice.evaluate.metrics.scoring import (
    DECLINED,
    NO_ANSWER_EXISTS,
    changed,
    scored,
    unscored,
)
from suffice.evaluate.reading import plain
from suffice.ports import Context
from suffice.records import Aspect, Score

_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Regex:
    """`negate` asks that it match nowhere. Write (?i) into the pattern to ignore case."""

    name: ClassVar[str] = "regex"
    aspect: ClassVar[Aspect] = Aspect.CONTENT

    pattern: str
    negate: bool = False

    def __post_init__(self) -> None:
        try:
            regex.compile(self.pattern)
        except (regex.error, RecursionError, OverflowError) as error:
            raise UsageError(f"regex: the pattern {self.pattern!r} is wrong: {error}") from None

    def score(self, context: Context) -> Score:
        if not context.case.answerable:
            return unscored(self, NO_ANSWER_EXISTS)
        text = context.answer.text
        read = plain(text)
        try:
            found = any(self._found_in(each) for each in dict.fromkeys((text, read)))
        except TimeoutError:
            return unscored(
                self, f"the pattern ran longer than {_SECONDS:g} s on {len(text)} characters"
            )
        if found is self.negate:
            return scored(self, 0.0, "matches" if found else "no match", changed(read, context))
        if declined(text):
            return scored(self, 0.0, DECLINED, changed(read, context))
        return scored(self, 1.0, reading=changed(read, context))

    def _found_in(self, text: str) -> bool:
        return regex.search(self.pattern, text, timeout=_SECONDS) is not None


create = Regex
