"""Real files, made on the spot: by the programs that people use, and by hand where those refuse."""

import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO

import docx
from fpdf import FPDF
from fpdf.enums import EncryptionMethod
from PIL import Image

from suffice.retrieve.ports import Parser
from suffice.retrieve.records import BlockKind, Parsed

Shown = tuple[str, str]


def shown(parsed: Parsed) -> list[Shown]:
    """Each block as its kind and text, which is all that most tests look at."""
    return [(each.kind.value, parsed.text[each.start : each.end]) for each in parsed.blocks]


def headings(parsed: Parsed) -> list[tuple[int, str]]:
    return [
        (each.level, parsed.text[each.start : each.end])
        for each in parsed.blocks
        if each.kind is BlockKind.HEADING
    ]


def rows(parsed: Parsed) -> list[Shown]:
    """Rows of tables with the names of their columns."""
    return [
        (each.header, parsed.text[each.start : each.end])
        for each in parsed.blocks
        if each.kind is BlockKind.TABLE
    ]


def read(parser: Parser, data: bytes | str, name: str = "file") -> Parsed:
    return parser.parse(data.encode() if isinstance(data, str) else data, name)


# ------------------------------------------------------------------------- PDF

BODY = "You may return what you bought within 14 days of the day on which it came. " * 4
SECOND = "The second paragraph speaks of shipping costs, which the customer bears. " * 3


def pdf(draw: Callable[[FPDF], None], *, title: str = "") -> bytes:
    paper = FPDF()
    paper.set_creation_date(datetime(2024, 3, 5, tzinfo=UTC))
    if title:
        paper.set_title(title)
    paper.add_page()
    paper.set_font("Helvetica", size=11)
    draw(paper)
    return bytes(paper.output())


def handbook(paper: FPDF) -> None:
    """Two pages: headings larger than the text, paragraphs of several lines, a broken word."""
    paper.set_font(size=20)
    paper.cell(0, 12, "Returns", new_x="LMARGIN", new_y="NEXT")
    paper.set_font(size=11)
    paper.multi_cell(0, 6, BODY)
    paper.ln(4)
    paper.multi_cell(0, 6, SECOND)
    paper.ln(4)
    paper.set_font(size=14)
    paper.cell(0, 10, "Shipping", new_x="LMARGIN", new_y="NEXT")
    paper.set_font(size=11)
    paper.multi_cell(0, 6, "All infor-\nmation on well-known carriers; a well-\nknown one is ours.")
    paper.add_page()
    paper.multi_cell(0, 6, "On the second page.")


def pages(count: int) -> bytes:
    def draw(paper: FPDF) -> None:
        for number in range(1, count):
            paper.cell(0, 6, f"page {number}")
            paper.add_page()

    return pdf(draw)


def encrypted_pdf() -> bytes:
    def draw(paper: FPDF) -> None:
        paper.set_encryption("owner", "user", EncryptionMethod.RC4)
        paper.cell(0, 6, "secret")

    return pdf(draw)


def scanned_pdf(*, with_text: bool = False) -> bytes:
    picture = BytesIO()
    Image.new("RGB", (60, 60), "white").save(picture, "PNG")

    def draw(paper: FPDF) -> None:
        paper.image(picture, w=100)
        if with_text:
            paper.add_page()
            paper.cell(0, 6, "words at last")

    return pdf(draw)


def raw_pdf(objects: Sequence[bytes], *, trailer: bytes = b"") -> bytes:
    """A PDF of numbered objects, the first one its catalog. For what no program would write."""
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R %s >>\n" % (len(objects) + 1, trailer)
    out += b"startxref\n%d\n%%%%EOF\n" % start
    return bytes(out)


def raw_page(content: bytes, *, filters: bytes = b"", more: Sequence[bytes] = ()) -> bytes:
    """A page that draws this content; objects from number 6 on are `more`."""
    return raw_pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources "
            b"<< /Font << /F 5 0 R >> /XObject << /X 6 0 R >> >> >>",
            b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), filters, content),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
            *more,
        ]
    )


def bomb_pdf(megabytes: int) -> bytes:
    """A content stream that unpacks to a thousand times its size, twice over."""
    packed = zlib.compress(b"0 0 m 1 1 l S\n" * (megabytes * 2**20 // 14), 9)
    return raw_page(zlib.compress(packed, 9), filters=b"/Filter [/FlateDecode /FlateDecode]")


def circular_pdf() -> bytes:
    """A tree of pages in which a page's children are its parents."""
    return raw_pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 9 /Parent 3 0 R >>",
            b"<< /Type /Pages /Kids [2 0 R 3 0 R] /Count 9 /Parent 2 0 R >>",
        ]
    )


def recursive_pdf(times: int) -> bytes:
    """A form that draws itself so many times, beside a line of text. Twice is a bomb."""
    form = b"/X Do " * times
    return raw_page(
        b"BT /F 12 Tf 72 700 Td (Words beside it) Tj ET /X Do",
        more=[
            b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 6 0 R "
            b">> >> /Length %d >>\nstream\n%s\nendstream" % (len(form), form)
        ],
    )


# ------------------------------------------------------------------------- docx


def word(write: Callable[["docx.document.Document"], None]) -> bytes:
    document = docx.Document()
    write(document)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def policy(document: "docx.document.Document") -> None:
    document.core_properties.title = "Our policy"
    document.add_heading("Scope", 1)
    document.add_paragraph("It holds for all orders.")
    document.add_paragraph("by post", style="List Bullet")
    document.add_paragraph("in the shop", style="List Number")
    document.add_heading("Prices", 2)
    table = document.add_table(3, 2)
    for row, texts in zip(
        table.rows, (("Plan", "Price"), ("Basic", "9"), ("Pro", "19")), strict=True
    ):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    document.add_paragraph("After the table.")


_OPEN = (
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><w:body>'
)


def raw_word(
    body: str, *, prolog: str = "", parts: Mapping[str, str | bytes] | None = None
) -> bytes:
    """A document of this XML, with other parts beside it."""
    written = {"word/document.xml": f"{prolog}{_OPEN}{body}</w:body></w:document>", **(parts or {})}
    return archive(written)


def paragraph(text: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def archive(parts: Mapping[str, str | bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name, text in parts.items():
            packed.writestr(name, text)
    return out.getvalue()
