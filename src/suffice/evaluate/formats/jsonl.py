"""Suffice's own rows, one JSON object a line: {id, question, expected, checks, gold, ...}."""

from pathlib import Path

from suffice.evaluate.formats.row import case_of
from suffice.evaluate.lines import read_jsonl
from suffice.ports import Cases
from suffice.records import Source


class Jsonl:
    """Takes any .jsonl file that no other format knows: its errors are the most helpful ones."""

    def recognises(self, path: Path) -> bool:
        return path.suffix.lower() in (".jsonl", ".ndjson")

    def read(self, path: Path) -> Cases:
        return Cases(tuple(case_of(row, Source(str(path), line)) for line, row in read_jsonl(path)))


def create() -> Jsonl:
    return Jsonl()
