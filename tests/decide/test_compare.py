"""Rungs held against each other on the same cases: four outcomes, corrected, and never guessed."""

import gc
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest

from suffice.decide.compare import compare_family, compare_pairs
from suffice.decide.judging import UNJUDGED
from suffice.decide.plan import Plan
from suffice.records import Aspect, Case, Comparison, Flip, Outcome, Trial
from tests.decide.trials import Values, a_plan, by_id, graded, some_cases

CASES = some_cases(100)
SAME = [1.0] * 80 + [0.0] * 20


def compared(
    candidate: Values,
    baseline: Values,
    *,
    cases: Sequence[Case] = CASES,
    margin: float = 0.05,
    family: int = 0,
    fractions: Sequence[float] = (1.0,),
    look: int = 0,
    seed: int = 0,
) -> Comparison:
    trials = {"new": graded(cases, candidate, "new"), "old": graded(cases, baseline, "old")}
    (found,) = compare_pairs(
        [("new", "old", "correct")],
        trials,
        by_id(cases),
        margin=margin,
        alpha=0.05,
        generator=np.random.default_rng(seed),
        family=family,
        fractions=fractions,
        looks={"new": look, "old": look},
    )
    return found


def family_of(plan: Plan, trials: Mapping[str, Sequence[Trial]]) -> tuple[Comparison, ...]:
    return compare_family(
        plan, trials, CASES, looks={}, judging=UNJUDGED, generator=np.random.default_rng(0)
    )


class TestOutcomes:
    def test_better(self) -> None:
        """Twenty cases won and none lost, of a hundred."""
        found = compared([1.0] * 100, SAME)
        assert found.outcome is Outcome.BETTER
        assert (found.wins, found.losses, found.difference) == (20, 0, 0.2)
        assert found.interval is not None
        assert 0 < found.interval.low < 0.2 < found.interval.high
        assert "better by +0.2" in found.reason

    def test_worse(self) -> None:
        """The same the other way round."""
        found = compared(SAME, [1.0] * 100)
        assert found.outcome is Outcome.WORSE
        assert (found.wins, found.losses, found.difference) == (0, 20, -0.2)

    def test_not_worse(self) -> None:
        """As good on every case, and enough of them to bound the loss by the margin."""
        cases = some_cases(400)
        found = compared([1.0] * 400, [1.0] * 400, cases=cases)
        assert found.outcome is Outcome.NOT_WORSE
        assert found.more_cases is None

    def test_not_enough_data(self) -> None:
        """Three won and two lost tell nothing, and it is said how many more might."""
        changed = list(SAME)
        changed[:2], changed[80:83] = [0.0, 0.0], [1.0, 1.0, 1.0]
        found = compared(changed, SAME, margin=0.01)
        assert found.outcome is Outcome.NOT_ENOUGH
        assert found.more_cases is not None
        assert found.more_cases > 100
        assert "cannot tell" in found.reason


class TestFlips:
    def test_names_every_case_on_which_they_differ(self) -> None:
        """Per-case values of both, in the order of the cases; equal cases are left out."""
        found = compared([1.0, 0.0, 1.0] + [1.0] * 97, [1.0, 1.0, 0.0] + [1.0] * 97)
        assert found.flips == (
            Flip("case-0001", baseline=1.0, candidate=0.0),
            Flip("case-0002", baseline=0.0, candidate=1.0),
        )

    def test_only_cases_that_both_answered_are_compared(self) -> None:
        """A failed call is neither won nor lost."""
        candidate: list[float | None] = [1.0] * 100
        candidate[99] = None
        found = compared(candidate, SAME)
        assert (found.cases, found.wins, found.losses) == (99, 19, 0)
        assert "case-0099" not in {flip.case for flip in found.flips}


