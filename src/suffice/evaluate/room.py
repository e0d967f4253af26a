"""Expected answers that are longer than a model may write.

What has to be said in full and is cut off is wrong whatever the rung, and looks like a form that is
not kept: one would mend the prompt, or tune, for what a larger `max_tokens` does.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from suffice.records import Case, Json


@dataclass(frozen=True, slots=True)
class Room:
    """How many of the expected answers do not fit, and the longest."""

    beyond: int
    expected: int
    longest: int
    case: str
    most_tokens: int

    def __str__(self) -> str:
        return (
            f"{self.beyond:,} of {self.expected:,} expected answers are longer than `max_tokens: "
            f"{self.most_tokens}` lets a model write (case {self.case}: {self.longest} tokens)"
        )


def too_little(
    cases: Sequence[Case], most_tokens: int, count_tokens: Callable[[str], int]
) -> Room | None:
    """None where every case has an expected answer that fits."""
    known = {
        case.id: min(count_tokens(_written(each)) for each in case.expected)
        for case in cases
        if case.expected and case.answerable
    }
    beyond = [name for name, tokens in known.items() if tokens > most_tokens]
    if not beyond:
        return None
    longest = max(beyond, key=lambda name: known[name])
    return Room(len(beyond), len(known), known[longest], longest, most_tokens)


def _written(expected: Json) -> str:
    return (
        expected
        if isinstance(expected, str)
        else json.dumps(expected, ensure_ascii=False, separators=(",", ":"))
    )
