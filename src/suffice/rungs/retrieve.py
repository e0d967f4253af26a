"""Passages of your documents in the prompt, with citations; how to search is chosen on dev cases.

How documents are cut and looked for is chosen by what is found, which costs no call; how many
passages are shown is chosen by the answers. A cure for facts that the model does not know.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from statistics import median

from suffice.errors import UsageError
from suffice.evaluate.workshop import DOES_NOT_FIT, best_of
from suffice.ports import ChatModel, Library, Workshop
from suffice.records import Case, Passage, Question, Request
from suffice.report.words import count
from suffice.retrieve.adapt import Asking, fitted
from suffice.retrieve.choose import Bench, Tried, Wanted, Way, halve, misses, room, ways
from suffice.retrieve.chunk import ChunkPlan
from suffice.retrieve.index import Index
from suffice.retrieve.pack import instruction, pack, with_passages
from suffice.retrieve.ports import Reranker
from suffice.retrieve.rerankers import reranker_of
from suffice.rungs.chat import ChatSystem
from suffice.rungs.prompt import PromptRung

PLACE = ".suffice/retrieve"
CHUNKS = (
    ChunkPlan(256),
    ChunkPlan(128),
    ChunkPlan(512),
    ChunkPlan(256, context="none"),
)
FINALISTS = 2
# Of the room in which ways were compared. On a tie the smaller prompt wins: it stands first.
_SHARES = (0.5, 1.0, 2.0)
_SLACK_TOKENS = 32  # the chat template's own, about
_REMEMBERED = 1 << 14
_FREE = ("minilm", "static")  # embedders
_TIMED = 5  # dev questions


@dataclass(frozen=True)
class RetrieveSystem:
    """Puts what a search finds before the question. A `ports.System`."""

    base: ChatSystem
    index: Index = field(repr=False)
    way: Way
    most_tokens: int
    reranker: Reranker | None = None
    asking: Asking | None = None
    rung: str = "retrieve"
    notes: Sequence[str] = ()
    ruled_out: str = ""

    def __post_init__(self) -> None:
        # A question is prepared when it is counted, looked up and asked: it is searched for once.
        object.__setattr__(self, "passages", lru_cache(_REMEMBERED)(self.passages))

    @property
    def model(self) -> ChatModel:
        return self.base.model

    @property
    def built(self) -> str:
        parts = [str(self.way)]
        parts += [self.reranker.name] if self.reranker else []
        parts += ["questions fitted"] if self.asking else []
        parts += [self.base.built] if self.base.built != "as given" else []
        return ", ".join(parts)

    def prepare(self, question: Question) -> Request:
        passages = self.passages(question.text, _before(question))
        return with_passages(self.base.prepare(question), passages, question)

    def passages(self, question: str, before: str = "") -> tuple[Passage, ...]:
        """What the model gets to see, best first, within the room that it has."""
        hits = self.index.search(
            question,
            self.way.search,
            reranker=self.reranker,
            also=[before] if before else [],
            asking=self.asking,
        )
        return tuple(pack(hits, self._room(question), self.model.count_tokens))

    def _room(self, question: str) -> int:
        """Tokens for passages: what the study allows, or what the model's window leaves."""
        window = self.model.window
        if window is None:
            return self.most_tokens
        count_tokens = self.model.count_tokens
        taken = count_tokens(self.base.prompt) + count_tokens(instruction(None))
        taken += count_tokens(question) + self.base.max_tokens + _SLACK_TOKENS
        return max(0, min(self.most_tokens, window - taken))


def _before(question: Question) -> str:
    """In a conversation, the user's last two turns together: `And for parcels?` says little."""
    said = [message.content for message in question.messages if message.role == "user"]
    return " ".join(said[-2:]) if len(said) > 1 else ""


@dataclass(frozen=True)
class RetrieveRung:
    """`name` is of the rung that it is built for: `hybrid` begins with the same search."""

    name: str = "retrieve"

    def build(self, workshop: Workshop) -> RetrieveSystem:
        library = workshop.library
        if library is None:
            raise UsageError(
                f"{self.name} needs documents: set `documents:` in suffice.yaml to the folder with "
                "what the model should know"
            )
        base = _base(workshop)
        reranker = _reranker(library)
        plans = _plans(library)
        indexes = {plan: indexed(library, plan) for plan in plans}
        wanted = [_wanted(case) for case in workshop.dev if case.answerable]
        known = set(indexes[plans[0]].store.documents())
        judged = [each for each in wanted if each.gold or each.answers]
        bench = Bench(
            {plan: index.store.snapshot() for plan, index in indexes.items()},
            indexes[plans[0]].vectors,
        )
        found = _found(bench, library, plans, judged)
        first = found[0].way
        store = indexes[first.chunks].store
        adapter = fitted(bench, store, first, judged) if library.adapt else None
        tried = [
            RetrieveSystem(
                base,
                index := indexes[way.chunks],
                way,
                library.most_tokens,
                reranker,
                Asking(index.vectors, adapter) if adapter and way.chunks == first.chunks else None,
            )
            for way in _finalists([each.way for each in found], library.k)
        ]
        # What is tuned to use the passages may do better with them than these tries.
        best, value = best_of(workshop, tried, hopeful=self.name != "retrieve")
        if value == DOES_NOT_FIT:
            raise UsageError(
                "retrieve: the passages do not fit the model's window; set "
                "`retrieval: {most_tokens: ...}` lower in suffice.yaml"
            )
        notes = [*_notes(bench, best.way, found, judged, known), *_took(best, judged)]
        if library.adapt and adapter is None:
            notes.append("fitting questions to documents found no more on dev: left out")
        return replace(best, rung=self.name, notes=tuple(notes))