class TestRefusals:
    def test_nine_clusters_are_too_few(self) -> None:
        """However clear the difference looks."""
        cases = some_cases(90, per_cluster=10)
        found = compared([1.0] * 90, [0.0] * 90, cases=cases)
        assert found.outcome is Outcome.NOT_ENOUGH
        assert "9 clusters are too few" in found.reason

    def test_one_cluster_cannot_be_compared_at_all(self) -> None:
        """There is no error to measure: no difference, no p-value, the reason instead."""
        cases = some_cases(10, per_cluster=10)
        found = compared([1.0] * 10, [0.0] * 10, cases=cases)
        assert found.outcome is Outcome.NOT_ENOUGH
        assert (found.difference, found.interval, found.p, found.p_corrected) == (None,) * 4
        assert "1 clusters only" in found.reason

    @pytest.mark.parametrize("failing", ["new", "old"])
    def test_too_many_failures_of_either_are_named(self, failing: str) -> None:
        """Which rung's calls failed, and how many; never a win by the other's absence."""
        failed = [None] * 10 + [1.0] * 90
        whole = [0.0] * 100
        found = compared(*((failed, whole) if failing == "new" else (whole, failed)))
        assert found.outcome is Outcome.NOT_ENOUGH
        assert found.reason.startswith(f"{failing}: 10 of 100 calls gave no answer")
        assert found.more_cases is None


class TestFamily:
    def test_holm_multiplies_by_the_whole_family(self) -> None:
        """The one p-value of a family of three is three times what it is alone."""
        alone, among = (compared([1.0] * 100, SAME, family=size) for size in (1, 3))
        assert alone.p is not None
        assert alone.p_corrected == alone.p == among.p
        assert among.p_corrected == pytest.approx(3 * alone.p)

    def test_what_was_planned_and_never_made_counts(self) -> None:
        """A plan of three rungs of which two were reached corrects for all its comparisons."""
        trials = {
            "prompt": graded(CASES, SAME, "prompt"),
            "fewshot": graded(CASES, SAME[:95] + [1.0] * 5, "fewshot"),
        }
        (two,) = family_of(a_plan(("prompt", "fewshot")), trials)
        (three,) = family_of(a_plan(("prompt", "fewshot", "schema")), trials)
        assert two.p == three.p
        assert (two.outcome, three.outcome) == (Outcome.BETTER, Outcome.NOT_WORSE)

    def test_a_plan_of_one_rung_compares_nothing(self) -> None:
        """There is nothing to hold it against, and nothing to correct."""
        assert family_of(a_plan(("prompt",)), {"prompt": graded(CASES, SAME)}) == ()

    def test_each_measure_is_compared_by_itself(self) -> None:
        """Content that stays and format that changes are two comparisons with two outcomes."""
        trials = {
            rung: [
                Trial(one.case, rung, 0, one.answer, (*one.scores, *other.scores))
                for one, other in zip(
                    graded(CASES, SAME, rung),
                    graded(CASES, shape, rung, aspect=Aspect.FORMAT),
                    strict=True,
                )
            ]
            for rung, shape in (("prompt", [0.0] * 100), ("fewshot", [1.0] * 100))
        }
        found = family_of(a_plan(measures=("correct", "format")), trials)
        assert {each.measure: each.difference for each in found} == {"correct": 0, "format": 1}

    def test_a_third_better_is_kept_where_the_second_fails(self) -> None:
        """The correction goes by rank of p-value, not by place in the plan."""
        trials = {
            "prompt": graded(CASES, [0.0] * 100, "prompt"),
            "fewshot": graded(CASES, [0.0] * 98 + [1.0] * 2, "fewshot"),
            "schema": graded(CASES, [1.0] * 100, "schema"),
        }
        outcomes = {
            (each.candidate, each.baseline): each.outcome
            for each in family_of(a_plan(("prompt", "fewshot", "schema")), trials)
        }
        assert outcomes["schema", "prompt"] is Outcome.BETTER
        assert outcomes["schema", "fewshot"] is Outcome.BETTER
        assert outcomes["fewshot", "prompt"] is not Outcome.BETTER


