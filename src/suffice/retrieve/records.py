"""What flows through retrieval: a file becomes a Document, a Document chunks, a search hits.

Spans count characters of `Parsed.text`, so that a citation can point at the exact place.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from suffice.records import Passage


class BlockKind(StrEnum):
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST = "list"
    TABLE = "table"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Block:
    """A piece that stands by itself: a heading, a paragraph, a list item, one row of a table.

    `header` repeats the names of a table's columns, without which its row says little.
    """

    kind: BlockKind
    start: int
    end: int
    page: int | None = None
    level: int = 0
    header: str = ""


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a parser read. `dated` is the ISO day that the file itself gives."""

    text: str
    blocks: tuple[Block, ...]
    title: str = ""
    dated: str | None = None
    warnings: tuple[str, ...] = ()
    meta: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file. `digest` is of its bytes; `id` is its path in the folder, with `/`."""

    id: str
    parsed: Parsed
    digest: str
    source: str
    tenant: str = ""
    meta: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was left out, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """What is embedded and found: a span of a document.

    `text` is the document's own, character for character. `context` is put before it for embedding
    and full text and is never shown as evidence. `parent` is the span of its section.
    """

    id: str
    document: str
    text: str
    start: int
    end: int
    tokens: int
    digest: str
    title: str = ""
    headings: tuple[str, ...] = ()
    page: int | None = None
    parent: tuple[int, int] = (0, 0)
    context: str = ""
    dated: str | None = None
    meta: Mapping[str, str] = field(default_factory=dict)

    @property
    def embedded(self) -> str:
        """The text that is embedded and indexed."""
        return f"{self.context}\n{self.text}" if self.context else self.text


@dataclass(frozen=True, slots=True)
class Found:
    """A row of a snapshot that one leg of a search found; `Snapshot.read` gives its chunk. Rows
    number a store's chunks in the order in which they came. Scores of different legs do not
    compare."""

    row: int
    score: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that a whole search found, with its rank (from 1) and score in each leg."""

    passage: Passage
    score: float
    ranks: Mapping[str, int] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What an index was built with. Another embedder or plan would search among strangers."""

    embedder: str
    identity: str
    dimensions: int
    plan: str


@dataclass(frozen=True, slots=True)
class Filter:
    """Which chunks a search may find: every given condition holds. Applied before the search."""

    documents: frozenset[str] | None = None
    meta: Mapping[str, str] = field(default_factory=dict)
    since: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """What a store holds and what it takes on disk."""

    documents: int
    chunks: int
    bytes: int
    version: int
    stamp: Stamp | None
