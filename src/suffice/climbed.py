"""What came of a climb so far, and the verdict that would follow from it now."""

from dataclasses import dataclass, field
from functools import cached_property

from suffice.decide.cost import money_of
from suffice.decide.ground import Built, Ground, versions
from suffice.decide.needs import against
from suffice.decide.runs import save
from suffice.errors import BudgetExceeded, ProviderError, SufficeError
from suffice.evaluate.ask import HOPELESS
from suffice.evaluate.room import Room, too_little
from suffice.planned import Planned
from suffice.ports import Learned, System
from suffice.records import Case, Standing, Trial, Verdict
from suffice.settings import NeedKeys
from suffice.steering import Steering
from suffice.study import Study


@dataclass
class Climbed:
    """The systems that were built, what they were asked and answered, and what was left out and
    why. `stages` has the look up to which a rung was asked; `look` counts the runs that have seen
    these held-out cases."""

    study: Study
    planned: Planned
    look: int = 1
    built: dict[str, System] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    trials: dict[str, list[Trial]] = field(default_factory=dict)
    stages: dict[str, int] = field(default_factory=dict)
    steering: Steering | None = None
    unaffordable: bool = False
    broken: bool = False

    @property
    def first(self) -> str | None:
        """The rung that all begins with, once it was built."""
        return next(iter(self.built), None)

    def break_off(self, rung: str, error: Exception) -> None:
        """Goes on without a rung that broke, unless it was named or no other would fare better;
        the verdict says what is missing."""
        hopeless = isinstance(error, ProviderError) and error.kind in HOPELESS
        if self.planned.all_wanted or hopeless:
            raise error
        said = str(error) if isinstance(error, SufficeError) else f"{type(error).__name__}: {error}"
        self.left_out[rung] = (
            f"{rung} broke off: {said} (`suffice run --rungs {rung} --debug` shows where)"
        )
        self.built.pop(rung, None)
        self.trials.pop(rung, None)
        self.stages.pop(rung, None)
        self.broken = True

    def stop(self, rung: str, error: BudgetExceeded, *, reached: bool) -> None:
        """Ends the climb where the money ends; with nothing reached there is nothing to tell."""
        if not reached:
            raise error
        how = "not asked all that was planned" if rung in self.trials else "not reached"
        self.left_out[rung] = f"{rung} was {how}: {error}"
        self.unaffordable = True

    # ---------------------------------------------------------------- what follows from it

    def stand(self, rung: str) -> Standing:
        """One rung against the bars."""
        ground, cases = self.ground(), self.cases
        judging = ground.judging(self.trials, cases, self.study.judge_labels)
        return ground.stand(rung, self.trials, cases, judging)

    def verdict(self, ground: Ground) -> Verdict:
        return ground.verdict(self.trials, self.cases, self.study.judge_labels)

    def keep(self, verdict: Verdict, ground: Ground) -> None:
        """In the run's folder, from which alone the same verdict follows again."""
        every = (trial for each in self.trials.values() for trial in each)
        labels = self.study.judge_labels if self.study.judge_keys else None
        save(self.study.store, verdict, every, cases=self.cases, ground=ground, labels=labels)

    @property
    def cases(self) -> tuple[Case, ...]:
        """The held-out cases that any rung was asked."""
        last = len(self.planned.plan.fractions) - 1
        return self.planned.until_look(max(self.stages.values(), default=last))

    def ground(self) -> Ground:
        """What a verdict rests on now, besides the trials."""
        study, keys = self.study, self.study.settings
        return Ground(
            plan=self.planned.plan,
            bars=tuple(self.planned.bars.items()),
            stages=dict(self.stages),
            look=self.look,
            rungs=tuple(_told(rung, each, keys.needs) for rung, each in self.built.items()),
            kappa=study.judge_keys.kappa if study.judge_keys else None,
            money=money_of(keys.traffic, keys.costs, study.document_count),
            warnings=tuple(self._warnings()),
            inputs=study.inputs,
            complete=not (self.unaffordable or self.broken),
            left_out=dict(self.left_out),
            causes=self.steering.causes if self.steering else (),
            versions=versions(),
        )

    def _warnings(self) -> list[str]:
        """What a reader should know before believing the figures."""
        study, planned = self.study, self.planned
        said = [*study.cases.warnings, *study.split.warnings, *self.left_out.values()]
        said += self.steering.notes if self.steering else []
        said += [study.kept_from_lessons] if study.kept_from_lessons else []
        said += [f"{self._room}: set it higher"] if self._room else []
        if study.leaks:
            said.append(
                f"{len(study.leaks)} held-out questions stand nearly the same among the dev cases "
                "or the examples; `suffice check` names them"
            )
        whole = len(study.split.held_out)
        if planned.limit and len(planned.held_out) < whole:
            said.append(f"limited to {len(planned.held_out)} of {whole} held-out cases")
        return said

    @cached_property
    def _room(self) -> Room | None:
        keys, model = self.study.settings, self.study.model
        return too_little(self.study.cases.cases, keys.max_tokens, model.count_tokens)


def _told(rung: str, system: System, needs: NeedKeys) -> Built:
    curve = system.curve if isinstance(system, Learned) else None
    notes, need = tuple(system.notes), against(rung, needs)
    return Built(rung, system.built, notes, need, system.ruled_out, curve)
