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
from functools import cached_property
from math import isfinite
from typing import TypeVar

from suffice import study as study_file
from suffice.decide.advice import LIKELY, chance
from suffice.decide.attribute import attribute, cured
from suffice.decide.bars import untold
from suffice.decide.cost import money_of
from suffice.decide.ground import Built, Ground, settled, versions
from suffice.decide.measures import unfair
from suffice.decide.needs import against
from suffice.decide.plan import Plan, file_plan
from suffice.decide.reach import falls_short
from suffice.decide.runs import only_run, save
from suffice.errors import (
    BudgetExceeded,
    MissingExtra,
    OutOfReach,
    ProviderError,
    SufficeError,
    UsageError,
)
from suffice.evaluate.ask import HOPELESS, Asker, Forecast
from suffice.evaluate.grade import Grader
from suffice.evaluate.journal import Journal
from suffice.evaluate.purse import Purse
from suffice.evaluate.room import Room, too_little
from suffice.evaluate.workshop import CountingWorkshop, DevWorkshop
from suffice.planned import Planned
from suffice.plugins import load
from suffice.ports import Learned, Progress, Rung, System
from suffice.records import (
    Answer,
    BarStatus,
    Case,
    FailureKind,
    Standing,
    Trial,
    Usage,
    Verdict,
)
from suffice.steering import Steering, by_case

