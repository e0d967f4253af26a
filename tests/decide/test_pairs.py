"""Comparisons by name after a run: this run's rungs, another run's, or those of a kept file."""

from dataclasses import replace
from pathlib import Path

import pytest

from suffice.decide.pairs import Kept
from suffice.decide.runs import save
from suffice.errors import UsageError
from suffice.records import Comparison, Outcome, Trial, Verdict
from tests.decide.trials import Values, graded, some_cases

CASES = some_cases(60)
RIGHT: Values = [1.0] * 60
HALF: Values = [1.0, 0.0] * 30

PLANNED = Comparison(
    candidate="schema",
    baseline="prompt",
    measure="correct",
    outcome=Outcome.BETTER,
    difference=0.5,
    interval=None,
    p=0.001,
    p_corrected=0.003,
    margin=0.03,
    cases=60,
    clusters=60,
    wins=30,
    losses=0,
    reason="as the plan has it",
)


def keep(store: Path, run: str, trials: list[Trial], *comparisons: Comparison) -> Path:
    verdict = Verdict(
        run=run,
        study="study",
        model="scripted:model",
        chosen=None,
        reason="",
        standings=(),
        comparisons=comparisons,
        plan="plan",
        look=1,
        usd=None,
        seconds=1.0,
    )
    return save(store, verdict, trials)


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    trials = [*graded(CASES, HALF), *graded(CASES, RIGHT, "schema")]
    keep(tmp_path, "study-aaa", trials, PLANNED)
    return Kept.of(tmp_path, CASES, margin=0.03)


def test_a_planned_comparison_is_the_run_s_own(kept: Kept) -> None:
    """With the correction that the plan gave it."""
    assert kept.compare("schema", "prompt") == (PLANNED,)


def test_a_pair_the_other_way_round_is_exploratory(kept: Kept) -> None:
    """The plan held the dearer against the cheaper; the reverse is computed, and said to be new."""
    (found,) = kept.compare("prompt", "schema")
    assert found.outcome is Outcome.WORSE
    assert (found.candidate, found.baseline) == ("prompt", "schema")
    assert "Exploratory: not planned before looking." in found.reason


def test_across_runs(kept: Kept) -> None:
    """RUN/RUNG names a rung of any run, by the start of the run's name."""
    keep(kept.store, "study-bbb", graded(CASES, HALF, "schema"))
    (found,) = kept.compare("study-bbb/schema", "study-a/schema")
    assert found.outcome is Outcome.WORSE
    assert (found.candidate, found.baseline) == ("study-bbb/schema", "study-a/schema")
    assert found.losses == 30


def test_against_a_kept_file(kept: Kept, tmp_path: Path) -> None:
    """FILE.jsonl/RUNG reads trials from wherever they were copied to."""
    file = tmp_path / "elsewhere" / "baseline.jsonl"
    file.parent.mkdir()
    file.write_bytes((kept.store / "runs" / "study-aaa" / "trials.jsonl").read_bytes())
    (found,) = kept.compare("schema", f"{file}/prompt")
    assert found.outcome is Outcome.BETTER
    assert found.wins == 30


def test_a_run_that_went_on_is_read_anew(kept: Kept) -> None:
    """A run that was made again under its own name is compared as it is now."""
    (before,) = kept.compare("prompt", "schema")
    keep(kept.store, "study-aaa", [*graded(CASES, RIGHT), *graded(CASES, RIGHT, "schema")])
    (after,) = kept.compare("prompt", "schema")
    assert (before.losses, after.losses) == (30, 0)


def test_only_what_both_were_measured_on_is_compared(kept: Kept) -> None:
    """Correct is; format was never scored."""
    found = kept.compare("study-aaa/schema", "study-aaa/prompt")
    assert [each.measure for each in found] == ["correct"]


def test_a_judge_s_scores_are_left_out(kept: Kept) -> None:
    """Nobody's labels speak of both runs, so an uncorrected judge decides no comparison."""
    judged = [
        replace(each, scores=tuple(replace(score, metric="judge") for score in each.scores[:1]))
        for each in graded(CASES, HALF, "schema")
    ]
    keep(kept.store, "study-bbb", judged)
    (found,) = kept.compare("study-bbb/schema", "study-aaa/schema")
    assert found.outcome is Outcome.NOT_ENOUGH
    assert "could not be scored" in found.reason


class TestRefusals:
    def test_a_rung_against_itself(self, kept: Kept) -> None:
        """Two names that are one name are a typing error."""
        with pytest.raises(UsageError, match="two different rungs"):
            kept.compare("schema", "schema")

    def test_an_unknown_rung(self, kept: Kept) -> None:
        """The near one is suggested."""
        with pytest.raises(UsageError, match="did you mean 'prompt'"):
            kept.compare("schema", "promt")

    def test_an_unknown_run(self, kept: Kept) -> None:
        """The known ones are listed."""
        with pytest.raises(UsageError, match=r"no such run.*known: study-aaa"):
            kept.compare("other-run/schema", "prompt")

    def test_trials_of_other_cases(self, kept: Kept, tmp_path: Path) -> None:
        """Two runs on different cases cannot be held against each other."""
        strangers = [replace(case, id=f"other-{case.id}") for case in CASES]
        keep(tmp_path, "study-zzz", graded(strangers, RIGHT, "schema"))
        with pytest.raises(
            UsageError, match=r"60 cases of these trials .such as 'other-case-0000'"
        ):
            kept.compare("study-zzz/schema", "study-aaa/prompt")
