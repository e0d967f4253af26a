"""The climb goes where the failures of a planted world, whose truth is known, point to."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from suffice.decide.runs import find_run, judged_again, load_trials, load_verdict
from suffice.ladder import Silence, Study
from suffice.records import Aspect, Cause, Verdict, as_json
from tests.cli.conftest import BUNDLED


def copied(folder: Path, *changes: tuple[str, str]) -> Study:
    shutil.copytree(BUNDLED, folder, dirs_exist_ok=True)
    text = (folder / "suffice.yaml").read_text("utf-8") + "embedder: static\n"
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (folder / "suffice.yaml").write_text(text)
    return Study.load(folder)


@pytest.fixture(scope="module")
def verdict(tmp_path_factory: pytest.TempPathFactory) -> Verdict:
    return copied(tmp_path_factory.mktemp("bundled")).run()


def test_both_gaps_of_the_bundled_study_are_seen(verdict: Verdict) -> None:
    """Half of what fails is a matter of form, the rest mostly facts that a search finds."""
    shares = {each.cause: each.share for each in verdict.causes}
    assert shares[Cause.FORMAT] > 0.1
    assert shares[Cause.KNOWLEDGE] > 0.05
    assert all(each.interval.low < each.share < each.interval.high for each in verdict.causes)


def test_what_mends_a_gap_that_is_there_is_tried(verdict: Verdict) -> None:
    """Form and facts are both lacking: `fewshot` may mend the one, and `schema` with its examples;
    `retrieve` both. No rung is passed over before it was tried on dev."""
    assert [each.rung for each in verdict.standings][-1] == "retrieve"
    passed = [each for each in verdict.warnings if "passed over" in each]
    assert all(each.split(":")[1].startswith(" tried on ") for each in passed)


def test_without_documents_no_cause_is_made_up(tmp_path: Path) -> None:
    """Wrong content may then lack a fact or a skill: it is called neither."""
    study = copied(tmp_path, ("documents: documents/", "# documents: none"))
    causes = {each.cause for each in study.run(limit=60).causes}
    assert Cause.CONTENT in causes
    assert not causes & {Cause.KNOWLEDGE, Cause.RETRIEVAL, Cause.GROUNDING, Cause.SKILL}


def test_only_what_fails_is_asked_with_documents(tmp_path: Path) -> None:
    """A case that is right, or whose cause is plain, costs no further call."""
    study = copied(tmp_path)
    verdict = study.run(rungs=["prompt"])
    assert verdict.causes == ()  # a named rung is run, wherever failures point
    right = {
        trial.case
        for trial in load_trials(find_run(study.store, None))
        if (trial.value(Aspect.CONTENT, Aspect.FORMAT, Aspect.ABSTENTION) or 0) == 1
    }
    failed = {case for each in verdict.held_out_causes for case in each.cases}
    assert failed
    assert failed.isdisjoint(right)
    with closing(sqlite3.connect(study.store / "journal.db")) as journal:
        [(asked,)] = journal.execute("SELECT count(*) FROM answers").fetchall()
    tried = 2 * len(study.split.dev)  # the prompt, as given and with the form spelled out
    assert asked <= tried + len(study.split.held_out) + 2 * len(failed)


def test_what_explaining_costs_is_in_the_bill(tmp_path: Path) -> None:
    """Every call that the journal has, those after the decision among them."""
    study = copied(tmp_path)
    verdict = study.run(rungs=["prompt"])
    with closing(sqlite3.connect(study.store / "journal.db")) as journal:
        [(spent,)] = journal.execute("SELECT sum(usd) FROM answers").fetchall()
    assert verdict.held_out_causes
    assert verdict.usd == pytest.approx(spent)


def test_what_a_search_makes_right_is_not_asked_again_with_its_documents(tmp_path: Path) -> None:
    """It lacks a fact, whatever they would make of it."""
    asked = Titles()
    verdict = copied(tmp_path).run(rungs=["prompt"], progress=asked)
    assert Cause.KNOWLEDGE in {each.cause for each in verdict.held_out_causes}
    retrieved, gold = (asked.of[f"probe: {name} on held-out"] for name in ("retrieved", "gold"))
    assert 0 < gold < retrieved


class Titles(Silence):
    """What was asked, and how often."""

    def __init__(self) -> None:
        self.of: dict[str, int] = {}

    def start(self, title: str, total: int) -> None:
        self.of[title] = total


def test_what_the_model_knows_without_the_documents_is_told(verdict: Verdict) -> None:
    """Those cases tell nothing of retrieval."""
    assert verdict.contaminated
    failed = {case for each in verdict.held_out_causes for case in each.cases}
    assert set(verdict.contaminated) - failed


def test_a_rung_that_could_not_reach_the_bar_is_passed_over(tmp_path: Path) -> None:
    """A quarter of the facts are missing: no worked example brings nearly all of them."""
    verdict = copied(tmp_path, ("correct: 0.9", "correct: 0.97")).run()
    [said] = [each for each in verdict.warnings if each.startswith("fewshot was passed over")]
    assert "at most, at least 97% is required" in said


def test_a_verdict_stands_where_it_cannot_be_explained(tmp_path: Path) -> None:
    """A damaged index of the probes is told, and costs no answer that was paid for."""
    study = copied(tmp_path)
    place = tmp_path / ".suffice" / "retrieve" / "256-headings"
    place.mkdir(parents=True)
    (place / "index.json").write_text("{")
    verdict = study.run(rungs=["prompt", "schema"])
    assert [each.rung for each in verdict.standings] == ["prompt", "schema"]
    assert any("the documents could not be probed" in each for each in verdict.warnings)
    run = find_run(study.store, None)
    assert as_json(judged_again(run)) == as_json(load_verdict(run))


def test_what_is_asked_with_documents_is_not_said_to_be_known_without(tmp_path: Path) -> None:
    """Where the first rung shows passages there is no closed book to speak of."""
    verdict = copied(tmp_path).run(rungs=["retrieve"])
    assert (verdict.contaminated, verdict.held_out_causes) == ((), ())
