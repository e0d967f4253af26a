"""Holds a judge against people: may its scores decide, and how far do they mislead?

People's labels come as JSONL, one a line:
{"case": "c1", "rung": "prompt", "label": "pass"} or {"case": "c1", "answer": "...", "label": 1}.
A judge without labels, or below the bar, may be shown and decides nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from suffice.errors import DataError, suggest
from suffice.evaluate.lines import read_jsonl
from suffice.records import Case, Json, Source, Trial
from suffice.stats.agreement import Share, kappa, sensitivity_specificity
from suffice.stats.judged import Judged, labelled_mean, ppi_difference

# The metrics whose scores come from a judge: what is barred where the judge is not usable.
JUDGED = frozenset({"judge", "citations (judge)"})
BAR = 0.6  # "substantial" agreement begins at .61 (Landis & Koch 1977)
FEWEST_LABELS = 20  # a rung; with fewer, a kappa of .6 is within chance of none

_KEYS = ("case", "rung", "answer", "replicate", "metric", "label", "rater", "note")
_WORDS = {
    **dict.fromkeys(("pass", "yes", "right", "correct", "good", "true"), 1.0),
    **dict.fromkeys(("fail", "no", "wrong", "incorrect", "bad", "false"), 0.0),
    **{f"{grade}/5": (grade - 1) / 4 for grade in range(1, 6)},
}
_HOW = 'write true or false, "pass" or "fail", a share from 0 to 1, or a grade such as "4/5"'


@dataclass(frozen=True, slots=True)
class HumanLabel:
    """What a person says of one answer: from 0 (wrong) to 1 (right).

    The answer is named by its rung and replicate, or given word for word; then it counts for
    every rung that answered so. `metric` None is any judge.
    """

    case: str
    value: float
    rung: str | None = None
    answer: str | None = None
    replicate: int = 0
    metric: str | None = None
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """How a judge agrees with people on one rung's answers; from 0.5 on, both count as a pass."""

    rung: str
    labels: int
    kappa: float | None
    sensitivity: Share
    specificity: Share


@dataclass(frozen=True, slots=True)
class Calibration:
    """A judge held against people, rung by rung. `reason` says why it is not usable."""

    metric: str
    bar: float
    rungs: tuple[Agreement, ...]
    unmatched: int
    usable: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Corrected:
    """A judge's comparison corrected by people's labels; None where it cannot be, and why."""

    judged: Judged | None
    reason: str = ""


# ---------------------------------------------------------------- labels


def read_labels(path: Path) -> tuple[HumanLabel, ...]:
    """People's labels, in order. Raises DataError that names the line."""
    found: dict[tuple[object, ...], HumanLabel] = {}
    for line, row in read_jsonl(path):
        label = _label(row, Source(str(path), line))
        key = (label.case, label.rung, label.answer, label.replicate, label.metric)
        earlier = found.setdefault(key, label)
        if earlier.value != label.value:
            raise DataError(
                f"case {label.case!r} has another label in line "
                f"{earlier.source.line if earlier.source else '?'}; keep the one agreed on",
                label.source,
            )
    return tuple(found.values())


def _label(row: Mapping[str, Json], source: Source) -> HumanLabel:
    for key in row:
        if key not in _KEYS:
            known = ", ".join(_KEYS)
            raise DataError(f"{key!r} is no key here{suggest(key, _KEYS)}; known: {known}", source)
    if not isinstance(row.get("case"), str):
        raise DataError("a label needs `case`: the case's id", source)
    if not isinstance(row.get("rung", row.get("answer")), str):
        raise DataError("a label needs `rung` or `answer`, to say what was labelled", source)
    if type(row.get("replicate", 0)) is not int:
        raise DataError(f"`replicate` is {row['replicate']!r}; it is a number from 0", source)
    return HumanLabel(
        case=row["case"],
        value=_value(row.get("label"), source),
        rung=row.get("rung"),
        answer=row.get("answer"),
        replicate=row.get("replicate", 0),
        metric=row.get("metric"),
        source=source,
    )


def _value(said: Json, source: Source) -> float:
    if isinstance(said, bool | int | float) and 0 <= said <= 1:
        return float(said)
    word = said.strip().lower() if isinstance(said, str) else None
    if word not in _WORDS:
        raise DataError(f"`label` is {said!r}; {_HOW}", source)
    return _WORDS[word]


# ---------------------------------------------------------------- agreement


def calibrate(
    trials: Mapping[str, Sequence[Trial]],
    labels: Iterable[HumanLabel],
    *,
    metric: str = "judge",
    bar: float = BAR,
) -> Calibration:
    """The judge against people's labels, for each rung of graded trials."""
    held = _Labels(labels, metric)
    rungs = tuple(_agreement(rung, each, held, metric) for rung, each in trials.items())
    reason = _why_not(rungs, bar)
    unmatched = sum(not held.was_used(label) for label in held.labels)
    return Calibration(metric, bar, rungs, unmatched, not reason, reason)


def may_decide(calibration: Calibration | None, bar: float = BAR) -> bool:
    """Whether a judge's scores may decide a verdict or a gate."""
    return calibration is not None and not _why_not(calibration.rungs, bar)


