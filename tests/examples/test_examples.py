"""The examples are whole studies that run as they are."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from suffice.ladder import Study

EXAMPLES = Path(__file__).parents[2] / "examples"
STUDIES = ["ticket-labels", "invoice-json"]


@pytest.mark.parametrize("name", STUDIES)
def test_a_study_is_small_and_leaks_nothing(name: str) -> None:
    """60 to 100 cases, in clusters, no question nearly among the examples."""
    study = Study.load(EXAMPLES / name)
    assert 60 <= len(study.cases.cases) <= 100
    assert not study.cases.warnings
    assert not study.leaks
    assert len({case.cluster for case in study.split.held_out}) >= 10


@pytest.mark.parametrize("name", STUDIES)
def test_its_readme_has_ten_lines_or_so_and_says_its_size(name: str) -> None:
    """A README is read only when it is short."""
    study = Study.load(EXAMPLES / name)
    text = (EXAMPLES / name / "README.md").read_text("utf-8")
    assert len(text.splitlines()) <= 14
    assert str(len(study.cases.cases)) in text
    assert str(len(study.examples)) in text


@pytest.mark.parametrize("name", STUDIES)
def test_its_world_holds_its_cases(name: str, tmp_path: Path) -> None:
    """make_world.py would write the world as it is."""
    copy = tmp_path / name
    shutil.copytree(EXAMPLES / name, copy, ignore=shutil.ignore_patterns(".suffice"))
    subprocess.run([sys.executable, str(EXAMPLES / "make_world.py"), str(copy)], check=True)
    assert (copy / "world.yaml").read_bytes() == (EXAMPLES / name / "world.yaml").read_bytes()


@pytest.mark.parametrize(
    ("name", "chosen"), [("ticket-labels", "fewshot"), ("invoice-json", "schema")]
)
def test_it_runs_offline_to_a_verdict(name: str, chosen: str, tmp_path: Path) -> None:
    """Each ends with the rung that its README speaks of."""
    copy = tmp_path / name
    shutil.copytree(EXAMPLES / name, copy, ignore=shutil.ignore_patterns(".suffice"))
    assert Study.load(copy).run().chosen == chosen


def test_the_server_study_differs_in_its_model_alone() -> None:
    """server.yaml is the offline study against another model."""
    offline = Study.load(EXAMPLES / "ticket-labels").settings
    server = Study.load(EXAMPLES / "ticket-labels" / "server.yaml").settings
    assert server.model.startswith("openai:")
    assert (server.cases, server.checks, server.bar) == (offline.cases, offline.checks, offline.bar)


def test_expected_invoices_keep_to_their_schema() -> None:
    """Every expected object is valid."""
    study = Study.load(EXAMPLES / "invoice-json")
    validator = Draft202012Validator(study.schema or {})
    for case in study.cases.cases:
        validator.validate(json.loads(json.dumps(case.expected[0])))
