"""Held-out questions that stand, nearly the same, where a system is built: in dev or an example.

A leak makes a system look better than it is. What counts as nearly the same, and why two rows of
one template do not, is said in duplicates.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from suffice.evaluate.duplicates import THRESHOLD, Duplicates, Pair, find
from suffice.records import Case, Example, Json, Message, Source

HELD_OUT = "held-out"
_SHOWN = 60  # characters of a question that a message shows


@dataclass(frozen=True, slots=True)
class Leak:
    """A held-out case whose question was seen while building. `kind` is `dev` or `example`."""

    held_out: str
    held_out_source: Source | None
    other: str
    other_source: Source | None
    kind: str
    similarity: float
    question: str

    def __str__(self) -> str:
        shown = " ".join(self.question.split())
        shown = shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 3]}..."
        return (
            f"held-out {self.held_out_source or self.held_out} and {self.kind} "
            f"{self.other_source or self.other} ask the same ({self.similarity:.0%} alike): {shown}"
        )


def near_duplicates(
    texts: Sequence[str], answers: Sequence[Json] | None = None, *, threshold: float = THRESHOLD
) -> tuple[Pair, ...]:
    """Near-duplicate texts: enough pairs to join what belongs together, not all.

    Of a hundred equal texts the first is paired with the ninety-nine others. `answers` are the
    expected ones, None where unknown: texts that differ in words and in answers are two questions.
    """
    return find(texts, answers, threshold=threshold).pairs()


def leaks(
    held_out: Sequence[Case], dev: Sequence[Case], examples: Sequence[Example]
) -> tuple[Leak, ...]:
    """One leak for each held-out case and kind of place where it was seen."""
    records: list[Case | Example] = [*held_out, *dev, *examples]
    kinds = [HELD_OUT] * len(held_out) + ["dev"] * len(dev) + ["example"] * len(examples)
    found = find([said(each.messages) for each in records], [answer(each) for each in records])
    seen = _seen(found, kinds)
    return tuple(
        _leak(held_out[place], records[other], kind, similarity)
        for group in found.groups
        for place in group
        if kinds[place] == HELD_OUT
        for kind, (other, similarity) in sorted(seen.get(group[0], {}).items())
    )


def said(messages: Sequence[Message]) -> str:
    """A chat without its system turn, which all cases of a study may share."""
    return "\n".join(message.content for message in messages if message.role != "system")


def answer(record: Case | Example) -> Json:
    """The one answer that is expected, or None where there is none or several are good."""
    if isinstance(record, Example):
        return record.reply
    return record.expected[0] if len(record.expected) == 1 else None


def _seen(found: Duplicates, kinds: Sequence[str]) -> dict[int, dict[str, tuple[int, float]]]:
    """For each group of equal texts, by its first: the most alike record of dev and of examples."""
    inside = {group[0]: _first_of_each(group, kinds) for group in found.groups}
    seen = {
        first: {kind: (place, 1.0) for kind, place in places.items()}
        for first, places in inside.items()
    }
    for pair in sorted(found.near, key=lambda pair: -pair.similarity):
        for here, there in ((pair.first, pair.second), (pair.second, pair.first)):
            for kind, place in inside[there].items():
                seen[here].setdefault(kind, (place, pair.similarity))
    return seen


def _first_of_each(group: Sequence[int], kinds: Sequence[str]) -> dict[str, int]:
    firsts: dict[str, int] = {}
    for place in group:
        if kinds[place] != HELD_OUT:
            firsts.setdefault(kinds[place], place)
    return firsts


def _leak(case: Case, other: Case | Example, kind: str, similarity: float) -> Leak:
    return Leak(
        held_out=case.id,
        held_out_source=case.source,
        other=other.id,
        other_source=other.source,
        kind=kind,
        similarity=similarity,
        question=said(case.messages),
    )
