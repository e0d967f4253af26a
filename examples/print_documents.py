"""Prints the PDF and Word documents of bundled studies from texts that are written by hand.

    python examples/print_documents.py [--check]

`examples/paper/STUDY/NAME.pdf.md` (or `.docx.md`) becomes `NAME.pdf` among the study's documents,
always the same bytes. Its text is a little Markdown: headings, paragraphs, lists, tables, and dates
before it. `--check` says whether what lies there still says what its source says.
"""

import argparse
import re
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import docx
from fpdf import FPDF
from fpdf.enums import XPos, YPos

from suffice.retrieve.parse import parse_file

PAPER = Path(__file__).parent / "paper"
STUDIES = Path(__file__).parent.parent / "src" / "suffice" / "studies"

FRONT = re.compile(r"---\n(.*?)\n---\n", re.DOTALL)
HEADING = re.compile(r"(#{1,3}) (.*)")
UNDATED = datetime(2031, 1, 15, 9, tzinfo=UTC)
TITLE_SIZE, HEADING_SIZE, TEXT_SIZE = 17, 13, 11
LINE = 1.5  # line heights to a font size


@dataclass(frozen=True, slots=True)
class Block:
    """A heading (`level` from 1), an item, a table's rows, or a paragraph."""

    text: str = ""
    level: int = 0
    item: bool = False
    rows: tuple[tuple[str, ...], ...] = ()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="only say what is stale")
    check = parser.parse_args().check
    printed = {place_of(paper): printed_from(paper) for paper in sorted(PAPER.rglob("*.md"))}
    if check:
        stale = [str(place) for place, data in printed.items() if not says_the_same(place, data)]
        sys.exit(f"print anew: {', '.join(stale)}" if stale else 0)
    for place, data in printed.items():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)


def place_of(paper: Path) -> Path:
    study, *folders = paper.relative_to(PAPER).with_suffix("").parts
    return STUDIES / study / "documents" / Path(*folders)


def printed_from(paper: Path) -> bytes:
    text, day = paper.read_text("utf-8"), UNDATED
    if front := FRONT.match(text):
        text = text[front.end() :]
        day = datetime.fromisoformat(f"{front[1].partition('date: ')[2]}T09:00:00+00:00")
    blocks = list(blocks_of(text))
    match paper.with_suffix("").suffix:
        case ".pdf":
            return pdf_of(blocks, day)
        case ".docx":
            return word_of(blocks, day)
        case other:
            sys.exit(f"{paper}: no printer for {other!r}; name it NAME.pdf.md or NAME.docx.md")


def blocks_of(text: str) -> Iterator[Block]:
    for part in re.split(r"\n\s*\n", text.strip()):
        lines = [line.strip() for line in part.splitlines()]
        if found := HEADING.fullmatch(part.strip()):
            yield Block(found[2], level=len(found[1]))
        elif part.startswith("|"):
            cells = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]
            yield Block(rows=tuple(row for row in cells if set("".join(row)) - set("-: ")))
        elif part.startswith("- "):
            yield from (Block(line.removeprefix("- "), item=True) for line in lines)
        else:
            yield Block(" ".join(lines))


def pdf_of(blocks: list[Block], day: datetime) -> bytes:
    page = FPDF(format="A4")
    page.set_creation_date(day)
    page.set_title(next((each.text for each in blocks if each.level == 1), ""))
    page.set_margin(25)
    page.add_page()
    for block in blocks:
        size = {0: TEXT_SIZE, 1: TITLE_SIZE}.get(block.level, HEADING_SIZE)
        page.set_font("Helvetica", "B" if block.level else "", size)
        if block.rows:
            with page.table(first_row_as_headings=True) as table:
                for row in block.rows:
                    table.row(row)
        else:
            said = f"- {block.text}" if block.item else block.text
            page.multi_cell(
                0, size * LINE / page.k, said, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT
            )
        page.ln(0 if block.item else 3)
    return bytes(page.output())


def word_of(blocks: list[Block], day: datetime) -> bytes:
    document = docx.Document()
    properties = document.core_properties
    properties.author, properties.comments = "", ""
    properties.title = next((each.text for each in blocks if each.level == 1), "")
    properties.created = properties.modified = day.replace(tzinfo=None)
    for block in blocks:
        if block.rows:
            table = document.add_table(0, len(block.rows[0]), style="Table Grid")
            for row in block.rows:
                for cell, said in zip(table.add_row().cells, row, strict=True):
                    cell.text = said
        elif block.level:
            document.add_heading(block.text, block.level - 1)  # 0 is the title
        else:
            document.add_paragraph(block.text, style="List Bullet" if block.item else None)
    written = BytesIO()
    document.save(written)
    return undated(written)


def undated(archive: BytesIO) -> bytes:
    """The same archive without the hour at which it was packed."""
    packed = BytesIO()
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(packed, "w") as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name), old.read(name), zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def says_the_same(place: Path, data: bytes) -> bool:
    """By the text that a reader finds: another release of a library may pack it otherwise."""
    if not place.exists():
        return False
    with TemporaryDirectory() as folder:
        fresh = Path(folder) / place.name
        fresh.write_bytes(data)
        return parse_file(fresh).text == parse_file(place).text


if __name__ == "__main__":
    main()
