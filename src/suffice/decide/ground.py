"""What a verdict rests on, and the verdict that follows from it and from the trials.

Everything here is a record that can be kept: the same ground and the same trials give the same
verdict again, without the study, the models or the journal.
"""

import platform
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from suffice.decide.cautions import cut_off, failures, unscored
from suffice.decide.compare import compare_family
from suffice.decide.cost import Money
from suffice.decide.judging import UNJUDGED, Judging
from suffice.decide.plan import Plan
from suffice.decide.regressions import regressed
from suffice.decide.standing import estimates, standing
from suffice.decide.verdict import conclude
from suffice.records import (
    BarStatus,
    Case,
    CauseShare,
    Comparison,
    Cured,
    LearningCurve,
    Outcome,
    Standing,
    Trial,
    Verdict,
)
from suffice.stats.sequential import nominal_levels

# What has a version that can change a figure.
_TELLING = ("suffice", "numpy", "scipy", "lancedb", "onnxruntime", "torch", "transformers", "peft")
_LIKELY_BETTER = 0.05  # a p-value that no look is held to

Trials = Mapping[str, Sequence[Trial]]  # by rung, the cheapest first


@dataclass(frozen=True, slots=True)
class Built:
    """One rung as it was built. `need` is the study's own that rules it out; `ruled_out` what was
    found while it was built."""

    rung: str
    built: str
    notes: tuple[str, ...] = ()
    need: str = ""
    ruled_out: str = ""
    curve: LearningCurve | None = None


@dataclass(frozen=True)
class Ground:
    """All that a verdict rests on besides the trials and their cases.

    `look` is how often the cases have been looked at under any plan, `stages` up to which of the
    planned looks each rung was asked, counted from 0; to the last where nothing is said. `kappa` is
    the judge's bar, None without a judge; `money` is there where the study says what traffic it
    expects. `asides` are warnings from after the decision.
    """

    plan: Plan
    bars: tuple[tuple[str, float], ...]  # in the order in which they are told
    look: int
    stages: Mapping[str, int] = field(default_factory=dict)
    rungs: tuple[Built, ...] = ()
    kappa: float | None = None
    money: Money | None = None
    usd: float | None = None
    seconds: float = 0.0
    warnings: tuple[str, ...] = ()
    asides: tuple[str, ...] = ()
    inputs: str = ""
    complete: bool = True
    left_out: Mapping[str, str] = field(default_factory=dict)
    causes: tuple[CauseShare, ...] = ()
    held_out_causes: tuple[CauseShare, ...] = ()
    cured: tuple[Cured, ...] = ()
    contaminated: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)

    def judging(self, trials: Trials, cases: Sequence[Case], labels: Path | None) -> Judging:
        """A judge is held against people over all rungs at once, so all stand by one rule."""
        if self.kappa is None:
            return UNJUDGED
        return Judging.of(labels, self.kappa, trials, cases)

    def stand(self, rung: str, trials: Trials, cases: Sequence[Case], judging: Judging) -> Standing:
        """One rung against the bars, and what rules it out."""
        built = next(each for each in self.rungs if each.rung == rung)
        asked = {trial.case for trial in trials[rung]}
        by_id = {case.id: case for case in cases if case.id in asked}
        found = estimates(trials[rung], by_id, level=self._level(rung), judging=judging)
        worse = regressed(rung, trials, cases, self.plan, judging, looks=self.stages)
        return standing(
            rung,
            built.built,
            trials[rung],
            found,
            dict(self.bars),
            notes=built.notes,
            ruled_out="; ".join(why for why in (built.need, built.ruled_out, worse) if why),
            curve=built.curve,
        )

    def _level(self, rung: str) -> float:
        """The confidence level of the intervals at the look that a rung was asked up to."""
        levels = nominal_levels(self.plan.fractions, self.plan.alpha)
        return 1 - levels[self.stages.get(rung, -1)]

    def verdict(self, trials: Trials, cases: Sequence[Case], labels: Path | None = None) -> Verdict:
        """What follows."""
        judging = self.judging(trials, cases, labels)
        concluded = conclude(
            self.plan,
            standings=tuple(self.stand(rung, trials, cases, judging) for rung in trials),
            comparisons=compare_family(
                self.plan,
                trials,
                cases,
                looks=self.stages,
                judging=judging,
                generator=np.random.default_rng(self.plan.seed),
            ),
            look=self.look,
            usd=self.usd,
            seconds=self.seconds,
            warnings=(
                *cut_off(trials),
                *self.warnings,
                *judging.warnings,
                *failures(trials),
                *unscored(trials, cases),
            ),
            inputs=self.inputs,
            complete=self.complete,
            causes=self.causes,
            left_out=self.left_out,
            needs={each.rung: each.need for each in self.rungs if each.need},
            money=self.money,
        )
        return self.explained(concluded)

    def explained(self, verdict: Verdict) -> Verdict:
        """The same verdict, with what was found out once it stood."""
        return replace(
            verdict,
            usd=self.usd,
            seconds=self.seconds,
            warnings=(*verdict.warnings, *self.asides),
            held_out_causes=self.held_out_causes,
            cured=self.cured,
            contaminated=self.contaminated,
        )


@cache
def versions() -> dict[str, str]:
    """Of what is installed here and can change a figure."""
    found = {"python": platform.python_version()}
    for name in _TELLING:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def settled(verdict: Verdict) -> bool:
    """Whether nothing that was planned is still open, so that a further look could add nothing."""
    bars = [bar.status for each in verdict.standings for bar in each.bars]
    return BarStatus.UNDECIDED not in bars and not any(map(_open, verdict.comparisons))


def _open(comparison: Comparison) -> bool:
    """Not decided, or not worse and likely better, which a look at more cases may show."""
    if comparison.outcome is Outcome.NOT_ENOUGH:
        return True
    better = (comparison.difference or 0.0) > 0 and (comparison.p or 1.0) <= _LIKELY_BETTER
    return comparison.outcome is Outcome.NOT_WORSE and better
