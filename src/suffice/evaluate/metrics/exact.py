"""Whether the answer is one of the expected ones, apart from case, punctuation and articles.

An expected object or list is compared value by value. Nothing but the answer may stand there:
use `contains` or `f1` where it may be part of a sentence.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from suffice.evaluate.metrics.sameness import same
from suffice.evaluate.metrics.scoring import changed, excuse, said, scored, unscored
from suffice.evaluate.reading import as_text, find_json, normalise
from suffice.ports import Context
from suffice.records import Aspect, Json, Score

# An expected answer meets many answers: every rung and every replicate.
_remembered = lru_cache(maxsize=1 << 14)(normalise)


@dataclass(frozen=True, slots=True)
class Exact:
    """Switches for what does not matter. White space and Unicode spelling never do."""

    name: ClassVar[str] = "exact"
    aspect: ClassVar[Aspect] = Aspect.CONTENT

    ignore_case: bool = True
    ignore_punctuation: bool = True
    ignore_articles: bool = True

    def score(self, context: Context) -> Score:
        if reason := excuse(context):
            return unscored(self, reason)
        text = context.answer.text
        read = said(context)
        readings = (
            {self._normal(read)} if read == text else {self._normal(read), self._normal(text)}
        )
        right = any(self._matches(each, readings, text) for each in context.case.expected)
        return scored(self, float(right), reading=changed(read, context))

    def _matches(self, expected: Json, readings: set[str], text: str) -> bool:
        if expected is None or isinstance(expected, dict | list):
            return same(expected, find_json(text)[0])
        wanted = _remembered(
            as_text(expected),
            case=self.ignore_case,
            punctuation=self.ignore_punctuation,
            articles=self.ignore_articles,
        )
        return wanted in readings

    def _normal(self, text: str) -> str:
        return normalise(
            text,
            case=self.ignore_case,
            punctuation=self.ignore_punctuation,
            articles=self.ignore_articles,
        )


create = Exact
