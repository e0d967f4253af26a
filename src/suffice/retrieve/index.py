"""An index: documents in, passages out. Parsing, chunks, vectors and the store, tied together.

    read each file that is new or changed -> cut it into chunks -> embed those not embedded before
    -> replace the document in the store, at once

A document that did not change is neither parsed nor embedded again, and of a changed one only its
changed chunks are embedded. What an index was built with is stamped on it; with another embedder
or another plan it is refused, because vectors of two models do not compare.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np

from suffice.errors import UsageError, suggest
from suffice.plugins import load
from suffice.ports import Embedder, ModelOptions
from suffice.records import Passage, fingerprint
from suffice.retrieve.asked import for_questions
from suffice.retrieve.chunk import ChunkPlan, chunk
from suffice.retrieve.parse import Limits, read_folder
from suffice.retrieve.parsers.blocks import Writer
from suffice.retrieve.ports import Change, ContextWriter, Cut, Reranker, Store, StoreOptions
from suffice.retrieve.records import (
    BlockKind,
    Chunk,
    Document,
    Filter,
    Hit,
    Skipped,
    Stamp,
    StoreStatus,
)
from suffice.retrieve.search import SearchPlan, search
from suffice.retrieve.vectors import Told, Vectors, identity_digest

PLACE = ".suffice/index"
CACHE = ".suffice/vectors.db"
EMBEDDER = "minilm"
# Documents are embedded together up to so many chunks: enough for batches of like lengths.
_BATCH_CHUNKS = 1024


@dataclass(frozen=True, slots=True)
class Added:
    """What one pass over a folder did. `chunks` counts those of new and changed documents, `cut`
    those that are longer than the embedder sees."""

    new: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: int
    removed: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    chunks: int
    cut: int


class Index:
    """The documents of one tenant in one place."""

    def __init__(
        self,
        store: Store,
        vectors: Vectors,
        plan: ChunkPlan,
        tenant: str = "",
        contexts: ContextWriter | None = None,
    ) -> None:
        self.store = store
        self.vectors, self._asked = vectors, for_questions(vectors)
        self.plan: ChunkPlan = plan if contexts is None else replace(plan, context="model")
        self.tenant = tenant
        self.contexts = contexts

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        place: str = PLACE,
        store: str = "lance",
        embedder: str = EMBEDDER,
        plan: ChunkPlan | None = None,
        tenant: str = "",
        contexts: ContextWriter | None = None,
    ) -> Self:
        """The index of a study's folder; an empty one where there is none yet."""
        kind, _, name = embedder.partition(":")
        made: Embedder = load("embedder", kind)(name, ModelOptions(folder=folder))
        opened: Store = load("store", store)(place, StoreOptions(folder=folder))
        vectors = Vectors(made, folder / CACHE)
        return cls(opened, vectors, plan or ChunkPlan(), tenant, contexts)

    # ------------------------------------------------------------------------- in

    def add(
        self,
        source: Path | Sequence[Passage],
        *,
        prune: bool = False,
        limits: Limits | None = None,
        told: Told | None = None,
    ) -> Added:
        """Brings the index up to date with a folder, a file or texts that are at hand. `prune`
        removes the documents that are no longer there."""
        with self.store.writing():
            self._claim()
            known = dict(self.store.documents(self.tenant))
            same: set[str] = set()
            tally = _Tally(known)

            def seen(document: str, digest: str) -> bool:
                if known.get(document) == digest:
                    same.add(document)
                    return True
                return False

            read = _read(source, limits, seen)
            self.store.replace(self._changes(read, tally, told), self.tenant)
            gone = sorted(set(known) - same - tally.met) if prune else []
            self._drop(gone)
        return Added(
            tuple(tally.new),
            tuple(tally.changed),
            len(same),
            tuple(gone),
            tuple(tally.skipped),
            tally.chunks,
            tally.cut,
        )

    def pending(
        self, source: Path | Sequence[Passage], *, anew: bool = False, limits: Limits | None = None
    ) -> Iterator[Cut]:
        """What `add` would cut, embed and store: new and changed documents with their chunks, or
        all of them, if the index is to be built `anew`."""
        known = {} if anew else self.store.documents(self.tenant)
        for each in _read(source, limits, lambda document, digest: known.get(document) == digest):
            if isinstance(each, Document):
                yield each, chunk(each, self._fitting, self.vectors.count_tokens)

    def remove(self, documents: Sequence[str]) -> None:
        """Takes documents out. Their bytes stay on disk until the store compacts; `suffice forget`
        erases."""
        with self.store.writing():
            known = self.store.documents(self.tenant)
            for name in documents:
                if name not in known:
                    raise UsageError(f"there is no document {name!r}{suggest(name, known)}")
            self._drop(documents)

    def _drop(self, documents: Sequence[str]) -> None:
        nothing = np.empty((0, self.vectors.dimensions), dtype=np.float32)
        self.store.replace((Change(name, "", (), nothing) for name in documents), self.tenant)

    def _changes(
        self, read: Iterator[Document | Skipped], tally: "_Tally", told: Told | None
    ) -> Iterator[Change]:
        waiting: list[Cut] = []
        for each in read:
            if isinstance(each, Skipped):
                tally.skipped.append(each)
                tally.met.add(each.path)
                continue
            chunks = chunk(each, self._fitting, self.vectors.count_tokens)
            tally.take(each, chunks, self.vectors.tokens)
            waiting.append((each, chunks))
            if sum(len(held) for _, held in waiting) >= _BATCH_CHUNKS:
                yield from self._embedded(waiting, told)
                waiting = []
        yield from self._embedded(waiting, told)

    def _embedded(self, waiting: Sequence[Cut], told: Told | None) -> Iterator[Change]:
        if self.contexts is not None:
            waiting = self.contexts.write(waiting)
        texts = [each.embedded for _, chunks in waiting for each in chunks]
        rows = self.vectors.embed(texts, told)
        start = 0
        for document, chunks in waiting:
            end = start + len(chunks)
            yield Change(document.id, document.digest, chunks, rows[start:end])
            start = end

    def _claim(self) -> None:
        """Stamps an empty index as ours; refuses one that was built otherwise."""
        if self.store.stamp() is None:
            self.store.begin(self._stamp)
        self._match(self._stamp)

    def _match(self, ours: Stamp) -> None:
        there = self.store.stamp()
        if there is None or there == ours:
            return
        said = (
            f"the index was built with {there.embedder} in chunks of {there.plan}"
            if (there.embedder, there.plan) != (ours.embedder, ours.plan)
            else f"the index was built with another version of {there.embedder}"
        )
        raise UsageError(
            f"{said}, and this asks for {ours.embedder} in chunks of {ours.plan}: build it anew "
            "with `suffice index add FOLDER --rebuild`, or ask as it was built"
        )

    def is_ours(self) -> bool:
        """Whether it is empty, or was built with this embedder and plan."""
        return self.store.stamp() in (None, self._stamp)

    def rebuild(self) -> None:
        """Empties the index, so that the next `add` builds it with this embedder and plan."""
        with self.store.writing():
            self.store.begin(self._stamp)

    @property
    def _fitting(self) -> ChunkPlan:
        """The plan, in chunks that the embedder sees whole."""
        limit = self.vectors.tokens
        if limit is None or limit >= self.plan.tokens:
            return self.plan
        return replace(self.plan, tokens=limit)

    @property
    def _stamp(self) -> Stamp:
        vectors = self.vectors
        plan = f"{self._fitting} {self.contexts.name}" if self.contexts else str(self._fitting)
        return Stamp(vectors.name, identity_digest(vectors), vectors.dimensions, plan)

    # ------------------------------------------------------------------------ out

    def search(
        self,
        question: str,
        plan: SearchPlan | None = None,
        *,
        where: Filter | None = None,
        reranker: Reranker | None = None,
        also: Sequence[str] = (),
        asking: Embedder | None = None,
    ) -> list[Hit]:
        """The passages that most likely answer a question, best first. `asking` embeds questions
        where they are embedded otherwise than documents."""
        # however it was cut: a question is embedded alike
        there = self.store.stamp()
        self._match(replace(self._stamp, plan=there.plan) if there else self._stamp)
        return search(
            self.store.snapshot(self.tenant),
            asking or self._asked,
            question,
            plan or SearchPlan(),
            where=where,
            reranker=reranker,
            also=also,
        )

    def status(self) -> StoreStatus:
        return self.store.status(self.tenant)


