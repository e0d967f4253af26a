"""Whether the answer keeps the rules of style: length, words, opening, reading level.

1 if it keeps them all; the detail says which it breaks. Words are counted in the answer itself,
out of fences and JSON. The reading level is the Flesch-Kincaid grade (Kincaid et al. 1975), with
syllables counted by vowel groups: for English, and give it a margin of about one grade.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import ClassVar

from suffice.errors import UsageError
from suffice.evaluate.metrics.scoring import changed, scored
from suffice.evaluate.reading import normalise, plain
from suffice.ports import Context
from suffice.records import Aspect, Score

_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")  # noqa: RUF001 (the apostrophe that people type)
_SENTENCE_END = re.compile(r"[.!?]+(?=\s|$)")
_VOWELS = re.compile(r"[aeiouy]+")


@dataclass(frozen=True, slots=True)
class Style:
    """Set at least one. `must` and `must_not` are words or phrases, matched whole, any case."""

    name: ClassVar[str] = "style"
    aspect: ClassVar[Aspect] = Aspect.STYLE

    max_words: int | None = None
    min_words: int | None = None
    must: tuple[str, ...] = ()
    must_not: tuple[str, ...] = ()
    max_grade: float | None = None
    starts_with: str | None = None

    def __post_init__(self) -> None:
        if not any(getattr(self, field.name) not in (None, ()) for field in fields(self)):
            names = ", ".join(field.name for field in fields(self))
            raise UsageError(f"style: no rule is set; set one of {names}")

    def score(self, context: Context) -> Score:
        read = plain(context.answer.text)
        broken = "; ".join(self._broken(read))
        return scored(self, float(not broken), broken, changed(read, context))

    def _broken(self, text: str) -> Iterator[str]:
        words = _WORD.findall(text)
        if self.max_words is not None and len(words) > self.max_words:
            yield f"{len(words)} words, at most {self.max_words}"
        if self.min_words is not None and len(words) < self.min_words:
            yield f"{len(words)} words, at least {self.min_words}"
        if self.must or self.must_not:
            held = f" {normalise(text, articles=False)} "
            yield from (f"lacks {each!r}" for each in self.must if not _in(each, held))
            yield from (f"has {each!r}" for each in self.must_not if _in(each, held))
        if self.max_grade is not None and (grade := reading_grade(text)) > self.max_grade:
            yield f"reading grade {grade:.1f}, at most {self.max_grade:g}"
        if self.starts_with is not None and not text.startswith(self.starts_with):
            yield f"does not start with {self.starts_with!r}"


def reading_grade(text: str) -> float:
    """The Flesch-Kincaid grade: 0.39 words a sentence + 11.8 syllables a word - 15.59."""
    words = [word.lower() for word in _WORD.findall(text)]
    if not words:
        return 0.0
    sentences = max(1, len(_SENTENCE_END.findall(text)))
    syllables = sum(_syllables(word) for word in words)
    return 0.39 * len(words) / sentences + 11.8 * syllables / len(words) - 15.59


def _syllables(word: str) -> int:
    """Groups of vowels, without a silent e at the end (but "table" has two)."""
    groups = len(_VOWELS.findall(word))
    silent = word.endswith("e") and not word.endswith(("le", "ee", "ye")) and groups > 1
    return max(1, groups - silent)


def _in(phrase: str, held: str) -> bool:
    return f" {normalise(phrase, articles=False)} " in held


create = Style
