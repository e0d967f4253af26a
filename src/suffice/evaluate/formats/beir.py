"""A BEIR folder: corpus.jsonl, queries.jsonl and qrels/*.tsv; the corpus becomes the passages.

What is relevant at all (a grade above 0) is gold. Queries that the chosen qrels do not judge are
left out, as in BEIR itself, and counted in a warning.
"""

from collections.abc import Iterator
from pathlib import Path

from suffice.errors import DataError
from suffice.evaluate.lines import read_jsonl, text_lines
from suffice.ports import Cases
from suffice.records import Case, Json, Message, Passage, Source


class Beir:
    """Reads the folder, or one split of it: `folder/qrels/dev.tsv`."""

    def recognises(self, path: Path) -> bool:
        folder = _folder(path)
        return (folder / "queries.jsonl").is_file() and (folder / "corpus.jsonl").is_file()

    def read(self, path: Path) -> Cases:
        folder, qrels = _folder(path), _qrels(path)
        passages = tuple(_passages(folder / "corpus.jsonl"))
        gold = _judged(qrels)
        queries = list(_queries(folder / "queries.jsonl"))
        cases = tuple(
            Case(name, (Message("user", text),), gold=tuple(gold[name]), source=source)
            for source, name, text in queries
            if gold.get(name)
        )
        if not cases:
            raise DataError("no query of queries.jsonl is judged here", Source(str(qrels)))
        warnings = _missing(gold, {name for _, name, _ in queries}, passages, qrels)
        return Cases(cases, passages, (*warnings, *_left_out(len(queries) - len(cases), qrels)))


def create() -> Beir:
    return Beir()


def _folder(path: Path) -> Path:
    return path.parent.parent if path.parent.name == "qrels" else path


def _qrels(path: Path) -> Path:
    """The split that was named, else the test split, else the only one."""
    if path.parent.name == "qrels":
        return path
    found = sorted((path / "qrels").glob("*.tsv"))
    test = path / "qrels" / "test.tsv"
    if test in found:
        return test
    if len(found) == 1:
        return found[0]
    known = ", ".join(str(each) for each in found) or "none is there"
    raise DataError(f"which judgements? Name one file of qrels/: {known}", Source(str(path)))


def _judged(path: Path) -> dict[str, list[str]]:
    """Query id to the ids of its relevant documents; a judged query without any has an empty list.

    Reads BEIR's three columns with or without a header, the same without grades, and TREC's four.
    """
    gold: dict[str, list[str]] = {}
    for number, line in text_lines(path):
        cells = line.split()
        if not cells or (number == 1 and cells[0] in ("query-id", "query_id", "qid")):
            continue
        query, document, grade = _judgement(cells, Source(str(path), number))
        relevant = gold.setdefault(query, [])
        if grade > 0 and document not in relevant:
            relevant.append(document)
    return gold


def _judgement(cells: list[str], source: Source) -> tuple[str, str, float]:
    shapes = {2: (0, 1, None), 3: (0, 1, 2), 4: (0, 2, 3)}
    if len(cells) not in shapes:
        raise DataError(
            f"a judgement is `query-id corpus-id score`, not {' '.join(cells)!r}", source
        )
    query, document, grade = shapes[len(cells)]
    try:
        return cells[query], cells[document], 1.0 if grade is None else float(cells[grade])
    except ValueError:
        raise DataError(f"the score must be a number, not {cells[-1]!r}", source) from None


def _passages(path: Path) -> Iterator[Passage]:
    for number, row in read_jsonl(path):
        source = Source(str(path), number)
        name = _text(row, "_id", source)
        title = row.get("title")
        yield Passage(
            id=name,
            document=name,
            text=_text(row, "text", source, may_be_empty=True),
            title=title if isinstance(title, str) else "",
        )


def _queries(path: Path) -> Iterator[tuple[Source, str, str]]:
    for number, row in read_jsonl(path):
        source = Source(str(path), number)
        yield source, _text(row, "_id", source), _text(row, "text", source)


def _text(row: dict[str, Json], key: str, source: Source, *, may_be_empty: bool = False) -> str:
    value = row.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not (value.strip() or may_be_empty):
        raise DataError(f"`{key}` must be a text, not {value!r}", source)
    return value


def _missing(
    gold: dict[str, list[str]], queries: set[str], passages: tuple[Passage, ...], qrels: Path
) -> Iterator[str]:
    """Judgements that point to nowhere."""
    if lost := [name for name in gold if name not in queries]:
        yield f"{qrels}: {len(lost)} judged queries are not in queries.jsonl, {lost[0]!r} first"
    known = {passage.id for passage in passages}
    wanted = [name for names in gold.values() for name in names]
    if absent := [name for name in dict.fromkeys(wanted) if name not in known]:
        yield f"{qrels}: {len(absent)} gold documents are not in corpus.jsonl, {absent[0]!r} first"


def _left_out(count: int, qrels: Path) -> Iterator[str]:
    if count:
        yield f"{qrels}: {count} queries are left out; no document is judged relevant to them here"
