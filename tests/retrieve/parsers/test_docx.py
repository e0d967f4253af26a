"""Word files: what a reader of the document sees, by its structure."""

import pytest

from suffice.errors import DataError
from suffice.retrieve.limits import MB, Limits, holding
from suffice.retrieve.parsers.docx import create
from tests.retrieve.parsers import files
from tests.retrieve.parsers.files import headings, paragraph, read, rows, shown

LAUGHS = (
    '<!DOCTYPE w [<!ENTITY a "laugh">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]>"
)
XXE = '<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class TestDocx:
    def test_blocks_follow_the_structure(self) -> None:
        """Headings, items and tables in their order, from a file of another library."""
        parsed = read(create(), files.word(files.policy))
        assert shown(parsed) == [
            ("heading", "Scope"),
            ("paragraph", "It holds for all orders."),
            ("list", "- by post"),
            ("list", "- in the shop"),
            ("heading", "Prices"),
            ("table", "Plan | Price"),
            ("table", "Basic | 9"),
            ("table", "Pro | 19"),
            ("paragraph", "After the table."),
        ]
        assert headings(parsed) == [(1, "Scope"), (2, "Prices")]
        assert rows(parsed)[1:] == [("Plan | Price", "Basic | 9"), ("Plan | Price", "Pro | 19")]

    def test_title_and_day_come_from_its_properties(self) -> None:
        """Of the file itself."""
        parsed = read(create(), files.word(files.policy))
        assert (parsed.title, parsed.dated) == ("Our policy", "2013-12-23")

    def test_deleted_and_hidden_text_is_out_inserted_text_is_in(self) -> None:
        """As a reader sees it who accepts the changes."""
        body = (
            "<w:p><w:r><w:t>kept </w:t></w:r><w:ins><w:r><w:t>added</w:t></w:r></w:ins>"
            "<w:del><w:r><w:delText>deleted</w:delText></w:r></w:del>"
            "<w:moveFrom><w:r><w:t>moved</w:t></w:r></w:moveFrom>"
            "<w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r>"
            "<w:hyperlink><w:r><w:tab/><w:t>link</w:t></w:r></w:hyperlink></w:p>"
        )
        assert read(create(), files.raw_word(body)).text == "kept added link"

    def test_text_in_boxes_and_controls_is_read_once(self) -> None:
        """Boxes carry a copy for older programs."""
        box = f"<w:txbxContent>{paragraph('boxed')}</w:txbxContent>"
        body = (
            f"<w:sdt><w:sdtContent>{paragraph('controlled')}</w:sdtContent></w:sdt>"
            f"<w:p><w:r><mc:AlternateContent><mc:Choice>{box}</mc:Choice>"
            f"<mc:Fallback>{box}</mc:Fallback></mc:AlternateContent><w:t>around</w:t></w:r></w:p>"
        )
        assert read(create(), files.raw_word(body)).text == "controlled\n\naround\n\nboxed"

    def test_cells_that_were_merged_stand_in_every_row(self) -> None:
        """Down; and in the row that names the columns across, so that each has a name."""

        def cell(text: str, properties: str = "") -> str:
            return f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraph(text)}</w:tc>"

        body = "".join(
            (
                "<w:tbl><w:tr>",
                cell("a", '<w:gridSpan w:val="2"/>'),
                cell("b"),
                "</w:tr><w:tr>",
                cell("x", '<w:vMerge w:val="restart"/>'),
                cell("1"),
                cell("2"),
                "</w:tr><w:tr>",
                cell("", "<w:vMerge/>"),
                cell("3"),
                cell("4"),
                "</w:tr></w:tbl>",
            )
        )
        assert [text for _, text in rows(read(create(), files.raw_word(body)))] == [
            "a | a | b",
            "x | 1 | 2",
            "x | 3 | 4",
        ]

    def test_a_style_is_a_heading_by_what_it_is_based_on(self) -> None:
        """A circle of styles ends."""
        space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
        styles = (
            f'<w:styles {space}><w:style w:styleId="H"><w:name w:val="heading 3"/></w:style>'
            '<w:style w:styleId="My"><w:name w:val="My own"/><w:basedOn w:val="H"/></w:style>'
            '<w:style w:styleId="A"><w:basedOn w:val="B"/></w:style>'
            '<w:style w:styleId="B"><w:basedOn w:val="A"/></w:style></w:styles>'
        )
        body = paragraph("Third", '<w:pStyle w:val="My"/>') + paragraph(
            "Round", '<w:pStyle w:val="A"/>'
        )
        parsed = read(create(), files.raw_word(body, parts={"word/styles.xml": styles}))
        assert headings(parsed) == [(3, "Third")]

    def test_notes_follow_the_text(self) -> None:
        """They are part of what a reader sees."""
        space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
        notes = f"<w:footnotes {space}><w:footnote>{paragraph('a note')}</w:footnote></w:footnotes>"
        data = files.raw_word(paragraph("text"), parts={"word/footnotes.xml": notes})
        assert read(create(), data).text == "text\n\na note"

    @pytest.mark.parametrize(
        ("data", "reason"),
        [
            (files.word(files.policy)[:5000], "cut off"),
            (b"no zip", "not a .docx"),
            (OLD * 100, "encrypted, or an old .doc"),
            (files.archive({"a.txt": "x"}), "without a Word document"),
            (files.archive({"word/document.xml": "<w:p>"}), "damaged: word/document.xml"),
            (files.raw_word(paragraph("&j;"), prolog=LAUGHS), "declares a document type"),
            (files.raw_word(paragraph("&x;"), prolog=XXE), "declares a document type"),
            (
                files.archive(
                    {"word/document.xml": f'<?xml version="1.0"?>{XXE}<a>&x;</a>'.encode("utf-16")}
                ),
                "declares a document type",
            ),
        ],
        ids=["cut", "other", "old", "empty", "broken", "laughs", "xxe", "xxe in utf-16"],
    )
    def test_what_cannot_be_read_says_why(self, data: bytes, reason: str) -> None:
        """No entity is ever expanded or fetched."""
        with pytest.raises(DataError, match=reason):
            read(create(), data)

    def test_a_bomb_is_weighed_before_it_is_unpacked(self) -> None:
        """A part of 30 MB in an archive of 30 kB."""
        data = files.raw_word(paragraph(" " * 30 * MB))
        assert len(data) < 100_000
        with (
            holding(Limits(unpacked_bytes=20 * MB)),
            pytest.raises(DataError, match=r"30 MB, over the limit of 20 MB \(unpacked_bytes\)"),
        ):
            read(create(), data)

    def test_parts_that_are_not_text_are_not_unpacked(self) -> None:
        """However large they would be."""
        data = files.raw_word(paragraph("text"), parts={"word/media/image1.png": bytes(30 * MB)})
        with holding(Limits(unpacked_bytes=MB)):
            assert read(create(), data).text == "text"

    def test_the_deepest_table_is_no_recursion(self) -> None:
        """Tables in one another are flattened."""
        inner = paragraph("core")
        for _ in range(60):
            inner = f"<w:tbl><w:tr><w:tc>{inner}</w:tc></w:tr></w:tbl>"
        assert read(create(), files.raw_word(inner)).text == "core"
