"""The bundled studies: what each must have, and copying one."""

import json
from pathlib import Path

import pytest

from suffice import studies
from suffice.errors import UsageError
from suffice.evaluate.cases import load
from suffice.ladder import Study
from suffice.settings import read

OURS = ("enough", "handbook", "support", "triage")


@pytest.mark.parametrize("name", OURS)
class TestEachStudy:
    def test_has_cases_enough_for_a_verdict(self, name: str) -> None:
        """40 dev cases, 120 held-out ones, in 30 clusters or more."""
        split = Study.load(studies.HERE / name).split
        assert len(split.dev) >= 40
        assert len(split.held_out) >= 120
        assert len({case.cluster for case in split.held_out}) >= 30

    def test_has_questions_without_an_answer_or_is_about_behaviour(self, name: str) -> None:
        """Where documents or mails are asked, some questions have no answer in them."""
        unanswerable = [each for each in load(studies.HERE / name / "cases.jsonl").cases
                        if not each.answerable]  # fmt: skip
        assert len(unanswerable) >= 8 or name == "triage"

    def test_documents_are_of_mixed_formats_where_they_matter(self, name: str) -> None:
        """As a company has them."""
        keys = read(studies.HERE / name / "suffice.yaml")
        if keys.documents is None:
            assert name in ("enough", "triage")
            return
        files = list((studies.HERE / name / keys.documents).rglob("*.*"))
        assert 40 <= len(files) <= 120
        assert {each.suffix for each in files} >= {".md", ".html", ".pdf", ".docx", ".csv", ".txt"}

    def test_says_what_it_is_in_ten_lines(self, name: str) -> None:
        """For who opens the folder."""
        lines = (studies.HERE / name / "README.md").read_text("utf-8").splitlines()
        assert 5 <= len(lines) <= 30


class TestCopy:
    def test_an_unknown_name_is_told_with_the_near_one(self, tmp_path: Path) -> None:
        """Wrong use, not a missing file."""
        with pytest.raises(UsageError, match="did you mean 'handbook'"):
            studies.copy("handbok", tmp_path / "copy")

    def test_a_study_that_stands_already_is_kept_as_it_is(self, tmp_path: Path) -> None:
        """It may have been changed."""
        assert studies.copy("enough", tmp_path / "copy")
        (tmp_path / "copy" / "prompt.md").write_text("mine")
        assert not studies.copy("enough", tmp_path / "copy")
        assert (tmp_path / "copy" / "prompt.md").read_text() == "mine"

    def test_a_quick_copy_has_fewer_cases_of_as_many_clusters(self, tmp_path: Path) -> None:
        """An interval rests on how many sources there are."""
        studies.copy("enough", tmp_path / "whole")
        studies.copy("enough", tmp_path / "part", quick=True)
        whole, part = (_clusters(tmp_path / each) for each in ("whole", "part"))
        assert sum(part.values()) == studies.QUICK_CASES < sum(whole.values())
        assert part.keys() == whole.keys()


def _clusters(folder: Path) -> dict[str, int]:
    counted: dict[str, int] = {}
    for line in (folder / "cases.jsonl").read_text("utf-8").splitlines():
        cluster = json.loads(line)["cluster"]
        counted[cluster] = counted.get(cluster, 0) + 1
    return counted
