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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from math import ceil, isfinite
from typing import TypeVar

import msgspec
import numpy as np

from suffice import study as study_file
from suffice.decide.advice import LIKELY, chance
from suffice.decide.attribute import attribute, cured
from suffice.decide.cost import money_of
from suffice.decide.ground import Built, Ground, settled, versions
from suffice.decide.measures import BY_NAME
from suffice.decide.needs import against
from suffice.decide.plan import ALPHA, Plan, digest_of, file_plan
from suffice.decide.reach import falls_short
from suffice.decide.runs import only_run, save
from suffice.errors import BudgetExceeded, MissingExtra, OutOfReach, SufficeError, UsageError
from suffice.evaluate.ask import Asker, Forecast
from suffice.evaluate.grade import Grader
from suffice.evaluate.journal import Journal
from suffice.evaluate.purse import Purse
from suffice.evaluate.workshop import CountingWorkshop, DevWorkshop
from suffice.plugins import load
from suffice.ports import Progress, Rung, System, Tuning
from suffice.records import (
    Answer,
    BarStatus,
    Case,
    Example,
    Json,
    Standing,
    Trial,
    Usage,
    Verdict,
    fingerprint,
)
from suffice.report.words import count
from suffice.steering import Steering, by_case
from suffice.study import known_rungs
from suffice.tune.findings import Material
from suffice.tune.lint import lint, refusal

