"""Where a rung is built: dev cases, examples, a model, and a way to try things out on them.

There is no way from here to the held-out cases.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from suffice.errors import BudgetExceeded, ProviderError
from suffice.evaluate.ask import Asker, Forecast
from suffice.ports import ChatModel, System
from suffice.records import (
    Answer,
    Aspect,
    Case,
    Example,
    FailureKind,
    Score,
    Trial,
    joined,
)


@dataclass(frozen=True)
class DevWorkshop:
    """Dev material with the means to ask and grade it. A `ports.Workshop`."""

    model: ChatModel
    prompt: str
    dev: Sequence[Case]
    examples: Sequence[Example]
    seed: int
    temperature: float
    max_tokens: int
    asker: Asker
    grade: Callable[[Sequence[Trial], Sequence[Case]], list[Trial]]

    def measure(self, system: System) -> list[Trial]:
        """Every dev case, asked and graded. A call that failed is an error here: to choose by
        what happened to be answered would be to choose by chance."""
        trials = self.asker.ask(
            system, self.dev, title=f"trying {system.rung} on dev, {system.built}"
        )
        for trial in trials:
            failure = trial.answer.failure
            if failure is not None and failure.kind is FailureKind.BUDGET:
                raise BudgetExceeded(failure.message)
            if failure is not None:
                raise ProviderError(
                    f"dev case {trial.case} was not answered, so nothing can be chosen on the "
                    f"dev cases: {failure.message}",
                    kind=failure.kind,
                    endpoint=self.model.endpoint,
                )
        return self.grade(trials, self.dev)


def usable(trials: Sequence[Trial]) -> float:
    """Mean share of answers right in content and in shape at once: what a choice goes by."""
    values = [
        value
        for trial in trials
        if (value := trial.value(Aspect.CONTENT, Aspect.FORMAT, Aspect.ABSTENTION)) is not None
    ]
    return sum(values) / len(values) if values else 0.0


@dataclass(frozen=True)
class CountingWorkshop(DevWorkshop):
    """A workshop that asks nothing and counts what asking would cost: for `--dry-run`.

    Of what is tried, the longest prompt is said to do best: it is what a rung would then be built
    with at most.
    """

    counted: dict[str, Forecast] = field(default_factory=dict)

    def measure(self, system: System) -> list[Trial]:
        self.counted[f"{system.rung}: {system.built}"] = self.asker.forecast(system, self.dev)
        return [self._by_length(system, case) for case in self.dev]

    def _by_length(self, system: System, case: Case) -> Trial:
        tokens = self.model.count_tokens(joined(system.prepare(case.question).messages))
        score = Score("length", Aspect.CONTENT, tokens / (1 + tokens))
        return Trial(case.id, system.rung, 0, Answer(""), (score,))

    def total(self) -> Forecast:
        return sum(self.counted.values(), start=Forecast())
