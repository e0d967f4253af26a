"""The story: from a study to a verdict.

    part the cases into dev and held-out, by source document
    write down what will be compared
    for each rung, from the cheapest:
        pass over it where nothing that fails on dev points to it
        build a system from dev material
        ask it every held-out case and grade the answers
        hold it against the bars; stop at the first that clears them all
    compare every rung with those below it, and conclude
    find out why held-out cases failed, for the reader; the verdict stands
    write it all into the run's folder

Nothing flows back: a rung never sees a held-out case, and a later step can be repeated from the
files of the one before.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from suffice import study as study_file
from suffice.climbed import Climbed
from suffice.decide.advice import LIKELY, chance
from suffice.decide.attribute import attribute, cured
from suffice.decide.bars import untold
from suffice.decide.ground import Ground, settled
from suffice.decide.measures import unfair
from suffice.decide.plan import file_plan
from suffice.decide.runs import only_run
from suffice.errors import (
    BudgetExceeded,
    MissingExtra,
    OutOfReach,
    ProviderError,
    SufficeError,
    UsageError,
)
from suffice.evaluate.ask import Forecast
from suffice.evaluate.journal import Journal
from suffice.evaluate.workshop import DevWorkshop
from suffice.kit import Kit
from suffice.planned import Planned
from suffice.plugins import load
from suffice.ports import Progress, System
from suffice.records import Answer, BarStatus, FailureKind, Standing, Trial, Usage, Verdict
from suffice.steering import Steering, by_case


class Study(study_file.Study):
    """A study that can be run."""

    def run(
        self,
        *,
        rungs: Sequence[str] | None = None,
        budget_usd: float | None = None,
        limit: int | None = None,
        minutes: float | None = None,
        everything: bool = False,
        progress: Progress | None = None,
    ) -> Verdict:
        """Climbs the ladder. Rungs that are named are all run, and with `everything` all that
        apply; else it goes where the failures point and stops at the first rung that suffices.
        What was asked before is not asked again."""
        with only_run(self.store), Journal(self.store / "journal.db") as journal:
            planned = Planned(self, rungs, limit)
            kit = Kit(self, planned, journal, progress or Silence(), budget_usd, minutes)
            return Climb(kit, everything).run()

    def forecast(
        self, *, rungs: Sequence[str] | None = None, limit: int | None = None
    ) -> dict[str, Forecast]:
        """What each rung would cost at most, trying out on dev included. Asks nothing."""
        with Journal(self.store / "journal.db") as journal:
            return Climb(Kit(self, Planned(self, rungs, limit), journal, Silence())).forecast()


class Silence:
    """Progress that says nothing."""

    def start(self, title: str, total: int) -> None:
        pass

    def advance(self, answer: Answer, fresh: bool) -> None:
        pass

    def tick(self, said: str) -> None:
        pass

    def finish(self) -> None:
        pass


@dataclass
class Climb:
    """One run of one study."""

    kit: Kit
    everything: bool = False
    sofar: Climbed = field(init=False)

    def __post_init__(self) -> None:
        self.planned, self.plan = self.kit.planned, self.kit.planned.plan
        self.sofar = Climbed(self.kit.study, self.planned)

    def run(self) -> Verdict:
        started = time.monotonic()
        self.kit.refuse_unpriced_budget()
        self.sofar.look = file_plan(self.plan, self.planned.held_out, self.kit.study.store)
        workshop = self.kit.workshop()
        if self._compares:
            self._compare(workshop)
        else:
            self._climb(self.kit.climbing(workshop))
        ground = self.sofar.ground()
        verdict = self.sofar.verdict(ground)
        # Kept before it is explained: what follows may be stopped, and the verdict stands.
        self.sofar.keep(verdict, ground)
        explained = self._explained(ground, workshop)
        usd, seconds = self.kit.spent(workshop.asker), time.monotonic() - started
        ground = replace(explained, usd=usd, seconds=seconds)
        verdict = ground.explained(verdict)
        self.sofar.keep(verdict, ground)
        return verdict

    def _climb(self, workshop: DevWorkshop) -> None:
        """Rung by rung: each is asked more cases until its bars are decided or all were asked."""
        for system in self._systems(workshop):
            stand = None
            for stage in range(len(self.plan.fractions)):
                if not self._ask(system, stage, workshop):
                    stand = None
                    break
                stand = self.sofar.stand(system.rung)
                if stand.suffices or not stand.may_suffice:
                    break
            if self.sofar.unaffordable or (stand is not None and _stays(stand)):
                return

    def _compare(self, workshop: DevWorkshop) -> None:
        """All rungs at every look: each is asked as many cases as the others."""
        for stage in range(len(self.plan.fractions)):
            for system in self._systems(workshop):
                if not self._ask(system, stage, workshop) and self.sofar.unaffordable:
                    return
            if settled(self.sofar.verdict(self.sofar.ground())):
                return

    @property
    def _compares(self) -> bool:
        """Whether rungs are held against each other, and not only against the bars."""
        return self.planned.all_wanted or self.everything or not self.planned.bars

    def _systems(self, workshop: DevWorkshop) -> Iterator[System]:
        """Each rung's system, built when it is reached. A rung that does not apply is left out
        with a warning, unless it was asked for by name."""
        sofar = self.sofar
        for rung in self.plan.rungs:
            if rung in sofar.left_out:
                continue
            if rung not in sofar.built:
                try:
                    workshop.asker.purse.refuse_late()
                    if why := self._passed_over(rung, workshop):
                        sofar.left_out[rung] = f"{rung} was passed over: {why}"
                        continue
                    sofar.built[rung] = load("rung", rung)().build(workshop)
                except OutOfReach as error:
                    sofar.left_out[rung] = f"{rung} was passed over: {error}"
                    continue
                except (UsageError, MissingExtra) as error:
                    if self.planned.all_wanted:
                        raise
                    sofar.left_out[rung] = f"{rung} was left out: {error}"
                    continue
                except BudgetExceeded as error:
                    sofar.stop(rung, error, reached=bool(sofar.built))
                    return
                except Exception as error:  # a rung is a plug-in: one that crashes ends alone
                    if not sofar.built:
                        raise
                    sofar.break_off(rung, error)
                    continue
            yield sofar.built[rung]

    def _passed_over(self, rung: str, workshop: DevWorkshop) -> str:
        """Why a rung is not worth building: nothing that fails on dev points to it."""
        sofar, first = self.sofar, self.sofar.first
        if self.planned.all_wanted or self.everything or first is None or first == rung:
            return ""
        if sofar.steering is None:
            sofar.steering = Steering(workshop, sofar.built[first], self.planned.bars)
        bars = sofar.stand(first).bars if first in sofar.trials else ()
        unmet = [bar.bar for bar in bars if chance([bar]) < LIKELY]
        return sofar.steering.passed_over(rung, unmet)

    def _ask(self, system: System, stage: int, workshop: DevWorkshop) -> bool:
        """One rung's trials up to a look; whether the money lasted, and the rung held."""
        cases, rung, sofar = self.planned.until_look(stage), system.rung, self.sofar
        title, replicates = f"{rung} on held-out", self.plan.replicates
        try:
            asked = workshop.asker.ask(system, cases, replicates, title)
            spent = _budget_spent(asked)
            if spent is None or rung not in sofar.trials:  # else an earlier look stands, whole
                sofar.trials[rung] = list(workshop.grade(_priced(asked, system), cases))
                sofar.stages[rung] = stage
            if spent is not None:
                raise spent
        except BudgetExceeded as error:
            sofar.stop(rung, error, reached=bool(sofar.trials))
            return False
        except ProviderError as error:
            if not sofar.trials:
                raise
            sofar.break_off(rung, error)
            return False
        return True

    def _explained(self, ground: Ground, workshop: DevWorkshop) -> Ground:
        """Why held-out cases failed by the first rung, and what the others made of them. Asked
        once the decision stands, and where the money lasts; of so many cases as a share needs."""
        trials, first = self.sofar.trials, next(iter(self.sofar.trials), None)
        if first is None or any(trial.passages for trial in trials[first]):
            return ground  # what was asked with documents cannot be asked without them
        system, bars = self.sofar.built[first], self.planned.bars
        steering = self.sofar.steering or Steering(workshop, system, bars)
        told, cases = len(steering.notes), self.planned.sampled(by_case(trials[first]))
        try:
            probed = steering.probing.probed(cases, by_case(trials[first]), "held-out")
        except SufficeError as error:
            said = f"why held-out cases failed was not found out: {error}"
            return replace(ground, asides=(*steering.notes[told:], said))
        causes = attribute(probed)
        return replace(
            ground,
            asides=tuple(steering.notes[told:]),
            held_out_causes=causes,
            cured=cured(causes, {rung: by_case(each) for rung, each in trials.items()}, cases),
            contaminated=tuple(each.case.id for each in probed if each.contaminated),
        )

    def forecast(self) -> dict[str, Forecast]:
        """Walks the same path with a workshop that counts instead of asking."""
        workshop, counted = self.kit.counting(), dict[str, Forecast]()
        ask, held_out = workshop.asker.forecast, self.planned.held_out
        for system in self._systems(workshop):
            asking = ask(system, held_out, self.plan.replicates)
            counted[system.rung] = workshop.total() + asking
            workshop.counted.clear()
        if first := self.sofar.first:
            probing = Steering(workshop, self.sofar.built[first], self.planned.bars).probing
            dev = () if self.planned.all_wanted or self.everything else workshop.dev
            explained = self.planned.sampled({case.id: () for case in held_out})
            probes = probing.forecast([*dev, *explained])
            counted |= {"why cases fail": probes} if probes.calls or probes.known else {}
        return counted


def _stays(stand: Standing) -> bool:
    """Whether to go no higher: the rung suffices, or very likely does, and more cases would tell;
    or none could do better on these, or be told to do better."""
    if not stand.may_suffice or any(unfair(bar.estimate.counts) for bar in stand.bars):
        return False
    still_open = [bar for bar in stand.bars if bar.status is BarStatus.UNDECIDED]
    good_enough = all(untold(bar) for bar in still_open)
    return stand.flawless or good_enough or chance(stand.bars) >= LIKELY


def _budget_spent(trials: Sequence[Trial]) -> BudgetExceeded | None:
    """Where the money ended among these calls."""
    for trial in trials:
        if (failure := trial.answer.failure) and failure.kind is FailureKind.BUDGET:
            return BudgetExceeded(failure.message)
    return None


def _priced(trials: Sequence[Trial], system: System) -> list[Trial]:
    """The same trials; an answer from before its price was known gets the price known now."""
    price = system.model.price
    if price is None:
        return list(trials)
    return [
        replace(trial, answer=replace(trial.answer, usd=price.usd(trial.answer.usage)))
        if trial.answer.usd is None and trial.answer.usage != Usage()
        else trial
        for trial in trials
    ]