class TestLooks:
    def test_an_early_look_asks_for_more(self) -> None:
        """What the last look calls better, the first of three does not yet."""
        won = SAME[:94] + [1.0] * 6
        thirds = (1 / 3, 2 / 3, 1.0)
        early, late = (compared(won, SAME, fractions=thirds, look=look) for look in (0, 2))
        assert (early.outcome, late.outcome) == (Outcome.NOT_WORSE, Outcome.BETTER)
        assert early.interval is not None
        assert late.interval is not None
        assert early.interval.level > late.interval.level > 0.95

    def test_a_look_and_a_family_are_paid_for_together(self) -> None:
        """Eight wins of none lost are enough at the second look alone, not as one of five."""
        won, thirds = SAME[:92] + [1.0] * 8, (1 / 3, 2 / 3, 1.0)
        alone, among = (
            compared(won, SAME, fractions=thirds, look=1, family=size) for size in (1, 5)
        )
        assert alone.outcome is Outcome.BETTER
        assert among.outcome is not Outcome.BETTER

    def test_a_pair_stands_at_the_look_of_the_one_that_was_asked_less(self) -> None:
        """On the cases that both were asked, at the level of that look, whatever came of the
        other's later cases."""
        thirds, new = (1 / 3, 2 / 3, 1.0), SAME[:92] + [1.0] * 8
        early = compared(new, SAME, fractions=thirds, look=0)
        more = [replace(case, id=f"more-{case.id}", cluster=f"more-{case.id}") for case in CASES]
        trials = {
            "old": graded(CASES, SAME, "old"),
            "new": graded([*CASES, *more], [*new, *[1.0] * 100], "new"),
        }
        (mixed,) = compare_pairs(
            [("new", "old", "correct")],
            trials,
            by_id([*CASES, *more]),
            margin=0.05,
            alpha=0.05,
            generator=np.random.default_rng(0),
            fractions=thirds,
            looks={"old": 0, "new": 2},
        )
        assert (mixed.cases, mixed.interval, mixed.outcome) == (
            100,
            early.interval,
            early.outcome,
        )

    def test_a_clear_result_is_clear_at_the_first_look(self) -> None:
        """A hundred of a hundred needs no second look."""
        thirds = (1 / 3, 2 / 3, 1.0)
        found = compared([1.0] * 100, [0.0] * 100, fractions=thirds, look=0)
        assert found.outcome is Outcome.BETTER


@pytest.fixture
def settled_memory() -> Iterator[None]:
    """Correcting collects garbage each time, at 50 ms: once is enough for what stands already."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("settled_memory")
def test_three_looks_hold_the_error_of_one() -> None:
    """Two equal systems, looked at up to three times: 5% or less are called better or worse."""
    generator = np.random.default_rng(13)
    thirds = (1 / 3, 2 / 3, 1.0)
    called = 0
    for seed in range(120):
        one, other = (list((generator.random(90) < 0.6).astype(float)) for _ in range(2))
        for look, seen in enumerate((30, 60, 90)):
            outcome = compared(
                one[:seen],
                other[:seen],
                cases=CASES[:seen],
                fractions=thirds,
                look=look,
                seed=seed,
            ).outcome
            if outcome in (Outcome.BETTER, Outcome.WORSE):
                called += 1
                break
    assert called <= 0.09 * 120  # 5% and two standard errors


@pytest.mark.usefixtures("settled_memory")
def test_a_pair_without_a_difference_is_rarely_called_better() -> None:
    """Two equal systems on 60 cases in 20 clusters: 5% or less are called better or worse."""
    generator = np.random.default_rng(11)
    cases = some_cases(60, per_cluster=3)
    called = []
    for seed in range(200):
        hard = np.repeat(generator.beta(4, 2, 20), 3)  # some documents are harder than others
        one, other = (list((generator.random(60) < hard).astype(float)) for _ in range(2))
        called.append(compared(one, other, cases=cases, seed=seed).outcome)
    assert called.count(Outcome.BETTER) <= 0.05 * len(called)
    # Both sides together are held at 5%; of 200 draws, 8% is two standard errors above that.
    assert called.count(Outcome.BETTER) + called.count(Outcome.WORSE) <= 0.08 * len(called)


def test_the_margin_is_held_after_correction_for_the_family() -> None:
    """Six rungs, each better by exactly the margin: hardly ever does one surely exceed it."""
    generator, false = np.random.default_rng(5), 0
    cases = some_cases(60)
    for _ in range(60):
        base = generator.random(60) < 0.5
        rungs = {"old": graded(cases, base.astype(float).tolist(), "old")}
        for name in ("a", "b", "c", "d", "e", "f"):
            better = base | (generator.random(60) < 0.1)  # five points above, give or take luck
            rungs[name] = graded(cases, better.astype(float).tolist(), name)
        found = compare_pairs(
            [(name, "old", "correct") for name in rungs if name != "old"],
            rungs,
            by_id(cases),
            margin=0.05,
            alpha=0.05,
            generator=np.random.default_rng(1),
        )
        false += any(each.exceeds_margin for each in found)
    assert false <= 4
