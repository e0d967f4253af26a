"""Whether a judge's scores may decide anything, and what they say once people have corrected them.

Without people's labels, or where it agrees with them too little, a judge is shown and nothing more:
its scores are barred from bars, comparisons and gates. Where it may decide, what it says is
corrected by the labels (PPI++): a judge that is lenient with one rung's answers names no winner.
The correction stands where the judge alone says what is right; where a case also has a computed
check, the two cannot be corrected together, and the judge is barred.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from suffice.evaluate.calibrate import (
    JUDGED,
    Calibration,
    HumanLabel,
    calibrate,
    corrected_difference,
    corrected_mean,
    read_labels,
)
from suffice.records import Aspect, Case, Trial
from suffice.stats.judged import Judged

JUDGE = "judge"
MEASURE = "correct"  # what a judge speaks of: the content of an answer


@dataclass(frozen=True)
class Judging:
    """What is known of the judge of a run. Without a judge: nothing is barred or corrected."""

    barred: frozenset[str] = frozenset()
    warnings: tuple[str, ...] = ()
    labels: tuple[HumanLabel, ...] = ()
    calibration: Calibration | None = None

    @classmethod
    def of(
        cls,
        labels: Path | None,
        kappa: float,
        trials: Mapping[str, Sequence[Trial]],
        cases: Sequence[Case],
    ) -> "Judging":
        """Holds the judge against people's labels on the rungs asked so far."""
        found = {score.metric for each in trials.values() for one in each for score in one.scores}
        read = read_labels(labels) if labels else ()
        calibrations = {
            metric: calibrate(trials, read, metric=metric, bar=kappa) for metric in found & JUDGED
        }
        reasons = {metric: each.reason for metric, each in calibrations.items() if each.reason}
        if JUDGE in calibrations and JUDGE not in reasons and (mixed := _mixed(trials, cases)):
            reasons[JUDGE] = mixed
        shown = [f"{metric} is shown and decides nothing: {why}" for metric, why in reasons.items()]
        return cls(
            barred=frozenset(reasons),
            warnings=(*sorted(shown), *(_told(each) for each in calibrations.values() if read)),
            labels=read,
            calibration=None if JUDGE in reasons else calibrations.get(JUDGE),
        )

    @property
    def corrects(self) -> bool:
        """Whether a judge decides here, so that what it says has to be corrected."""
        return self.calibration is not None

    def difference(
        self,
        candidate: Sequence[Trial],
        baseline: Sequence[Trial],
        cases: Mapping[str, Case],
        level: float,
    ) -> tuple[Judged | None, str]:
        """The corrected difference of two rungs, or why there is none."""
        found = corrected_difference(candidate, baseline, self.labels, cases, level=level)
        return found.judged, found.reason

    def mean(
        self, trials: Sequence[Trial], cases: Mapping[str, Case], level: float
    ) -> tuple[Judged | None, str]:
        """The corrected mean of one rung, or why there is none."""
        found = corrected_mean(trials, self.labels, cases, level=level)
        return found.judged, found.reason


def _told(calibration: Calibration) -> str:
    """How the judge agrees with people, rung by rung."""
    rungs = "; ".join(
        f"{each.rung} kappa {_number(each.kappa)}, sensitivity {_number(each.sensitivity.value)}, "
        f"specificity {_number(each.specificity.value)} on {each.labels} labels"
        for each in calibration.rungs
    )
    return f"{calibration.metric} against people: {rungs}"


def _number(value: float | None) -> str:
    return "not measurable" if value is None else f"{value:.2f}"


def _mixed(trials: Mapping[str, Sequence[Trial]], cases: Sequence[Case]) -> str:
    """Why the judge cannot be corrected here: it does not speak alone."""
    answerable = {case.id for case in cases if case.answerable}
    for trial in (trial for each in trials.values() for trial in each if trial.case in answerable):
        content = {score.metric for score in trial.scores if score.aspect is Aspect.CONTENT}
        if others := ", ".join(sorted(content - {JUDGE})):
            return (
                f"case {trial.case} is checked by {others}, and the two cannot be corrected "
                "together; let the judge alone speak of every case, or of none"
            )
    return ""


UNJUDGED = Judging()
