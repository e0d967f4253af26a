"""Prints the PDF and Word documents of the bundled studies from their text.

    python examples/print_documents.py [STUDY...] [--check]

`examples/paper/STUDY/NAME.pdf.md` and `NAME.docx.md` hold what was written by hand: a title,
headings, paragraphs, lists and tables in the simplest Markdown. What is printed stands in the
study's `documents/`. The same text gives the same bytes: dates are fixed and nothing is random.
`--check` only says whether each document still says what its text says, whoever's library drew it.
"""

import argparse
import io
import re
import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pypdfium2
from docx import Document
from fpdf import FPDF

HERE = Path(__file__).parent
STUDIES = HERE.parent / "src" / "suffice" / "studies"
PRINTED = datetime(2026, 11, 2, 9, tzinfo=UTC)

Block = tuple[str, list[list[str]]]  # a kind, and its lines as cells


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("studies", nargs="*", help="all when left out")
    parser.add_argument("--check", action="store_true", help="only say whether they are fresh")
    given = parser.parse_args()
    stale = [path for path, text in papers(given.studies) if not printed(path, text, given.check)]
    for path in stale:
        print(f"stale: {path}; run python examples/print_documents.py")  # noqa: T201
    return 1 if stale else 0


def papers(studies: list[str]) -> Iterator[tuple[Path, str]]:
    """Each document to print, with its text."""
    for source in sorted((HERE / "paper").glob("*/*.md")):
        if not studies or source.parent.name in studies:
            folder = STUDIES / source.parent.name / "documents"
            yield folder / source.stem, source.read_text("utf-8")


def printed(path: Path, text: str, check: bool) -> bool:
    """False where the document is missing or says something else."""
    if check:
        return path.exists() and words(said(path)) == words(" ".join(flat(text)))
    path.write_bytes(as_pdf(text) if path.suffix == ".pdf" else as_word(text))
    return True


def blocks(text: str) -> Iterator[Block]:
    """Paragraphs are joined; a row of a table has several cells, anything else one."""
    for part in re.split(r"\n\s*\n", text.strip()):
        lines = part.splitlines()
        if heading := re.match(r"(#+) (.+)", part):
            yield f"heading {len(heading[1])}", [[heading[2]]]
            lines = lines[1:]
        if lines and lines[0].startswith("|"):
            rows = [[cell.strip() for cell in line.strip("| ").split("|")] for line in lines]
            yield "table", [row for row in rows if any(set(cell) - set("-: ") for cell in row)]
        elif lines and lines[0].startswith("- "):
            yield "list", [[line.removeprefix("- ")] for line in lines]
        elif lines:
            yield "paragraph", [[" ".join(lines)]]


def flat(text: str) -> Iterator[str]:
    for _, rows in blocks(text):
        for row in rows:
            yield from row


def as_pdf(text: str) -> bytes:
    paper = FPDF(format=(148, 210))
    paper.set_creation_date(PRINTED)
    paper.add_page()
    for kind, rows in blocks(text):
        paper.set_font("Helvetica", "B" if kind.startswith("heading") else "", size_of(kind))
        if kind == "table":
            with paper.table() as table:
                for row in rows:
                    table.row(row)
        for (line,) in rows if kind != "table" else ():
            mark = "- " if kind == "list" else ""
            paper.multi_cell(0, 6, f"{mark}{line}", align="L", new_x="LMARGIN", new_y="NEXT")
        paper.ln(3)
    return bytes(paper.output())


def size_of(kind: str) -> int:
    return {"heading 1": 18, "heading 2": 14}.get(kind, 11)


def as_word(text: str) -> bytes:
    paper = Document()
    paper.core_properties.created = paper.core_properties.modified = PRINTED
    for kind, rows in blocks(text):
        if kind == "table":
            table = paper.add_table(len(rows), len(rows[0]))
            for drawn, row in zip(table.rows, rows, strict=True):
                for cell, value in zip(drawn.cells, row, strict=True):
                    cell.text = value
        elif kind.startswith("heading"):
            paper.add_heading(rows[0][0], int(kind.split()[1]))
        else:
            style = "List Bullet" if kind == "list" else None
            for (line,) in rows:
                paper.add_paragraph(line, style)
    written = io.BytesIO()
    paper.save(written)
    return undated(written.getvalue())


def undated(archive: bytes) -> bytes:
    """A .docx is a ZIP, which would hold the time at which each part was written."""
    again = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(again, "w") as new:
        for name in old.namelist():
            part = zipfile.ZipInfo(name, PRINTED.timetuple()[:6])
            part.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(part, old.read(name))
    return again.getvalue()


def said(path: Path) -> str:
    """The text of a printed document."""
    if path.suffix == ".pdf":
        with pypdfium2.PdfDocument(path) as paper:
            return " ".join(page.get_textpage().get_text_range() for page in paper)
    paper = Document(str(path))
    rows = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    return " ".join([*(each.text for each in paper.paragraphs), *rows])


def words(text: str) -> list[str]:
    """Sorted, since Word keeps tables apart; without marks that only the printing adds."""
    return sorted(re.findall(r"\w+", text))


if __name__ == "__main__":
    sys.exit(main())
