"""Markdown: blocks by its structure, the text as it was written."""

import pytest

from suffice.retrieve.parsers.markdown import create
from suffice.retrieve.records import BlockKind
from tests.retrieve.parsers.files import headings, read, rows, shown

PAGE = """---
title: Handbook
updated: 2024-03-05
tags: [shop, returns]
nested: {left: out}
---
# The **book** #

An intro
of two lines.

- one
  - nested
- two

  its second paragraph

Setext
------
> quoted

```python
# no heading
```
<!-- a note to the writer -->

| Plan | Price |
|------|------:|
| Basic | 9 |
| Pro \\| Plus | 19 |
"""


class TestMarkdown:
    def test_the_text_is_the_source(self) -> None:
        """A quotation of it can be found in the file."""
        assert read(create(), PAGE).text == PAGE

    def test_blocks_follow_the_structure(self) -> None:
        """Items, quotations and code are told from paragraphs; comments are no text."""
        assert shown(read(create(), PAGE)) == [
            ("heading", "The **book**"),
            ("paragraph", "An intro\nof two lines."),
            ("list", "- one"),
            ("list", "- nested"),
            ("list", "- two"),
            ("list", "its second paragraph"),
            ("heading", "Setext"),
            ("paragraph", "> quoted"),
            ("code", "```python\n# no heading\n```"),
            ("table", "| Plan | Price |"),
            ("table", "| Basic | 9 |"),
            ("table", "| Pro \\| Plus | 19 |"),
        ]

    def test_headings_have_their_level(self) -> None:
        """Of both kinds, their marks taken off."""
        assert headings(read(create(), PAGE)) == [(1, "The **book**"), (2, "Setext")]

    def test_rows_repeat_the_header(self) -> None:
        """But not the header's own row."""
        header = "| Plan | Price |"
        found = rows(read(create(), PAGE))
        assert found == [("", header), (header, "| Basic | 9 |"), (header, "| Pro \\| Plus | 19 |")]

    def test_front_matter_gives_title_date_and_fields(self) -> None:
        """Single values and lists of them; nothing nested."""
        parsed = read(create(), PAGE)
        assert (parsed.title, parsed.dated) == ("Handbook", "2024-03-05")
        assert parsed.meta == {"updated": "2024-03-05", "tags": "shop, returns"}

    def test_toml_front_matter_is_read_too(self) -> None:
        """Between lines of +++."""
        parsed = read(create(), '+++\ntitle = "T"\ndate = 2024-01-02\n+++\ntext')
        assert (parsed.title, parsed.dated, shown(parsed)) == (
            "T",
            "2024-01-02",
            [("paragraph", "text")],
        )

    def test_front_matter_that_cannot_be_read_is_a_warning(self) -> None:
        """The text behind it counts more."""
        parsed = read(create(), "---\ntitle: [\n---\ntext")
        assert "front matter" in parsed.warnings[0]
        assert shown(parsed) == [("paragraph", "text")]

    def test_without_front_matter_the_first_heading_is_the_title(self) -> None:
        """Of the first level."""
        assert read(create(), "## Low\n\n# High\n").title == "High"

    def test_windows_line_ends_move_no_span(self) -> None:
        """They become plain ones before anything is counted."""
        parsed = read(create(), "# A\r\n\r\n| x | y |\r\n|---|---|\r\n| 1 | 2 |\r\n")
        assert shown(parsed)[-1] == ("table", "| 1 | 2 |")

    @pytest.mark.parametrize("mark", ["> ", "- ", "1. ", "[", "*", "<a>"])
    def test_endless_nesting_ends(self, mark: str) -> None:
        """And does not lose the text behind it."""
        parsed = read(create(), f"{mark * 20_000} x\n\nThe end.\n")
        assert shown(parsed)[-1][1].endswith("The end.")

    def test_a_list_is_read_ten_levels_deep(self) -> None:
        """The library's own bound of 20 tokens would cut it at the tenth."""
        text = "".join(f"{'  ' * depth}- item {depth}\n" for depth in range(30))
        assert len(read(create(), text).blocks) == 30

    def test_every_block_is_exact(self) -> None:
        """Also with characters beyond the first plane before it."""
        parsed = read(create(), "# 😀 ok\n\né 😀\n\nlast")
        assert [kind for kind, _ in shown(parsed)] == [BlockKind.HEADING, "paragraph", "paragraph"]
        assert shown(parsed)[-1][1] == "last"
