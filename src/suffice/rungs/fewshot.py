"""Worked examples in the prompt; how many, and which ones, is chosen on the dev cases.

The examples are the study's own, or, where it has none, dev cases with their expected answers. An
example never stands beside a question of its own cluster, so trying them out on dev is honest.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from suffice.errors import UsageError
from suffice.evaluate.workshop import DOES_NOT_FIT, best_of
from suffice.ports import Workshop
from suffice.records import Case, Example, Question, joined
from suffice.rungs.chat import ChatSystem
from suffice.rungs.prompt import PromptRung

SIZES = (2, 4, 8)
MANNERS = ("spread", "nearest")


@dataclass(frozen=True)
class FewshotRung:
    def build(self, workshop: Workshop) -> ChatSystem:
        return chosen(workshop)[0]


def chosen(workshop: Workshop) -> tuple[ChatSystem, float]:
    """How many examples in which manner does best on dev, and how usable its answers are. On a tie
    the smaller prompt: it stands first."""
    best, value = best_of(workshop, manners(workshop))
    if value == DOES_NOT_FIT:
        raise UsageError(
            f"fewshot: even {min(SIZES)} worked examples do not fit the model's window; "
            "shorten the examples, or leave this rung out with `rungs:`"
        )
    return best, value


def manners(workshop: Workshop) -> list[ChatSystem]:
    """All that is tried: so many examples in this manner or that, the smaller prompt first."""
    pool = Pool.of(workshop)
    bare = PromptRung().build(workshop)
    return [
        replace(
            bare,
            rung="fewshot",
            built=f"{size} examples, {manner}"
            + (", format spelled out" if bare.spelled_out else ""),
            shown=Shown(pool, size, manner),
        )
        for size in SIZES
        if size <= len(pool.examples)
        for manner in MANNERS
    ]


@dataclass(frozen=True)
class Pool:
    """Examples that may be shown, with what is needed to compare them by their words."""

    examples: tuple[Example, ...]
    vectors: tuple[dict[str, float], ...]
    rarity: dict[str, float]
    clusters: dict[str, str | None]
    order: tuple[int, ...]

    @classmethod
    def of(cls, workshop: Workshop) -> "Pool":
        examples = tuple(workshop.examples) or tuple(
            _example(case) for case in workshop.dev if case.expected and case.answerable
        )
        if len(examples) < min(SIZES):
            raise UsageError(
                f"fewshot needs {min(SIZES)} or more worked examples and found {len(examples)}: "
                "set `examples:` in suffice.yaml, or give more dev cases an expected answer"
            )
        bags = [_words(joined(example.messages)) for example in examples]
        seen = Counter(word for bag in bags for word in bag)
        rarity = {word: math.log(1 + len(bags) / count) for word, count in seen.items()}
        vectors = tuple(_unit(bag, rarity) for bag in bags)
        clusters = {case.id: case.cluster for case in workshop.dev}
        return cls(examples, vectors, rarity, clusters, _spread(vectors))

    def nearest(self, question: Question) -> list[int]:
        asked = _unit(_words(question.text), self.rarity)
        closeness = [_dot(asked, vector) for vector in self.vectors]
        return sorted(range(len(closeness)), key=lambda place: -closeness[place])


@dataclass(frozen=True)
class Shown:
    """Which examples stand beside a question."""

    pool: Pool
    size: int
    manner: str

    def __call__(self, question: Question) -> Sequence[Example]:
        ranked = self.pool.order if self.manner == "spread" else self.pool.nearest(question)
        own = self.pool.clusters.get(question.id)
        allowed = [
            example
            for example in (self.pool.examples[place] for place in ranked)
            if example.id != question.id and (own is None or example.cluster != own)
        ]
        # The nearest stands last, closest to the question.
        return allowed[: self.size][::-1]


def _example(case: Case) -> Example:
    first = case.expected[0]
    reply = first if isinstance(first, str) and not case.schema else json.dumps(first)
    return Example(case.id, case.messages, reply, case.cluster, case.source)


def _words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.lower()))


def _unit(bag: Counter[str], rarity: dict[str, float]) -> dict[str, float]:
    weights = {word: count * rarity.get(word, 0.0) for word, count in bag.items()}
    length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
    return {word: weight / length for word, weight in weights.items()}


def _dot(one: dict[str, float], other: dict[str, float]) -> float:
    if len(other) < len(one):
        one, other = other, one
    return sum(weight * other.get(word, 0.0) for word, weight in one.items())


def _spread(vectors: Sequence[dict[str, float]]) -> tuple[int, ...]:
    """Farthest first: each next example is the one least like all before it."""
    order = [0]
    closeness = [_dot(vectors[0], vector) for vector in vectors]
    while len(order) < min(len(vectors), 4 * max(SIZES)):
        chosen = set(order)
        place = min(
            (place for place in range(len(vectors)) if place not in chosen),
            key=lambda place: closeness[place],
        )
        order.append(place)
        closeness = [
            max(old, _dot(vectors[place], vector))
            for old, vector in zip(closeness, vectors, strict=True)
        ]
    return tuple(order)


create = FewshotRung
