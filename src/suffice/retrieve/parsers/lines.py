"""Lines of a page, as a PDF draws them, back to paragraphs, headings and items.

A PDF knows places and sizes, no paragraphs. What is measured here: how far a line is below the last
one, how large it is, and whether the last one ended early.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from suffice.retrieve.parsers.blocks import Writer
from suffice.retrieve.records import BlockKind


@dataclass(frozen=True, slots=True)
class Line:
    """A line with the places of its first and last letter, upwards from the page's foot. A long
    word broken at its end draws the next line into it, so `end_bottom` may be lower."""

    text: str
    left: float = 0.0
    right: float = 0.0
    bottom: float = 0.0
    end_bottom: float = 0.0
    size: float = 0.0
    bold: bool = False


_ITEM = re.compile(
    r"(?:[\u2022\u25e6\u25aa\u2023\u25cf\u25a0\u2013\u2014*-]|\(?(?:\d{1,2}|[a-zA-Z])[.)])\s+\S"
)
_STOP = re.compile(r"[.!?:;\u2026][\"'\u201d\u2019)\]]*\Z")
_LARGER = 1.15  # times the body's size: a heading
_APART = 1.3  # times the usual distance of lines: a new paragraph
_LONGEST_HEADING = 160
_LEVELS = 3


def write_lines(writer: Writer, pages: Mapping[int, Sequence[Line]]) -> None:
    every = [line for lines in pages.values() for line in lines]
    letters = Counter[tuple[float, bool]]()
    for line in every:
        letters[line.size, line.bold] += len(line.text)
    body, bold_body = letters.most_common(1)[0][0]
    groups = [
        (page, group)
        for page, lines in pages.items()
        for group in _paragraphs(lines, _pitch(every))
    ]
    larger = {group[0].size for _, group in groups if _is_larger(group, body)}
    levels = {size: min(rank, _LEVELS) for rank, size in enumerate(sorted(larger, reverse=True), 1)}
    for page, group in groups:
        text = " ".join(line.text for line in group)
        if _is_larger(group, body):
            writer.add(BlockKind.HEADING, text, page=page, level=levels[group[0].size])
        elif not bold_body and _is_bold_heading(group):
            writer.add(BlockKind.HEADING, text, page=page, level=min(len(larger), _LEVELS) + 1)
        else:
            kind = BlockKind.LIST if _ITEM.match(text) else BlockKind.PARAGRAPH
            writer.add(kind, text, page=page)


def _pitch(lines: Sequence[Line]) -> float:
    """The usual distance of lines, in sizes of their letters."""
    steps = (
        (above.end_bottom - below.bottom) / above.size
        for above, below in pairwise(lines)
        if above.size and above.size == below.size
    )
    usual = [step for step in steps if 0.8 < step < 2.5]
    return median(usual) if usual else 1.2


def _paragraphs(lines: Sequence[Line], pitch: float) -> Iterator[list[Line]]:
    group: list[Line] = []
    edge = 0.0
    for line in lines:
        if group and _parts(group, line, pitch, edge):
            yield group
            group, edge = [], 0.0
        group.append(line)
        edge = max(edge, line.right)
    if group:
        yield group


def _parts(group: Sequence[Line], line: Line, pitch: float, edge: float) -> bool:
    """Whether a line begins a new paragraph."""
    last = group[-1]
    if not last.size or not line.size:
        return bool(_STOP.search(last.text))
    step = (last.end_bottom - line.bottom) / last.size
    if abs(line.size - last.size) > 0.5 or line.bold != last.bold or _ITEM.match(line.text):
        return True
    if step < 0:  # further up: the next column, where a sentence may go on
        return bool(_STOP.search(last.text)) or not line.text[:1].islower()
    if step > _APART * pitch:
        return True
    if not _STOP.search(last.text):
        return False
    indented = line.left > last.left + 0.8 * line.size and len(group) > 1
    return indented or edge - last.right > 8 * last.size


def _is_larger(group: Sequence[Line], body: float) -> bool:
    return group[0].size >= _LARGER * body > 0 and _is_short(group)


def _is_bold_heading(group: Sequence[Line]) -> bool:
    text = group[-1].text
    return all(line.bold for line in group) and _is_short(group) and not text.endswith((".", ","))


def _is_short(group: Sequence[Line]) -> bool:
    return sum(len(line.text) for line in group) <= _LONGEST_HEADING
