"""Cuts a document into chunks: whole sentences and table rows, by its structure, to a budget.

A chunk is one span of the document's text, so a citation of it can be checked to the character.
It begins anew at a heading once it holds enough, and repeats the last sentences of the chunk
before (`overlap`), because an answer may stand where two chunks meet.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Literal

from suffice.errors import UsageError
from suffice.retrieve.context import heading_context
from suffice.retrieve.records import Block, BlockKind, Chunk, Document

Count = Callable[[str], int]

# A chunk that holds less goes on past a heading: pages of two-line sections make no good chunks.
_ENOUGH = 0.25
# So many times the budget is no sentence but a file without any: it is cut between words.
_TOO_LONG = 4

_SENTENCE_END = re.compile(
    r"(?<=[.!?])[\"'\u201d\u2019)\]]*\s+(?=[\"'\u201c\u2018(\[]?[A-Z0-9À-ÖØ-Þ])|\n{2,}"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|No|Nos|vs|etc|e\.g|i\.e|cf|approx|Inc|Ltd|Co|Fig|Eq|Sec|Art|al"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec)|\b[A-Z])\.\s*\Z"
)


@dataclass(frozen=True, slots=True)
class ChunkPlan:
    """How documents are cut. `context` is what is put before a chunk when it is embedded and
    indexed: nothing, its title and headings, or what a model wrote about it."""

    tokens: int = 256
    overlap: float = 0.1
    context: Literal["none", "headings", "model"] = "headings"

    def __post_init__(self) -> None:
        if not 16 <= self.tokens <= 8192:
            raise UsageError(f"chunks of {self.tokens} tokens; take 16 to 8192 (256 is usual)")
        if not 0 <= self.overlap < 0.5:
            raise UsageError(f"an overlap of {self.overlap}; take a share from 0 to below 0.5")

    def __str__(self) -> str:
        return f"{self.tokens} tokens, overlap {self.overlap:g}, context {self.context}"


@dataclass(frozen=True, slots=True)
class _Piece:
    """What is never cut: a sentence, a table row, a list item; with where it stands."""

    start: int
    end: int
    tokens: int
    block: Block
    headings: tuple[str, ...]
    section: int


def chunk(document: Document, plan: ChunkPlan, count: Count) -> list[Chunk]:
    """All chunks of a document, in order. None where it has no text."""
    pieces = list(_pieces(document, plan, count))
    ends = _section_ends(pieces, len(document.parsed.text))
    return [
        _made(document, plan, group, (ends[group[0].section][0], ends[group[-1].section][1]), count)
        for group in _groups(pieces, plan)
    ]


def _groups(pieces: Sequence[_Piece], plan: ChunkPlan) -> Iterator[list[_Piece]]:
    """Runs of pieces that fit the budget. The next run repeats the end of the last one."""
    group: list[_Piece] = []
    held = 0
    fresh = False  # whether the run holds more than what it repeats
    for piece in pieces:
        crosses = bool(group) and piece.section != group[-1].section
        full = held + piece.tokens > plan.tokens
        if fresh and (full or (crosses and held >= _ENOUGH * plan.tokens)):
            yield group
            group = [] if crosses else _repeated(group, plan, piece.tokens)
            held = sum(each.tokens for each in group)
        group.append(piece)
        held += piece.tokens
        fresh = True
    if fresh:
        yield group


def _repeated(group: Sequence[_Piece], plan: ChunkPlan, coming: int) -> list[_Piece]:
    """The last pieces of a run, as far as `overlap` and what comes next leave room."""
    room = min(plan.overlap * plan.tokens, plan.tokens - coming)
    taken: list[_Piece] = []
    for piece in reversed(group[1:]):  # never all of it: the next run would not be another
        room -= piece.tokens
        if room < 0:
            break
        taken.insert(0, piece)
    return taken


def in_context(chunk: Chunk, context: str) -> Chunk:
    """The chunk with another text before it."""
    return replace(chunk, context=context, digest=_digest(context, chunk.text))


def _digest(context: str, text: str) -> str:
    return sha256(f"{context}\0{text}".encode()).hexdigest()


def _made(
    document: Document,
    plan: ChunkPlan,
    group: Sequence[_Piece],
    section: tuple[int, int],
    count: Count,
) -> Chunk:
    start, end = group[0].start, group[-1].end
    text = document.parsed.text[start:end]
    headings = _shared([piece.headings for piece in group])
    header = group[0].block.header
    parts = [heading_context(document.parsed.title, headings) if plan.context != "none" else ""]
    if header and header not in text:
        parts.append(header)
    context = "\n".join(part for part in parts if part)
    return Chunk(
        id=f"{document.id}#{start}-{end}",
        document=document.id,
        text=text,
        start=start,
        end=end,
        tokens=count(text),
        digest=_digest(context, text),
        title=document.parsed.title,
        headings=headings,
        page=group[0].block.page,
        parent=section,
        context=context,
        dated=document.parsed.dated,
        meta=document.meta,
    )


def _pieces(document: Document, plan: ChunkPlan, count: Count) -> Iterator[_Piece]:
    text = document.parsed.text
    path: list[tuple[int, str]] = []
    section = 0
    for block in document.parsed.blocks:
        if block.kind is BlockKind.HEADING:
            path = [each for each in path if each[0] < block.level]
            path.append((block.level, text[block.start : block.end].strip()))
            section += 1
            continue
        headings = tuple(title for _, title in path)
        for start, end in _uncut(text, block):
            for low, high, tokens in _bounded(text, start, end, plan, count):
                yield _Piece(low, high, tokens, block, headings, section)


def _uncut(text: str, block: Block) -> Iterator[tuple[int, int]]:
    """A row or an item whole, prose by its sentences, code by its lines."""
    if block.kind is BlockKind.TABLE:
        yield block.start, block.end
    elif block.kind is BlockKind.CODE:
        yield from _split(text, block.start, block.end, re.compile(r"\n"))
    else:
        yield from sentences(text, block.start, block.end)


def sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The spans of the sentences of a piece of text."""
    low = start
    for found in _SENTENCE_END.finditer(text, start, end):
        if "\n\n" not in found.group() and _ABBREVIATION.search(text, low, found.start() + 1):
            continue
        if text[low : found.start()].strip():
            yield low, found.start() + len(found.group().rstrip())
            low = found.end()
    if text[low:end].strip():
        yield low, end


