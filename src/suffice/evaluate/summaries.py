"""Figures that only a whole set of graded trials has: what declining gained and cost, macro-F1.

Counts of trials, for tables. Estimates with intervals are made elsewhere, of per-case means.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from suffice.evaluate.declining import declined
from suffice.evaluate.metrics import label
from suffice.evaluate.reading import as_text, normalise
from suffice.records import Aspect, Case, Trial


@dataclass(frozen=True, slots=True)
class Share:
    """How many of how many."""

    count: int
    of: int

    @property
    def value(self) -> float | None:
        return self.count / self.of if self.of else None


@dataclass(frozen=True, slots=True)
class AbstentionTable:
    """What declining gained and what it cost.

    `coverage`: answered, of all that could be read. `answered_accuracy`: right, of what was
    answered and scored; an answer to an unanswerable case is wrong. `false_answers`: answered, of
    the unanswerable. `false_refusals`: declined, of the answerable. `unread`: failed or empty.
    """

    coverage: Share
    answered_accuracy: Share
    false_answers: Share
    false_refusals: Share
    unread: int


@dataclass(frozen=True, slots=True)
class _Turn:
    """One trial as the table sees it. `right` is None where no content metric scored it."""

    answerable: bool
    declines: bool
    right: bool | None


def abstention_table(trials: Iterable[Trial], cases: Sequence[Case]) -> AbstentionTable:
    """The table of one system's graded trials. Content counts as right from 1 on."""
    answerable = {case.id: case.answerable for case in cases}
    asked = list(trials)
    turns = [turn for trial in asked if (turn := _turn(trial, answerable[trial.case]))]
    answered = [turn for turn in turns if not turn.declines]
    scored = [turn for turn in answered if turn.right is not None]
    return AbstentionTable(
        coverage=Share(len(answered), len(turns)),
        answered_accuracy=Share(sum(turn.right is True for turn in scored), len(scored)),
        false_answers=_share(turn.declines is False for turn in turns if not turn.answerable),
        false_refusals=_share(turn.declines for turn in turns if turn.answerable),
        unread=len(asked) - len(turns),
    )


def macro_f1(trials: Iterable[Trial], cases: Sequence[Case]) -> float | None:
    """The mean F1 over labels of all trials that a `label` check scored; None without any."""
    return label.macro_f1(_label_pairs(trials, {case.id: case for case in cases}))


def _share(values: Iterable[bool]) -> Share:
    held = list(values)
    return Share(sum(held), len(held))


def _turn(trial: Trial, answerable: bool) -> _Turn | None:
    if trial.answer.failure or not trial.answer.text.strip():
        return None
    declines = _declines(trial, answerable)
    content = trial.value(Aspect.CONTENT)
    right = None if content is None else content >= 1
    return _Turn(answerable, declines, right if answerable else declines)


def _declines(trial: Trial, answerable: bool) -> bool:
    """As the abstention check read it, whose phrases may be the study's own; else by ours."""
    for score in trial.scores:
        if score.aspect is Aspect.ABSTENTION and score.value is not None:
            return (score.value == 1) is not answerable
    return declined(trial.answer.text)


def _label_pairs(
    trials: Iterable[Trial], cases: dict[str, Case]
) -> Iterator[tuple[str, str | None]]:
    """Expected and named label. Where several are expected, the one named if it is among them."""
    for trial in trials:
        case = cases[trial.case]
        for score in trial.scores:
            if score.metric != "label" or score.value is None:
                continue
            said = trial.answer.text if score.reading is None else score.reading
            named = normalise(said, articles=False) or None
            wanted = [normalise(as_text(each), articles=False) for each in case.expected]
            yield (named if named in wanted else wanted[0]) or "", named
