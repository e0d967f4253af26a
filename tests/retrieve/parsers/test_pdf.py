"""PDF: text with its pages; what has none, or cannot be opened, says why."""

import pytest
from fpdf import FPDF

from suffice.errors import DataError
from suffice.retrieve.limits import Limits, holding
from suffice.retrieve.parsers.pdf import create
from tests.retrieve.parsers import files
from tests.retrieve.parsers.files import headings, read, shown


class TestPdf:
    def test_lines_become_paragraphs_again(self) -> None:
        """By their distances; headings by their size."""
        parsed = read(create(), files.pdf(files.handbook))
        assert shown(parsed) == [
            ("heading", "Returns"),
            ("paragraph", files.BODY.strip()),
            ("paragraph", files.SECOND.strip()),
            ("heading", "Shipping"),
            ("paragraph", "All information on well-known carriers; a well-known one is ours."),
            ("paragraph", "On the second page."),
        ]
        assert headings(parsed) == [(1, "Returns"), (2, "Shipping")]

    def test_blocks_know_their_page(self) -> None:
        """Counted from 1."""
        parsed = read(create(), files.pdf(files.handbook))
        assert [each.page for each in parsed.blocks] == [1, 1, 1, 1, 1, 2]

    def test_bold_lines_are_headings_of_the_lowest_level(self) -> None:
        """Where the text itself is not bold."""

        def draw(paper: FPDF) -> None:
            paper.set_font(style="B")
            paper.cell(0, 8, "Your rights", new_x="LMARGIN", new_y="NEXT")
            paper.set_font(style="")
            paper.multi_cell(0, 6, files.BODY)

        parsed = read(create(), files.pdf(draw))
        assert headings(parsed) == [(1, "Your rights")]

    def test_items_of_a_list_stand_by_themselves(self) -> None:
        """Also when they follow each other closely."""

        def draw(paper: FPDF) -> None:
            paper.multi_cell(0, 6, "These are left out:\n- food\n- flowers that were cut\n- books")

        assert shown(read(create(), files.pdf(draw))) == [
            ("paragraph", "These are left out:"),
            ("list", "- food"),
            ("list", "- flowers that were cut"),
            ("list", "- books"),
        ]

    def test_columns_are_read_one_after_the_other(self) -> None:
        """A sentence goes on at the top of the next column."""

        def draw(paper: FPDF) -> None:
            with paper.text_columns(ncols=2, gutter=10) as columns:
                columns.write(" ".join(f"Sentence number {n} goes on." for n in range(260)))

        text = read(create(), files.pdf(draw)).text
        assert text.index("number 150 ") > text.index("number 20 ")
        assert [n for n in range(260) if f"number {n} goes" not in " ".join(text.split())] == []

    def test_title_and_day_come_from_its_properties(self) -> None:
        """Where they are a title and a day."""
        assert read(create(), files.pdf(files.handbook, title="The book")).title == "The book"
        assert read(create(), files.pdf(files.handbook, title="Untitled")).title == "Returns"
        assert read(create(), files.pdf(files.handbook)).dated == "2024-03-05"

    def test_letters_beyond_the_first_plane_move_nothing(self) -> None:
        """PDFium counts in UTF-16."""

        def draw(paper: FPDF) -> None:
            paper.multi_cell(0, 6, "Zoë paid.\nThen left.")

        assert "Zoë paid." in read(create(), files.pdf(draw)).text

    def test_pages_without_text_are_named(self) -> None:
        """When others have some."""
        parsed = read(create(), files.scanned_pdf(with_text=True))
        assert parsed.warnings == ("pages without text, blank or scanned: 1",)
        assert parsed.blocks[0].page == 2

    @pytest.mark.parametrize(
        ("data", "reason"),
        [
            (files.encrypted_pdf(), "encrypted"),
            (files.scanned_pdf(), "no text layer: its pages are scanned images"),
            (files.pdf(files.handbook)[:300], "damaged or cut off"),
            (b"%PDF-1.4 and then nothing", "damaged or cut off"),
            (b"no PDF at all", "not a PDF"),
            (files.circular_pdf(), "no page of it can be read|no pages|damaged"),
        ],
        ids=["encrypted", "scanned", "cut", "empty", "other", "circular"],
    )
    def test_what_cannot_be_read_says_why(self, data: bytes, reason: str) -> None:
        """And what to do about it."""
        with pytest.raises(DataError, match=reason):
            read(create(), data)

    def test_one_that_lost_its_end_is_read_with_a_warning(self) -> None:
        """PDFium finds the table of objects that no line points to."""
        whole = files.pdf(files.handbook)
        parsed = read(create(), whole[: whole.rindex(b"startxref")])
        assert "Returns" in parsed.text
        assert "end mark is missing" in parsed.warnings[0]

    def test_a_form_that_draws_itself_ends(self) -> None:
        """And the words beside it are read."""
        assert read(create(), files.recursive_pdf(1)).text == "Words beside it"

    def test_pages_are_bounded(self) -> None:
        """The error names the limit."""
        with (
            holding(Limits(pages=2)),
            pytest.raises(DataError, match=r"3 pages, over the limit of 2 \(pages\)"),
        ):
            read(create(), files.pages(3))
