"""The qualities that rungs are measured by, and the cases' values of each.

A case counts once: replicates are averaged first. Failures are asked, not answered; what could not
be scored is answered, not scored; neither is ever a zero. An unanswerable case has no content to be
right, so it speaks only for `abstains`.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from suffice.records import Aspect, Case, Counts, Trial

MEASURABLE = 0.95  # with fewer answers scored, what is left may not be a fair sample


@dataclass(frozen=True, slots=True)
class Measure:
    """One quality: which aspect it reads, and of which cases."""

    name: str
    aspect: Aspect
    of: Callable[[Case], bool] = lambda _: True


QUALITIES = (
    Measure("correct", Aspect.CONTENT, of=lambda case: case.answerable),
    Measure("format", Aspect.FORMAT),
    Measure("abstains", Aspect.ABSTENTION, of=lambda case: not case.answerable),
    Measure("answers", Aspect.ABSTENTION, of=lambda case: case.answerable),
    Measure("grounded", Aspect.GROUNDING),
    Measure("style", Aspect.STYLE),
)
BY_NAME = {measure.name: measure for measure in QUALITIES}


@dataclass(frozen=True, slots=True)
class Sample:
    """Values of one measure, the cluster of each, and the counts behind them.

    The keys are case ids; where single answers are kept apart, one for each answer.
    """

    values: Mapping[str, float]
    clusters: Mapping[str, str]
    counts: Counts
    cases: int

    def arrays(self) -> tuple[NDArray[np.float64], list[str]]:
        return (
            np.array(list(self.values.values()), dtype=np.float64),
            [self.clusters[key] for key in self.values],
        )


def sample(
    trials: Sequence[Trial],
    cases: Mapping[str, Case],
    measure: Measure,
    barred: Collection[str] = (),
) -> Sample:
    """The per-case means of a measure. Scores of `barred` metrics count for nothing."""
    asked = asked_for(trials, cases, measure)
    values: dict[str, list[float]] = {}
    for trial in asked:
        value = _value(trial, measure.aspect, barred)
        if value is not None:
            values.setdefault(trial.case, []).append(value)
    return Sample(
        values={case: sum(each) / len(each) for case, each in values.items()},
        clusters={case: cases[case].cluster or case for case in values},
        counts=_counts(asked, sum(len(each) for each in values.values())),
        cases=len(values),
    )


def single_answers(trials: Sequence[Trial], cases: Mapping[str, Case], measure: Measure) -> Sample:
    """Every answer for itself: a quantile of means is not the quantile that users meet."""
    asked = asked_for(trials, cases, measure)
    values = {
        f"{trial.case} {trial.replicate}": value
        for trial in asked
        if (value := trial.value(measure.aspect)) is not None
    }
    clusters = {
        f"{trial.case} {trial.replicate}": cases[trial.case].cluster or trial.case
        for trial in asked
    }
    scored = {trial.case for trial in asked if trial.value(measure.aspect) is not None}
    return Sample(values, clusters, _counts(asked, len(values)), len(scored))


def asked_for(trials: Sequence[Trial], cases: Mapping[str, Case], measure: Measure) -> list[Trial]:
    """The trials that a measure speaks of: of its cases, with a check of its aspect."""
    return [
        trial
        for trial in trials
        if measure.of(cases[trial.case])
        and any(score.aspect is measure.aspect for score in trial.scores)
    ]


def unfair(counts: Counts) -> str:
    """Why so few scores cannot speak for all that was asked, or an empty string."""
    if counts.scored >= MEASURABLE * counts.asked:
        return ""
    failed = counts.asked - counts.answered
    if counts.answered < MEASURABLE * counts.asked:
        return f"{failed} of {counts.asked} calls gave no answer, too many to speak for the rest"
    unscored = counts.answered - counts.scored
    return (
        f"{unscored} of {counts.answered} answers could not be scored, too many to speak for "
        "the rest"
    )


def _counts(asked: Sequence[Trial], scored: int) -> Counts:
    return Counts(len(asked), sum(trial.answer.failure is None for trial in asked), scored)


def _value(trial: Trial, aspect: Aspect, barred: Collection[str]) -> float | None:
    if not barred:
        return trial.value(aspect)
    kept = tuple(score for score in trial.scores if score.metric not in barred)
    values = [s.value for s in kept if s.aspect is aspect and s.value is not None]
    return min(values) if values else None
