"""Whole studies on worlds whose truth is known: the verdict is what the truth says."""

from functools import cache
from pathlib import Path

import pytest

from suffice.ladder import Study
from suffice.models.planted.generate import Gap
from suffice.records import BarStatus, Outcome, Standing, Verdict
from tests.story.studies import planted_study

BAR = {"correct": 0.85, "format": 0.9}
RUNGS = ["prompt", "fewshot", "schema"]


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("worlds")


@cache
def concluded(places: Path, gap: Gap, seed: int, rungs: tuple[str, ...] = ()) -> Verdict:
    folder = places / f"{gap}-{seed}"
    if not folder.exists():
        planted_study(folder, seed=seed, gap=gap, bar=BAR)
    return Study.load(folder).run(rungs=list(rungs) or None)


def status(standing: Standing, bar: str) -> BarStatus:
    return next(each.status for each in standing.bars if each.bar == bar)


@pytest.mark.parametrize("seed", range(4))
def test_nothing_wrong_means_the_prompt(seed: int, places: Path) -> None:
    """A model that knows all and keeps the shape needs nothing dearer, and nothing is tried."""
    verdict = concluded(places, "none", seed)
    assert verdict.chosen == "prompt"
    assert [each.rung for each in verdict.standings] == ["prompt"]


@pytest.mark.parametrize("seed", range(4))
def test_a_format_gap_means_the_schema(seed: int, places: Path) -> None:
    """Content is right from the start; prompt and examples miss the shape, the schema meets it.
    Compared on all cases it is better, too: a climb asks the prompt only until it surely misses."""
    verdict = concluded(places, "format", seed)
    assert verdict.chosen == "schema"
    assert status(verdict.standings[0], "format") is BarStatus.MISSED
    for standing in verdict.standings:
        assert status(standing, "correct") is not BarStatus.MISSED
        expected = standing.rung == "schema"
        assert (status(standing, "format") is BarStatus.MET) is expected
    verdict = concluded(places, "format", seed, ("prompt", "schema"))
    better = {
        each.candidate
        for each in verdict.comparisons
        if (each.baseline, each.measure) == ("prompt", "format") and each.outcome is Outcome.BETTER
    }
    assert "schema" in better


@pytest.mark.parametrize("seed", range(4))
def test_a_knowledge_gap_is_closed_by_none_of_them(seed: int, places: Path) -> None:
    """No wording, example or tuning teaches a fact: the verdict is no, and says what is missed.
    A schema is not even tried, the form is right; the others are, on dev at least."""
    verdict = concluded(places, "knowledge", seed)
    assert verdict.chosen is None
    asked = {each.rung for each in verdict.standings}
    for rung in {"fewshot", "tune"} - asked:
        assert any(each.startswith(f"{rung} was passed over: tried") for each in verdict.warnings)
    assert any("schema was passed over" in warning for warning in verdict.warnings)
    assert "misses: correct is" in verdict.reason
    for standing in verdict.standings:
        assert status(standing, "correct") is BarStatus.MISSED
        assert status(standing, "format") is not BarStatus.MISSED


@pytest.mark.parametrize("seed", range(2))
def test_both_gaps_leave_the_knowledge(seed: int, places: Path) -> None:
    """The schema cures the shape; what is left, and is missed by what comes nearest, is content."""
    verdict = concluded(places, "both", seed)
    assert verdict.chosen is None
    assert "comes nearest and misses: correct is" in verdict.reason
    assert "format is" not in verdict.reason


@pytest.mark.parametrize("seed", range(3))
def test_rungs_that_do_not_differ_are_not_called_better(seed: int, places: Path) -> None:
    """Where nothing is wrong, all three rungs answer alike, and no comparison says otherwise."""
    verdict = concluded(places, "none", seed, tuple(RUNGS))
    outcomes = {each.outcome for each in verdict.comparisons}
    assert outcomes <= {Outcome.NOT_WORSE, Outcome.NOT_ENOUGH}
    assert verdict.chosen == "prompt"


def test_the_intervals_hold_the_truth(places: Path) -> None:
    """Half of one field known and the other a skill: the laws lead to 75% right fields."""
    covered = 0
    for seed in range(4):
        correct = concluded(places, "knowledge", seed).standings[0].estimate("correct")
        assert correct is not None
        assert correct.interval is not None
        covered += correct.interval.low <= 0.75 <= correct.interval.high
    assert covered >= 3  # one in twenty may miss
