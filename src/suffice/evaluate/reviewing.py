"""A person's decisions on drafts, each kept the moment it falls.

An accepted draft goes to the cases first and is marked as decided then: after a kill between the
two, its id among the cases says that it was accepted.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from suffice.errors import DataError, UsageError
from suffice.evaluate import cases as case_files
from suffice.evaluate.drafts import (
    UNREVIEWED,
    Decision,
    Draft,
    as_line,
    locked,
    put_whole,
    read_drafts,
    write_drafts,
)
from suffice.evaluate.formats.row import case_of
from suffice.evaluate.lines import read_jsonl
from suffice.records import Check, Json, Source

_OURS = "jsonl"


@dataclass
class Reviewing:
    """The drafts of a file, and the file of cases that accepted ones are added to."""

    path: Path
    cases: Path
    drafts: list[Draft] = field(default_factory=list)
    _ids: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, path: Path, cases: Path, kind: str | None = None) -> "Reviewing":
        """Reads both files. Cases that cannot be read are told before anything is decided, and so
        are those of another format, which the study names as `kind` or which the file shows."""
        if not path.exists():
            raise DataError(
                "there are no drafts yet; `suffice draft` lets a model write some",
                Source(str(path)),
            )
        if cases.suffix.lower() not in (".jsonl", ".ndjson"):
            raise UsageError(
                f"accepted drafts are added to a file of JSON rows, and {cases} is none: name one "
                "with --into, such as --into cases.jsonl"
            )
        found = kind or (case_files.recognised(cases) if _has_rows(cases) else _OURS)
        if found != _OURS:
            raise UsageError(
                f"accepted drafts are rows of our own, and {cases} holds those of {found}: name "
                "another file with --into, such as --into drafted-cases.jsonl"
            )
        here = cls(path, cases)
        here._read()
        here._settle_accepted()
        return here

    @property
    def open(self) -> list[Draft]:
        """Those that nobody has decided on, in the order of the file."""
        return [each for each in self.drafts if each.decision is None]

    def accept(self, draft: Draft) -> None:
        self._take(draft, draft, Decision.ACCEPTED)

    def mend(self, draft: Draft, question: str, expected: str) -> None:
        """Accepts a draft in other words; the passage that it is from stays."""
        self._take(draft, replace(draft, question=question, expected=expected), Decision.MENDED)

    def drop(self, draft: Draft) -> None:
        with self._held():
            if draft.id in self._ids:
                self._rewrite(draft.id, None)  # it was taken unread before
            self._decide(draft, replace(draft, decision=Decision.DROPPED))

    def take_unread(self) -> int:
        """All open drafts as cases that stay marked as read by nobody; the drafts stay open."""
        with self._held():
            fresh = [each for each in self.open if each.id not in self._ids]
            self._append([each.case for each in fresh])
        return len(fresh)

    def _take(self, draft: Draft, taken: Draft, decision: Decision) -> None:
        decided = replace(taken, decision=decision)
        with self._held():
            if draft.id in self._ids:
                self._rewrite(draft.id, decided.case)  # it was taken unread before
            else:
                self._append([decided.case])
            self._decide(draft, decided)

    @contextmanager
    def _held(self) -> Iterator[None]:
        """Both files as they stand by now, which nobody else changes meanwhile."""
        with locked(self.path, self.cases):
            self._read()
            yield

    def _read(self) -> None:
        self.drafts = read_drafts(self.path)
        rows = read_jsonl(self.cases) if _has_rows(self.cases) else ()
        self._ids = {_id(row, line) for line, row in rows}

    def _append(self, rows: Sequence[dict[str, Json]]) -> None:
        for row in rows:
            case_of(row, Source(str(self.cases)))  # a row that is no case is never written
        held = self.cases.read_bytes() if self.cases.exists() else b""
        gap = b"\n" if held and not held.endswith(b"\n") else b""
        put_whole(self.cases, held + gap + "".join(map(as_line, rows)).encode())
        self._ids.update(str(row["id"]) for row in rows)

    def _rewrite(self, name: str, case: dict[str, Json] | None) -> None:
        """One case in the place of its unread form, or none; every other line stays as it is."""
        lines = self.cases.read_bytes().split(b"\n")
        line = next(line for line, row in read_jsonl(self.cases) if _id(row, line) == name)
        lines[line - 1 : line] = [as_line(case).encode().rstrip()] if case else []
        put_whole(self.cases, b"\n".join(lines))

    def _decide(self, draft: Draft, decided: Draft) -> None:
        self.drafts = [decided if each.id == draft.id else each for each in self.drafts]
        write_drafts(self.path, self.drafts)

    def _settle_accepted(self) -> None:
        """Decisions whose case was written and whose mark was not."""
        if not self._ids & {each.id for each in self.open}:
            return
        with self._held():
            read = {
                _id(row, line)
                for line, row in read_jsonl(self.cases)
                if UNREVIEWED not in _tags(row.get("tags"))
            }
            self.drafts = [
                replace(each, decision=Decision.ACCEPTED)
                if each.decision is None and each.id in read
                else each
                for each in self.drafts
            ]
            write_drafts(self.path, self.drafts)


def check_whole(cases: Path, checks: Sequence[Check] = (), kind: str | None = None) -> None:
    """Raises where a file of cases is one that the study, with its `checks`, could not read."""
    if _has_rows(cases):
        case_files.load(cases, format=kind, default_checks=checks)


def _has_rows(path: Path) -> bool:
    return path.exists() and bool(path.read_bytes().strip())


def _id(row: dict[str, Json], line: int) -> str:
    return str(row.get("id", f"line-{line}"))


def _tags(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]
