"""What a climb asks with: the journal, the money and the time that there are, and the workshop in
which its rungs are built. Whoever asks for a study, a climb or the server of its winner, asks so.
"""

import time
from dataclasses import dataclass, replace
from functools import cached_property
from math import isfinite
from typing import TypeVar

from suffice.decide.reach import falls_short
from suffice.errors import UsageError
from suffice.evaluate.ask import Asker
from suffice.evaluate.grade import Grader
from suffice.evaluate.journal import Journal
from suffice.evaluate.purse import Purse
from suffice.evaluate.workshop import CountingWorkshop, DevWorkshop
from suffice.planned import Planned
from suffice.plugins import load
from suffice.ports import Progress, Rung, System
from suffice.study import Study

W = TypeVar("W", bound=DevWorkshop)


@dataclass
class Kit:
    """Of one study and what is planned with it."""

    study: Study
    planned: Planned
    journal: Journal
    progress: Progress
    budget_usd: float | None = None
    minutes: float | None = None

    def refuse_unpriced_budget(self) -> None:
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
        study, run = self.study, self.planned.plan.run
        return Asker(
            journal=self.journal,
            executor=study.executor,
            purse=Purse(self.budget_usd, self.journal.spent(run), until=self._until),
            progress=self.progress,
            limits=study.limits,
            run=run,
            seed=study.settings.seed,
        )

    def grader(self, asker: Asker) -> Grader:
        study = self.study
        return Grader.of(study.judge, asker, study.settings.embedder, study.folder)

    def workshop(self, asker: Asker | None = None) -> DevWorkshop:
        """Where rungs are built and tried out on the dev cases."""
        asker = asker or self.asker()
        return self._workshop(DevWorkshop, asker, self.grader(asker))

    def counting(self) -> CountingWorkshop:
        """Where nothing is asked, and what asking would cost is counted."""
        asker = self.asker()
        asker.judge = self.study.judge
        return self._workshop(CountingWorkshop, asker, Grader.of(None, asker))

    def climbing(self, workshop: DevWorkshop) -> DevWorkshop:
        """The same, where what surely misses a bar is tried no further."""
        bars = self.planned.bars
        return replace(workshop, falls_short=lambda trials, cases: falls_short(trials, cases, bars))

    def build(self, rung: str, *, climbed: bool = False) -> tuple[System, Asker]:
        """One rung's system, out of the journal where it was built before, with who asks it. What
        was built on a `climbed` ladder was tried no further where it surely missed a bar."""
        workshop = self.workshop()
        made: Rung = load("rung", rung)()
        return made.build(self.climbing(workshop) if climbed else workshop), workshop.asker

    def spent(self, asker: Asker) -> float | None:
        """To a billionth of a dollar: in which order answers came makes no difference."""
        return round(asker.purse.spent_usd, 9) if self.study.model.price else None

    @cached_property
    def _until(self) -> float | None:
        return None if self.minutes is None else time.monotonic() + 60 * self.minutes

    def _workshop(self, kind: type[W], asker: Asker, grader: Grader) -> W:
        study, keys = self.study, self.study.settings
        return kind(
            model=study.model,
            prompt=study.prompt,
            dev=study.split.dev,
            examples=study.lessons,
            seed=keys.seed,
            temperature=keys.temperature,
            max_tokens=keys.max_tokens,
            asker=asker,
            grade=grader.grade,
            library=study.library,
            tuning=self.planned.tuning,
        )
