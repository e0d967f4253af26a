"""PDF by PDFium: text with its pages, paragraphs rebuilt from lines; scans without text are told.

Page headers and footers are left where they are: telling them from text is guessing.
"""

import ctypes
import re
from collections.abc import Iterator

import pypdfium2 as pdfium
from pypdfium2 import raw

from suffice.errors import DataError
from suffice.retrieve.limits import held
from suffice.retrieve.parsers.blocks import Writer, first_heading
from suffice.retrieve.parsers.dates import first_day
from suffice.retrieve.parsers.lines import Line, write_lines
from suffice.retrieve.records import Parsed

SUFFIXES = (".pdf",)

# What programs write in place of a title.
_NO_TITLE = re.compile(r"untitled\b|microsoft \w+ - |.*\.(?:docx?|pdf|tex|indd|qxd|dvi)\Z", re.I)
_HYPHEN = "\ufffe"  # PDFium's sign for a hyphen at the end of a line, which it joins to the next
_BROKEN = re.compile(rf"(\w*){_HYPHEN}(\w*)")
_BOLD = re.compile(rb"bold|black|heavy", re.I)
_FONT_NAME = 256
_END_MARK = b"%%EOF"


class Pdf:
    """Reads all pages, then writes: what a heading is shows only beside the body's size."""

    suffixes = SUFFIXES

    def parse(self, data: bytes, name: str) -> Parsed:  # noqa: ARG002 (all parsers know it)
        document = _opened(data)
        try:
            pages, failed = _pages(document)
            meta = document.get_metadata_dict()
        finally:
            document.close()
        if not any(pages.values()):
            raise DataError(
                "no page of it can be read; it is damaged"
                if failed
                else "no text layer: its pages are scanned images. Give it one with an OCR "
                "program, for instance ocrmypdf"
            )
        writer = Writer()
        write_lines(writer, pages)
        title = " ".join(meta.get("Title", "").split())
        return writer.parsed(
            title=("" if _NO_TITLE.match(title) else title)
            or first_heading(writer.text, writer.blocks),
            dated=first_day((meta.get("ModDate"), meta.get("CreationDate"))),
            warnings=tuple(_warnings(data, pages, failed)),
        )


def create() -> Pdf:
    return Pdf()


def _opened(data: bytes) -> pdfium.PdfDocument:
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        reasons = {
            raw.FPDF_ERR_PASSWORD: "encrypted: save it without a password",
            raw.FPDF_ERR_SECURITY: "encrypted in a way that cannot be read",
            raw.FPDF_ERR_FORMAT: "not a PDF, or damaged or cut off beyond repair",
        }
        raise DataError(reasons.get(error.err_code or 0, f"cannot be opened: {error}")) from None
    count, limit = len(document), held().pages
    if not 0 < count <= limit:
        document.close()
        said = f"{count:,} pages, over the limit of {limit:,} (pages)" if count else "no pages"
        raise DataError(said)
    return document


def _pages(document: pdfium.PdfDocument) -> tuple[dict[int, list[Line]], list[int]]:
    """The lines of each page, counted from 1, and the pages that cannot be read."""
    pages: dict[int, list[Line]] = {}
    failed = []
    for number in range(1, len(document) + 1):
        try:
            page = document[number - 1]
        except pdfium.PdfiumError:
            failed.append(number)
            continue
        try:
            text = page.get_textpage()
            pages[number] = list(_lines(text))
            text.close()
        except pdfium.PdfiumError:
            failed.append(number)
        finally:
            page.close()
    return pages, failed


def _lines(page: pdfium.PdfTextPage) -> Iterator[Line]:
    written = page.get_text_range()
    place = 0  # in UTF-16 units, which PDFium counts
    for each in written.split("\r\n"):
        units = len(each) if each.isascii() else len(each.encode("utf-16-le")) // 2
        text = " ".join(_mended(each, written).split())
        if text:
            lead = len(each) - len(each.lstrip())
            first = raw.FPDFText_GetCharIndexFromTextIndex(page, place + lead)
            trail = len(each) - len(each.rstrip())
            last = raw.FPDFText_GetCharIndexFromTextIndex(page, place + units - trail - 1)
            yield _line(page, text, first, last)
        place += units + 2


def _line(page: pdfium.PdfTextPage, text: str, first: int, last: int) -> Line:
    try:
        left, bottom, _, _ = page.get_charbox(first, loose=True)
        _, end_bottom, right, _ = page.get_charbox(last, loose=True)
    except pdfium.PdfiumError:
        return Line(text)
    size = raw.FPDFText_GetFontSize(page, first)
    return Line(text, left, right, bottom, end_bottom, round(size, 1), _bold(page, first))


def _bold(page: pdfium.PdfTextPage, place: int) -> bool:
    buffer = ctypes.create_string_buffer(_FONT_NAME)
    length = raw.FPDFText_GetFontInfo(page, place, buffer, _FONT_NAME, None)
    return 0 < length <= _FONT_NAME and _BOLD.search(buffer.value) is not None


def _mended(line: str, page: str) -> str:
    """Hyphens that only broke a word go; `well-known` keeps its own, where the page shows it so or
    what follows is no small letter."""

    def whole(found: re.Match[str]) -> str:
        before, behind = found[1], found[2]
        own = not (before[-1:].isalpha() and behind[:1].islower())
        hyphenated = f"{before}-{behind}"
        return hyphenated if own or hyphenated in page else before + behind

    return _BROKEN.sub(whole, line) if _HYPHEN in line else line


def _warnings(data: bytes, pages: dict[int, list[Line]], failed: list[int]) -> Iterator[str]:
    if failed:
        yield f"pages that cannot be read: {_numbers(failed)}"
    if empty := [number for number, lines in pages.items() if not lines]:
        yield f"pages without text, blank or scanned: {_numbers(empty)}"
    if _END_MARK not in data[-4096:]:
        yield "its end mark is missing: it may be cut off"


def _numbers(pages: list[int]) -> str:
    shown = ", ".join(str(each) for each in pages[:10])
    return shown if len(pages) <= 10 else f"{shown} and {len(pages) - 10} more"
