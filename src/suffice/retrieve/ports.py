"""The shapes of retrieval's own plug-ins, on one page.

kind       folder                 create(...)
parser     retrieve/parsers/      () -> Parser
store      retrieve/stores/       (place: str, options: StoreOptions) -> Store
reranker   retrieve/rerankers/    (name: str, options: ModelOptions) -> Reranker
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from suffice.retrieve.records import (
    Chunk,
    Document,
    Filter,
    Found,
    Hit,
    Parsed,
    Stamp,
    StoreStatus,
)


class Parser(Protocol):
    """Reads one file format. Runs in a process of its own, with limits."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        """File endings in small letters, with the dot."""

    def parse(self, data: bytes, name: str) -> Parsed:
        """Raises DataError that says what is wrong with the file."""


@dataclass(frozen=True, slots=True)
class StoreOptions:
    """`folder` is the study's, against which a place is resolved."""

    folder: Path = Path()


@dataclass(frozen=True)
class Change:
    """One document's chunks with their vectors, row by row. No chunks: the document goes."""

    document: str
    digest: str
    chunks: Sequence[Chunk]
    vectors: NDArray[np.float32]


class Snapshot(Protocol):
    """One version of one tenant's chunks: what is written meanwhile is not seen."""

    def nearest(self, vector: NDArray[np.float32], k: int, where: Filter | None) -> list[Found]:
        """By cosine, best first. Filters come before the search: k are found where k exist."""

    def matching(self, text: str, k: int, where: Filter | None) -> list[Found]:
        """By BM25, best first."""

    def read(self, rows: Sequence[int]) -> list[Chunk]:
        """The chunks in rows that were found, in the given order: searches find many rows and
        show few, and reading costs more than finding."""

    def chunks(self, document: str) -> list[Chunk]:
        """All chunks of a document, in their order."""


class Store(Protocol):
    """Keeps chunks and vectors. Each document changes at once or not at all, also at kill -9."""

    def stamp(self) -> Stamp | None:
        """What it was built with; None while it is empty."""

    def begin(self, stamp: Stamp) -> None:
        """Makes an empty store for this embedder and plan; whatever was there is gone."""

    def replace(self, changes: Iterable[Change], tenant: str = "") -> None:
        """Adds, changes or deletes documents."""

    def documents(self, tenant: str = "") -> Mapping[str, str]:
        """Each document's id with the digest of its bytes."""

    def tenants(self) -> Sequence[str]: ...

    def snapshot(self, tenant: str = "") -> Snapshot: ...

    def vectors(
        self, digests: Sequence[str], tenant: str = ""
    ) -> Mapping[str, NDArray[np.float32]]:
        """Vectors of chunks that are stored, by the chunks' digests: what need not be embedded."""

    def compact(self) -> None:
        """Merges small files and takes deleted rows and old versions off the disk for good."""

    def status(self, tenant: str = "") -> StoreStatus: ...

    def writing(self) -> AbstractContextManager[None]:
        """Held by who writes: one process at a time."""


Cut = tuple[Document, Sequence[Chunk]]


class ContextWriter(Protocol):
    """Writes what chunks are about, to be put before them when they are embedded and indexed."""

    @property
    def name(self) -> str: ...

    def write(self, cut: Sequence[Cut]) -> list[Cut]: ...


class Reranker(Protocol):
    """Orders hits anew, reading question and passage together."""

    @property
    def name(self) -> str: ...

    def rank(self, question: str, hits: Sequence[Hit]) -> list[Hit]:
        """All hits, best first, with the reranker's score in `scores`."""