def _base(workshop: Workshop) -> ChatSystem:
    """Answers of a shape are held to it by constrained decoding: that costs nothing."""
    base = PromptRung().build(workshop)
    return replace(base, constrained=any(case.schema for case in workshop.dev))


def _reranker(library: Library) -> Reranker | None:
    if library.reranker is None:
        return None
    if library.reranker.startswith("chat:"):
        raise UsageError(
            "retrieval.reranker: a chat model's calls would be outside the budget and the "
            "journal; name a cross-encoder, or leave it out"
        )
    return reranker_of(library.reranker, library.folder)


def _took(system: RetrieveSystem, asked: Sequence[Wanted]) -> list[str]:
    """How long a search takes with what orders anew, which can be longer than all else; it is no
    part of the model's own time."""
    if system.reranker is None:
        return []
    plain, whole = list[float](), list[float]()
    for each in asked[:_TIMED]:
        for times, reranker in ((plain, None), (whole, system.reranker)):
            started = time.perf_counter()
            system.index.search(each.question, system.way.search, reranker=reranker)
            times.append(1000 * (time.perf_counter() - started))
    if not plain:
        return []
    return [
        f"a search takes {median(plain):,.0f} ms before the model is asked, and "
        f"{median(whole):,.0f} ms with {system.reranker.name}"
    ]


def _plans(library: Library) -> list[ChunkPlan]:
    """The ways of cutting that the study leaves open."""
    plans = [
        plan
        for plan in CHUNKS
        if library.context in (None, plan.context) and library.chunk_tokens in (None, plan.tokens)
    ]
    if plans:
        return plans
    cut = ChunkPlan(library.chunk_tokens or ChunkPlan().tokens)
    return [replace(cut, context="none") if library.context == "none" else cut]


def is_indexed(library: Library, plan: ChunkPlan) -> bool:
    """Whether searching it costs nothing but time: it is there, and embeds on this machine."""
    place = library.folder / PLACE / f"{plan.tokens}-{plan.context}"
    return place.exists() and library.embedder.partition(":")[0] in _FREE


def indexed(library: Library, plan: ChunkPlan) -> Index:
    """An index of its own for each plan, brought up to date; what did not change costs nothing."""
    index = Index.open(
        library.folder,
        place=f"{PLACE}/{plan.tokens}-{plan.context}",
        store=library.store,
        embedder=library.embedder,
        plan=plan,
    )
    if not index.is_ours():
        index.rebuild()
    index.add(library.path or library.passages, prune=True)
    return index


def _wanted(case: Case) -> Wanted:
    answers = tuple(each for each in case.expected if isinstance(each, str))
    return Wanted(case.id, case.question.text, frozenset(case.gold), answers)


def _found(
    bench: Bench, library: Library, plans: Sequence[ChunkPlan], judged: Sequence[Wanted]
) -> list[Tried]:
    """The ways that find most. With nothing to judge them by, the plainest."""
    tried = ways(plans, library.mode, library.k)
    if not judged:
        return [Tried(tried[0], 0.0, 0.0, 0)]
    return halve(bench, tried, judged, FINALISTS)


def _finalists(best: Sequence[Way], k: int | None) -> list[Way]:
    """The best way with more and with fewer passages, then the next best."""
    first, *others = best
    shares = _SHARES if k is None else (1.0,)
    counts = dict.fromkeys(
        max(1, round(share * room(first.chunks, first.search))) for share in shares
    )
    sized = [
        Way(first.chunks, replace(first.search, k=k or each, pool=max(first.search.pool, each)))
        for each in counts
    ]
    return [*sized, *others]


def _notes(
    bench: Bench, way: Way, found: Sequence[Tried], judged: Sequence[Wanted], known: set[str]
) -> list[str]:
    said = []
    if judged:
        said.append(misses(bench, way, judged, known))
        said += [
            f"{each.way}: {each.found:.0%} found on dev, nDCG {each.ndcg:.2f}" for each in found
        ]
    else:
        said.append("dev cases name no gold documents: the search itself could not be chosen")
    named = {name for each in judged for name in each.gold}
    if strange := sorted(named - known):
        shown = ", ".join(strange[:5])
        said.append(f"{count(len(strange), 'gold id')} of dev cases name no document: {shown}")
    return said


create = RetrieveRung