LOOKS = 3  # at the held-out cases, where a study does not say
EXPLAINED = 100  # held-out cases that are asked why they fail: a share within ten points

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
    _steering: Steering | None = None

    def run(self) -> Verdict:
        started = time.monotonic()
        self._refuse_unpriced_budget()
        self.look = file_plan(self.plan, self._held_out, self.study.store)
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
            for stage in range(len(self.plan.fractions)):
                if not self._ask(system, stage, workshop.asker, grader):
                    return
                stand = self._stand(system.rung)
                if stand.suffices or not stand.may_suffice:
                    break
            if self._stays(stand):
                return

    def _compare(self, workshop: DevWorkshop, grader: Grader) -> None:
        """All rungs at every look: each is asked as many cases as the others."""
        for stage in range(len(self.plan.fractions)):
            for system in self._systems(workshop):
                if not self._ask(system, stage, workshop.asker, grader):
                    return
            if settled(self._verdict(self._ground())):
                return

    def _ask(self, system: System, stage: int, asker: Asker, grader: Grader) -> bool:
        """One rung's trials up to a look; whether the money lasted."""
        cases, rung = self._until_look(stage), system.rung
        try:
            asked = asker.ask(system, cases, self.plan.replicates, f"{rung} on held-out")
            self.trials[rung] = grader.grade(_priced(asked, system), cases)
        except BudgetExceeded as error:
            self._stop(rung, error, reached=bool(self.trials))
            return False
        self.stages[rung] = stage
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

    def build(self, rung: str) -> tuple[System, Asker]:
        """One rung's system, out of the journal where it was built before, with who asks it."""
        asker = self.asker()
        grader = Grader.of(self.study.judge, asker, self.study.settings.embedder, self.study.folder)
        made: Rung = load("rung", rung)()
        return made.build(self._workshop(DevWorkshop, asker, grader)), asker

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
            held_out = asker.forecast(system, self._held_out, self.plan.replicates)
            counted[system.rung] = workshop.total() + held_out
            workshop.counted.clear()
        if first := next(iter(self.built.values()), None):
            probing = Steering(workshop, first, self._bars).probing
            dev = () if self._all_wanted or self.everything else self.study.split.dev
            explained = self._sampled({case.id: () for case in self._held_out})
            probes = probing.forecast([*dev, *explained])
            counted |= {"why cases fail": probes} if probes.calls or probes.known else {}
        return counted

    @cached_property
    def plan(self) -> Plan:
        """What is decided before any held-out case is asked."""
        keys, study = self.study.settings, self.study
        return Plan(
            study=study.name,
            model=study.model.name,
            rungs=tuple(known_rungs(self.rungs or keys.rungs)),
            measures=self._measures(),
            margin=keys.margin,
            alpha=ALPHA,
            replicates=keys.replicates,
            fractions=tuple((look + 1) / self._looks for look in range(self._looks)),
            seed=keys.seed,
            dev=digest_of(study.split.dev),
            held_out=digest_of(study.split.held_out),
            held_out_cases=len(self._held_out),
            systems=fingerprint(
                study.model.identity(),
                study.prompt,
                [replace(example, source=None) for example in study.examples],
                keys.temperature,
                keys.max_tokens,
                keys.stream,
                keys.embedder,
                study.model.price,
                self._library_identity(),
                self._tuning_identity(),
                self._judge_identity(),
                self._bars,
            ),
        )

    def _library_identity(self) -> Json:
        """All of the documents and of how they are searched, wherever they lie."""
        library = self.study.library
        if library is None:
            return None
        said = asdict(replace(library, passages=()))  # the digest speaks for them
        return {name: value for name, value in said.items() if name not in ("folder", "path")}

    def _tuning_identity(self) -> Json:
        """What may be tuned and how; what it learns from is said beside it."""
        tuning = self.study.tuning
        return [list(tuning.models), dict(tuning.recipe), self.study.settings.tuning.accept]

    def _judge_identity(self) -> Json:
        """All of the judge that can change an outcome: the model, the bar, people's labels."""
        keys, judge = self.study.judge_keys, self.study.judge
        if keys is None or judge is None:
            return None
        labels = self.study.judge_labels
        return [judge.identity(), keys.kappa, labels.read_text("utf-8") if labels else None]

    def _measures(self) -> tuple[str, ...]:
        """What rungs are compared on: the qualities that have a bar, else what is right."""
        named = [name for name in self._bars if name in BY_NAME] or ["correct"]
        return tuple(
            name for name in named if any(BY_NAME[name].of(case) for case in self._held_out)
        )

    @cached_property
    def _bars(self) -> dict[str, float]:
        bars = msgspec.structs.asdict(self.study.settings.bar)
        return {name: value for name, value in bars.items() if value is not None}

    @property
    def _all_wanted(self) -> bool:
        """Rungs that are named are all run, so that they can be compared."""
        return bool(self.rungs or self.study.settings.rungs)

    @property
    def _compares(self) -> bool:
        """Whether rungs are held against each other, and not only against the bars."""
        return self._all_wanted or self.everything or not self._bars

    @property
    def _looks(self) -> int:
        """A climb that looks early asks a rung that is plainly over or under a bar no further."""
        return self.study.settings.looks or (1 if self._all_wanted or not self._bars else LOOKS)

    @cached_property
    def _held_out(self) -> tuple[Case, ...]:
        """The held-out cases in an order drawn by cluster, so that any first part is a sample."""
        held_out = self.study.split.held_out
        clusters = sorted({case.cluster or case.id for case in held_out})
        drawn = self._generator().permutation(len(clusters))
        place = {clusters[index]: rank for rank, index in enumerate(drawn)}
        ordered = sorted(held_out, key=lambda case: place[case.cluster or case.id])
        return tuple(ordered[: self.limit] if self.limit else ordered)

    @cached_property
    def _examples(self) -> tuple[Example, ...]:
        """The examples under the split's own names of clusters, without those of held-out ones."""
        by = self.study.split.by
        groups = {case.cluster: by[case.id] for case in self.study.cases.cases if case.cluster}
        hidden = {case.cluster for case in self.study.split.held_out}
        leaked = {leak.other for leak in self.study.leaks if leak.kind == "example"}
        named = [
            replace(each, cluster=groups.get(each.cluster, each.cluster)) if each.cluster else each
            for each in self.study.examples
        ]
        return tuple(each for each in named if each.cluster not in hidden and each.id not in leaked)

    def _until_look(self, stage: int) -> tuple[Case, ...]:
        """The held-out cases up to a look: whole clusters, as many as their planned share."""
        clusters = list(dict.fromkeys(case.cluster or case.id for case in self._held_out))
        reached = set(clusters[: ceil(self.plan.fractions[stage] * len(clusters))])
        return tuple(case for case in self._held_out if (case.cluster or case.id) in reached)

    @property
    def _cases(self) -> tuple[Case, ...]:
        """The held-out cases that any rung was asked."""
        return self._until_look(max(self.stages.values(), default=len(self.plan.fractions) - 1))

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
                    if self._all_wanted:
                        raise
                    self.left_out[rung] = f"{rung} was left out: {error}"
                    continue
                except BudgetExceeded as error:
                    self._stop(rung, error, reached=bool(self.built))
                    return
            yield self.built[rung]

    def _passed_over(self, rung: str, workshop: DevWorkshop) -> str:
        """Why a rung is not worth building: nothing that fails on dev points to it."""
        first = next(iter(self.built), None)
        if self._all_wanted or self.everything or first is None or first == rung:
            return ""
        if self._steering is None:
            self._steering = Steering(workshop, self.built[first], self._bars)
        bars = self._stand(first).bars if first in self.trials else ()
        unmet = [bar.bar for bar in bars if bar.status is not BarStatus.MET]
        return self._steering.passed_over(rung, unmet)

    def _stop(self, rung: str, error: BudgetExceeded, *, reached: bool) -> None:
        """Ends the climb where the money ends; with nothing reached there is nothing to tell."""
        if not reached:
            raise error
        self.left_out[rung] = f"{rung} was not reached: {error}"
        self.unaffordable = True

    def _falls_short(self, trials: Sequence[Trial], cases: Sequence[Case]) -> str:
        return falls_short(trials, cases, self._bars)

    def _stays(self, stand: Standing) -> bool:
        """Whether to go no higher: the rung suffices, or very likely does, and more cases would
        tell; or none could do better on these."""
        if not stand.may_suffice:
            return False
        return stand.suffices or stand.flawless or chance(stand.bars) >= LIKELY

    def _ground(self) -> Ground:
        """What a verdict rests on now, besides the trials."""
        study, keys = self.study, self.study.settings
        return Ground(
            plan=self.plan,
            bars=tuple(self._bars.items()),
            stages=dict(self.stages),
            look=self.look,
            rungs=tuple(
                Built(rung, each.built, tuple(each.notes), against(rung, keys.needs),
                      each.ruled_out)
                for rung, each in self.built.items()
            ),
            kappa=study.judge_keys.kappa if study.judge_keys else None,
            money=money_of(keys.traffic, keys.costs, study.document_count),
            warnings=tuple(self._warnings()),
            inputs=study.inputs,
            complete=not self.unaffordable,
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
        steering = self._steering or Steering(workshop, self.built[first], self._bars)
        told, cases = len(steering.notes), self._sampled(by_case(trials[first]))
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

    def _sampled(self, asked: Mapping[str, Sequence[Trial]]) -> list[Case]:
        """Of the cases that a rung was asked, whole clusters until there are enough."""
        chosen, last = list[Case](), None
        for case in self._held_out:
            cluster = case.cluster or case.id
            if case.id in asked and (len(chosen) < EXPLAINED or cluster == last):
                chosen.append(case)
                last = cluster
        return chosen

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
            examples=self._examples,
            seed=study.settings.seed,
            temperature=study.settings.temperature,
            max_tokens=study.settings.max_tokens,
            asker=asker,
            grade=grader.grade,
            library=study.library,
            tuning=self._tuning,
        )

    @cached_property
    def _tuning(self) -> Tuning:
        """With what in the examples must be mended before anything is learned from them."""
        tuning, accepted = self.study.tuning, self.study.settings.tuning.accept
        if not tuning.models or "tune" not in self.plan.rungs:
            return tuning
        found = lint(Material(self._examples, prompt=self.study.prompt))
        return replace(tuning, refused=refusal(found, accepted))

    def _generator(self) -> np.random.Generator:
        """A fresh generator each time, so that no result depends on what was drawn before it."""
        return np.random.default_rng(self.study.settings.seed)

    def _spent(self, asker: Asker) -> float | None:
        return asker.purse.spent_usd if self.study.model.price else None

    def _warnings(self) -> list[str]:
        """What a reader should know before believing the figures."""
        study = self.study
        said = [*study.cases.warnings, *study.split.warnings, *self.left_out.values()]
        said += self._steering.notes if self._steering else []
        if hidden := len(study.examples) - len(self._examples):
            said.append(
                f"{count(hidden, 'example')} left out: of a held-out cluster, or nearly the same "
                "as a held-out question"
            )
        if study.leaks:
            said.append(
                f"{len(study.leaks)} held-out questions stand nearly the same among the dev cases "
                "or the examples; `suffice check` names them"
            )
        whole = len(study.split.held_out)
        if self.limit and len(self._held_out) < whole:
            said.append(f"limited to {len(self._held_out)} of {whole} held-out cases")
        return said


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
