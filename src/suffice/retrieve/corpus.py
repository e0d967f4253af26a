"""Rows of a file that holds many documents, which some parsers offer beside `parse`."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from suffice.retrieve.records import Parsed


@dataclass(frozen=True, slots=True)
class Row:
    """One document of a corpus. `digest` is of its line, so that one changed row is one change."""

    line: int
    id: str
    digest: str
    parsed: Parsed


@dataclass(frozen=True, slots=True)
class RowFault:
    """A row that is no document, and why."""

    line: int
    reason: str


@runtime_checkable
class CorpusParser(Protocol):
    """A parser that may find many documents in one file."""

    def corpus(self, data: bytes, name: str) -> Iterator[Row | RowFault] | None:
        """None where the file is one document."""
