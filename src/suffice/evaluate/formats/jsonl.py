"""Suffice's own rows, one JSON object a line: {id, question, expected, checks, gold, ...}."""

from collections.abc import Iterator
from pathlib import Path

from suffice.errors import DataError
from suffice.evaluate.drafts import is_draft
from suffice.evaluate.formats.row import case_of
from suffice.evaluate.lines import read_jsonl
from suffice.ports import Cases
from suffice.records import Case, Source


class Jsonl:
    """Takes any .jsonl file that no other format knows: its errors are the most helpful ones."""

    def recognises(self, path: Path) -> bool:
        return path.suffix.lower() in (".jsonl", ".ndjson")

    def read(self, path: Path) -> Cases:
        return Cases(tuple(_cases(path)))


def _cases(path: Path) -> Iterator[Case]:
    for line, row in read_jsonl(path):
        source = Source(str(path), line)
        if is_draft(row):
            raise DataError(
                "this is a file of drafts, not of cases; `suffice review` shows them to you and "
                "adds what you accept to your cases",
                source,
            )
        yield case_of(row, source)


def create() -> Jsonl:
    return Jsonl()
