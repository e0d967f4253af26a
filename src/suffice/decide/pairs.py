"""Comparisons by name, after a run: any kept rung against any other, of this run or another.

These were not planned before looking, so they carry no correction but that among themselves, and
their reason says that they are exploratory. A judge's scores count for nothing in them: people's
labels speak of one run's answers, and uncorrected a judge decides nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np

from suffice.decide.compare import compare_pairs
from suffice.decide.judging import Judging
from suffice.decide.measures import QUALITIES, asked_for
from suffice.decide.plan import ALPHA
from suffice.decide.runs import find_run, load_trials, load_verdict, trials_of
from suffice.errors import UsageError
from suffice.evaluate.calibrate import JUDGED
from suffice.records import Case, Comparison, Trial

UNCORRECTED = Judging(barred=JUDGED)


@dataclass(frozen=True)
class Kept:
    """The trials that are on disk, by name: RUNG of the newest run, RUN/RUNG, FILE.jsonl/RUNG."""

    store: Path
    cases: tuple[Case, ...]
    margin: float

    @classmethod
    def of(cls, store: Path, cases: Sequence[Case], margin: float) -> Self:
        return cls(store, tuple(cases), margin)

    def trials(self, name: str) -> list[Trial]:
        """One rung's trials, labelled with the name they were asked for by."""
        place, _, rung = name.rpartition("/")
        path = Path(place)
        source = path if path.suffix == ".jsonl" else find_run(self.store, place or None)
        return [replace(each, rung=name) for each in trials_of(load_trials(source), rung)]

    def compare(self, candidate: str, baseline: str) -> tuple[Comparison, ...]:
        """Every quality that both were measured on, as the plan has it where it was planned."""
        if candidate == baseline:
            raise UsageError(f"{candidate} is held against itself; name two different rungs")
        return self._planned(candidate, baseline) or self._exploratory(candidate, baseline)

    def _planned(self, candidate: str, baseline: str) -> tuple[Comparison, ...]:
        if "/" in candidate or "/" in baseline:
            return ()
        verdict = load_verdict(find_run(self.store, None))
        return tuple(
            each
            for each in verdict.comparisons
            if each.candidate == candidate and each.baseline == baseline
        )

    def _exploratory(self, candidate: str, baseline: str) -> tuple[Comparison, ...]:
        trials = {name: self.trials(name) for name in (candidate, baseline)}
        cases = {case.id: case for case in self.cases}
        unknown = {trial.case for each in trials.values() for trial in each} - cases.keys()
        if unknown:
            raise UsageError(
                f"{len(unknown)} cases of these trials (such as {min(unknown)!r}) are not among "
                "the held-out cases of this study: compare runs of the same cases, split and seed"
            )
        measures = [
            measure.name
            for measure in QUALITIES
            if any(asked_for(each, cases, measure) for each in trials.values())
        ]
        found = compare_pairs(
            [(candidate, baseline, measure) for measure in measures],
            trials,
            cases,
            margin=self.margin,
            alpha=ALPHA,
            generator=np.random.default_rng(0),
            judging=UNCORRECTED,
        )
        return tuple(replace(each, reason=_exploratory(each.reason)) for each in found)


def _exploratory(reason: str) -> str:
    return f"{reason} Exploratory: not planned before looking.".strip()
