"""Tables of text: each row by itself, with its columns' names."""

import csv

import pytest

from suffice.errors import DataError
from suffice.retrieve.parsers.csv import create
from tests.retrieve.parsers.files import read, rows


class TestCsv:
    @pytest.mark.parametrize(
        ("name", "gap"), [("a.csv", ","), ("a.csv", ";"), ("a.csv", "|"), ("a.tsv", "\t")]
    )
    def test_rows_repeat_the_header(self, name: str, gap: str) -> None:
        """Whatever parts the cells."""
        text = f"name{gap}city\nAnna{gap}Bonn\n\nBo{gap}Rome\n"
        header = "name | city"
        assert rows(read(create(), text, name)) == [
            ("", header),
            (header, "Anna | Bonn"),
            (header, "Bo | Rome"),
        ]

    def test_quoted_cells_are_one_line(self) -> None:
        """With delimiters, quotes and line ends in them."""
        found = rows(read(create(), 'a,b\n"x, ""y""\nz",2\n', "a.csv"))
        assert found[1] == ("a | b", 'x, "y" z | 2')

    def test_a_first_row_with_numbers_is_no_header(self) -> None:
        """It is a row like the others."""
        assert rows(read(create(), "Anna,31\nBo,29\n", "a.csv")) == [
            ("", "Anna | 31"),
            ("", "Bo | 29"),
        ]

    def test_a_quote_without_its_partner_swallows_no_rows(self) -> None:
        """The table is then read line by line, with a warning."""
        parsed = read(create(), 'a,b\n"x,1\ny,2\nz,3\n', "a.csv")
        assert len(parsed.blocks) == 4
        assert "quotes do not pair" in parsed.warnings[0]

    def test_rows_of_other_lengths_are_kept_with_a_warning(self) -> None:
        """No cell is lost or moved."""
        parsed = read(create(), "a,b\n1,2,3\n4\n", "a.csv")
        assert [text for _, text in rows(parsed)] == ["a | b", "1 | 2 | 3", "4"]
        assert parsed.warnings == ("rows have 1 to 3 cells",)

    def test_a_cell_may_be_long(self) -> None:
        """Longer than the 131,072 characters of Python's own limit."""
        assert len(read(create(), f"a,b\n{'x' * 200_000},2\n", "a.csv").text) > 200_000

    def test_a_small_table_leaves_pythons_limit_to_others(self) -> None:
        """The limit of a cell is one for the whole process."""
        before = csv.field_size_limit()
        read(create(), "a,b\n1,2\n", "a.csv")
        assert csv.field_size_limit() >= before

    def test_a_table_without_rows_is_refused(self) -> None:
        """Blank lines are none."""
        with pytest.raises(DataError, match="without rows"):
            read(create(), "\n , \n", "a.csv")
