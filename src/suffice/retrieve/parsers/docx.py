"""Word's .docx, read from its XML by lxml: headings, lists, tables, notes; no macros, no links out.

The archive's parts are weighed before they are unpacked, and a part with a document type, which
Word never writes, is refused, so entities can neither grow nor fetch.
"""

import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from posixpath import dirname, normpath

from lxml import etree

from suffice.errors import DataError
from suffice.retrieve.limits import held, within
from suffice.retrieve.parsers.blocks import Writer, first_heading
from suffice.retrieve.parsers.dates import first_day
from suffice.retrieve.parsers.spans import cells_of
from suffice.retrieve.records import BlockKind, Parsed

SUFFIXES = (".docx", ".docm", ".dotx")

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_LOOSE = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_DC = "{http://purl.org/dc/elements/1.1/}"
_DCTERMS = "{http://purl.org/dc/terms/}"
# What was deleted, moved away or kept for older programs; text boxes are read by themselves.
_NOT_SHOWN = frozenset(
    (*(f"{_W}{each}" for each in ("del", "moveFrom", "pPr", "rPr", "txbxContent")), _FALLBACK)
)
_MARKS = {f"{_W}tab": " ", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
_OLE = b"\xd0\xcf\x11\xe0"


class Docx:
    """Reads what a reader sees: inserted text is in, deleted and hidden text is out."""

    suffixes = SUFFIXES

    def parse(self, data: bytes, name: str) -> Parsed:  # noqa: ARG002 (all parsers know it)
        parts = _Parts(data)
        main = parts.main()
        root = parts.xml(main)
        if root is None:
            raise DataError("a zip archive without a Word document in it")
        folder = dirname(main)
        story = _Story(_Styles(parts.xml(f"{folder}/styles.xml")))
        story.tell(root)
        for notes in ("footnotes", "endnotes"):
            story.tell(parts.xml(f"{folder}/{notes}.xml"))
        core = parts.xml("docProps/core.xml")
        title, dates = _properties(core)
        return story.writer.parsed(
            title=title or story.title or first_heading(story.writer.text, story.writer.blocks),
            dated=first_day(dates),
        )


def create() -> Docx:
    return Docx()


class _Parts:
    """The archive: only what is asked for is unpacked, and only what was weighed."""

    def __init__(self, data: bytes) -> None:
        if data.startswith(_OLE):
            raise DataError(
                "encrypted, or an old .doc: open it in Word and save it as .docx without a password"
            )
        try:
            self._zip = zipfile.ZipFile(BytesIO(data))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
            raise DataError(f"not a .docx, or cut off: {error}") from None
        self._unpacked = 0

    def main(self) -> str:
        """The document's part, which the package names."""
        relations = self.xml("_rels/.rels")
        found = relations.iter(_RELATIONSHIP) if relations is not None else ()
        for each in found:
            if (each.get("Type") or "").endswith("/officeDocument"):
                return normpath((each.get("Target") or "").lstrip("/"))
        return "word/document.xml"

    def xml(self, name: str) -> etree._Element | None:
        """A part's tree; None where there is no such part."""
        try:
            info = self._zip.getinfo(name)
        except KeyError:
            return None
        if info.flag_bits & 1:
            raise DataError("encrypted: save it without a password")
        self._unpacked += info.file_size
        within(self._unpacked, held().unpacked_bytes, "unpacked it comes to", "unpacked_bytes")
        try:
            data = self._zip.read(info)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
            raise DataError(f"damaged: {name}: {error}") from None
        return _tree(data.replace(_STRICT, _LOOSE), name)


def _tree(data: bytes, name: str) -> etree._Element:
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise DataError(f"{name} declares a document type; Word writes none, this is an attack")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.LxmlError as error:
        raise DataError(f"damaged: {name}: {error}") from None
    if root.getroottree().docinfo.doctype:  # one in UTF-16 is not seen above
        raise DataError(f"{name} declares a document type; Word writes none, this is an attack")
    return root


class _Styles:
    """Which styles are headings, titles and lists, by name or by what they are based on."""

    def __init__(self, root: etree._Element | None) -> None:
        self._styles = {
            _value(each, "styleId"): each
            for each in (root.iter(f"{_W}style") if root is not None else ())
        }

    def name(self, style: str) -> str:
        found = self._styles.get(style)
        written = _value(found.find(f"{_W}name")) if found is not None else style
        return written.lower()

    def level(self, style: str) -> int:
        """1 to 9 for a heading, else 0."""
        for found in self._line(style):
            words = self.name(_value(found, "styleId")).split()
            if len(words) == 2 and words[0] == "heading" and words[1].isdigit():
                return min(int(words[1]), 9)
            if level := _outline(found.find(f"{_W}pPr")):
                return level
        return 0

    def is_list(self, style: str) -> bool:
        return any(found.find(f"{_W}pPr/{_W}numPr") is not None for found in self._line(style))

    def _line(self, style: str) -> Iterator[etree._Element]:
        """The style, what it is based on, and so on; a circle ends by itself."""
        met: set[str] = set()
        while style in self._styles and style not in met:
            met.add(style)
            yield self._styles[style]
            style = _value(self._styles[style].find(f"{_W}basedOn"))


class _Story:
    """Writes paragraphs and tables in their order."""

    def __init__(self, styles: _Styles) -> None:
        self.writer = Writer()
        self.title = ""
        self._styles = styles

    def tell(self, root: etree._Element | None) -> None:
        """All paragraphs and tables below an element, however they are wrapped."""
        waiting = [] if root is None else [root]
        while waiting:
            each = waiting.pop()
            if each.tag == f"{_W}p":
                self._paragraph(each)
                waiting += reversed([*_boxes(each)])
            elif each.tag == f"{_W}tbl":
                self._table(each)
            elif each.tag not in _NOT_SHOWN or each.tag == f"{_W}txbxContent":
                waiting += reversed([*each])

    def _paragraph(self, paragraph: etree._Element) -> None:
        text = _text(paragraph)
        style = _value(paragraph.find(f"{_W}pPr/{_W}pStyle"))
        if self._styles.name(style) == "title":
            self.title = self.title or " ".join(text.split())
            self.writer.add(BlockKind.HEADING, text, level=1)
        elif level := _outline(paragraph.find(f"{_W}pPr")) or self._styles.level(style):
            self.writer.add(BlockKind.HEADING, " ".join(text.split()), level=level)
        elif text.strip() and self._is_item(paragraph, style):
            self.writer.add(BlockKind.LIST, f"- {text.strip()}")
        else:
            self.writer.add(BlockKind.PARAGRAPH, text)

    def _is_item(self, paragraph: etree._Element, style: str) -> bool:
        number = paragraph.find(f"{_W}pPr/{_W}numPr/{_W}numId")
        if number is not None:
            return _value(number) != "0"
        return self._styles.is_list(style)

    def _table(self, table: etree._Element) -> None:
        """The first row names the columns: Word has a mark for that, and hardly anyone sets it."""
        above: dict[int, str] = {}
        rows = []
        for row in _below(table, f"{_W}tr"):
            cells = []
            column = 0
            for cell in _below(row, f"{_W}tc"):
                merged = cell.find(f"{_W}tcPr/{_W}vMerge")
                going_on = merged is not None and _value(merged) != "restart"
                text = above.get(column, "") if going_on else " ".join(_text(cell).split())
                above[column] = text
                wide = _value(cell.find(f"{_W}tcPr/{_W}gridSpan"))
                span = int(wide) if wide.isdigit() and len(wide) < 4 else 1
                cells.append((text, span, 1))
                column += span
            rows.append(cells)
        header = len(rows) > 1
        self.writer.table(cells_of(rows, heads=int(header)), header=header)


def _text(element: etree._Element) -> str:
    """The words in an element as they are shown; a space where a paragraph in it ends."""
    words: list[str] = []
    waiting: list[etree._Element | str] = [*reversed(element)]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            words.append(each)
        elif each.tag == f"{_W}t":
            words.append(each.text or "")
        elif each.tag in _MARKS:
            words.append(_MARKS[each.tag])
        elif each.tag not in _NOT_SHOWN and not _hidden(each):
            if each.tag == f"{_W}p":
                waiting.append("\n")
            waiting += reversed([*each])
    return "".join(words)


def _hidden(run: etree._Element) -> bool:
    mark = run.find(f"{_W}rPr/{_W}vanish") if run.tag == f"{_W}r" else None
    return mark is not None and _value(mark) not in ("0", "false")


def _boxes(paragraph: etree._Element) -> Iterator[etree._Element]:
    """Text boxes that hang on a paragraph, but for the copies for older programs."""
    for box in paragraph.iter(f"{_W}txbxContent"):
        nearest = next(box.iterancestors(f"{_W}p"), None)
        if nearest is paragraph and next(box.iterancestors(_FALLBACK), None) is None:
            yield box


def _below(element: etree._Element, tag: str) -> Iterator[etree._Element]:
    """Rows or cells, also where a content control is wrapped around them."""
    for each in element:
        if each.tag == tag:
            yield each
        elif each.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins", f"{_W}customXml"):
            yield from _below(each, tag)


def _outline(properties: etree._Element | None) -> int:
    found = properties.find(f"{_W}outlineLvl") if properties is not None else None
    written = _value(found)
    return int(written) + 1 if written.isdigit() and int(written) < 9 else 0


def _value(element: etree._Element | None, name: str = "val") -> str:
    """An attribute; of a missing element the empty text."""
    return (element.get(f"{_W}{name}") or "") if element is not None else ""


def _properties(core: etree._Element | None) -> tuple[str, list[str | None]]:
    if core is None:
        return "", []
    title = " ".join((core.findtext(f"{_DC}title") or "").split())
    return title, [core.findtext(f"{_DCTERMS}{each}") for each in ("modified", "created")]
