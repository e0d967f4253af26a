"""How much the words of the answer overlap with the expected answer: token F1, as in SQuAD.

The best over the expected answers counts. Words are normalised as in `exact`; scripts without
spaces are compared character by character, as in MLQA.
"""

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from suffice.errors import UsageError
from suffice.evaluate.metrics.scoring import changed, excuse, said, scored, unscored
from suffice.evaluate.reading import as_text, words_of
from suffice.ports import Context
from suffice.records import Aspect, Score


@dataclass(frozen=True, slots=True)
class F1:
    """`threshold`, where given, makes it right or wrong: 1 from there on, else 0."""

    name: ClassVar[str] = "f1"
    aspect: ClassVar[Aspect] = Aspect.CONTENT

    threshold: float | None = None

    def __post_init__(self) -> None:
        if self.threshold is not None and not 0 < self.threshold <= 1:
            raise UsageError(f"f1: threshold is {self.threshold}; it lies above 0 and up to 1")

    def score(self, context: Context) -> Score:
        if reason := excuse(context):
            return unscored(self, reason)
        read = said(context)
        found = Counter(words_of(read))
        best = max(_overlap(found, _wanted(as_text(each))) for each in context.case.expected)
        value = best if self.threshold is None else float(best >= self.threshold)
        detail = "" if self.threshold is None else f"F1 {best:.3f}"
        return scored(self, value, detail, changed(read, context))


@lru_cache(maxsize=1 << 13)
def _wanted(text: str) -> Counter[str]:
    return Counter(words_of(text))


def _overlap(found: Counter[str], wanted: Counter[str]) -> float:
    """2PR/(P+R) over words as often as they occur; two empty texts agree, as in SQuAD 2."""
    if not found or not wanted:
        return float(found == wanted)
    return 2 * (found & wanted).total() / (found.total() + wanted.total())


create = F1
