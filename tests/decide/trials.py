"""Cases and trials made by hand, so that a test can say what every answer was worth."""

from collections.abc import Iterable, Sequence

from suffice.decide.plan import Plan
from suffice.records import Answer, Aspect, Case, Failure, FailureKind, Message, Score, Trial

Values = Sequence[float | None]


def a_case(number: int, per_cluster: int = 1, *, answerable: bool = True) -> Case:
    return Case(
        id=f"case-{number:04d}",
        messages=(Message("user", f"Question {number}?"),),
        expected=("yes",) if answerable else (),
        answerable=answerable,
        cluster=f"cluster-{number // per_cluster:04d}",
    )


def some_cases(count: int, per_cluster: int = 1) -> tuple[Case, ...]:
    return tuple(a_case(number, per_cluster) for number in range(count))


def a_trial(
    case: Case,
    value: float | None,
    rung: str = "prompt",
    *,
    aspect: Aspect = Aspect.CONTENT,
    replicate: int = 0,
    usd: float | None = 0.001,
    seconds: float = 0.5,
) -> Trial:
    """An answer that one metric scored so; None for a call that failed."""
    if value is None:
        failure = Failure(FailureKind.TIMEOUT, "http://model.test/v1: no answer in time", 3)
        unscored = Score("exact", aspect, None, "the call failed")
        return Trial(case.id, rung, replicate, Answer("", failure=failure), (unscored,))
    scores = (
        Score("exact", aspect, value),
        Score("latency", Aspect.LATENCY, seconds),
        Score("cost", Aspect.COST, usd, None if usd is not None else "no price"),
    )
    answer = Answer("yes" if value else "no", seconds=seconds, usd=usd)
    return Trial(case.id, rung, replicate, answer, scores)


def graded(
    cases: Iterable[Case],
    values: Values,
    rung: str = "prompt",
    *,
    aspect: Aspect = Aspect.CONTENT,
) -> list[Trial]:
    """One trial a case, worth these values in order."""
    return [
        a_trial(case, value, rung, aspect=aspect) for case, value in zip(cases, values, strict=True)
    ]


def by_id(cases: Iterable[Case]) -> dict[str, Case]:
    return {case.id: case for case in cases}


def a_plan(
    rungs: tuple[str, ...] = ("prompt", "fewshot"),
    measures: tuple[str, ...] = ("correct",),
    *,
    margin: float = 0.05,
    fractions: tuple[float, ...] = (1.0,),
) -> Plan:
    return Plan(
        study="study",
        model="scripted:model",
        rungs=rungs,
        measures=measures,
        margin=margin,
        alpha=0.05,
        replicates=1,
        fractions=fractions,
        seed=0,
        dev="dev",
        held_out="held-out",
        held_out_cases=100,
        systems="systems",
    )
