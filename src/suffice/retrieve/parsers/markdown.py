"""Markdown as its source, by CommonMark with tables: headings, lists, tables row by row, code.

The text stays as it was written, so a quotation of it is found in the file. Front matter gives the
title and the date and is no block. Only the structure of lines is parsed; emphasis and links are
left in the text.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from suffice.retrieve.parsers.blocks import first_heading, paragraphs
from suffice.retrieve.parsers.dates import first_day
from suffice.retrieve.parsers.decoding import decoded
from suffice.retrieve.records import Block, BlockKind, Parsed

SUFFIXES = (".md", ".markdown", ".mdown", ".mkd", ".mdx", ".qmd")

_FRONT = re.compile(r"\A(---|\+\+\+)[^\S\n]*\n(.{0,65536}?\n)(?:\1|\.\.\.)[^\S\n]*(?:\n|\Z)", re.S)
_DATES = ("updated", "lastmod", "last_modified", "modified", "date", "published", "created")
_SILENT = re.compile(r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1\s*>|\Z)|<[^>]*>", re.S | re.I)
_NESTING = 100  # deeper text is left out by the library; recursion takes a few frames each


class Markdown:
    """Spans of lines, as markdown-it gives them."""

    suffixes = SUFFIXES

    def parse(self, data: bytes, name: str) -> Parsed:  # noqa: ARG002 (all parsers know it)
        text, warnings = decoded(data)
        front = _FRONT.match(text)
        fields, complaint = _fields(front) if front else ({}, ())
        blocks, cut = _blocks(text, front.end() if front else 0)
        meta = {str(key): written for key, each in fields.items() if (written := _written(each))}
        return Parsed(
            text,
            blocks,
            meta.pop("title", "") or first_heading(text, blocks),
            first_day(meta.get(key) for key in _DATES),
            (*warnings, *complaint, *cut),
            meta,
        )


def create() -> Markdown:
    return Markdown()


def _blocks(text: str, start: int) -> tuple[tuple[Block, ...], tuple[str, ...]]:
    """Where the library gives up, and with it all that follows, the rest is plain text."""
    reader = MarkdownIt("commonmark", {"maxNesting": _NESTING}).enable("table")
    reader.core.ruler.enableOnly(["normalize", "block"])
    tokens = reader.parse(text[start:])
    blocks = list(_structure(text, tokens, _Lines(text, start)))
    if all(token.level < _NESTING - 1 for token in tokens):
        return tuple(blocks), ()
    rest = paragraphs(text, blocks[-1].end if blocks else start)
    return (*blocks, *rest), (f"nested deeper than {_NESTING} levels; plain text from there on",)


def _structure(text: str, tokens: Sequence[Token], lines: "_Lines") -> Iterator[Block]:
    """Every token that stands for lines of its own becomes a block."""
    lists, header = 0, ""
    for place, token in enumerate(tokens):
        if token.type in ("bullet_list_open", "ordered_list_open"):
            lists += 1
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            lists -= 1
        if not token.map:
            continue
        low, high = lines.span(token.map[0], token.map[1])
        if low >= high:
            continue
        match token.type:
            case "heading_open":
                yield _heading(text, low, high, tokens[place + 1].content, int(token.tag[1]))
            case "paragraph_open":
                yield Block(BlockKind.LIST if lists else BlockKind.PARAGRAPH, low, high)
            case "fence" | "code_block":
                yield Block(BlockKind.CODE, low, high)
            case "html_block":
                if _SILENT.sub("", text[low:high]).strip():
                    yield Block(BlockKind.PARAGRAPH, low, high)
            case "table_open":
                header = ""
            case "tr_open":
                yield Block(BlockKind.TABLE, low, high, header=header)
                header = header or text[low:high]


def _heading(text: str, low: int, high: int, words: str, level: int) -> Block:
    """Its words alone, without the marks before, behind and below them."""
    first, last = words.partition("\n")[0], words.rpartition("\n")[2]
    start = text.find(first, low, high)
    end = text.rfind(last, low, high)
    if not words or start < 0 or end < start:
        return Block(BlockKind.HEADING, low, high, level=level)
    return Block(BlockKind.HEADING, start, end + len(last), level=level)


class _Lines:
    """Where lines begin. The library splits at \\n alone, and so does this."""

    def __init__(self, text: str, start: int) -> None:
        self._text = text
        self._starts = [start]
        while (gap := text.find("\n", self._starts[-1])) >= 0:
            self._starts.append(gap + 1)

    def span(self, first: int, behind: int) -> tuple[int, int]:
        """The lines without white space around them."""
        low = self._starts[first]
        high = self._starts[behind] if behind < len(self._starts) else len(self._text)
        lines = self._text[low:high]
        return low + len(lines) - len(lines.lstrip()), low + len(lines.rstrip())


def _fields(front: re.Match[str]) -> tuple[dict[str, Any], tuple[str, ...]]:
    try:
        found = tomllib.loads(front[2]) if front[1] == "+++" else yaml.safe_load(front[2])
    except (yaml.YAMLError, tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
        return {}, (f"its front matter cannot be read: {str(error).splitlines()[0]}",)
    return (found, ()) if isinstance(found, dict) else ({}, ())


def _written(value: object) -> str:
    """Single values, and lists of them, as text; nothing that is nested."""
    match value:
        case date() | datetime():
            return value.isoformat()
        case str() | int() | float():
            return str(value).strip()
        case list():
            return ", ".join(str(each) for each in value if isinstance(each, str | int))
        case _:
            return ""
