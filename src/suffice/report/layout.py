"""Tables that share their columns, and the other shapes that the terminal report is laid out in.

Every rung and every pair is a small table of its own, and all of them get one set of column
widths, so that numbers stand below each other down the page. Where even the widths do not fit,
each row becomes a line of running text. Knows nothing of verdicts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from suffice.report.words import visible

INDENT, GAP = 2, 2
LEAST_REST = 16  # the longest piece of a result that must not break: "not enough data:"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of fixed width, or the one that takes what is left (`width` None)."""

    width: int | None
    right: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row as cells, and the same as running text: a name and all that is said of it."""

    cells: Sequence[Text]
    name: Text
    told: Text


@dataclass(frozen=True, slots=True)
class Entry:
    """A rung or a pair: its heading, its rows, and the notes below them."""

    name: Text
    aside: str
    rows: Sequence[Row]
    notes: Sequence[str]


def text(value: str, style: str = "") -> Text:
    """A text as it is: markup in it means nothing, and control characters are spelled out."""
    return Text(visible(value), style)


def fixed(rows: Iterable[Sequence[Text]], index: int, *, right: bool = False) -> Column:
    """A column as wide as its widest cell."""
    return Column(max((row[index].cell_len for row in rows), default=0), right)


def fits(columns: Sequence[Column], width: int) -> bool:
    taken = sum(LEAST_REST if column.width is None else column.width for column in columns)
    return INDENT + taken + GAP * (len(columns) - 1) <= width


def sheet(entries: Sequence[Entry], columns: Sequence[Column], width: int) -> list[RenderableType]:
    """All entries in the same columns, or as running text where the columns do not fit."""
    parts: list[RenderableType] = []
    for entry in entries:
        parts += [Text(), line(entry.name, entry.aside, style="dim")]
        if fits(columns, width):
            parts.append(grid([row.cells for row in entry.rows], columns))
        else:
            parts.append(_running(entry.rows))
        parts += [Padding(text(note, "dim"), (0, 0, 0, INDENT)) for note in entry.notes]
    return parts


def grid(rows: Iterable[Sequence[Text]], columns: Sequence[Column]) -> Table:
    """An indented table without lines."""
    table = Table.grid(padding=(0, GAP, 0, 0), expand=True)
    table.add_column(width=0)  # its padding is the indent
    for column in columns:
        if column.width is None:
            table.add_column(ratio=1, overflow="fold")
        else:
            table.add_column(
                width=column.width, no_wrap=True, justify="right" if column.right else "left"
            )
    for row in rows:
        table.add_row("", *row)
    return table


def line(left: Text, right: str, style: str = "") -> RenderableType:
    """A heading with something at the right edge; the left one gives way and folds."""
    table = Table.grid(padding=(0, 0, 0, GAP), expand=True)
    table.add_column(ratio=1, overflow="fold")
    table.add_column(justify="right", no_wrap=True)
    table.add_row(left, text(right, style))
    return table


def _running(rows: Sequence[Row]) -> Table:
    table = Table.grid(padding=(0, GAP, 0, 0))
    table.add_column(width=0)
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
    for row in rows:
        table.add_row("", row.name, row.told)
    return table
