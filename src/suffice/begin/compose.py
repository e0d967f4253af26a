"""A first suffice.yaml: what was found, bars that suit it, and why each stands there.

A bar that no case can speak to would never be met, so it is left out.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap

from suffice.begin.grading import checks_for
from suffice.begin.survey import Found
from suffice.records import Case
from suffice.report.words import count

# Seven in ten are held out, and below 10 clusters there is no verdict.
_ENOUGH_DECLINED = 15


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person said, or what is usual. `why_model` is told beside the model."""

    name: str
    model: str
    why_model: str = ""
    correct: float = 0.85
    citations: bool = False


def compose(found: Found, wishes: Wishes, cases: Sequence[Case], documents: int) -> str:
    """The text of a suffice.yaml. `cases` are as they were read, with nothing inferred."""
    return "\n".join(
        [
            "# Written by `suffice init` from what is in this folder; all of it is yours.",
            *_told("name", wishes.name),
            *_told("model", wishes.model, wishes.why_model),
            *_told("cases", found.cases or "cases.jsonl", _about_cases(cases)),
            *_told("documents", found.documents, count(documents, "file") if documents else ""),
            *_told("prompt", found.prompt),
            *_told("examples", found.examples),
            *_told("schema", found.schema),
            "",
            *_checks(cases),
            *_bars(found, wishes, cases),
            "",
            "# A dearer fix must win by this much, surely, to be worth it.",
            "margin: 0.03",
            "",
            *_needs(found, wishes),
            "# For the money (`suffice price`):",
            "# traffic: {requests_per_month: 50000, knowledge_changes: weekly}",
            "",
        ]
    )


def _told(key: str, value: str | None, why: str = "") -> Iterator[str]:
    if value:
        yield f"{key}: {_quoted(value)}" + (f"  # {why}" if why else "")


def _about_cases(cases: Sequence[Case]) -> str:
    if not cases:
        return "not written yet"
    declined = sum(not case.answerable for case in cases)
    return count(len(cases), "case") + (f", {declined} of them to be declined" if declined else "")


def _checks(cases: Sequence[Case]) -> Iterator[str]:
    checks, why = checks_for(cases)
    if checks:
        yield "# How answers are checked where a case does not say:"
        yield from (f"# {line}" for line in wrap(f"{why}.", 96))
        yield f"checks: {json.dumps(checks)}"
        yield ""


def _bars(found: Found, wishes: Wishes, cases: Sequence[Case]) -> Iterator[str]:
    yield "# What is good enough. A fix suffices when it surely clears every bar, so with few cases"
    yield "# it must lie well above."
    yield "bar:"
    if not cases or any(case.answerable for case in cases):
        yield f"  correct: {wishes.correct:g}  # share of the answers that are right"
    if found.schema or any(case.schema for case in cases):
        yield "  format: 0.95  # there is a schema: share of answers that a program can read"
    declined = sum(not case.answerable for case in cases)
    if declined >= _ENOUGH_DECLINED:
        yield "  abstains: 0.8  # share of the questions without an answer that are declined"
    else:
        few = f"only {count(declined, 'question')}" if declined else "no question"
        yield f"  # abstains: 0.8  {few} here must be declined (`answerable: false`);"
        yield f"  #                from about {_ENOUGH_DECLINED} on this bar can be decided"
    yield "  # latency_p95_s: 2.0"
    yield "  # usd_per_1k: 5"


def _needs(found: Found, wishes: Wishes) -> Iterator[str]:
    if wishes.citations:
        yield "# Only a fix that can name its source is chosen."
        yield "needs: {citations: true}"
        yield ""
    elif found.documents:
        yield "# Must an answer name the document that it is from? Only retrieval can:"
        yield "# needs: {citations: true}"
        yield ""


def _quoted(text: str) -> str:
    """As JSON, which YAML reads the same; but escapes beyond the first plane it does not."""
    return json.dumps(text, ensure_ascii=False)