def _why_not(rungs: Sequence[Agreement], bar: float) -> str:
    """Why a judge may not decide, or an empty string. Every rung must pass: a judge that is
    sound on one and lenient on another names winners that are none."""
    if not any(each.labels for each in rungs):
        return "no answer has a human label; label some of each rung"
    for each in rungs:
        if each.labels < FEWEST_LABELS:
            return f"{each.rung}: {each.labels} human labels, and it takes {FEWEST_LABELS}"
        if each.kappa is None:
            return (
                f"{each.rung}: all labels are alike, so agreement beyond chance cannot be "
                "measured; label some answers that differ"
            )
        if each.kappa < bar:
            return f"{each.rung}: agreement with people is kappa {each.kappa:.2f}, below {bar:g}"
    return ""


def _agreement(rung: str, trials: Sequence[Trial], held: "_Labels", metric: str) -> Agreement:
    pairs = [(said >= 0.5, true >= 0.5) for _, said, true in _joined(trials, held, metric)]
    judge, human = [said for said, _ in pairs], [true for _, true in pairs]
    return Agreement(rung, len(pairs), kappa(judge, human), *sensitivity_specificity(judge, human))


class _Labels:
    """Finds the label of a trial, and remembers which were found."""

    def __init__(self, labels: Iterable[HumanLabel], metric: str) -> None:
        self.labels = [label for label in labels if label.metric in (None, metric)]
        self._by_rung = {
            (label.case, label.rung, label.replicate): label
            for label in self.labels
            if label.answer is None
        }
        self._by_answer = {
            (label.case, label.answer.strip(), label.rung): label
            for label in self.labels
            if label.answer is not None
        }
        self._used: set[int] = set()

    def of(self, trial: Trial) -> float | None:
        said = trial.answer.text.strip()
        label = (
            self._by_answer.get((trial.case, said, trial.rung))
            or self._by_answer.get((trial.case, said, None))
            or self._by_rung.get((trial.case, trial.rung, trial.replicate))
        )
        if label is None:
            return None
        self._used.add(id(label))
        return label.value

    def was_used(self, label: HumanLabel) -> bool:
        return id(label) in self._used


def _joined(
    trials: Sequence[Trial], held: _Labels, metric: str
) -> Iterator[tuple[str, float, float]]:
    """Case, the judge's score and the person's label, of each trial that has both."""
    for trial in trials:
        said, true = _judged(trial, metric), held.of(trial)
        if said is not None and true is not None:
            yield trial.case, said, true


def _judged(trial: Trial, metric: str) -> float | None:
    """The judge's score of a trial: the least, where a case asks several rubrics."""
    if trial.answer.failure:
        return None
    values = [s.value for s in trial.scores if s.metric == metric and s.value is not None]
    return min(values) if values else None


# ---------------------------------------------------------------- correction


def corrected_difference(
    candidate: Sequence[Trial],
    baseline: Sequence[Trial],
    labels: Iterable[HumanLabel],
    cases: Mapping[str, Case],
    *,
    metric: str = "judge",
    level: float = 0.95,
) -> Corrected:
    """Candidate minus baseline by the judge, less its own error where people labelled both."""
    held = _Labels(labels, metric)
    said = _paired(*(_means(_scores(each, metric)) for each in (candidate, baseline)))
    known = [list(_joined(each, held, metric)) for each in (candidate, baseline)]
    judge = _paired(*(_means((case, said) for case, said, _ in each) for each in known))
    human = _paired(*(_means((case, true) for case, _, true in each) for each in known))
    return _correct(human, judge, said, cases, level)


def corrected_mean(
    trials: Sequence[Trial],
    labels: Iterable[HumanLabel],
    cases: Mapping[str, Case],
    *,
    metric: str = "judge",
    level: float = 0.95,
) -> Corrected:
    """One rung's mean score by the judge, less its own error where people labelled."""
    said = _means(_scores(trials, metric))
    known = list(_joined(trials, _Labels(labels, metric), metric))
    judge = _means((case, value) for case, value, _ in known)
    human = _means((case, true) for case, _, true in known)
    return _correct(human, judge, said, cases, level)


def _correct(
    human: dict[str, float],
    judge: dict[str, float],
    said: dict[str, float],
    cases: Mapping[str, Case],
    level: float,
) -> Corrected:
    """PPI++ from per-case values: people's and the judge's where labelled, the judge's on all."""
    rest = [case for case in said if case not in human]
    clusters = [cases[case].cluster or case for case in human]
    if len(set(clusters)) < 2:
        return Corrected(None, "people labelled the answers of fewer than two clusters of cases")
    values = np.array(list(human.values()))
    if not rest:
        return Corrected(labelled_mean(values, clusters, level))
    if len({cases[case].cluster or case for case in rest}) < 2:
        return Corrected(None, "fewer than two clusters are without labels; label those too")
    return Corrected(
        ppi_difference(
            values,
            np.array([judge[case] for case in human]),
            np.array([said[case] for case in rest]),
            clusters,
            [cases[case].cluster or case for case in rest],
            level,
        )
    )


def _scores(trials: Sequence[Trial], metric: str) -> Iterator[tuple[str, float]]:
    for trial in trials:
        value = _judged(trial, metric)
        if value is not None:
            yield trial.case, value


def _means(values: Iterable[tuple[str, float]]) -> dict[str, float]:
    """The mean of each case over its replicates."""
    found: dict[str, list[float]] = {}
    for case, value in values:
        found.setdefault(case, []).append(value)
    return {case: sum(each) / len(each) for case, each in found.items()}


def _paired(candidate: dict[str, float], baseline: dict[str, float]) -> dict[str, float]:
    return {case: one - baseline[case] for case, one in candidate.items() if case in baseline}
