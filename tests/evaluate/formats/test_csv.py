"""Tables: delimiters, typed cells, and rows that went wrong."""

from pathlib import Path

import pytest

from suffice.errors import DataError
from suffice.evaluate.formats.csv import create, table, value_of
from suffice.records import Check, Json, Message


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "cases.csv"
    path.write_text(text, "utf-8", newline="")
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_found_out(tmp_path: Path, delimiter: str) -> None:
    """A German Excel writes semicolons, a database tabs."""
    path = write(
        tmp_path,
        f"question{delimiter}expected\nWhy? a, b; c{delimiter}so\n".replace(
            "Why? a, b; c", '"Why? a, b; c"'
        ),
    )
    case = create().read(path).cases[0]
    assert case.messages == (Message("user", "Why? a, b; c"),)
    assert case.expected == ("so",)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("so", "so"),
        ("42", 42),
        ("-1.5", -1.5),
        ("007", "007"),
        ("1,000", "1,000"),
        ('"42"', "42"),
        ('{"a": 1}', {"a": 1}),
        ("[1, 2]", [1, 2]),
        ("[citation needed]", "[citation needed]"),
        ("true", "true"),
        ("3 pounds", "3 pounds"),
        ("", ""),
    ],
)
def test_cells_are_json_where_they_read_as_json(cell: str, value: Json) -> None:
    """Numbers, objects, lists and quoted texts; all else is text."""
    assert value_of(cell) == value


def test_lists_are_separated_by_bars(tmp_path: Path) -> None:
    """Every column that holds a list."""
    path = write(
        tmp_path, "question,any_of,gold,tags,checks\nWhy?,4|four,a.md| b.md,x|y,exact|f1\n"
    )
    case = create().read(path).cases[0]
    assert case.expected == (4, "four")
    assert case.gold == ("a.md", "b.md")
    assert case.tags == ("x", "y")
    assert case.checks == (Check("exact"), Check("f1"))


def test_an_empty_cell_is_absent(tmp_path: Path) -> None:
    """A blank `expected` expects nothing, and a blank row is no case."""
    path = write(tmp_path, "question,expected,answerable\nWhy?,,no\n,,\nHow?,so, \n")
    unanswerable, other = create().read(path).cases
    assert (unanswerable.expected, unanswerable.answerable) == ((), False)
    assert (other.expected, other.answerable) == (("so",), True)


def test_a_row_over_several_lines_is_named_by_its_first(tmp_path: Path) -> None:
    """A quoted cell may hold line breaks."""
    path = write(tmp_path, 'question,expected\r\n"a\r\nb",1\r\nc,2\r\n')
    assert [case.source and case.source.line for case in create().read(path).cases] == [2, 4]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("question,expected\na,1\nb,2,3\n", ":3: 3 cells under 2 columns"),
        ("question,expected\na\n", ":2: 1 cells under 2 columns"),
        (
            'question,expected\n"a,1\nb,2\n',
            ":2: not CSV: unexpected end of data; is a double quote",
        ),
        ("question,expectd\na,1\n", ":1: unknown column 'expectd'; did you mean 'expected'?"),
        ("question,question\na,1\n", ":1: two columns are called 'question'"),
        ("question,expected\n", ":1: this table has a header and no rows"),
        ("question,answerable\na,maybe\n", ":2: `answerable` must be true or false, not 'maybe'"),
        ("question,schema\na,{x\n", ":2: not JSON"),
        ("expected\n1\n", ":2: no `question`"),
        ("", ":1: this table is empty"),
    ],
)
def test_a_bad_table_is_refused_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    """Shifted columns would grade every answer against the wrong cell."""
    path = write(tmp_path, text)
    with pytest.raises(DataError) as caught:
        create().read(path)
    assert f"{path}{words}" in str(caught.value)


def test_a_cell_may_be_large(tmp_path: Path) -> None:
    """Python's own limit of 131,072 characters does not hold here."""
    path = write(tmp_path, f"question,expected\n{'x' * 200_000},1\n")
    assert len(create().read(path).cases[0].question.text) == 200_000


def test_any_columns_may_stand_in_a_plain_table(tmp_path: Path) -> None:
    """Other importers read tables of their own columns."""
    path = write(tmp_path, "city,__expected\nParis,France\n")
    assert [cells for _, cells in table(path)] == [{"city": "Paris", "__expected": "France"}]
