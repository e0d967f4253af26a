"""The one reader of JSONL: what it survives, and what it says of what it refuses."""

import json
import tracemalloc
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suffice.errors import DataError
from suffice.evaluate.lines import LIMIT_BYTES, MAX_DEPTH, read_jsonl, whole_json, whole_text
from suffice.records import Json


def rows_of(path: Path, raw: bytes) -> list[tuple[int, dict[str, Json]]]:
    path.write_bytes(raw)
    return list(read_jsonl(path))


def refusal(tmp_path: Path, raw: bytes) -> str:
    path = tmp_path / "cases.jsonl"
    with pytest.raises(DataError) as caught:
        rows_of(path, raw)
    return str(caught.value).removeprefix(f"{path}")


# Surrogates are not characters; everything else is.
CHARACTERS = st.characters(exclude_categories=["Cs"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text(CHARACTERS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(CHARACTERS), inner),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.dictionaries(st.text(CHARACTERS), VALUES), min_size=1, max_size=4),
    ascii_only=st.booleans(),
    end=st.sampled_from(["\n", "\r\n", "\n\n"]),
)
def test_any_text_survives(
    rows: list[dict[str, Json]],
    ascii_only: bool,
    end: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """What JSON can hold is read back as it was, escaped or not, whatever ends the lines."""
    path = tmp_path_factory.mktemp("rows") / "rows.jsonl"
    text = "".join(json.dumps(row, ensure_ascii=ascii_only) + end for row in rows)
    assert [row for _, row in rows_of(path, text.encode())] == rows


@settings(max_examples=60, deadline=None)
@given(raw=st.binary(max_size=60))
def test_any_bytes_end_in_rows_or_in_an_error_of_ours(
    raw: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """No file makes the reader fail in a way that we did not foresee."""
    path = tmp_path_factory.mktemp("bytes") / "rows.jsonl"
    with suppress(DataError):
        rows_of(path, raw)


def test_lines_are_counted_as_an_editor_counts_them(tmp_path: Path) -> None:
    """Blank lines give no row and still count."""
    found = rows_of(tmp_path / "a.jsonl", b'\n{"a":1}\r\n   \n\t\n{"a":2}')
    assert found == [(2, {"a": 1}), (5, {"a": 2})]


def test_a_byte_order_mark_is_not_part_of_the_first_row(tmp_path: Path) -> None:
    """What Windows writes before the text is left out."""
    assert rows_of(tmp_path / "a.jsonl", b'\xef\xbb\xbf{"a":1}\n') == [(1, {"a": 1})]


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b'{"a":1}\n{"a":"\0"}\n', ":2: a NUL byte at column 7"),
        (b'{"a":1}\n{"a":"\xff"}\n', ":2: not UTF-8: byte 0xff at column 7"),
        (b'{"a":"caf\xe9"}\n', ":1: not UTF-8: byte 0xe9 at column 10"),
        (b'\xff\xfe{\0"\0', ":1: this file is UTF-16; save it again as UTF-8"),
        (b'{"a":"\\ud800"}\n', ":1: half of a surrogate pair"),
        (b'{"a":"\\udc00x"}\n', ":1: half of a surrogate pair"),
        (b'{"a":"\xed\xa0\x80"}\n', ":1: not UTF-8"),
        (b'{"a":1}\n{"a":\n', ":2: the line ends before its JSON does"),
        (b'{"a":1} {"a":2}\n', ":1: not JSON: trailing characters (byte 9)"),
        (b"{'a':1}\n", ":1: not JSON: object keys must be strings (byte 1)"),
        (b'{"a":NaN}\n', ":1: not JSON: invalid character (byte 5)"),
        (b'{"a":1e999}\n', ":1: not JSON: Number out of range"),
        (b"3\n", ":1: a row must be a JSON object, not a number"),
        (b"null\n", ":1: a row must be a JSON object, not null"),
        (b'[{"a":1}]\n', ":1: a row must be a JSON object, not an array. This looks like one JSON"),
        (b'[\n{"a":1}\n]\n', "One JSON array over many lines? Write one object a line"),
        (b"", ": this file holds no rows"),
        (b"\n \n", ": this file holds no rows"),
        (b"\xef\xbb\xbf", ": this file holds no rows"),
    ],
)
def test_bad_input_is_refused_with_its_line(tmp_path: Path, raw: bytes, words: str) -> None:
    """Each refusal names the file, the line and what is wrong."""
    assert words in refusal(tmp_path, raw)


