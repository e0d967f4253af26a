"""A dearer rung that is surely worse on one kind of cases is not chosen, whatever its mean."""

from dataclasses import replace

import numpy as np

from suffice.decide.judging import UNJUDGED
from suffice.decide.regressions import regressed
from suffice.records import Case
from tests.decide.trials import a_plan, graded, some_cases


def tagged(count: int = 80) -> tuple[Case, ...]:
    """Half of the cases are billing's, half returns'."""
    return tuple(
        replace(case, tags=("billing",) if number % 2 else ("returns",))
        for number, case in enumerate(some_cases(count))
    )


def said(cases: tuple[Case, ...], before: list[float], after: list[float]) -> str:
    trials = {"prompt": graded(cases, before), "tune": graded(cases, after, "tune")}
    return regressed("tune", trials, cases, a_plan(("prompt", "tune")), UNJUDGED)


def test_a_kind_that_is_served_worse_is_named() -> None:
    """Better on the mean, and every second billing case is lost."""
    before = [float(number % 2) for number in range(80)]  # all of billing, none of returns
    after = [1.0 if number % 2 == 0 else float(number % 4 == 1) for number in range(80)]
    assert np.mean(after) > np.mean(before)
    found = said(tagged(), before, after)
    assert found == (
        "on cases tagged 'billing' its `correct` is surely lower than prompt's, by 50 points"
    )


def test_what_chance_explains_is_no_regression() -> None:
    before = [1.0] * 80
    assert said(tagged(), before, [0.0, 0.0, *before[2:]]) == ""


def test_a_kind_with_few_cases_is_not_judged() -> None:
    """Below ten clusters nothing is sure."""
    cases = tuple(
        replace(case, tags=("rare",) if number < 8 else ()) for number, case in
        enumerate(some_cases(80))
    )  # fmt: skip
    assert said(cases, [1.0] * 80, [0.0] * 8 + [1.0] * 72) == ""


def test_a_tag_of_every_case_is_the_comparison_itself() -> None:
    cases = tuple(replace(case, tags=("all",)) for case in some_cases(80))
    assert said(cases, [1.0] * 80, [0.0] * 80) == ""


def test_the_first_rung_is_what_others_are_held_against() -> None:
    cases = tagged()
    trials = {"prompt": graded(cases, [1.0] * 80)}
    assert regressed("prompt", trials, cases, a_plan(), UNJUDGED) == ""


def test_an_early_look_is_stricter() -> None:
    """What rules out at the last look may be chance at the first of five."""
    cases = tagged(60)
    before = [float(number % 2) for number in range(60)]
    after = [1.0 if number % 2 == 0 else float(number % 10 != 1) for number in range(60)]
    trials = {"prompt": graded(cases, before), "tune": graded(cases, after, "tune")}
    plan = a_plan(("prompt", "tune"), fractions=(0.2, 0.4, 0.6, 0.8, 1.0))
    found = [
        regressed("tune", trials, cases, plan, UNJUDGED, looks={"prompt": look, "tune": 4})
        for look in (0, 4)
    ]
    assert found[0] == ""
    assert "billing" in found[1]
