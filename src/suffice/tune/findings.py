"""What is found wrong with training data: where, why it hurts and what to do.

Severity decides: an error is refused, a warning is told, a note is for who wants to do better.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from suffice.ports import Embedder
from suffice.records import Case, Example, Source

SHOWN = 3  # lines that a finding names


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """`where` are the lines that it is about, the clearest first; `count` is of examples."""

    kind: str
    severity: Severity
    said: str
    why: str
    mend: str
    where: tuple[Source, ...] = ()
    count: int = 0

    def __str__(self) -> str:
        return f"{self.kind}: {self.said}{places(self.where)}. {self.why} {self.mend}"


@dataclass(frozen=True)
class Material:
    """All that linters may look at. `window` and `count_tokens` are of the model that will learn,
    where it is known."""

    examples: Sequence[Example]
    held_out: Sequence[Case] = ()
    dev: Sequence[Case] = ()
    prompt: str = ""
    count_tokens: Callable[[str], int] | None = None
    window: int | None = None
    embedder: Embedder | None = None
    seed: int = 0


Linter = Callable[[Material], Iterator[Finding]]


def places(where: Sequence[Source]) -> str:
    """` (e.jsonl:3, 7 and 12 more)`: the file once, the first few lines, and how many there are."""
    if not where:
        return ""
    path = where[0].path
    lines = [str(each.line) for each in where if each.path == path][:SHOWN]
    rest = len(where) - len(lines)
    return f" ({path}:{', '.join(lines)}{f' and {rest} more' if rest else ''})"


def sources(examples: Sequence[Example]) -> tuple[Source, ...]:
    return tuple(each.source for each in examples if each.source is not None)


def asked(example: Example) -> str:
    """What stands before the reply, without the system prompt."""
    return "\n".join(each.content for each in example.messages if each.role != "system")
