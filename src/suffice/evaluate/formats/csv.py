"""A table whose header names our keys; lists are separated by `|`, the delimiter is found out."""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

from suffice.errors import DataError, suggest
from suffice.evaluate.formats.row import KEYS, case_of
from suffice.evaluate.lines import LIMIT_BYTES, parsed, text_lines
from suffice.ports import Cases
from suffice.records import Case, Json, Source

DELIMITERS = ",;\t"
_LISTS = ("any_of", "gold", "tags", "checks")
_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
# A cell with one of these first may be JSON: an object, a list, a quoted text or a number.
_JSON_STARTS = frozenset('{["-0123456789')


class Csv:
    """Cells have no types, so an expected answer that reads as JSON is taken as JSON."""

    def recognises(self, path: Path) -> bool:
        return path.suffix.lower() in (".csv", ".tsv") and path.is_file()

    def read(self, path: Path) -> Cases:
        cases = tuple(_case(cells, source) for source, cells in table(path, known=KEYS))
        if not cases:
            raise DataError("this table has a header and no rows", Source(str(path), 1))
        return Cases(cases)


def create() -> Csv:
    return Csv()


def table(path: Path, *, known: tuple[str, ...] = ()) -> Iterator[tuple[Source, dict[str, str]]]:
    """Every row of a table by its header's names, with the line it begins on.

    `known` are the columns that may be there; none given, any may.
    """
    lines = (line for _, line in text_lines(path))
    first = next(lines, "")
    header_source = Source(str(path), 1)
    delimiter = _delimiter(first)
    # The module's limit of 131,072 characters a cell is global; ours is the line's. Raised only.
    csv.field_size_limit(max(csv.field_size_limit(), LIMIT_BYTES))
    reader = csv.reader(_again(first, lines), delimiter=delimiter, strict=True)
    header = _header(next(_rows(reader, path), (header_source, [])), known)
    for source, cells in _rows(reader, path):
        if len(cells) != len(header):
            raise DataError(
                f"{len(cells)} cells under {len(header)} columns; put cells that hold "
                f"{delimiter!r}, quotes or line breaks between double quotes",
                source,
            )
        yield source, {name: cell for name, cell in zip(header, cells, strict=True) if cell.strip()}


def _again(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _rows(reader: Iterator[list[str]], path: Path) -> Iterator[tuple[Source, list[str]]]:
    """Rows that are not blank, with the line each begins on."""
    while True:
        # csv.reader counts physical lines; a quoted cell may span several.
        source = Source(str(path), reader.line_num + 1)  # type: ignore[attr-defined]
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise DataError(
                f"not CSV: {error}; is a double quote missing its partner?", source
            ) from None
        if any(cell.strip() for cell in cells):
            yield source, cells


def _delimiter(header: str) -> str:
    """The one that parts the header into the most of our keys, then into the most columns."""

    def names(delimiter: str) -> list[str]:
        return [name.strip().strip('"') for name in header.split(delimiter)]

    return max(DELIMITERS, key=lambda each: (len(set(names(each)) & set(KEYS)), len(names(each))))


def _header(row: tuple[Source, list[str]], known: tuple[str, ...]) -> list[str]:
    source, names = row[0], [name.strip() for name in row[1]]
    if not names:
        raise DataError("this table is empty; its first line names the columns", source)
    for name in names:
        if names.count(name) > 1:
            raise DataError(f"two columns are called {name!r}", source)
        if known and name not in known:
            raise DataError(
                f"unknown column {name!r}{suggest(name, known)}. Known: {', '.join(known)}", source
            )
    return names


def _case(cells: Mapping[str, str], source: Source) -> Case:
    row: dict[str, Json] = dict(cells)
    for key in _LISTS:
        if key in cells:
            row[key] = _parts(key, cells[key])
    if "expected" in cells:
        row["expected"] = value_of(cells["expected"])
    for key in ("messages", "schema"):
        if key in cells:
            row[key] = parsed(cells[key].encode(), source)
    if "answerable" in cells:
        flag = cells["answerable"].strip().lower()
        if flag not in _FLAGS:
            raise DataError(f"`answerable` must be true or false, not {flag!r}", source)
        row["answerable"] = _FLAGS[flag]
    return case_of(row, source)


def _parts(key: str, cell: str) -> list[Json]:
    parts = [part.strip() for part in cell.split("|") if part.strip()]
    return [value_of(part) for part in parts] if key in ("any_of", "checks") else list(parts)


def value_of(cell: str) -> Json:
    """JSON where the cell is a number, an object, a list or a quoted text; else the text."""
    if cell.strip()[:1] not in _JSON_STARTS:
        return cell
    try:
        return parsed(cell.strip().encode(), Source("cell"))
    except DataError:
        return cell
