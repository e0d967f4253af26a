"""HTML by lxml: headings, lists, tables, title; scripts, navigation and hidden text are left out.

Hidden text is left out because the reader of the page never saw it: it is where instructions to
models are planted. The HTML parser knows no entities but the standard's, so none can grow.
"""

import re
from collections.abc import Iterator

from lxml import etree

from suffice.errors import DataError
from suffice.retrieve.parsers.blocks import Writer, first_heading
from suffice.retrieve.parsers.dates import first_day
from suffice.retrieve.parsers.decoding import decoded
from suffice.retrieve.parsers.spans import cells_of
from suffice.retrieve.records import BlockKind, Parsed

SUFFIXES = (".html", ".htm", ".xhtml", ".shtml")

# ruff: noqa: SIM905 (words read best as words)
_LEFT_OUT = frozenset(
    "head script style noscript template nav svg iframe object embed canvas audio video map "
    "button select input textarea datalist dialog".split()
)
_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details div dl dt fieldset figcaption "
    "figure footer form header hr html legend main ol p section summary table tbody td tfoot th "
    "thead tr ul".split()
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_CHARSET = re.compile(
    rb"<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*[\"']?([\w.:-]+)", re.I
)
_DATES = (
    *("article:modified_time", "og:updated_time", "last-modified", "dcterms.modified"),
    *("article:published_time", "date", "dc.date", "dcterms.date", "dcterms.created"),
)


class Html:
    """Walks the tree once, without recursion."""

    suffixes = SUFFIXES

    def parse(self, data: bytes, name: str) -> Parsed:  # noqa: ARG002 (all parsers know it)
        declared = _CHARSET.search(data, 0, 4096)
        text, warnings = decoded(data, declared[1].decode("ascii") if declared else None)
        root = _tree(text)
        walk = _Walk()
        walk.over(root)
        title = _squeezed("".join(next(root.iter("title"), etree.Element("title")).itertext()))
        return walk.writer.parsed(
            title=title or first_heading(walk.writer.text, walk.writer.blocks),
            dated=first_day(_dates(root)),
            warnings=warnings,
        )


def create() -> Html:
    return Html()


def _tree(text: str) -> etree._Element:
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True)
    try:
        root = etree.fromstring(text.replace("\0", "").encode("utf-8", "replace"), parser)
    except etree.LxmlError as error:
        raise DataError(f"not HTML: {error}") from None
    if root is None:
        raise DataError("no text in it")
    return root


class _Walk:
    """What the walk holds: the words since the last block ended, and what they are part of."""

    def __init__(self) -> None:
        self.writer = Writer()
        self._words: list[str] = []
        self._kinds: list[tuple[BlockKind, int]] = [(BlockKind.PARAGRAPH, 0)]

    def over(self, root: etree._Element) -> None:
        walk = etree.iterwalk(root, events=("start", "end"))
        inside = False  # of an element whose subtree was read or left out as a whole
        for event, element in walk:
            if event == "end":
                if inside:
                    inside = False
                else:
                    self._end(str(element.tag))
                self._words.append(_broken(element.tail or ""))
                continue
            if not isinstance(element.tag, str) or _left_out(element):
                self._gap(str(element.tag))
            elif element.tag == "table" and _holds_data(element):
                self._table(element)
            elif element.tag == "pre":
                self._flush()
                self.writer.add(BlockKind.CODE, "".join(_words(element)))
            else:
                self._start(element)
                continue
            walk.skip_subtree()
            inside = True
        self._flush()

    def _start(self, element: etree._Element) -> None:
        tag = str(element.tag)
        if tag in _HEADINGS:
            self._flush()
            self._kinds.append((BlockKind.HEADING, _HEADINGS[tag]))
        elif tag == "li":
            self._flush()
            self._kinds.append((BlockKind.LIST, 0))
        elif tag in _BLOCKS:
            self._flush()
        elif tag == "br":
            self._words.append("\n")
        self._words.append(_broken(element.text or ""))

    def _end(self, tag: str) -> None:
        if tag in _HEADINGS or tag == "li":
            self._flush()
            if len(self._kinds) > 1:
                self._kinds.pop()
        elif tag in _BLOCKS:
            self._flush()

    def _gap(self, tag: str) -> None:
        if tag in ("nav", "dialog"):
            self._flush()

    def _flush(self) -> None:
        text = _lines("".join(self._words))
        self._words = []
        if text:
            kind, level = self._kinds[-1]
            text = f"- {text}" if kind is BlockKind.LIST else text
            self.writer.add(kind, text, level=level)

    def _table(self, table: etree._Element) -> None:
        self._flush()
        for caption in table.iter("caption"):
            self.writer.add(BlockKind.PARAGRAPH, _squeezed(" ".join(_words(caption))))
        rows = [row for row in table.iter("tr") if not _left_out(row)]
        heads = 0
        while heads < len(rows) and _is_head(rows[heads]):
            heads += 1
        cells = ([_cell(each) for each in row.iter("td", "th")] for row in rows)
        grid = cells_of(cells, heads)
        if heads > 1:
            grid = [_joined(grid[:heads]), *grid[heads:]]
        self.writer.table(grid, header=heads > 0)


