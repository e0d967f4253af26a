"""Chooses how to search, on dev questions whose gold is known. No model is asked for that.

Successive halving (Karnin, Koren and Somekh, 2013; Jamieson and Talwalkar, 2016): all ways of
searching face a few questions, the better half faces twice as many, until few are left or every
question was put. What costs time, a question's two searches in one index, is done once for all the
ways of fusing them.

Ways are held to the same room: twice the chunk, half the passages. A passage answers if it is of a
gold document and, where the document says the expected answer word for word, holds it.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from suffice.ports import Embedder
from suffice.retrieve.chunk import ChunkPlan
from suffice.retrieve.judged import ranked
from suffice.retrieve.ports import Snapshot
from suffice.retrieve.records import Found, Hit
from suffice.retrieve.search import SearchPlan, fused, legs_of, shown_of

FIRST_QUESTIONS = 24
# Passages of this many tokens together are what ways of searching are compared by.
ROOM_TOKENS = 1280
_POOL = 50
_SHORTEST_ANSWER = 4  # letters: shorter ones stand in many passages by chance


@dataclass(frozen=True, slots=True)
class Wanted:
    """A dev question with what is known of its answer."""

    id: str
    question: str
    gold: frozenset[str]
    answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Way:
    """One way of searching: how documents are cut, and how they are looked for."""

    chunks: ChunkPlan
    search: SearchPlan

    def __str__(self) -> str:
        return f"{self.search}, chunks of {self.chunks.tokens}" + (
            "" if self.chunks.context == "headings" else f", context {self.chunks.context}"
        )


@dataclass(frozen=True, slots=True)
class Tried:
    """How a way did on dev: `found` is the share of questions with a passage that answers."""

    way: Way
    found: float
    ndcg: float
    questions: int

    @property
    def worth(self) -> tuple[float, float]:
        return (round(self.found, 6), round(self.ndcg, 6))


@dataclass
class Bench:
    """The indexes that ways search in, each question searched for once in each."""

    snapshots: Mapping[ChunkPlan, Snapshot]
    vectors: Embedder
    _legs: dict[tuple[ChunkPlan, str], dict[str, list[Found]]] = field(default_factory=dict)
    _texts: dict[tuple[ChunkPlan, str], str] = field(default_factory=dict)

    def hits(self, way: Way, wanted: Wanted) -> list[Hit]:
        """As `search.search` finds them."""
        key = (way.chunks, wanted.id)
        if key not in self._legs:
            both = SearchPlan(pool=_POOL)
            snapshot = self.snapshots[way.chunks]
            self._legs[key] = legs_of(snapshot, self.vectors, [wanted.question], both)
        wanted_legs = {
            name: found
            for name, found in self._legs[key].items()
            if way.search.mode in ("hybrid", name)
        }
        return shown_of(self.snapshots[way.chunks], fused(wanted_legs, way.search), way.search)

    def answering(self, way: Way, wanted: Wanted) -> Callable[[Hit], bool]:
        """Whether a hit answers the question."""
        said = [each for each in map(plain, wanted.answers) if len(each) >= _SHORTEST_ANSWER]

        def answers(hit: Hit) -> bool:
            passage = hit.passage
            if wanted.gold and passage.document not in wanted.gold:
                return False
            holds = any(each in plain(passage.text) for each in said)
            if holds or not wanted.gold:
                return holds
            whole = self._text(way.chunks, passage.document)
            return not any(each in whole for each in said)

        return answers

    def _text(self, chunks: ChunkPlan, document: str) -> str:
        """All that a document says, read once."""
        if (chunks, document) not in self._texts:
            parts = self.snapshots[chunks].chunks(document)
            self._texts[chunks, document] = plain(" ".join(each.text for each in parts))
        return self._texts[chunks, document]


def plain(text: str) -> str:
    """Letters and digits, with single spaces: how an answer is looked for in a text."""
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))


def ways(chunks: Iterable[ChunkPlan], mode: str | None = None, k: int | None = None) -> list[Way]:
    """All that are tried, the plainest first."""
    plans = [
        SearchPlan(pool=_POOL),
        SearchPlan(weight=0.3, pool=_POOL),
        SearchPlan(weight=0.7, pool=_POOL),
        SearchPlan(fusion="rrf", pool=_POOL),
        SearchPlan(mode="bm25", pool=_POOL),
        SearchPlan(mode="vector", pool=_POOL),
        SearchPlan(diversity=0.3, pool=_POOL),
        SearchPlan(parents=True, pool=_POOL),
    ]
    kept = [plan for plan in plans if mode is None or plan.mode == mode]
    return [
        Way(cut, replace(plan, k=k or room(cut, plan), pool=max(_POOL, k or 0)))
        for cut in chunks
        for plan in kept
    ]


def room(chunks: ChunkPlan, plan: SearchPlan) -> int:
    """How many passages of a plan fit the room in which ways are compared. A whole section is
    taken for three chunks."""
    return max(1, ROOM_TOKENS // (chunks.tokens * (3 if plan.parents else 1)))


def halve(bench: Bench, tried: Sequence[Way], wanted: Sequence[Wanted], keep: int) -> list[Tried]:
    """The best ways, best first. On a tie the plainer one, which stands first, wins."""
    left = list(tried)
    count = min(FIRST_QUESTIONS, len(wanted))
    while True:
        scored = [judge(bench, way, wanted[:count]) for way in left]
        scored.sort(key=lambda each: each.worth, reverse=True)  # stable: ties keep their order
        if count >= len(wanted):
            return scored[:keep]
        half = max(keep, (len(left) + 1) // 2)
        chosen = {id(each.way) for each in scored[:half]}
        left = [way for way in left if id(way) in chosen]
        count = min(2 * count, len(wanted))


def judge(bench: Bench, way: Way, wanted: Sequence[Wanted]) -> Tried:
    found = ndcg = 0.0
    for each in wanted:
        hits = bench.hits(way, each)
        answers = bench.answering(way, each)
        # What answers first decides, also where no document is known as gold.
        names = ["gold" if answers(hit) else f"other {n}" for n, hit in enumerate(hits)]
        figures = ranked(names, {"gold"})
        found += figures.recall
        ndcg += figures.ndcg
    count = max(1, len(wanted))
    return Tried(way, found / count, ndcg / count, len(wanted))


# ---------------------------------------------------------------- what was missed


def misses(bench: Bench, way: Way, wanted: Sequence[Wanted], known: Iterable[str]) -> str:
    """Why questions are without a passage that answers, in a sentence."""
    documents = set(known)
    counts = dict.fromkeys(("not indexed", "far from the question", "ranked low", "split"), 0)
    found = 0
    for each in wanted:
        answers = bench.answering(way, each)
        hits = bench.hits(way, each)
        if any(answers(hit) for hit in hits):
            found += 1
            continue
        deep = Way(way.chunks, replace(way.search, k=way.search.pool, parents=False))
        pool = bench.hits(deep, each)
        shown = {hit.passage.document for hit in hits}
        if each.gold and not each.gold & documents:
            counts["not indexed"] += 1
        elif each.gold & shown:
            counts["split"] += 1
        elif any(answers(hit) for hit in pool):
            counts["ranked low"] += 1
        else:
            counts["far from the question"] += 1
    why = {
        "not indexed": "gold not indexed",
        "far from the question": f"not among the first {_POOL}: query and document far apart",
        "ranked low": "found, but ranked too low to be shown",
        "split": "the gold document shown, but not the part with the answer",
    }
    told = [f"{count} {why[name]}" for name, count in counts.items() if count]
    said = f"on dev, passages that answer were shown for {found} of {len(wanted)} questions"
    return f"{said}; of the rest: {', '.join(told)}" if told else said
