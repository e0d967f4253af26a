"""JSON and JSON lines: a corpus of rows {_id, title, text}, a document each, or any records.

Records become lines of `key: value`, nested keys joined by points, because a search reads words and
not brackets.
"""

from collections.abc import Iterator
from hashlib import sha256

import msgspec

from suffice.errors import DataError
from suffice.records import Json
from suffice.retrieve.corpus import Row, RowFault
from suffice.retrieve.parsers.blocks import Writer, paragraphs
from suffice.retrieve.parsers.dates import first_day
from suffice.retrieve.parsers.decoding import decoded
from suffice.retrieve.records import BlockKind, Parsed

SUFFIXES = (".json", ".jsonl", ".ndjson")

_LINES = (".jsonl", ".ndjson")
_IDS = ("_id", "id")
_DATES = ("updated", "modified", "date", "dated", "published", "created", "timestamp")
_MAX_DEPTH = 64
_decode = msgspec.json.Decoder().decode


class JsonFile:
    """One value, or one a line."""

    suffixes = SUFFIXES

    def parse(self, data: bytes, name: str) -> Parsed:
        text, warnings = decoded(data)
        writer = Writer()
        title, dated = "", None
        if _by_line(name):
            for number, line in _lines(text):
                value, fault = _value(line)
                if fault:
                    raise DataError(f"line {number}: {fault}")
                writer.add(BlockKind.PARAGRAPH, _flat(value))
        else:
            value, fault = _value(text)
            if fault:
                raise DataError(fault)
            if isinstance(value, dict):
                title, dated = _title(value), _dated(value)
            for record in _records(value):
                writer.add(BlockKind.PARAGRAPH, _flat(record))
        return writer.parsed(title=title, dated=dated, warnings=warnings)

    def corpus(self, data: bytes, name: str) -> Iterator[Row | RowFault] | None:
        """The documents of a corpus; None where the file is none. Its first row decides: it has an
        id and a text."""
        if not _by_line(name):
            return None
        text, warnings = decoded(data)
        first = next((line for _, line in _lines(text)), "")
        value, _ = _value(first)
        return _rows(text, warnings) if _identity(value) and _has_text(value) else None


def create() -> JsonFile:
    return JsonFile()


def _by_line(name: str) -> bool:
    return name.lower().endswith(_LINES)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines that hold something, with their numbers. Only \\n ends a line of JSON."""
    start, number = 0, 0
    while start < len(text):
        number += 1
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        if not text[start:end].isspace() and end > start:
            yield number, text[start:end]
        start = end + 1


def _value(text: str) -> tuple[Json, str]:
    """A JSON value, or why it is none."""
    try:
        value = _decode(text)
    except RecursionError:
        return None, f"nested deeper than {_MAX_DEPTH} levels"
    except (msgspec.DecodeError, UnicodeError, ValueError) as error:
        return None, f"not JSON: {str(error).removeprefix('JSON is malformed: ')}"
    return value, ""


# ------------------------------------------------------------------------- a corpus


def _rows(text: str, warnings: tuple[str, ...]) -> Iterator[Row | RowFault]:
    for number, line in _lines(text):
        value, fault = _value(line)
        name = _identity(value)
        if not fault and not name:
            fault = "a row of a corpus needs an `_id`"
        if not fault and not _has_text(value):
            fault = "a row of a corpus needs a `text`"
        if fault or not isinstance(value, dict):
            yield RowFault(number, fault)
            continue
        yield Row(number, name, sha256(line.encode()).hexdigest(), _document(value, warnings))


def _document(row: dict[str, Json], warnings: tuple[str, ...]) -> Parsed:
    """A row without a text is its title."""
    title = _title(row)
    text = str(row["text"]).replace("\0", "")
    text = text if text.strip() else title
    # BEIR keeps what it has besides in an object called metadata.
    inner = row.get("metadata")
    fields = {**row, **inner} if isinstance(inner, dict) else row
    meta = {
        key: str(each)
        for key, each in fields.items()
        if key not in (*_IDS, "title", "text") and isinstance(each, str | int | float)
    }
    return Parsed(text, tuple(paragraphs(text)), title, _dated(fields), warnings, meta)


def _identity(value: Json) -> str:
    if not isinstance(value, dict):
        return ""
    found = next((value[key] for key in _IDS if key in value), "")
    return str(found).strip() if isinstance(found, str | int) else ""


def _has_text(value: Json) -> bool:
    return isinstance(value, dict) and isinstance(value.get("text"), str)


# ------------------------------------------------------------------------- any records


def _records(value: Json) -> Iterator[Json]:
    """What stands by itself: the items of a list, else the entries of an object."""
    if isinstance(value, list):
        yield from value
    elif isinstance(value, dict):
        for key, each in value.items():
            if isinstance(each, list) and all(isinstance(item, dict) for item in each):
                for item in each:
                    yield {key: item}
            else:
                yield {key: each}
    else:
        yield value


def _flat(value: Json) -> str:
    """`key: value` a line, in the order of the file."""
    lines = []
    waiting: list[tuple[str, Json, int]] = [("", value, 0)]
    while waiting:
        key, each, depth = waiting.pop()
        if depth > _MAX_DEPTH:
            raise DataError(f"nested deeper than {_MAX_DEPTH} levels")
        if isinstance(each, dict):
            inner = [(f"{key}.{name}" if key else name, held) for name, held in each.items()]
        elif isinstance(each, list) and any(isinstance(item, dict | list) for item in each):
            inner = [(key, held) for held in each]
        else:
            if words := _words(each):
                lines.append(f"{key}: {words}" if key else words)
            continue
        waiting += [(name, held, depth + 1) for name, held in reversed(inner)]
    return "\n".join(lines)


def _words(value: Json) -> str:
    if isinstance(value, list):
        return ", ".join(each for each in map(_words, value) if each)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "\n".join(line for line in str(value).splitlines() if line.strip())


def _title(row: dict[str, Json]) -> str:
    found = row.get("title")
    return found.strip() if isinstance(found, str) else ""


def _dated(row: dict[str, Json]) -> str | None:
    return first_day(each for key in _DATES if isinstance(each := row.get(key), str))
