"""The climb goes where the failures of a planted world, whose truth is known, point to."""

import shutil
from pathlib import Path

import pytest

from suffice.ladder import Study
from suffice.records import Cause, Verdict
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
    """Nothing is passed over: there is a gap for each rung."""
    assert not any("passed over" in warning for warning in verdict.warnings)
    assert [each.rung for each in verdict.standings][:4] == [
        "prompt",
        "fewshot",
        "schema",
        "retrieve",
    ]


def test_without_documents_no_cause_is_made_up(tmp_path: Path) -> None:
    """Wrong content may then lack a fact or a skill: it is called neither."""
    study = copied(tmp_path, ("documents: documents/", "# documents: none"))
    causes = {each.cause for each in study.run(limit=60).causes}
    assert Cause.CONTENT in causes
    assert not causes & {Cause.KNOWLEDGE, Cause.RETRIEVAL, Cause.GROUNDING, Cause.SKILL}
