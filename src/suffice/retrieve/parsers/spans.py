"""Cells that span columns or rows, put where they are seen: each row then stands by itself."""

from collections.abc import Iterable

_MOST = 1000  # columns or rows one cell may span; browsers allow 1000 and 65534


def cells_of(rows: Iterable[Iterable[tuple[str, int, int]]], heads: int = 0) -> list[list[str]]:
    """From (text, columns, rows) a cell to a text for each place. What spans rows is repeated in
    each of them. What spans columns is written once, and the places beside it are empty; but in the
    first `heads` rows, which name columns, each of these gets the name."""
    grid: list[list[str]] = []
    hanging: dict[int, tuple[str, int]] = {}  # column to its text and the rows it has left
    for number, row in enumerate(rows):
        placed: list[str] = []
        below: dict[int, tuple[str, int]] = {}
        for text, columns, count in row:
            _hang(placed, hanging, below)
            for place in range(min(max(columns, 1), _MOST)):
                shown = text if place == 0 or number < heads else ""
                if count > 1:
                    below[len(placed)] = (shown, min(count, _MOST) - 1)
                placed.append(shown)
        _hang(placed, hanging, below)
        hanging = below
        grid.append(placed)
    return grid


def _hang(
    placed: list[str],
    hanging: dict[int, tuple[str, int]],
    below: dict[int, tuple[str, int]],
) -> None:
    """Repeats cells from above that reach down to the next free places."""
    while len(placed) in hanging:
        text, left = hanging.pop(len(placed))
        if left > 1:
            below[len(placed)] = (text, left - 1)
        placed.append(text)
