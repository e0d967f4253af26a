"""A table that people keep, with columns of their own names, as cases.

Which column is what is guessed by its name, else by what stands in it; only the first is sure.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path, PurePosixPath

from suffice.errors import UsageError, suggest
from suffice.evaluate.formats.csv import table, value_of
from suffice.records import Json

Row = Mapping[str, str]

_NAMES = {
    "question": "question questions query prompt input q ask userquestion customerquestion",
    "expected": "expected answer answers expectedanswer correctanswer goldanswer idealanswer ideal "
    "groundtruth reference referenceanswer expectedoutput output target response label a",
    "gold": "gold golddocument document documents doc docs file filename source sourcefile "
    "sourcedocument docid page",
    "tags": "tags tag category categories topic area type team department",
    "id": "id caseid key nr no number",
}
# What people write where there is no answer to give.
_NO_ANSWER = frozenset(("unanswerable", "not answerable", "no answer", "n/a", "cannot be answered"))
_SPARSE = 0.5


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column holds what, by the table's own names."""

    question: str | None = None
    expected: str | None = None
    gold: str | None = None
    tags: str | None = None
    id: str | None = None

    def named(self) -> dict[str, str]:
        found = {each.name: getattr(self, each.name) for each in fields(self)}
        return {key: name for key, name in found.items() if name}


@dataclass(frozen=True, slots=True)
class Table:
    """A table that was read, and its header."""

    path: Path
    header: tuple[str, ...]
    rows: tuple[Row, ...]


def read_table(path: Path) -> Table:
    rows = [row for _, row in table(path)]
    header = dict.fromkeys(name for row in rows for name in row)
    return Table(path, tuple(header), tuple(rows))


def guess(read: Table, documents: Sequence[str] = ()) -> tuple[Columns, frozenset[str]]:
    """Which column is what, and which of these guesses are not by name."""
    by_name = {key: _named(read.header, key) for key in _NAMES}
    unsure = frozenset(key for key in ("question", "expected") if not by_name[key])
    left = [name for name in read.header if name not in by_name.values()]
    if not by_name["gold"]:
        by_name["gold"] = next((each for each in left if _names_documents(read, each, documents)),
                               None)  # fmt: skip
    left = [name for name in left if name != by_name["gold"] and not _counts_up(read, name)]
    worded = [name for name in left if _in_words(read, name)]
    if not by_name["question"] and worded:
        by_name["question"] = max(worded, key=lambda name: _asks(read, name))
        left = [name for name in left if name != by_name["question"]]
    if not by_name["expected"] and left:
        by_name["expected"] = max(left, key=lambda name: _kinds(read, name))
    if by_name["id"] and not _tells_apart(read, by_name["id"]):
        by_name["id"] = None
    return Columns(**by_name), unsure


def chosen(read: Table, guessed: Columns, given: Mapping[str, str | None]) -> Columns:
    """The guesses with what was said of them; a column that is not there is refused."""
    said = {key: name for key, name in given.items() if name is not None}
    for key, name in said.items():
        if name and name not in read.header:
            raise UsageError(
                f"{read.path.name} has no column {name!r}{suggest(name, read.header)} for the "
                f"{key}; its columns: {', '.join(read.header)}"
            )
    taken = set(said.values())
    kept = {key: name for key, name in guessed.named().items() if name not in taken}
    return Columns(**(kept | {key: name or None for key, name in said.items()}))


def is_bare(row: Row, columns: Columns) -> bool:
    """Whether nothing at all is known of a good answer."""
    named = columns.named()
    return not row.get(named.get("expected", ""), "") and not row.get(named.get("gold", ""), "")


