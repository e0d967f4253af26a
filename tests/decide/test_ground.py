"""A verdict follows from its ground and its trials, and follows again from a run's files alone."""

import shutil
from pathlib import Path

import pytest

from suffice.decide.runs import (
    details_of,
    find_run,
    judged_again,
    load_cases,
    load_trials,
    load_verdict,
)
from suffice.errors import DataError
from suffice.ladder import Study
from suffice.records import BarStatus, Details, as_json
from tests.story.studies import planted_study


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run over a world with a gap, with everything else of the study gone."""
    folder = tmp_path_factory.mktemp("ground")
    planted_study(folder, gap="format", cases=120, bar={"correct": 0.6, "format": 0.8})
    study = Study.load(folder)
    study.run(rungs=["prompt", "fewshot", "schema"])
    kept = tmp_path_factory.mktemp("kept") / "run"
    shutil.move(find_run(study.store, None), kept)
    shutil.rmtree(folder)
    return kept


def test_the_same_files_give_the_same_verdict(run: Path) -> None:
    """To the byte: without study, model and journal."""
    assert as_json(judged_again(run)) == as_json(load_verdict(run))


def test_the_cases_are_kept_as_they_were(run: Path) -> None:
    """So that a report can show them."""
    cases = {case.id: case for case in load_cases(run)}
    assert {trial.case for trial in load_trials(run)} == set(cases)
    assert all(case.messages and case.schema for case in cases.values())


def test_other_trials_give_another_verdict(run: Path, tmp_path: Path) -> None:
    """It is concluded, not copied: without the rung that sufficed there is none."""
    copied = shutil.copytree(run, tmp_path / "run")
    (copied / "sums.json").unlink()
    lines = (copied / "trials.jsonl").read_text("utf-8").splitlines(keepends=True)
    kept = [line for line in lines if '"rung":"schema"' not in line]
    assert len(kept) < len(lines)
    (copied / "trials.jsonl").write_text("".join(kept), "utf-8")
    assert load_verdict(copied).chosen == "schema"
    anew = judged_again(copied)
    assert anew.chosen is None
    assert [each.rung for each in anew.standings] == ["prompt", "fewshot"]
    assert anew.standings[0].bars[1].status is BarStatus.MISSED


def test_what_became_of_the_causes_is_told(run: Path) -> None:
    """The shape was wrong, and the schema mends all of it."""
    verdict = load_verdict(run)
    [form] = [each for each in verdict.held_out_causes if each.cause == "format"]
    [schema] = [each for each in verdict.cured if (each.rung, each.cause) == ("schema", "format")]
    assert schema.cases == len(form.cases) > 20
    assert schema.cured == schema.cases


@pytest.mark.parametrize("name", ["ground.json", "cases.jsonl"])
def test_a_damaged_file_is_named(run: Path, tmp_path: Path, name: str) -> None:
    copied = shutil.copytree(run, tmp_path / "run")
    with (copied / name).open("ab") as file:
        file.write(b" \n")
    with pytest.raises(DataError, match=f"{name}: changed since the run wrote it"):
        judged_again(copied)
    (copied / "sums.json").unlink()
    (copied / name).write_text('{"id": 3}\n')
    with pytest.raises(DataError, match=name):
        judged_again(copied)


def test_a_run_of_before_is_told_as_such(run: Path, tmp_path: Path) -> None:
    """Its verdict is still read; it cannot be concluded anew."""
    copied = shutil.copytree(run, tmp_path / "run")
    for name in ("ground.json", "sums.json", "cases.jsonl"):
        (copied / name).unlink()
    assert details_of(copied, load_verdict(copied)) == Details()
    with pytest.raises(DataError, match=r"ground\.json.*`suffice run` writes it anew"):
        judged_again(copied)
