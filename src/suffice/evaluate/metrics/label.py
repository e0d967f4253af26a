"""Whether the answer names the right one of several labels, however it says so.

Read leniently: "This looks like a *refund* request." names refund. A label inside a longer one
does not count, nor one after "not". An answer that names several labels names none, unless its
first or last line names just one. Whether it is the bare label is `label-format`'s business.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from suffice.evaluate.metrics.scoring import excuse, scored, shortened, unscored
from suffice.evaluate.reading import as_text, normalise, plain
from suffice.ports import Context
from suffice.records import Aspect, Case, Json, Score

_NEGATIONS = r"(?<!\bnot )(?<!\bnot a )(?<!\bisnt )(?<!\bisnt a )(?<!\bnever )(?<!\bno )"


@dataclass(frozen=True, slots=True)
class Label:
    """`labels` are all there are; without them, those of the schema's enum, else the expected."""

    name: ClassVar[str] = "label"
    aspect: ClassVar[Aspect] = Aspect.CONTENT

    labels: tuple[str, ...] = ()

    def score(self, context: Context) -> Score:
        if reason := excuse(context):
            return unscored(self, reason)
        text = context.answer.text
        named = read_label(text, self.labels or known_labels(context.case))
        wanted = {normalise(as_text(each), articles=False) for each in context.case.expected}
        if named is None:
            return scored(self, 0.0, f"names no one label: {shortened(text)}", "")
        right = normalise(named, articles=False) in wanted
        return scored(self, float(right), reading=None if named == text else named)


def known_labels(case: Case) -> tuple[str, ...]:
    """The labels that a case tells of: its schema's first enum, else its expected answers."""
    found = _enum(case.schema) if case.schema else None
    return tuple(as_text(each) for each in found or case.expected)


def read_label(text: str, labels: Sequence[str]) -> str | None:
    """The one label that an answer names, or None."""
    known = {normalise(label, articles=False): label for label in labels}
    said = plain(text)
    whole = normalise(said, articles=False)
    if whole in known:
        return known[whole]
    named = _named(whole, tuple(known))
    if len(named) > 1:
        lines = [line for line in said.splitlines() if line.strip()]
        ends = [
            _named(normalise(line, articles=False), tuple(known))
            for line in lines[:: len(lines) - 1 or 1]
        ]
        named = set().union(*(end for end in ends if len(end) == 1))
    return known[named.pop()] if len(named) == 1 else None


def macro_f1(pairs: Iterable[tuple[str, str | None]]) -> float | None:
    """The mean F1 of all labels that were expected or named; None without any pair.

    Each pair is the expected label and the one named. An answer that names none is a miss for the
    label it should have named, and no label of its own.
    """
    taken = list(pairs)
    labels = sorted({label for pair in taken for label in pair if label is not None})
    if not labels:
        return None
    return sum(_f1(taken, label) for label in labels) / len(labels)


def _f1(pairs: Sequence[tuple[str, str | None]], label: str) -> float:
    expected = sum(one == label for one, _ in pairs)
    named = sum(other == label for _, other in pairs)
    both = sum(one == other == label for one, other in pairs)
    return 2 * both / (expected + named)


def _named(text: str, labels: tuple[str, ...]) -> set[str]:
    pattern = _pattern(labels)
    return set(pattern.findall(text)) if pattern else set()


@lru_cache(maxsize=256)
def _pattern(labels: tuple[str, ...]) -> re.Pattern[str] | None:
    """The longest label first, so that "card not working" is not read as "working"."""
    ordered = sorted(filter(None, labels), key=len, reverse=True)
    if not ordered:
        return None
    return re.compile(rf"(?<!\w){_NEGATIONS}({'|'.join(map(re.escape, ordered))})(?!\w)")


def _enum(schema: Json, depth: int = 0) -> list[Json] | None:
    """The first enum in a schema, looked for in its order."""
    if isinstance(schema, dict) and depth < 20:
        if isinstance(schema.get("enum"), list):
            return list(schema["enum"])
        children = schema.values()
    else:
        return None
    return next((found for child in children if (found := _enum(child, depth + 1))), None)


create = Label
