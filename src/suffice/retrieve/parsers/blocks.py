"""Text and its blocks, put together so that every span is exact.

Formats that are text already (markdown, code) keep it as it is and only mark spans in it; the
others write their text here, block by block.
"""

import re
from collections.abc import Iterator, Sequence

from suffice.retrieve.limits import held, within
from suffice.retrieve.records import Block, BlockKind, Parsed

CELL_GAP = " | "
_TIGHT = (BlockKind.TABLE, BlockKind.LIST)
_PARAGRAPH = re.compile(r"\S(?:[^\n]|\n(?![^\S\n]*(?:\n|\Z)))*")
_UNFIT = re.compile("[\0\ud800-\udfff]")


class Writer:
    """Rows and items of one kind stand on neighbouring lines, all else has a blank line between."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._blocks: list[Block] = []

    def add(
        self,
        kind: BlockKind,
        text: str,
        *,
        page: int | None = None,
        level: int = 0,
        header: str = "",
    ) -> None:
        """Adds a block. One without text is none."""
        text = _UNFIT.sub("", text).strip("\n" if kind is BlockKind.CODE else None)
        if not text.strip():
            return
        if self._blocks:
            tight = kind in _TIGHT and self._blocks[-1].kind is kind
            self._put("\n" if tight else "\n\n")
        start = self._length
        self._put(text)
        self._blocks.append(Block(kind, start, self._length, page, level, header))
        within(self._length, held().text_bytes, "its text comes to", "text_bytes")

    def table(self, rows: Sequence[Sequence[str]], *, header: bool) -> None:
        """Adds a table row by row. With `header`, its first row names the columns."""
        names = row_text(rows[0]) if header and rows else ""
        for number, row in enumerate(rows):
            self.add(BlockKind.TABLE, row_text(row), header=names if number else "")

    @property
    def blocks(self) -> Sequence[Block]:
        return self._blocks

    def text_of(self, block: Block) -> str:
        return self.text[block.start : block.end]

    @property
    def text(self) -> str:
        self._parts = ["".join(self._parts)]
        return self._parts[0]

    def parsed(
        self,
        *,
        title: str = "",
        dated: str | None = None,
        warnings: Sequence[str] = (),
        meta: dict[str, str] | None = None,
    ) -> Parsed:
        title = _UNFIT.sub("", title)
        return Parsed(self.text, tuple(self._blocks), title, dated, tuple(warnings), meta or {})

    def _put(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)


def row_text(cells: Sequence[str]) -> str:
    """A row on one line. One without any text is empty."""
    words = [" ".join(cell.split()) for cell in cells]
    return CELL_GAP.join(words).strip() if any(words) else ""


def paragraphs(text: str, start: int = 0) -> Iterator[Block]:
    """What blank lines part, as spans of the text from `start` on."""
    for found in _PARAGRAPH.finditer(text, start):
        end = found.start() + len(found.group().rstrip())
        yield Block(BlockKind.PARAGRAPH, found.start(), end)


def first_heading(text: str, blocks: Sequence[Block]) -> str:
    """The first heading of the first level: what a document without a title is called."""
    top = (each for each in blocks if each.kind is BlockKind.HEADING and each.level == 1)
    found = next(top, None)
    return " ".join(text[found.start : found.end].split()) if found else ""
