"""Whether the answer contains what it should, and none of what it should not.

Without options it should contain one of the expected answers, as whole words: 9 is not in 19, nor
in 9.5, nor is 1 in the mark of a citation, [1]. White space, Unicode spelling and (unless told
otherwise) case do not matter. An answer that declines contains nothing.
"""

import re
from collections.abc import Sequence
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
from suffice.records import Aspect, Json, Score

_MARK = re.compile(r"\[\d{1,3}\]")


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
        text = context.answer.text
        wrong = self._wrong(text) if own else self._lacks(text, context.case.expected)
        if not wrong and declined(context.answer.text):
            wrong = DECLINED
        return scored(self, float(not wrong), wrong)

    def _lacks(self, text: str, expected: Sequence[Json]) -> str:
        """An expected answer stands in whole words, and not in a citation's number."""
        parts = [as_text(value) for value in expected]
        held = self._normal(_MARK.sub(" ", text))
        if any(_whole(self._normal(part)).search(held) for part in parts):
            return ""
        return f"contains none of {parts}"

    def _wrong(self, text: str) -> str:
        """What is wrong, in words, or an empty string."""
        held = self._normal(text)
        if self.any_of and not any(self._normal(part) in held for part in self.any_of):
            return f"contains none of {list(self.any_of)}"
        if missing := [part for part in self.all_of if self._normal(part) not in held]:
            return f"does not contain {missing}"
        if present := [part for part in self.none_of if self._normal(part) in held]:
            return f"contains {present}"
        return ""

    def _normal(self, text: str) -> str:
        return normalise(text, case=self.ignore_case, punctuation=False, articles=False)


def _whole(part: str) -> re.Pattern[str]:
    before = r"(?<!\w)(?<!\d[.,])" if part[:1].isalnum() else ""
    after = r"(?!\w)(?![.,]\d)" if part[-1:].isalnum() else ""
    return re.compile(f"{before}{re.escape(part)}{after}")


create = Contains
