"""Checks an answer's citations in code: a model that cites may still cite what it was not given.

A citation holds if its number is that of a passage that was shown, and if every longer quotation in
its sentence stands in that passage, word for word. One that does not hold is flagged and is never
shown as a source. Whether a passage supports its sentence is for the metric `citations` to judge.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from suffice.records import Passage

_NUMBERS = re.compile(r"\[(\d{1,4}(?:\s*[,;]\s*\d{1,4})*)\]")
_QUOTED = re.compile(r"\"([^\"\n]{1,2000})\"|\u201c([^\u201d\n]{1,2000})\u201d")
_SENTENCE = re.compile(r"(?<=[.!?\]])\s+(?=[A-Z\"\u201c])|\n+")
_QUOTED_WORDS = 3  # shorter quotations are names and terms


@dataclass(frozen=True, slots=True)
class Citation:
    """A number in an answer, counted from 1, with the passage it names."""

    number: int
    passage: Passage


@dataclass(frozen=True, slots=True)
class Flag:
    """A citation that does not hold, and why."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class Cited:
    """The citations of an answer: those that hold, each once, and those that do not."""

    held: tuple[Citation, ...]
    flagged: tuple[Flag, ...]


def check(answer: str, passages: Sequence[Passage]) -> Cited:
    """Reads `[2]` and `[1, 3]`; a number outside the passages is flagged."""
    held: dict[int, Citation] = {}
    flagged: dict[int, Flag] = {}
    for sentence in _SENTENCE.split(answer):
        quotes = [one or other for one, other in _QUOTED.findall(sentence)]
        for number in _cited(sentence):
            if not 1 <= number <= len(passages):
                flagged[number] = Flag(number, f"there is no passage {number}")
                continue
            passage = passages[number - 1]
            missing = [quote for quote in quotes if not _stands_in(quote, sentence, passages)]
            if missing:
                flagged[number] = Flag(number, f"it does not say {missing[0][:80]!r}")
            else:
                held.setdefault(number, Citation(number, passage))
    good = tuple(each for number, each in sorted(held.items()) if number not in flagged)
    return Cited(good, tuple(flag for _, flag in sorted(flagged.items())))


def _cited(sentence: str) -> Iterator[int]:
    for found in _NUMBERS.findall(sentence):
        yield from (int(number) for number in re.split(r"\s*[,;]\s*", found))


def _stands_in(quote: str, sentence: str, passages: Sequence[Passage]) -> bool:
    """Whether a quotation stands in one of the passages that its sentence cites."""
    if len(quote.split()) < _QUOTED_WORDS:
        return True
    sought = _plain(quote)
    named = [passages[n - 1] for n in _cited(sentence) if 1 <= n <= len(passages)]
    return any(sought in _plain(passage.text) for passage in named)


def _plain(text: str) -> str:
    """Without differences of spacing and of the final point, which quoting changes."""
    return " ".join(text.split()).rstrip(".,;:!?").replace("\u2019", "'")