def nested(depth: int) -> bytes:
    return b'{"a":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}\n"


def test_depth_is_taken_up_to_the_limit(tmp_path: Path) -> None:
    """64 levels are read."""
    assert len(rows_of(tmp_path / "a.jsonl", nested(MAX_DEPTH))) == 1


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 2_000, 1_000_000])
def test_deep_nesting_is_refused(tmp_path: Path, depth: int) -> None:
    """However deep, it is an error with a line and not a crash."""
    assert ":1: nested deeper than 64 levels" in refusal(tmp_path, nested(depth))


def test_many_brackets_side_by_side_are_not_deep(tmp_path: Path) -> None:
    """Width is not depth."""
    assert len(rows_of(tmp_path / "a.jsonl", b'{"a":[' + b"[]," * 500 + b"[]]}")) == 1


def test_a_line_of_100_mb_is_refused_without_reading_it_whole(tmp_path: Path) -> None:
    """Memory stays near the limit of a line."""
    path = tmp_path / "long.jsonl"
    with path.open("wb") as file:
        file.write(b'{"a":1}\n{"a":"')
        for _ in range(100):
            file.write(b"x" * 2**20)
    tracemalloc.start()
    with pytest.raises(DataError, match=r"long.jsonl:2: this line is longer than 16 MB"):
        list(read_jsonl(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3 * LIMIT_BYTES


def test_a_line_at_the_limit_is_read(tmp_path: Path) -> None:
    """The limit itself is allowed."""
    raw = b'{"a":"' + b"x" * 91 + b'"}\n'
    path = tmp_path / "a.jsonl"
    path.write_bytes(raw)
    assert list(read_jsonl(path, limit_bytes=len(raw)))
    with pytest.raises(DataError, match="longer than"):
        list(read_jsonl(path, limit_bytes=len(raw) - 1))


def test_a_missing_file_names_the_near_one(tmp_path: Path) -> None:
    """A slip in a name is told with what was perhaps meant."""
    (tmp_path / "cases.jsonl").write_text("{}")
    with pytest.raises(DataError, match=r"no such file; did you mean .*cases\.jsonl"):
        list(read_jsonl(tmp_path / "case.jsonl"))


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    """The folder that is missing is named too."""
    with pytest.raises(DataError, match=r"the folder .*data does not exist either"):
        list(read_jsonl(tmp_path / "data" / "cases.jsonl"))


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    """A folder is refused as one."""
    with pytest.raises(DataError, match="this is a folder"):
        list(read_jsonl(tmp_path))


def test_rows_come_as_they_are_read(tmp_path: Path) -> None:
    """A row is had before a later line is found to be broken."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"a":1}\nbroken\n')
    assert next(read_jsonl(path)) == (1, {"a": 1})


def test_a_whole_file_is_bounded_too(tmp_path: Path) -> None:
    """Many short lines are as large as one long one."""
    path = tmp_path / "a.yaml"
    path.write_text("a: 1\n" * 100)
    with pytest.raises(DataError, match="this file is larger than"):
        whole_text(path, limit_bytes=100)


def test_one_json_value_may_stand_on_many_lines(tmp_path: Path) -> None:
    """A file that is one value is no JSONL."""
    path = tmp_path / "a.json"
    path.write_text('{\n "a": [1,\n 2]\n}')
    assert whole_json(path) == {"a": [1, 2]}
