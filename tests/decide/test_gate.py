"""The gate: one exit code for a build, and never a pass for what could not be measured."""

from dataclasses import replace

import pytest

from suffice.decide.gate import judge
from suffice.errors import UsageError
from suffice.records import (
    BarResult,
    BarStatus,
    Comparison,
    Counts,
    Estimate,
    Outcome,
    Standing,
    Verdict,
)

MET, MISSED, UNDECIDED = BarStatus.MET, BarStatus.MISSED, BarStatus.UNDECIDED


def a_bar(
    status: BarStatus, name: str = "correct", more_cases: int | None = None, note: str = ""
) -> BarResult:
    counts = Counts(100, 100, 100)
    return BarResult(
        name, 0.9, status, Estimate(name, 0.8, None, counts, 100, 40, note), more_cases
    )


def a_comparison(
    outcome: Outcome,
    measure: str = "correct",
    *,
    candidate: str = "schema",
    baseline: str = "prompt",
) -> Comparison:
    return Comparison(
        candidate=candidate,
        baseline=baseline,
        measure=measure,
        outcome=outcome,
        difference=0.1,
        interval=None,
        p=0.01,
        p_corrected=0.02,
        margin=0.03,
        cases=100,
        clusters=40,
        wins=10,
        losses=0,
        reason=f"because it is {outcome}",
    )


def a_verdict(
    *comparisons: Comparison,
    bars: tuple[BarResult, ...] = (),
    chosen: str | None = "schema",
) -> Verdict:
    rungs = ("prompt", "fewshot", "schema")
    return Verdict(
        run="study-0123456789",
        study="study",
        model="scripted:model",
        chosen=chosen,
        reason="No rung could be built.",
        standings=tuple(Standing(rung, "", (), bars, 100, 100, None) for rung in rungs),
        comparisons=comparisons,
        plan="0123456789",
        look=1,
        usd=None,
        seconds=1.0,
    )


class TestAgainstTheBars:
    @pytest.mark.parametrize(
        ("statuses", "code"),
        [
            ([MET, MET], 0),
            ([MET, MISSED], 1),
            ([UNDECIDED, MISSED], 1),
            ([MET, UNDECIDED], 2),
        ],
    )
    def test_exit_codes(self, statuses: list[BarStatus], code: int) -> None:
        """0 where all are met, 1 where one is missed, 2 where one is open and none missed."""
        names = ("correct", "format")
        bars = tuple(a_bar(status, name) for status, name in zip(statuses, names, strict=True))
        assert judge(a_verdict(bars=bars)).exit_code == code

    def test_a_rung_that_is_ruled_out_is_no_pass(self) -> None:
        """It clears every bar, and is surely worse for some."""
        verdict = a_verdict(bars=(a_bar(MET),))
        out = tuple(replace(each, ruled_out="it forgets") for each in verdict.standings)
        gate = judge(replace(verdict, standings=out))
        assert (gate.status, gate.exit_code) == ("worse", 1)
        assert gate.reason == "schema is ruled out: it forgets"

    def test_says_what_would_decide(self) -> None:
        """The number of cases where cases would help, the reason where they would not."""
        bars = (a_bar(UNDECIDED, more_cases=70), a_bar(UNDECIDED, "format", note="calls failed"))
        assert judge(a_verdict(bars=bars)).reason == (
            "schema is undecided on correct (about 70 more cases); format (calls failed)"
        )

    def test_only_what_is_asked_for_counts(self) -> None:
        """A missed bar that is not looked at fails nothing."""
        verdict = a_verdict(bars=(a_bar(MET), a_bar(MISSED, "format")))
        assert judge(verdict, measures=["correct"]).exit_code == 0
        assert judge(verdict, measures=["format"]).exit_code == 1

    def test_without_bars_there_is_nothing_to_hold_against(self) -> None:
        """The user is told to set a bar or to name a baseline."""
        with pytest.raises(UsageError, match="--baseline") as caught:
            judge(a_verdict())
        assert caught.value.exit_code == 64


class TestAgainstABaseline:
    @pytest.mark.parametrize(
        ("outcomes", "code"),
        [
            ([Outcome.BETTER, Outcome.NOT_WORSE], 0),
            ([Outcome.BETTER, Outcome.WORSE], 1),
            ([Outcome.NOT_ENOUGH, Outcome.WORSE], 1),
            ([Outcome.BETTER, Outcome.NOT_ENOUGH], 2),
        ],
    )
    def test_exit_codes(self, outcomes: list[Outcome], code: int) -> None:
        """Worse on any measure fails, open on any is not measurable, else it passes."""
        found = [
            a_comparison(outcome, measure)
            for outcome, measure in zip(outcomes, ("correct", "format"), strict=True)
        ]
        assert judge(a_verdict(*found), "prompt").exit_code == code

    @pytest.mark.parametrize(
        ("outcome", "code"),
        [
            (Outcome.BETTER, 1),
            (Outcome.WORSE, 0),
            (Outcome.NOT_WORSE, 2),
            (Outcome.NOT_ENOUGH, 2),
        ],
    )
    def test_a_pair_read_the_other_way_round(self, outcome: Outcome, code: int) -> None:
        """Better turns into worse; "not worse" was tested in one direction and tells nothing."""
        verdict = a_verdict(a_comparison(outcome))
        assert judge(verdict, baseline="schema", candidate="prompt").exit_code == code

    def test_other_pairs_do_not_count(self) -> None:
        """A loss between two other rungs fails nothing."""
        verdict = a_verdict(
            a_comparison(Outcome.BETTER), a_comparison(Outcome.WORSE, baseline="fewshot")
        )
        assert judge(verdict, "prompt").exit_code == 0

    def test_a_pair_that_was_not_compared_is_not_measurable(self) -> None:
        """Nothing found out is no pass."""
        assert judge(a_verdict(), "prompt").exit_code == 2

    def test_a_chosen_baseline_passes(self) -> None:
        """Where the run ends at the baseline itself, nothing has become worse."""
        assert judge(a_verdict(chosen="prompt"), "prompt").exit_code == 0

    def test_a_rung_that_nothing_chose_is_not_held_against_itself(self) -> None:
        """The last rung as its own baseline would pass whatever it did."""
        with pytest.raises(UsageError, match="candidate itself"):
            judge(a_verdict(chosen=None), "schema")


class TestNames:
    @pytest.mark.parametrize("where", ["baseline", "candidate"])
    def test_an_unknown_rung_is_named_with_the_near_one(self, where: str) -> None:
        """A typing error in a build's configuration is wrong use, not a failed build."""
        with pytest.raises(UsageError, match="did you mean 'fewshot'"):
            judge(a_verdict(a_comparison(Outcome.BETTER)), **{where: "few-shot"})

    @pytest.mark.parametrize("baseline", [None, "prompt"])
    def test_an_unknown_measure_is_named_with_the_near_one(self, baseline: str | None) -> None:
        """A gate on a measure that does not exist must not pass."""
        verdict = a_verdict(a_comparison(Outcome.BETTER), bars=(a_bar(MET),))
        with pytest.raises(UsageError, match="did you mean 'correct'"):
            judge(verdict, baseline, measures=["corect"])


def test_a_verdict_without_rungs_is_not_measurable() -> None:
    """No rung was built: the verdict's own reason is given."""
    gate = judge(replace(a_verdict(), standings=()), "prompt")
    assert (gate.exit_code, gate.reason) == (2, "No rung could be built.")
