"""Whether the answer contains what it should, and none of what it should not.

Without options it should contain one of the expected answers. White space, Unicode spelling and
(unless told otherwise) case do not matter. An answer that declines contains nothing.
"""

from dataclasses import dataclass
from typing import ClassVar

from suffice.evaluate.declining import declined
from suffice.evaluate.metrics.scoring import (
    DECLINED,
    NO_ANSWER_EXISTS,
    excuse,
    scored,
    unscored,
)
from suffice.evaluate.reading import as_text, normalise
from suffice.ports import Context
from suffice.records import Aspect, Score


@dataclass(frozen=True, slots=True)
class Contains:
    """At least one of `any_of`, each of `all_of`, none of `none_of`, as parts of the text."""

    name: ClassVar[str] = "contains"
    aspect: ClassVar[Aspect] = Aspect.CONTENT

    any_of: tuple[str, ...] = ()
    all_of: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()
    ignore_case: bool = True

    def score(self, context: Context) -> Score:
        own = bool(self.any_of or self.all_of or self.none_of)
        reason = excuse(context)
        if reason == NO_ANSWER_EXISTS or (reason and not own):
            return unscored(self, reason)
        expected = () if own else tuple(as_text(value) for value in context.case.expected)
        wrong = self._wrong(context.answer.text, self.any_of or expected)
        if not wrong and declined(context.answer.text):
            wrong = DECLINED
        return scored(self, float(not wrong), wrong)

    def _wrong(self, text: str, any_of: tuple[str, ...]) -> str:
        """What is wrong, in words, or an empty string."""
        held = self._normal(text)
        if any_of and not any(self._normal(part) in held for part in any_of):
            return f"contains none of {list(any_of)}"
        if missing := [part for part in self.all_of if self._normal(part) not in held]:
            return f"does not contain {missing}"
        if present := [part for part in self.none_of if self._normal(part) in held]:
            return f"contains {present}"
        return ""

    def _normal(self, text: str) -> str:
        return normalise(text, case=self.ignore_case, punctuation=False, articles=False)


create = Contains
