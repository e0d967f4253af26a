"""The conclusion: what is chosen, and the sentence that says why."""

from dataclasses import replace

from suffice.decide.verdict import conclude
from suffice.records import (
    BarResult,
    BarStatus,
    Comparison,
    Counts,
    Estimate,
    Interval,
    Outcome,
    Standing,
    Verdict,
)
from tests.decide.trials import a_plan

MET, MISSED, UNDECIDED = BarStatus.MET, BarStatus.MISSED, BarStatus.UNDECIDED


def a_standing(rung: str, *bars: BarResult) -> Standing:
    return Standing(rung, "as given", tuple(bar.estimate for bar in bars), bars, 100, 100, 0.1)


def a_bar(
    status: BarStatus,
    name: str = "correct",
    value: float | None = 0.8,
    *,
    more_cases: int | None = None,
    note: str = "",
) -> BarResult:
    interval = None if value is None else Interval(value - 0.05, value + 0.05)
    estimate = Estimate(name, value, interval, Counts(100, 100, 100), 100, 40, note)
    return BarResult(name, 0.85, status, estimate, more_cases)


def a_comparison(
    outcome: Outcome, low: float, *, candidate: str = "fewshot", baseline: str = "prompt"
) -> Comparison:
    return Comparison(
        candidate=candidate,
        baseline=baseline,
        measure="correct",
        outcome=outcome,
        difference=low + 0.05,
        interval=Interval(low, low + 0.1),
        p=0.001,
        p_corrected=0.002,
        margin=0.05,
        cases=100,
        clusters=40,
        wins=10,
        losses=1,
        exceeds_margin=outcome is Outcome.BETTER and low >= 0.05,
    )


def concluded(
    *standings: Standing, comparisons: tuple[Comparison, ...] = (), complete: bool = True
) -> Verdict:
    return conclude(
        a_plan(),
        standings=standings,
        comparisons=comparisons,
        look=2,
        usd=0.5,
        seconds=3.0,
        warnings=("beware",),
        complete=complete,
    )


class TestWithBars:
    def test_the_cheapest_that_suffices_is_chosen(self) -> None:
        """Not the best: the first from below that surely clears every bar."""
        found = concluded(
            a_standing("prompt", a_bar(MISSED)),
            a_standing("fewshot", a_bar(MET)),
            a_standing("schema", a_bar(MET, value=0.99)),
        )
        assert found.chosen == "fewshot"
        assert "cheapest rung that surely clears every bar (correct)" in found.reason

    def test_one_bar_of_several_that_is_open_does_not_suffice(self) -> None:
        """Every bar, surely."""
        found = concluded(a_standing("prompt", a_bar(MET), a_bar(UNDECIDED, "format")))
        assert found.chosen is None

    def test_a_cheaper_rung_that_is_still_open_is_mentioned(self) -> None:
        """It might suffice yet, and it is said how many cases would tell."""
        found = concluded(
            a_standing("prompt", a_bar(UNDECIDED, more_cases=120)),
            a_standing("fewshot", a_bar(MET)),
        )
        assert found.chosen == "fewshot"
        assert "prompt is still open: correct needs about 120 more cases." in found.reason

    def test_nothing_chosen_names_the_nearest_and_what_it_misses(self) -> None:
        """The rung with the fewest bars missed, with value and bar."""
        found = concluded(
            a_standing("prompt", a_bar(MISSED, value=0.5), a_bar(MISSED, "format", 0.3)),
            a_standing("schema", a_bar(MISSED, value=0.784), a_bar(MET, "format", 1.0)),
        )
        assert found.chosen is None
        assert found.reason == (
            "schema comes nearest and misses: correct is 78%, at least 85% is required."
        )

    def test_of_those_that_miss_as_many_bars_the_one_that_misses_least_is_nearest(self) -> None:
        """Not the cheapest, however far off."""
        found = concluded(
            a_standing("prompt", a_bar(MISSED, value=0.1)),
            a_standing("tune", a_bar(MISSED, value=0.6)),
            a_standing("hybrid", a_bar(MISSED, value=0.6)),
        )
        assert found.reason.startswith("tune comes nearest and misses: correct is 60%")

    def test_nothing_missed_says_what_would_decide_it(self) -> None:
        """No bar is missed, none is surely met: so many more cases would tell."""
        found = concluded(a_standing("prompt", a_bar(UNDECIDED, more_cases=300)))
        assert found.chosen is None
        assert "correct needs about 300 more cases" in found.reason

    def test_a_bar_that_no_case_can_decide_gives_its_reason(self) -> None:
        """Failed calls, or a value right on the bar."""
        failed = concluded(a_standing("prompt", a_bar(UNDECIDED, note="20 of 100 calls failed")))
        assert "correct cannot be decided (20 of 100 calls failed)" in failed.reason
        on_it = concluded(a_standing("prompt", a_bar(UNDECIDED)))
        assert "it sits on the bar" in on_it.reason


class TestWithoutBars:
    def test_the_incumbent_is_replaced_by_a_win_of_the_margin(self) -> None:
        """Surely better, by the margin or more."""
        found = concluded(
            a_standing("prompt"),
            a_standing("fewshot"),
            comparisons=(a_comparison(Outcome.BETTER, 0.05),),
        )
        assert found.chosen == "fewshot"

    def test_better_by_less_than_the_margin_is_not_worth_it(self) -> None:
        """The simpler one stays."""
        found = concluded(
            a_standing("prompt"),
            a_standing("fewshot"),
            comparisons=(a_comparison(Outcome.BETTER, 0.04),),
        )
        assert found.chosen == "prompt"
        assert "no dearer rung surely wins by the margin" in found.reason

    def test_the_next_has_to_beat_the_new_incumbent(self) -> None:
        """A third rung that beats the first but not the second is not chosen."""
        found = concluded(
            a_standing("prompt"),
            a_standing("fewshot"),
            a_standing("schema"),
            comparisons=(
                a_comparison(Outcome.BETTER, 0.06),
                a_comparison(Outcome.BETTER, 0.08, candidate="schema"),
                a_comparison(Outcome.NOT_ENOUGH, 0.0, candidate="schema", baseline="fewshot"),
            ),
        )
        assert found.chosen == "fewshot"

    def test_an_incumbent_that_was_hardly_answered_is_not_chosen(self) -> None:
        """Where most calls failed nothing was found out, bars or none."""
        hardly = replace(a_standing("prompt"), answered=40)
        found = concluded(hardly)
        assert found.chosen is None
        assert "60 of 100 calls gave no answer" in found.reason


def test_a_budget_that_ended_the_climb_is_on_the_record() -> None:
    """What was not reached might do better: the verdict says that it is not complete."""
    assert concluded(a_standing("prompt")).complete
    assert not concluded(a_standing("prompt"), complete=False).complete


def test_no_rung_at_all_is_said() -> None:
    """A verdict without standings chooses nothing."""
    assert concluded().chosen is None


def test_the_verdict_carries_what_it_rests_on() -> None:
    """Plan, run, look, cost and warnings go through unchanged."""
    found, plan = concluded(a_standing("prompt", a_bar(MET))), a_plan()
    assert (found.run, found.plan, found.look) == (plan.run, plan.digest, 2)
    assert (found.usd, found.seconds, found.warnings) == (0.5, 3.0, ("beware",))
