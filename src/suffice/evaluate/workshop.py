"""Where a rung is built: dev cases, examples, a model, and a way to try things out on them.

There is no way from here to the held-out cases.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from suffice.errors import BudgetExceeded, OutOfReach, ProviderError
from suffice.evaluate.ask import Asker, Forecast
from suffice.ports import ChatModel, Library, Progress, System, Tuning, Workshop
from suffice.records import (
    Answer,
    Aspect,
    Case,
    Example,
    FailureKind,
    Score,
    Trial,
    fingerprint,
    joined,
)

# A content filter may refuse a case for ever, and that must not end the run. A twentieth of the
# dev cases moves a rate by five points at most: of 100 dev cases, one standard error of it.
MOST_FAILED = 0.05

DOES_NOT_FIT = -1.0
FIRST_CASES = 12  # dev cases that all candidates are asked
FINAL_CASES = 24  # at least, on which the last two are held against each other
_KEPT = 3  # one in so many goes on

Falling = Callable[[Sequence[Trial], Sequence[Case]], str]

S = TypeVar("S", bound=System)


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
    library: Library | None = None
    tuning: Tuning | None = None
    falls_short: Falling = lambda _, __: ""
    """Why tries on dev surely miss a bar, or nothing. Nothing does where all is to be climbed."""

    @property
    def rehearsal(self) -> bool:
        return False

    def supposes(self, system: System, cases: Sequence[Case]) -> bool:
        return self.rehearsal and not self.asker.knows(system, cases)

    @property
    def progress(self) -> Progress:
        return self.asker.progress

    def measure(self, system: System, cases: Sequence[Case] | None = None) -> list[Trial]:
        """Every case, asked and graded. Few calls may fail: to choose by what happened to be
        answered would be to choose by chance."""
        asked = self.dev if cases is None else cases
        where = (
            "dev" if {case.id for case in asked} <= {case.id for case in self.dev} else "general"
        )
        trials = self.asker.ask(
            system, asked, title=f"trying {system.rung} on {where} cases, {system.built}"
        )
        failed = [(trial.case, trial.answer.failure) for trial in trials if trial.answer.failure]
        for _, failure in failed:
            if failure.kind is FailureKind.BUDGET:
                raise BudgetExceeded(failure.message)
        some = int(MOST_FAILED * max(len(trials), len(self.dev)))
        most = max(1, min(some, len(trials) // 4))  # a first try of a dozen tells nothing with less
        if len(failed) > most:
            case, failure = failed[0]
            raise ProviderError(
                f"{len(failed)} of {len(trials)} {where} cases were not answered (at most {most} "
                f"may fail), so nothing can be chosen on them. The first, {where} case {case}: "
                f"{failure.message}",
                kind=failure.kind,
                endpoint=self.model.endpoint,
            )
        return self.grade(trials, asked)


def best_of(workshop: Workshop, systems: Sequence[S], *, hopeful: bool = False) -> tuple[S, float]:
    """The most usable of several systems, the cheapest first, and how usable it was.

    As successive halving (Karnin, Koren and Somekh, 2013): all are asked a few dev cases, the best
    third twice as many, until one is left or all cases were asked. On a tie the cheaper stays.
    Where every one surely misses a bar nothing more is tried: raises OutOfReach, unless there is
    hope that what is built on the best will do better.
    """
    left = list(systems)
    if not left:
        raise ValueError("there is nothing to choose from")
    for count in _rounds(len(workshop.dev), len(left)):
        cases = _drawn(workshop, count)
        tried = [_tried(workshop, each, cases) for each in left]
        found = [DOES_NOT_FIT if trials is None else usable(trials) for trials in tried]
        order = sorted(range(len(left)), key=lambda place: -found[place])
        if not hopeful:
            _refuse_hopeless(workshop, [tried[place] for place in order], cases)
        kept = sorted(order[: -(-len(left) // _KEPT)])
        if count == len(workshop.dev) or len(kept) == 1:
            return left[order[0]], found[order[0]]
        left = [left[place] for place in kept]
    raise AssertionError("the last round asks all cases")


def shaped_or_not(
    workshop: Workshop, plain: S, shaped: S, *, hopeful: bool = False
) -> tuple[S, float]:
    """The better of two that differ in nothing but how they see to the form of an answer. Where
    the plain one keeps the form by itself there is nothing to gain, and the other is not asked."""
    tried = _tried(workshop, plain, _drawn(workshop, min(FINAL_CASES, len(workshop.dev))))
    sure = not supposed(workshop, plain)
    seen = [trial.value(Aspect.FORMAT) for trial in tried or () if trial.answer.failure is None]
    forms = [value for value in seen if value is not None]
    keeps = bool(forms) and min(forms) >= 1
    return best_of(workshop, [plain] if keeps and sure else [plain, shaped], hopeful=hopeful)


def supposed(workshop: Workshop, system: System) -> bool:
    """Whether what its tries say is no more than supposed, so that nothing may hang on it."""
    return workshop.supposes(system, _drawn(workshop, min(FIRST_CASES, len(workshop.dev))))


def _rounds(cases: int, systems: int) -> Iterator[int]:
    """How many cases are asked in each round."""
    count = FIRST_CASES if systems > 2 else FINAL_CASES
    while count < cases:
        yield count
        count *= 2
    yield cases


def _drawn(workshop: Workshop, count: int) -> list[Case]:
    """Dev cases in an order that says nothing of them, the same for every system."""
    if count == len(workshop.dev):
        return list(workshop.dev)
    order = sorted(workshop.dev, key=lambda case: fingerprint(workshop.seed, case.id))
    return order[:count]


def _refuse_hopeless(
    workshop: Workshop, tried: Sequence[Sequence[Trial] | None], cases: Sequence[Case]
) -> None:
    """`tried` the best first: why that one falls short is what is told."""
    short = [workshop.falls_short(trials, cases) for trials in tried if trials is not None]
    if short and all(short):
        raise OutOfReach(short[0])


def _tried(
    workshop: Workshop, system: System, cases: Sequence[Case] | None
) -> Sequence[Trial] | None:
    """None where its prompts do not fit the model's window, which rules this one out and no
    other."""
    try:
        return workshop.measure(system, cases)
    except ProviderError as error:
        if error.kind is FailureKind.TOO_LONG:
            return None
        raise


def worth(workshop: Workshop, system: System, cases: Sequence[Case] | None = None) -> float:
    """How usable a system's dev answers are; -1 where its prompts do not fit."""
    trials = _tried(workshop, system, cases)
    return DOES_NOT_FIT if trials is None else usable(trials)


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

    What was tried before is graded as it was. Of the rest, the longest prompt is said to do best:
    it is what a rung would then be built with at most.
    """

    counted: dict[str, Forecast] = field(default_factory=dict)

    @property
    def rehearsal(self) -> bool:
        return True

    def measure(self, system: System, cases: Sequence[Case] | None = None) -> list[Trial]:
        asked = self.dev if cases is None else cases
        name = f"{system.rung}: {system.built}"
        # What is measured again costs nothing more, and takes nothing back.
        before = self.counted.get(name, Forecast())
        self.counted[name] = before + self.asker.forecast(system, asked)
        if not self.supposes(system, asked):
            return DevWorkshop.measure(self, system, cases)
        return [self._by_length(system, case) for case in asked]

    def _by_length(self, system: System, case: Case) -> Trial:
        tokens = self.model.count_tokens(joined(system.prepare(case.question).messages))
        score = Score("length", Aspect.CONTENT, tokens / (1 + tokens))
        return Trial(case.id, system.rung, 0, Answer(""), (score,))

    def total(self) -> Forecast:
        return sum(self.counted.values(), start=Forecast())