def _left_out(element: etree._Element) -> bool:
    get = element.get
    return (
        element.tag in _LEFT_OUT
        or get("hidden") is not None
        or get("role") in ("navigation", "search", "menu", "menubar")
        or bool(_HIDDEN.search(get("style") or ""))
    )


def _words(element: etree._Element) -> Iterator[str]:
    """All words in an element, a space where a block or a line ends."""
    walk = etree.iterwalk(element, events=("start", "end"))
    skipped: etree._Element | None = None
    for event, each in walk:
        if event == "start":
            if not isinstance(each.tag, str) or (each is not element and _left_out(each)):
                skipped = each
                walk.skip_subtree()
                continue
            if each.tag == "br":
                yield "\n"
            elif each is not element and (each.tag in _BLOCKS or each.tag == "li"):
                yield " "
            yield each.text or ""
        else:
            skipped = None if each is skipped else skipped
            if each is not element:
                yield (" " if each.tag in _BLOCKS or each.tag == "li" else "") + (each.tail or "")


def _holds_data(table: etree._Element) -> bool:
    """A table with a table or headings in it only lays out the page, and so does one column."""
    inner = next(table.iterdescendants("table", *_HEADINGS), None)
    return inner is None and any(
        sum(1 for _ in row.iterchildren("td", "th")) > 1 for row in table.iter("tr")
    )


def _is_head(row: etree._Element) -> bool:
    parent = row.getparent()
    if parent is not None and parent.tag == "thead":
        return True
    return next(row.iter("td"), None) is None and next(row.iter("th"), None) is not None


def _joined(rows: list[list[str]]) -> list[str]:
    """Several rows of names as one: `Price EUR` from `Price` above `EUR`."""
    width = max(map(len, rows))
    columns = ([row[place] for row in rows if place < len(row)] for place in range(width))
    return [" ".join(dict.fromkeys(filter(None, column))) for column in columns]


def _cell(cell: etree._Element) -> tuple[str, int, int]:
    return _squeezed("".join(_words(cell))), _count(cell, "colspan"), _count(cell, "rowspan")


def _count(cell: etree._Element, name: str) -> int:
    written = (cell.get(name) or "1").strip()
    return int(written) if written.isascii() and written.isdigit() and len(written) < 5 else 1


def _dates(root: etree._Element) -> Iterator[str | None]:
    """In the order of how well they say when the text was last right."""
    found: dict[str, str | None] = {}
    for each in root.iter("meta"):
        key = each.get("property") or each.get("name") or each.get("http-equiv") or ""
        found.setdefault(key.lower(), each.get("content"))
    return (found.get(key) for key in _DATES)


def _broken(text: str) -> str:
    """Line breaks of the source are only spaces."""
    return text.replace("\n", " ")


def _lines(text: str) -> str:
    return "\n".join(line for each in text.split("\n") if (line := _squeezed(each)))


def _squeezed(text: str) -> str:
    return " ".join(text.split())
