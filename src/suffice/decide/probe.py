"""Asks each case in other ways, so that a failure shows its cause.

    closed book   the study's prompt alone; once more, held to the answer's schema while it is
                  written, where a wrong form hides what was said
    retrieved     with what a plain search of all documents finds
    gold          where that is not enough, with what the case's own documents say about it

What a search makes right lacks a fact. What gold cures and the search does not is lost in the
search, or in what it brings along. What even gold does not cure is no matter of facts.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from suffice.ports import ChatModel, System
from suffice.records import Case, Passage, Question, Request
from suffice.retrieve.index import Index
from suffice.retrieve.pack import pack, with_passages
from suffice.retrieve.records import Filter
from suffice.retrieve.search import SearchPlan

GOLD, RETRIEVED, HELD = "gold", "retrieved", "held to the form"
ROOM_TOKENS = 1280
_PLAN = SearchPlan(k=8)
_SLACK_TOKENS = 96  # the instruction's and the chat template's, about
_SHORTEST = 2  # characters of an answer that is looked for in a document

Passages = Callable[[Question], Sequence[Passage]]


@dataclass(frozen=True)
class Probe:
    """A system with passages put before the question. A `ports.System`."""

    base: System
    passages: Passages = field(repr=False)
    rung: str
    built: str = "probe"
    notes: Sequence[str] = ()
    ruled_out: str = ""

    @property
    def model(self) -> ChatModel:
        return self.base.model

    def prepare(self, question: Question) -> Request:
        request = self.base.prepare(question)
        return with_passages(request, tuple(self.passages(question)), question)


@dataclass(frozen=True)
class Held:
    """A system that keeps to the answer's schema while it writes. A `ports.System`."""

    base: System
    rung: str = f"probe: {HELD}"
    built: str = "probe"
    notes: Sequence[str] = ()
    ruled_out: str = ""

    @property
    def model(self) -> ChatModel:
        return self.base.model

    def prepare(self, question: Question) -> Request:
        return replace(self.base.prepare(question), schema=question.schema)


@dataclass(frozen=True)
class Evidence:
    """Where probes find their passages: an index of the study's documents, and each case's gold."""

    index: Index
    gold: Mapping[str, frozenset[str]]
    window: int | None
    count_tokens: Callable[[str], int]
    reserved: int = 0
    _found: Callable[[str, frozenset[str] | None], tuple[Passage, ...]] = field(
        init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        # A question is prepared when it is looked up and when it is asked: searched for once.
        object.__setattr__(self, "_found", lru_cache(1 << 14)(self._search))

    def retrieved(self, question: Question) -> tuple[Passage, ...]:
        return self._found(question.text, None)

    def of_gold(self, question: Question) -> tuple[Passage, ...]:
        """The parts of the gold documents that speak of the question."""
        gold = self.gold.get(question.id, frozenset())
        return self._found(question.text, gold) if gold else ()

    def _search(self, question: str, documents: frozenset[str] | None) -> tuple[Passage, ...]:
        where = None if documents is None else Filter(documents=documents)
        hits = self.index.search(question, _PLAN, where=where)
        room = ROOM_TOKENS
        if self.window is not None:
            taken = self.count_tokens(question) + self.reserved + _SLACK_TOKENS
            room = max(0, min(room, self.window - taken))
        return tuple(pack(hits, room, self.count_tokens))


def probes(base: System, found: Evidence) -> dict[str, System]:
    """The two probes with passages. The closed book is the base itself."""
    return {
        GOLD: Probe(base, found.of_gold, f"probe: {GOLD}"),
        RETRIEVED: Probe(base, found.retrieved, f"probe: {RETRIEVED}"),
    }


def gold_of(cases: Sequence[Case], index: Index) -> tuple[dict[str, frozenset[str]], set[str]]:
    """Each case's gold documents, and the cases whose gold was inferred: of the passages that a
    search finds, those that say an expected answer word for word."""
    named: dict[str, frozenset[str]] = {}
    inferred: set[str] = set()
    for case in cases:
        if case.gold:
            named[case.id] = frozenset(case.gold)
            continue
        wanted = [each for each in map(_said, case.expected) if len(each) >= _SHORTEST]
        if not wanted or not case.answerable:
            continue
        hits = index.search(case.question.text, replace(_PLAN, k=20))
        holding = frozenset(
            hit.passage.document
            for hit in hits
            if any(f" {each} " in f" {_plain(hit.passage.text)} " for each in wanted)
        )
        if holding:
            named[case.id] = holding
            inferred.add(case.id)
    return named, inferred


def _said(expected: object) -> str:
    return _plain(expected if isinstance(expected, str) else json.dumps(expected))


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))
