"""Tables of text, .csv and .tsv: each row one line of cells, the columns' names with each row."""

import csv
import re
from collections.abc import Sequence

from suffice.errors import DataError
from suffice.retrieve.parsers.blocks import Writer
from suffice.retrieve.parsers.decoding import decoded
from suffice.retrieve.records import Parsed

SUFFIXES = (".csv", ".tsv", ".tab")

_DELIMITERS = ",;\t|"
_QUOTED = re.compile(r'"[^"]*"')
_NUMBER = re.compile(r"[-+]?[\d.,]*\d[\d.,]*%?")


class Csv:
    """The delimiter is found out; the first row names the columns unless it holds numbers."""

    suffixes = SUFFIXES

    def parse(self, data: bytes, name: str) -> Parsed:
        text, warnings = decoded(data)
        rows, complaint = _rows(text, _delimiter(text, name))
        if not rows:
            raise DataError("a table without rows")
        header = len(rows) > 1 and not any(_NUMBER.fullmatch(cell.strip()) for cell in rows[0])
        widths = {len(row) for row in rows}
        if len(widths) > 1:
            complaint += (f"rows have {min(widths)} to {max(widths)} cells",)
        writer = Writer()
        writer.table(rows, header=header)
        return writer.parsed(warnings=(*warnings, *complaint))


def create() -> Csv:
    return Csv()


def _delimiter(text: str, name: str) -> str:
    if name.lower().endswith((".tsv", ".tab")):
        return "\t"
    first = text.lstrip().partition("\n")[0][:65536]
    bare = _QUOTED.sub("", first)
    return max(_DELIMITERS, key=bare.count)


def _rows(text: str, delimiter: str) -> tuple[Sequence[Sequence[str]], tuple[str, ...]]:
    # The module's limit is global and 131,072 at first; raised only, as others read by it too.
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    lines = text.splitlines(keepends=True)
    try:
        rows = list(csv.reader(lines, delimiter=delimiter, strict=True))
        complaint: tuple[str, ...] = ()
    except csv.Error as error:
        rows = list(csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE))
        complaint = (f"its quotes do not pair ({error}); read line by line, quotes as they are",)
    return [row for row in rows if any(cell.strip() for cell in row)], complaint