def _read(
    source: Path | Sequence[Passage], limits: Limits | None, seen: Callable[[str, str], bool]
) -> Iterator[Document | Skipped]:
    if isinstance(source, Path):
        return read_folder(source, limits=limits or Limits(), seen=seen)
    return _documents(source, seen)


def _documents(
    passages: Sequence[Passage], seen: Callable[[str, str], bool]
) -> Iterator[Document | Skipped]:
    """Texts that came with the cases, a document each."""
    for each in passages:
        digest = fingerprint(each)
        if seen(each.document, digest):
            continue
        writer = Writer()
        for paragraph in each.text.split("\n\n"):
            writer.add(BlockKind.PARAGRAPH, paragraph)
        if not writer.text.strip():
            yield Skipped(each.document, "no text in it")
            continue
        parsed = writer.parsed(title=each.title, dated=each.dated)
        yield Document(each.document, parsed, digest, "")


class _Tally:
    """What a pass over a folder met so far."""

    def __init__(self, known: dict[str, str]) -> None:
        self._known = known
        self.met: set[str] = set()
        self.new: list[str] = []
        self.changed: list[str] = []
        self.skipped: list[Skipped] = []
        self.chunks = 0
        self.cut = 0

    def take(self, document: Document, chunks: Sequence[Chunk], limit: int | None) -> None:
        self.met.add(document.id)
        (self.changed if document.id in self._known else self.new).append(document.id)
        self.chunks += len(chunks)
        if limit is not None:
            self.cut += sum(each.tokens > limit for each in chunks)