def _split(text: str, start: int, end: int, where: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    low = start
    for found in where.finditer(text, start, end):
        if text[low : found.start()].strip():
            yield low, found.start()
            low = found.end()
    if text[low:end].strip():
        yield low, end


def _bounded(
    text: str, start: int, end: int, plan: ChunkPlan, count: Count
) -> Iterator[tuple[int, int, int]]:
    """The span with its tokens; in parts, cut between words, where it is far too long."""
    tokens = count(text[start:end])
    if tokens <= _TOO_LONG * plan.tokens:
        yield start, end, tokens
        return
    step = max(1, (end - start) * plan.tokens // tokens)
    low = start
    while low < end:
        high = min(end, low + step)
        gap = text.rfind(" ", low + 1, high) if high < end else -1
        if gap > low:
            high = gap
        yield low, high, count(text[low:high])
        low = high
        while low < end and text[low].isspace():
            low += 1


def _section_ends(pieces: Sequence[_Piece], length: int) -> dict[int, tuple[int, int]]:
    """The span of each section: what stands between two headings."""
    spans: dict[int, tuple[int, int]] = {}
    for piece in pieces:
        low, high = spans.get(piece.section, (piece.start, piece.end))
        spans[piece.section] = (min(low, piece.start), min(length, max(high, piece.end)))
    return spans


def _shared(paths: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The headings that all pieces stand under."""
    shared = paths[0]
    for path in paths[1:]:
        same = 0
        while same < min(len(shared), len(path)) and shared[same] == path[same]:
            same += 1
        shared = shared[:same]
    return shared
