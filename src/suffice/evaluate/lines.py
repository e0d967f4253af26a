"""The one reader of JSONL, and of any text that a user hands us, line by line.

It knows bytes, lines and JSON, and nothing of what the rows mean. Whatever is wrong with a file is
a DataError that names the file and the line. A line is never read beyond the limit, so that a file
of one endless line costs the limit in memory and no more.
"""

from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import BinaryIO

import msgspec

from suffice.errors import DataError
from suffice.records import Json, Source

LIMIT_BYTES = 16 * 2**20
MAX_DEPTH = 64

_BOM = b"\xef\xbb\xbf"
_WIDE_BOMS = (b"\xff\xfe", b"\xfe\xff")
_decode = msgspec.json.Decoder().decode


def read_jsonl(
    path: Path, *, limit_bytes: int = LIMIT_BYTES
) -> Iterator[tuple[int, dict[str, Json]]]:
    """Every JSON object of a JSONL file with its line number, counted from 1."""
    found = False
    for number, raw in raw_lines(path, limit_bytes=limit_bytes):
        if not raw.strip():
            continue
        found = True
        yield number, _row(raw, Source(str(path), number))
    if not found:
        raise DataError("this file holds no rows; write one JSON object a line", Source(str(path)))


def first_row(path: Path) -> dict[str, Json] | None:
    """The first row, or None where there is none to be had: for telling formats apart."""
    try:
        return next(row for _, row in read_jsonl(path))
    except DataError:
        return None


def text_lines(path: Path, *, limit_bytes: int = LIMIT_BYTES) -> Iterator[tuple[int, str]]:
    """Every line as text, its end kept, with its number."""
    for number, raw in raw_lines(path, limit_bytes=limit_bytes):
        yield number, decoded(raw, Source(str(path), number))


def whole_text(path: Path, *, limit_bytes: int = LIMIT_BYTES) -> str:
    """A small file as one text, held to the same rules."""
    size = 0
    parts = []
    for number, line in text_lines(path, limit_bytes=limit_bytes):
        size += len(line)
        if size > limit_bytes:
            raise DataError(f"this file is larger than {_size(limit_bytes)}", _at(path, number))
        parts.append(line)
    return "".join(parts)


def whole_json(path: Path) -> Json:
    """A file that is one JSON value."""
    return parsed(whole_text(path).encode(), Source(str(path)))


def raw_lines(path: Path, *, limit_bytes: int = LIMIT_BYTES) -> Iterator[tuple[int, bytes]]:
    """Every line as bytes without a byte order mark, at most `limit_bytes` long."""
    with opened(path) as file:
        number = 0
        while raw := file.readline(limit_bytes + 1):
            number += 1
            if number == 1:
                raw = _without_mark(raw, path)
            if len(raw) > limit_bytes:
                raise DataError(
                    f"this line is longer than {_size(limit_bytes)}; is a line break missing, or "
                    "is a whole file pasted into one row?",
                    _at(path, number),
                )
            if b"\0" in raw:
                raise DataError(
                    f"a NUL byte at column {raw.index(0) + 1}; this is not a text file, or it was "
                    "damaged on its way. Save it again as UTF-8",
                    _at(path, number),
                )
            yield number, raw


def opened(path: Path) -> BinaryIO:
    """A file for reading, or a DataError that says why not and what was perhaps meant."""
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise DataError(f"there is no such file{_near(path)}", Source(str(path))) from None
    except IsADirectoryError:
        raise DataError("this is a folder; name a file in it", Source(str(path))) from None
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", Source(str(path))) from None


def parsed(raw: bytes, source: Source) -> Json:
    """One JSON value, at most 64 levels deep."""
    try:
        value = _decode(raw)
    except RecursionError:
        raise _too_deep(source) from None
    except UnicodeDecodeError:
        raise _not_utf8(raw, source) from None
    except msgspec.DecodeError as error:
        raise DataError(_why_not_json(raw, str(error)), source) from None
    # A value cannot be deeper than it has brackets: most rows are never walked.
    if raw.count(b"{") + raw.count(b"[") > MAX_DEPTH and _depth(value) > MAX_DEPTH:
        raise _too_deep(source)
    return value


def decoded(raw: bytes, source: Source) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise _not_utf8(raw, source) from None


def _row(raw: bytes, source: Source) -> dict[str, Json]:
    value = parsed(raw, source)
    if isinstance(value, dict):
        return value
    hint = ""
    if isinstance(value, list):
        hint = ". This looks like one JSON array: write each of its items on a line of its own"
    raise DataError(f"a row must be a JSON object, not {_kind(value)}{hint}", source)


def _without_mark(raw: bytes, path: Path) -> bytes:
    if raw.startswith(_WIDE_BOMS):
        raise DataError("this file is UTF-16; save it again as UTF-8", _at(path, 1))
    return raw.removeprefix(_BOM)


def _why_not_json(raw: bytes, error: str) -> str:
    """msgspec's own words, except for the case that it words badly."""
    if error == "Input data was truncated":
        # It says so for a lone \ud800 before the closing quote too.
        if b"\\ud" in raw.lower():
            return _SURROGATE
        if raw.lstrip().startswith(b"[") and raw.count(b"\n") <= 1:
            return (
                "the line ends before its JSON does. One JSON array over many lines? "
                "Write one object a line"
            )
        return "the line ends before its JSON does; is it cut off, or spread over several lines?"
    if "surrogate" in error:
        return _SURROGATE
    return f"not JSON: {error.removeprefix('JSON is malformed: ')}"


_SURROGATE = (
    "half of a surrogate pair (\\ud800 to \\udfff alone) is not a character; "
    "write the file again with whole characters"
)


def _not_utf8(raw: bytes, source: Source) -> DataError:
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        byte, column = raw[error.start], error.start + 1
        return DataError(
            f"not UTF-8: byte 0x{byte:02x} at column {column}; save the file again as UTF-8",
            source,
        )
    raise AssertionError("called for bytes that are UTF-8")


def _too_deep(source: Source) -> DataError:
    return DataError(
        f"nested deeper than {MAX_DEPTH} levels; no case needs that, flatten it", source
    )


def _depth(value: Json) -> int:
    """How deep a value is nested, without recursion."""
    deepest, level = 0, [value]
    while level := [item for item in level if isinstance(item, (dict, list))]:
        deepest += 1
        level = [
            child for item in level for child in (item.values() if isinstance(item, dict) else item)
        ]
    return deepest


def _kind(value: Json) -> str:
    names = {list: "an array", str: "a text", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")


def _size(limit_bytes: int) -> str:
    return f"{limit_bytes / 2**20:g} MB"


def _at(path: Path, number: int) -> Source:
    return Source(str(path), number)


def _near(path: Path) -> str:
    try:
        beside = [other.name for other in path.parent.iterdir()]
    except OSError:
        return f": the folder {path.parent} does not exist either"
    near = get_close_matches(path.name, beside, n=1)
    return f"; did you mean {str(path.parent / near[0])!r}?" if near else "; check the path"
