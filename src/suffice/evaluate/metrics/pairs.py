"""Which of two answers a judge prefers, asked in both orders.

Judges favour the answer that they see first (Zheng et al. 2023, "Judging LLM-as-a-Judge"): a
preference that turns round with the order is no preference, and counts as a tie.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from suffice.evaluate.metrics.judging import Judge, Unreadable, verdict
from suffice.records import Case, joined

Winner: TypeAlias = Literal["first", "second", "tie"]


@dataclass(frozen=True, slots=True)
class Preference:
    """`winner` is None where the judge could not be read; `unscored` then says why."""

    winner: Winner | None
    detail: str = ""
    unscored: str | None = None


def prefer(case: Case, first: str, second: str, *, rubric: str, judge: Judge) -> Preference:
    """The better of two answers to one case by a rubric; a tie where the order decides."""
    try:
        ahead, reason = _ask(case, first, second, rubric, judge)
        behind, other = _ask(case, second, first, rubric, judge)
    except Unreadable as error:
        return Preference(None, unscored=str(error))
    if ahead == "a" and behind == "b":
        return Preference("first", reason)
    if ahead == "b" and behind == "a":
        return Preference("second", reason)
    if ahead == behind == "tie":
        return Preference("tie", reason)
    return Preference("tie", f"the orders disagree: {ahead} ({reason}), then {behind} ({other})")


def _ask(case: Case, a: str, b: str, rubric: str, judge: Judge) -> tuple[str | int, str]:
    task = (
        "Which of two answers meets this rubric better?\n\n"
        f"Rubric: {rubric}\n\n"
        'The verdict is "a", "b", or "tie" where neither is better. '
        "Neither length nor order counts."
    )
    texts = {"question": joined(case.messages), "answer-a": a, "answer-b": b}
    return verdict(judge, task, texts, ("a", "b", "tie"))
