"""The cases on which two rungs differ, each with what both said: the reading behind a comparison.

Pure, like `view.py`. Knows trials by their case and rung only; who asked them is not its business.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from suffice.records import Case, Comparison, Flip, Trial
from suffice.report import words


@dataclass(frozen=True, slots=True)
class FlipView:
    """One flipped case: the question, what was expected, and both answers with their scores."""

    case: str
    question: str
    expected: str
    baseline_answer: str
    candidate_answer: str
    baseline_score: str
    candidate_score: str
    won: bool


def pair_flips(
    comparison: Comparison, cases: Iterable[Case], trials: Iterable[Trial]
) -> tuple[FlipView, ...]:
    """The flips of a comparison with their texts, lost cases first, then by case id.

    A case asked several times shows its first replicate: the score beside it is the mean.
    """
    known = {case.id: case for case in cases}
    said = _first_answers(trials)
    flips = sorted(comparison.flips, key=lambda flip: (flip.candidate > flip.baseline, flip.case))
    return tuple(_pair(flip, comparison, known.get(flip.case), said) for flip in flips)


def _pair(
    flip: Flip, comparison: Comparison, case: Case | None, said: Mapping[tuple[str, str], str]
) -> FlipView:
    scale = words.scale_of(comparison.measure, None, None, None)
    return FlipView(
        case=flip.case,
        question=case.question.text if case else "",
        expected=expected_text(case),
        baseline_answer=said.get((comparison.baseline, flip.case), "(no answer on file)"),
        candidate_answer=said.get((comparison.candidate, flip.case), "(no answer on file)"),
        baseline_score=scale.write(flip.baseline),
        candidate_score=scale.write(flip.candidate),
        won=flip.candidate > flip.baseline,
    )


def _first_answers(trials: Iterable[Trial]) -> dict[tuple[str, str], str]:
    said: dict[tuple[str, str], str] = {}
    for trial in sorted(trials, key=lambda trial: trial.replicate, reverse=True):
        failure = trial.answer.failure
        text = f"(no answer: {failure.kind}: {failure.message})" if failure else trial.answer.text
        said[trial.rung, trial.case] = text
    return said


def expected_text(case: Case | None) -> str:
    if case is None:
        return ""
    if not case.answerable:
        return "(to decline: the documents do not say)"
    return " or ".join(
        each if isinstance(each, str) else json.dumps(each, ensure_ascii=False)
        for each in case.expected
    )
