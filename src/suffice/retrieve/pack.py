"""Puts what was found before the model: as much as fits, nothing twice, numbered, with dates.

Passages that overlap become one. Those that speak of the same matter in other documents stand side
by side, because a model that reads the old price here and the new one five passages on takes the
first. The instruction asks for answers from the passages alone, for citations, and for an honest
"the documents do not say".
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from suffice.records import Json, Message, Passage, Question, Request
from suffice.retrieve.records import Hit

# Two passages with so large a share of words in common speak of the same matter.
_SAME_MATTER = 0.5
# What a passage's number and heading take, about.
_LABEL_TOKENS = 16

FROM_PASSAGES = (
    "Answer only from the numbered passages. If they do not hold the answer, say: "
    "The documents do not say. Where passages disagree, the newer one counts."
)
CITE = "After each statement, give the number of its passage, like [1]."
_SOURCE_KEYS = ("citations", "sources", "passages")


def pack(hits: Sequence[Hit], budget_tokens: int, count: Callable[[str], int]) -> list[Passage]:
    """The passages of the best hits that fit, best first, overlapping ones merged."""
    chosen: list[Passage] = []
    left = budget_tokens
    for hit in hits:
        place, merged = _joined_to(chosen, hit.passage)
        needed = count(merged.text) + _LABEL_TOKENS
        freed = count(chosen[place].text) + _LABEL_TOKENS if place is not None else 0
        if needed - freed > left:
            continue  # a shorter one further down may still fit
        left -= needed - freed
        if place is None:
            chosen.append(merged)
        else:
            chosen[place] = merged
    return _together(chosen)


def _joined_to(chosen: Sequence[Passage], passage: Passage) -> tuple[int | None, Passage]:
    """Where a passage belongs: into one that it overlaps, or a place of its own."""
    for place, other in enumerate(chosen):
        joined = joined_spans(other, passage)
        if joined is not None:
            return place, joined
    return None, passage


def joined_spans(one: Passage, other: Passage) -> Passage | None:
    """Two passages of a document as one, where their spans overlap."""
    if one.document != other.document or None in (one.start, one.end, other.start, other.end):
        return None
    first, second = sorted((one, other), key=lambda each: (each.start or 0, -(each.end or 0)))
    start, end = first.start or 0, first.end or 0
    if (second.start or 0) >= end:
        return None
    text, low, high = first.text, start, end
    if (second.end or 0) > end:
        text += second.text[end - (second.start or 0) :]
        high = second.end or 0
    headings = first.headings if first.headings == second.headings else one.headings
    return replace(
        first,
        id=f"{first.document}#{low}-{high}",
        text=text,
        start=low,
        end=high,
        headings=headings,
    )


def _together(passages: Sequence[Passage]) -> list[Passage]:
    """Best first, but each followed by those of other documents about the same matter."""
    words = [frozenset(re.findall(r"[^\W\d_]{3,}", each.text.lower())) for each in passages]
    ordered: list[int] = []
    for place, passage in enumerate(passages):
        if place in ordered:
            continue
        ordered.append(place)
        ordered += [
            other
            for other in range(place + 1, len(passages))
            if other not in ordered
            and passages[other].document != passage.document
            and _alike(words[place], words[other]) >= _SAME_MATTER
        ]
    return [passages[place] for place in ordered]


def _alike(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(1, len(one | other))


def evidence(passages: Sequence[Passage]) -> str:
    """The passages as the model sees them: numbered from 1, each with its place and its date."""
    return "\n\n".join(
        f"[{number}] {label(passage)}\n{passage.text}"
        for number, passage in enumerate(passages, start=1)
    )


def label(passage: Passage) -> str:
    """`Handbook > Returns (2031-04-02)`."""
    parts = [passage.title or passage.document]
    parts += [each for each in passage.headings if each.casefold() != parts[0].casefold()]
    place = " > ".join(parts)
    return f"{place} ({passage.dated})" if passage.dated else place


def instruction(schema: Json | None) -> str:
    """What the model is told. In JSON, citations go where the schema has a place for them."""
    if not isinstance(schema, dict):
        return f"{FROM_PASSAGES} {CITE}"
    properties = schema.get("properties")
    keys = [key for key in _SOURCE_KEYS if isinstance(properties, dict) and key in properties]
    if not keys:
        return FROM_PASSAGES
    return f"{FROM_PASSAGES} Put the numbers of the passages that you used into `{keys[0]}`."


def with_passages(request: Request, passages: tuple[Passage, ...], question: Question) -> Request:
    """A request whose last turn has numbered passages before it, and whose system turn says how
    they are to be used."""
    system, *turns = request.messages
    told = f"{system.content}\n\n{instruction(dict(question.schema or {}) or None)}".strip()
    if passages:
        last = turns[-1]
        turns[-1] = Message("user", f"{evidence(passages)}\n\n{last.content}")
    return replace(request, messages=(Message("system", told), *turns), passages=passages)
