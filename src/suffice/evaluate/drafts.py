"""Cases that a model drafted from a passage, until a person has read them.

They are kept in a file of their own, each with its passage, and never among the cases by
themselves: `suffice review` moves what a person accepts. A file is always written whole and put in
the place of the old one, so that a kill leaves the one or the other.
"""

import fcntl
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from suffice.errors import DataError
from suffice.evaluate.lines import read_jsonl
from suffice.evaluate.reading import words_of
from suffice.records import Json, Source, fingerprint

FILE = "drafts.jsonl"
UNREVIEWED, DRAFTED = "draft", "drafted"  # tags of a case: nobody has read it; somebody has
MOST_ANSWER_WORDS = 12
_FEWEST_QUESTION_WORDS = 4
_KEYS = frozenset(("id", "question", "expected", "gold", "cluster", "tags", "reviewed", "decision",
                   "passage", "model"))  # fmt: skip
# A question that only makes sense beside its passage. The article of a law may be asked about, so
# plain "the article" or "the section" does not count.
_POINTS = re.compile(
    r"\b(?:passage|excerpt|snippet|paragraph|context)\b"
    r"|\b(?:this|the|given|provided|above) (?:text|document)\b"
    r"|\b(?:this|above|following) (?:article|section|page)\b"
    r"|\b(?:mentioned|described|stated|listed|shown) (?:above|below|here)\b"
    r"|\baccording to (?:the|this) (?:text|document|article|author|information)\b",
    re.IGNORECASE,
)


class Decision(StrEnum):
    ACCEPTED = "accepted"
    MENDED = "mended"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Draft:
    """A question with its answer, the passage it was drafted from, and what became of it."""

    id: str
    question: str
    expected: str
    document: str
    passage: str
    model: str = ""
    decision: Decision | None = None

    @property
    def case(self) -> dict[str, Json]:
        """As a row of cases.jsonl, unreviewed where nobody has decided."""
        return {
            "id": self.id,
            "question": self.question,
            "expected": self.expected,
            "gold": [self.document],
            "checks": ["contains"],
            "tags": [DRAFTED if self.decision else UNREVIEWED],
        }

    @property
    def row(self) -> dict[str, Json]:
        return {
            "id": self.id,
            "question": self.question,
            "expected": self.expected,
            "gold": [self.document],
            "tags": [UNREVIEWED],
            "reviewed": self.decision is not None,
            "decision": self.decision,
            "passage": self.passage,
            "model": self.model,
        }


def draft_of(question: str, expected: str, document: str, passage: str, model: str) -> Draft:
    """A draft with an id of its own, the same each time."""
    name = f"draft-{fingerprint(document, question, expected)[:10]}"
    return Draft(name, question, expected, document, passage, model)


def fault(question: str, answer: str, passage: str) -> str:
    """Why a question with its answer makes no sound case, in a few words; nothing where it does."""
    asked, said = words_of(question), words_of(answer)
    if not said:
        return "no answer"
    if verbatim(answer, passage) is None:
        return "the answer does not stand in the passage"
    if len(said) > MOST_ANSWER_WORDS:
        return "the answer is long"
    if len(asked) < _FEWEST_QUESTION_WORDS or not question.rstrip().endswith(("?", "\uff1f")):
        return "no question"
    if _holds(asked, said):
        return "the question gives the answer away"
    if _POINTS.search(question):
        return "the question points to its passage"
    if not _stems(asked) & _stems(words_of(passage)):
        return "the question is about something else"
    return ""


def verbatim(answer: str, passage: str) -> str | None:
    """The answer as the passage spells it, at the borders of words; None where it is not there.

    White space and letter case may differ, nothing else.
    """
    parts = [re.escape(part) for part in answer.split()]
    if not parts:
        return None
    found = re.search(r"(?<!\w)" + r"\s+".join(parts) + r"(?!\w)", passage, re.IGNORECASE)
    return " ".join(found[0].split()) if found else None


def agree(one: str, other: str) -> bool:
    """Whether two answers to one question say the same: one holds all words of the other in a row.
    """  # fmt: skip
    first, second = words_of(one), words_of(other)
    return bool(first and second) and (_holds(first, second) or _holds(second, first))


def _stems(words: Sequence[str]) -> set[str]:
    """The beginnings of words that carry meaning: endings differ between question and passage."""
    return {word[:4] for word in words if len(word) > 3 or not word.isascii()}


def _holds(words: Sequence[str], part: Sequence[str]) -> bool:
    size = len(part)
    return any(list(words[at : at + size]) == list(part) for at in range(len(words) - size + 1))


# ------------------------------------------------------------------------- files


def read_drafts(path: Path) -> list[Draft]:
    """All drafts of a file; none where there is no file yet."""
    if not path.exists() or not path.stat().st_size:
        return []
    return [_draft(row, Source(str(path), line)) for line, row in read_jsonl(path)]


def write_drafts(path: Path, drafts: Iterable[Draft]) -> None:
    put_whole(path, "".join(as_line(each.row) for each in drafts).encode())


def as_line(row: Mapping[str, Json]) -> str:
    return json.dumps(row, ensure_ascii=False) + "\n"


def put_whole(path: Path, data: bytes) -> None:
    """Writes a file anew beside the old one, and only then in its place. A link stays a link."""
    path = path.resolve()
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    if path.exists():
        fresh.chmod(path.stat().st_mode & 0o777)
    fresh.replace(path)


@contextmanager
def locked(*paths: Path) -> Iterator[None]:
    """Holds files for as long as they are read and written anew, so that of two commands none
    undoes what the other wrote. Always in the same order: two never wait for each other."""
    with ExitStack() as held:
        for path in sorted({each.resolve() for each in paths}):
            file = held.enter_context(path.with_name(f".{path.name}.lock").open("ab"))
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def is_draft(row: Mapping[str, Json]) -> bool:
    """Whether a row is one of a file of drafts, which is no file of cases."""
    return row.keys() >= {"passage", "reviewed"}


def _draft(row: Mapping[str, Any], source: Source) -> Draft:
    unknown = sorted(row.keys() - _KEYS)
    texts = [row.get(key) for key in ("id", "question", "expected", "passage")]
    gold = row.get("gold")
    decision = row.get("decision")
    if unknown or not all(isinstance(each, str) and each.strip() for each in texts):
        wrong = f"unknown key {unknown[0]!r}" if unknown else "a text is missing or empty"
        raise DataError(
            f"no draft: {wrong}. A draft has id, question, expected, gold and passage", source
        )
    if not isinstance(gold, list) or len(gold) != 1 or not isinstance(gold[0], str):
        raise DataError("`gold` of a draft is a list of its one document", source)
    if decision not in (None, *Decision):
        raise DataError(f"`decision` is {decision!r}; it is null, {', '.join(Decision)}", source)
    return Draft(
        id=row["id"],
        question=row["question"],
        expected=row["expected"],
        document=gold[0],
        passage=row["passage"],
        model=str(row.get("model") or ""),
        decision=Decision(decision) if decision else None,
    )