def cases_of(
    read: Table, columns: Columns, documents: Sequence[str], *, declines: bool
) -> Iterator[dict[str, Json]]:
    """Rows of cases.jsonl. Where nothing is known of the answer, a case is one to be declined, or
    is left out."""
    names = columns.named()
    known = _index(documents)
    numbers = _all_numbers(read, names.get("expected"))
    for number, row in enumerate(read.rows, start=1):
        question = row.get(names.get("question", ""), "").strip()
        if not question or (is_bare(row, columns) and not declines):
            continue
        case: dict[str, Json] = {"id": _id(row, names.get("id"), number), "question": question}
        expected = row.get(names.get("expected", ""), "").strip()
        if is_bare(row, columns) or expected.casefold() in _NO_ANSWER:
            case["answerable"] = False
        elif expected:
            case["expected"] = value_of(expected) if numbers else expected
        if gold := _parts(row, names.get("gold")):
            case["gold"] = [known.get(name.casefold()) or name for name in gold]
        if tags := _parts(row, names.get("tags")):
            case["tags"] = tags
        yield case


def _named(header: Sequence[str], key: str) -> str | None:
    known = _NAMES[key].split()
    plain = {re.sub(r"[\W_]+", "", name).casefold(): name for name in reversed(header)}
    return next((plain[name] for name in known if name in plain), None)


def _asks(read: Table, name: str) -> tuple[float, float]:
    cells = [row[name] for row in read.rows if name in row]
    marks = sum(cell.rstrip().endswith(("?", "\uff1f")) for cell in cells)
    return marks / max(1, len(read.rows)), sum(map(len, cells)) / max(1, len(cells))


def _in_words(read: Table, name: str) -> bool:
    """Whether it can be a question at all: codes, prices and names of one word are none."""
    cells = [row[name] for row in read.rows if row.get(name, "").strip()]
    worded = sum(bool(re.search(r"[^\W\d_]\s+\S", cell)) or not cell.isascii() for cell in cells)
    return worded >= _SPARSE * len(read.rows)


def _kinds(read: Table, name: str) -> tuple[bool, int]:
    """Answers stand in most rows and differ from row to row, where a category comes again."""
    cells = [row[name] for row in read.rows if name in row]
    return len(cells) >= _SPARSE * len(read.rows), len(set(cells))


def _counts_up(read: Table, name: str) -> bool:
    """1, 2, 3: the number of a row says nothing."""
    cells = [row.get(name, "").strip() for row in read.rows]
    if not all(cell.isdecimal() for cell in cells):
        return False
    numbers = [int(cell) for cell in cells]
    return numbers == list(range(numbers[0], numbers[0] + len(numbers))) and len(numbers) > 1


def _tells_apart(read: Table, name: str) -> bool:
    cells = [row.get(name, "").strip() for row in read.rows]
    return all(cells) and len(set(cells)) == len(cells)


def _names_documents(read: Table, name: str, documents: Sequence[str]) -> bool:
    known = _index(documents)
    cells = [row[name] for row in read.rows if name in row]
    hits = sum(part.strip().casefold() in known for cell in cells for part in cell.split("|"))
    return bool(cells) and hits >= _SPARSE * len(cells)


def _index(documents: Sequence[str]) -> dict[str, str]:
    """Each document by its path, its file's name and that without the ending, where only one has
    it."""
    by: dict[str, set[str]] = {}
    for document in documents:
        path = PurePosixPath(document)
        for name in {document, path.name, path.stem, str(path.with_suffix(""))}:
            by.setdefault(name.casefold(), set()).add(document)
    return {name: found.pop() for name, found in by.items() if len(found) == 1} | {
        document.casefold(): document for document in documents
    }


def _all_numbers(read: Table, name: str | None) -> bool:
    cells = [row[name] for row in read.rows if name in row] if name else []
    return bool(cells) and all(isinstance(value_of(cell.strip()), int | float) for cell in cells)


def _id(row: Row, name: str | None, number: int) -> str:
    return row[name].strip() if name else f"row-{number}"


def _parts(row: Row, name: str | None) -> list[str]:
    cell = row.get(name, "") if name else ""
    return [part.strip() for part in cell.split("|") if part.strip()]