W = TypeVar("W", bound=DevWorkshop)


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
            told = progress or Silence()
            climb = Climb(self, journal, rungs, budget_usd, limit, told, everything, minutes)
            return climb.run()

    def forecast(
        self, *, rungs: Sequence[str] | None = None, limit: int | None = None
    ) -> dict[str, Forecast]:
        """What each rung would cost at most, trying out on dev included. Asks nothing."""
        with Journal(self.store / "journal.db") as journal:
            return Climb(self, journal, rungs, None, limit, Silence()).forecast()


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

    study: study_file.Study
    journal: Journal
    rungs: Sequence[str] | None
    budget_usd: float | None
    limit: int | None
    progress: Progress
    everything: bool = False
    minutes: float | None = None
    built: dict[str, System] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    trials: dict[str, list[Trial]] = field(default_factory=dict)
    stages: dict[str, int] = field(default_factory=dict)
    look: int = 1
    unaffordable: bool = False
    broken: bool = False
    _steering: Steering | None = None

    def run(self) -> Verdict:
        started = time.monotonic()
        self._refuse_unpriced_budget()
        self.look = file_plan(self.plan, self.planned.held_out, self.study.store)
        asker = self.asker()
        grader = Grader.of(self.study.judge, asker, self.study.settings.embedder, self.study.folder)
        workshop = self._workshop(DevWorkshop, asker, grader)
        if self._compares:
            self._compare(workshop, grader)
        else:
            self._climb(replace(workshop, falls_short=self._falls_short), grader)
        ground = self._ground()
        verdict = self._verdict(ground)
        # Kept before it is explained: what follows may be stopped, and the verdict stands.
        self._keep(verdict, ground)
        ground = replace(
            self._explained(ground, workshop),
            usd=self._spent(asker),
            seconds=time.monotonic() - started,
        )
        verdict = ground.explained(verdict)
        self._keep(verdict, ground)
        return verdict

    def _climb(self, workshop: DevWorkshop, grader: Grader) -> None:
        """Rung by rung: each is asked more cases until its bars are decided or all were asked."""
        for system in self._systems(workshop):
            stand = None
            for stage in range(len(self.plan.fractions)):
                if not self._ask(system, stage, workshop.asker, grader):
                    stand = None
                    break
                stand = self._stand(system.rung)
                if stand.suffices or not stand.may_suffice:
                    break
            if self.unaffordable or (stand is not None and self._stays(stand)):
                return

    def _systems(self, workshop: DevWorkshop) -> Iterator[System]:
        """Each rung's system, built when it is reached. A rung that does not apply is left out
        with a warning, unless it was asked for by name."""
        for rung in self.plan.rungs:
            if rung in self.left_out:
                continue
            if rung not in self.built:
                try:
                    workshop.asker.purse.refuse_late()
                    if why := self._passed_over(rung, workshop):
                        self.left_out[rung] = f"{rung} was passed over: {why}"
                        continue
                    self.built[rung] = load("rung", rung)().build(workshop)
                except OutOfReach as error:
                    self.left_out[rung] = f"{rung} was passed over: {error}"
                    continue
                except (UsageError, MissingExtra) as error:
                    if self.planned.all_wanted:
                        raise
                    self.left_out[rung] = f"{rung} was left out: {error}"
                    continue
                except BudgetExceeded as error:
                    self._stop(rung, error, reached=bool(self.built))
                    return
                except Exception as error:  # a rung is a plug-in: one that crashes ends alone
                    if not self.built:
                        raise
                    self._break_off(rung, error)
                    continue
            yield self.built[rung]

    def _passed_over(self, rung: str, workshop: DevWorkshop) -> str:
        """Why a rung is not worth building: nothing that fails on dev points to it."""
        first = next(iter(self.built), None)
        if self.planned.all_wanted or self.everything or first is None or first == rung:
            return ""
        if self._steering is None:
            self._steering = Steering(workshop, self.built[first], self.planned.bars)
        bars = self._stand(first).bars if first in self.trials else ()
        unmet = [bar.bar for bar in bars if chance([bar]) < LIKELY]
        return self._steering.passed_over(rung, unmet)

    def _stays(self, stand: Standing) -> bool:
        """Whether to go no higher: the rung suffices, or very likely does, and more cases would
        tell; or none could do better on these, or be told to do better."""
        if not stand.may_suffice or any(unfair(bar.estimate.counts) for bar in stand.bars):
            return False
        still_open = [bar for bar in stand.bars if bar.status is BarStatus.UNDECIDED]
        good_enough = all(untold(bar) for bar in still_open)
        return stand.flawless or good_enough or chance(stand.bars) >= LIKELY

    def _falls_short(self, trials: Sequence[Trial], cases: Sequence[Case]) -> str:
        return falls_short(trials, cases, self.planned.bars)

    def _compare(self, workshop: DevWorkshop, grader: Grader) -> None:
        """All rungs at every look: each is asked as many cases as the others."""
        for stage in range(len(self.plan.fractions)):
            for system in self._systems(workshop):
                if not self._ask(system, stage, workshop.asker, grader) and self.unaffordable:
                    return
            if settled(self._verdict(self._ground())):
                return

    def _ask(self, system: System, stage: int, asker: Asker, grader: Grader) -> bool:
        """One rung's trials up to a look; whether the money lasted, and the rung held."""
        cases, rung = self.planned.until_look(stage), system.rung
        try:
            asked = asker.ask(system, cases, self.plan.replicates, f"{rung} on held-out")
            spent = _budget_spent(asked)
            if spent is None or rung not in self.trials:  # else an earlier look stands, whole
                self.trials[rung] = grader.grade(_priced(asked, system), cases)
                self.stages[rung] = stage
            if spent is not None:
                raise spent
        except BudgetExceeded as error:
            self._stop(rung, error, reached=bool(self.trials))
            return False
        except ProviderError as error:
            if not self.trials:
                raise
            self._break_off(rung, error)
            return False
        return True

    def _stand(self, rung: str) -> Standing:
        ground, cases = self._ground(), self._cases
        judging = ground.judging(self.trials, cases, self.study.judge_labels)
        return ground.stand(rung, self.trials, cases, judging)

    def _verdict(self, ground: Ground) -> Verdict:
        return ground.verdict(self.trials, self._cases, self.study.judge_labels)

    def _keep(self, verdict: Verdict, ground: Ground) -> None:
        every = (trial for each in self.trials.values() for trial in each)
        labels = self.study.judge_labels if self.study.judge_keys else None
        save(self.study.store, verdict, every, cases=self._cases, ground=ground, labels=labels)

    @cached_property
    def planned(self) -> Planned:
        """What was decided before any held-out case is asked."""
        return Planned(self.study, self.rungs, self.limit)

    @cached_property
    def _room(self) -> Room | None:
        keys, model = self.study.settings, self.study.model
        return too_little(self.study.cases.cases, keys.max_tokens, model.count_tokens)

    @property
    def plan(self) -> Plan:
        return self.planned.plan

    @property
    def _compares(self) -> bool:
        """Whether rungs are held against each other, and not only against the bars."""
        return self.planned.all_wanted or self.everything or not self.planned.bars

    @property
    def _cases(self) -> tuple[Case, ...]:
        """The held-out cases that any rung was asked."""
        last = len(self.plan.fractions) - 1
        return self.planned.until_look(max(self.stages.values(), default=last))

    def _break_off(self, rung: str, error: Exception) -> None:
        """Goes on without a rung that broke, unless it was named or no other would fare better;
        the verdict says what is missing."""
        hopeless = isinstance(error, ProviderError) and error.kind in HOPELESS
        if self.planned.all_wanted or hopeless:
            raise error
        said = str(error) if isinstance(error, SufficeError) else f"{type(error).__name__}: {error}"
        self.left_out[rung] = (
            f"{rung} broke off: {said} (`suffice run --rungs {rung} --debug` shows where)"
        )
        for kept in (self.built, self.trials, self.stages):
            kept.pop(rung, None)
        self.broken = True

    def _stop(self, rung: str, error: BudgetExceeded, *, reached: bool) -> None:
        """Ends the climb where the money ends; with nothing reached there is nothing to tell."""
        if not reached:
            raise error
        how = "not asked all that was planned" if rung in self.trials else "not reached"
        self.left_out[rung] = f"{rung} was {how}: {error}"
        self.unaffordable = True

    def _ground(self) -> Ground:
        """What a verdict rests on now, besides the trials."""
        study, keys = self.study, self.study.settings
        return Ground(
            plan=self.plan,
            bars=tuple(self.planned.bars.items()),
            stages=dict(self.stages),
            look=self.look,
            rungs=tuple(
                Built(rung, each.built, tuple(each.notes), against(rung, keys.needs),
                      each.ruled_out, each.curve if isinstance(each, Learned) else None)
                for rung, each in self.built.items()
            ),
            kappa=study.judge_keys.kappa if study.judge_keys else None,
            money=money_of(keys.traffic, keys.costs, study.document_count),
            warnings=tuple(self._warnings()),
            inputs=study.inputs,
            complete=not (self.unaffordable or self.broken),
            left_out=dict(self.left_out),
            causes=self._steering.causes if self._steering else (),
            versions=versions(),
        )  # fmt: skip

    def _explained(self, ground: Ground, workshop: DevWorkshop) -> Ground:
        """Why held-out cases failed by the first rung, and what the others made of them. Asked
        once the decision stands, and where the money lasts; of so many cases as a share needs."""
        trials, first = self.trials, next(iter(self.trials), None)
        if first is None or any(trial.passages for trial in trials[first]):
            return ground  # what was asked with documents cannot be asked without them
        steering = self._steering or Steering(workshop, self.built[first], self.planned.bars)
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

    def _refuse_unpriced_budget(self) -> None:
        """A budget is a promise. Without prices it could not be kept."""
        if self.budget_usd is None:
            return
        if not isfinite(self.budget_usd):
            raise UsageError(f"a budget of {self.budget_usd} is no sum of money")
        for key, model in (("price", self.study.model), ("judge.price", self.study.judge)):
            if model is not None and model.price is None:
                raise UsageError(
                    f"a budget needs the price of {model.name}, which is not known: set `{key}:` "
                    "in suffice.yaml, in US dollars for a million tokens"
                )

    def build(self, rung: str, *, climbed: bool = False) -> tuple[System, Asker]:
        """One rung's system, out of the journal where it was built before, with who asks it. What
        was built on a `climbed` ladder was tried no further where it surely missed a bar."""
        asker = self.asker()
        grader = Grader.of(self.study.judge, asker, self.study.settings.embedder, self.study.folder)
        made: Rung = load("rung", rung)()
        workshop = self._workshop(DevWorkshop, asker, grader)
        if climbed:
            workshop = replace(workshop, falls_short=self._falls_short)
        return made.build(workshop), asker

    def workshop(self) -> DevWorkshop:
        """Where rungs are built, for who tries something out on the dev cases alone."""
        asker, keys = self.asker(), self.study.settings
        grader = Grader.of(self.study.judge, asker, keys.embedder, self.study.folder)
        return self._workshop(DevWorkshop, asker, grader)

    def forecast(self) -> dict[str, Forecast]:
        """Walks the same path with a workshop that counts instead of asking."""
        asker = self.asker()
        asker.judge = self.study.judge
        workshop = self._workshop(CountingWorkshop, asker, Grader.of(None, asker))
        counted: dict[str, Forecast] = {}
        for system in self._systems(workshop):
            held_out = asker.forecast(system, self.planned.held_out, self.plan.replicates)
            counted[system.rung] = workshop.total() + held_out
            workshop.counted.clear()
        if first := next(iter(self.built.values()), None):
            probing = Steering(workshop, first, self.planned.bars).probing
            dev = () if self.planned.all_wanted or self.everything else self.study.split.dev
            explained = self.planned.sampled({case.id: () for case in self.planned.held_out})
            probes = probing.forecast([*dev, *explained])
            counted |= {"why cases fail": probes} if probes.calls or probes.known else {}
        return counted

    def asker(self) -> Asker:
        study = self.study
        return Asker(
            journal=self.journal,
            executor=study.executor,
            purse=Purse(self.budget_usd, self.journal.spent(self.plan.run), until=self._until),
            progress=self.progress,
            limits=study.limits,
            run=self.plan.run,
            seed=study.settings.seed,
        )

    @cached_property
    def _until(self) -> float | None:
        return None if self.minutes is None else time.monotonic() + 60 * self.minutes

    def _workshop(self, kind: type[W], asker: Asker, grader: Grader) -> W:
        study = self.study
        return kind(
            model=study.model,
            prompt=study.prompt,
            dev=study.split.dev,
            examples=study.lessons,
            seed=study.settings.seed,
            temperature=study.settings.temperature,
            max_tokens=study.settings.max_tokens,
            asker=asker,
            grade=grader.grade,
            library=study.library,
            tuning=self.planned.tuning,
        )

    def _spent(self, asker: Asker) -> float | None:
        """To a billionth of a dollar: in which order answers came makes no difference."""
        return round(asker.purse.spent_usd, 9) if self.study.model.price else None

    def _warnings(self) -> list[str]:
        """What a reader should know before believing the figures."""
        study = self.study
        said = [*study.cases.warnings, *study.split.warnings, *self.left_out.values()]
        said += self._steering.notes if self._steering else []
        said += [study.kept_from_lessons] if study.kept_from_lessons else []
        said += [f"{self._room}: set it higher"] if self._room else []
        if study.leaks:
            said.append(
                f"{len(study.leaks)} held-out questions stand nearly the same among the dev cases "
                "or the examples; `suffice check` names them"
            )
        whole = len(study.split.held_out)
        if self.limit and len(self.planned.held_out) < whole:
            said.append(f"limited to {len(self.planned.held_out)} of {whole} held-out cases")
        return said


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
