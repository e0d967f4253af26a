"""The GitHub Action: its file is sound, and its scripts do what they say when they are run."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

import suffice

ROOT = Path(__file__).parent.parent
BUNDLED = Path(suffice.__file__).parent / "studies" / "support_desk"
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
INPUTS = re.compile(r"\$\{\{\s*inputs\.([a-z-]+)\s*\}\}")


@dataclass(frozen=True)
class Ran:
    """What a step of the action left behind."""

    code: int
    told: str
    outputs: dict[str, str]
    summary: str


def run_step(name: str, folder: Path, **inputs: str) -> Ran:
    """Runs the script of a step as the runner does, with these inputs over the defaults."""
    step = next(step for step in STEPS if step.get("name") == name)
    values = {key: str(each.get("default", "")) for key, each in ACTION["inputs"].items()}
    values |= {key.replace("_", "-"): value for key, value in inputs.items()}
    given = {
        key: INPUTS.sub(lambda found: values[found[1]], text) for key, text in step["env"].items()
    }
    outputs, summary = folder / "outputs.txt", folder / "summary.md"
    for path in (outputs, summary):
        path.write_text("", encoding="utf-8")
    script = folder / "step.sh"
    script.write_text(step["run"], encoding="utf-8")
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", script],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env=given
        | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(folder),
            "GITHUB_OUTPUT": str(outputs),
            "GITHUB_STEP_SUMMARY": str(summary),
            "RUNNER_TEMP": str(folder),
        },
    )
    lines = outputs.read_text("utf-8").splitlines()
    return Ran(
        code=done.returncode,
        told=done.stdout + done.stderr,
        outputs=dict(line.split("=", 1) for line in lines),
        summary=summary.read_text("utf-8"),
    )


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A part of the bundled study, whose bars its prompt rung clears."""
    folder = tmp_path / "my study"
    shutil.copytree(BUNDLED, folder, ignore=shutil.ignore_patterns("documents", "cases.jsonl"))
    cases = (BUNDLED / "cases.jsonl").read_text("utf-8").splitlines(keepends=True)
    (folder / "cases.jsonl").write_text("".join(cases[:100]), encoding="utf-8")
    set_bar(folder, {"usd_per_1k": 5.0})
    return folder


def set_bar(folder: Path, bar: dict[str, float]) -> None:
    path = folder / "suffice.yaml"
    values = yaml.safe_load(path.read_text("utf-8")) | {"bar": bar}
    del values["documents"]
    path.write_text(yaml.safe_dump(values), encoding="utf-8")


def run_study(folder: Path, **inputs: str) -> Ran:
    given = {"study": "my study", "rungs": "prompt"} | inputs
    return run_step("Run the study and judge it", folder, **given)


def test_it_is_a_composite_action_with_the_inputs_that_the_docs_name() -> None:
    """Every input has a description and a default, and docs/ci.md tells it."""
    assert ACTION["runs"]["using"] == "composite"
    page = (ROOT / "docs/ci.md").read_text("utf-8")
    for name, entry in ACTION["inputs"].items():
        assert entry["description"]
        assert "default" in entry
        assert f"`{name}`" in page


def test_no_input_is_pasted_into_a_script() -> None:
    """Scripts hold no expression at all: inputs come as variables, which cannot become code."""
    scripts = [step["run"] for step in STEPS if "run" in step]
    assert len(scripts) >= 3
    for script in scripts:
        assert "${{" not in script


def test_outputs_come_from_steps_that_exist() -> None:
    """Each declared output names a step of the action."""
    known = {step["id"] for step in STEPS if "id" in step}
    for output in ACTION["outputs"].values():
        (step,) = re.findall(r"steps\.([a-z]+)\.outputs", output["value"])
        assert step in known


@pytest.mark.slow
def test_a_good_study_passes(tmp_path: Path, study: Path) -> None:
    """Exit code 0, a verdict that can be read, and the markdown in the job's summary."""
    ran = run_study(tmp_path)
    assert (ran.code, ran.outputs["exit-code"]) == (0, "0"), ran.told
    assert json.loads(Path(ran.outputs["verdict"]).read_text("utf-8"))["chosen"] == "prompt"
    assert Path(ran.outputs["junit"]).exists()
    assert "**PASS:** <code>prompt</code> is the cheapest rung that suffices" in ran.summary
    assert "pass: prompt " in ran.told


@pytest.mark.slow
def test_a_missed_bar_fails_the_step(tmp_path: Path, study: Path) -> None:
    """Exit code 1 is the gate's, after the summary was written."""
    (study / "suffice.yaml").unlink()
    shutil.copy(BUNDLED / "suffice.yaml", study)
    set_bar(study, {"format": 0.98})
    ran = run_study(tmp_path)
    assert (ran.code, ran.outputs["exit-code"]) == (1, "1"), ran.told
    assert "**FAIL:** No rung suffices" in ran.summary


def test_wrong_use_is_64_and_says_why(tmp_path: Path, study: Path) -> None:
    """A rung that there is not ends with 64 and an empty summary."""
    ran = run_study(tmp_path, rungs="promt")
    assert (ran.code, ran.outputs["exit-code"], ran.summary) == (64, "64", "")
    assert "did you mean 'prompt'?" in ran.told


def test_measuring_nothing_is_no_pass(tmp_path: Path, study: Path) -> None:
    """A dry run among the args ends with 64: no verdict was reached."""
    assert run_study(tmp_path, args="--dry-run").code == 64


HOSTILE = '"; touch owned; `touch owned` $(touch owned) #'


@pytest.mark.parametrize(
    "inputs",
    [
        {"study": HOSTILE, "rungs": HOSTILE, "budget_usd": HOSTILE, "args": HOSTILE},
        pytest.param({"baseline": HOSTILE}, marks=pytest.mark.slow),  # comes after a whole run
    ],
    ids=["before the run", "after the run"],
)
def test_an_input_cannot_run_a_command(tmp_path: Path, study: Path, inputs: dict[str, str]) -> None:
    """Quotes, backticks and substitutions in an input stay a wrong value."""
    assert run_study(tmp_path, **inputs).code == 64
    assert not list(tmp_path.rglob("owned"))


@pytest.mark.parametrize(
    ("given", "store"),
    [("my study", "my study/.suffice"), ("my study/suffice.yaml", "my study/.suffice")],
)
def test_the_journal_is_found_beside_the_study(
    tmp_path: Path, study: Path, given: str, store: str
) -> None:
    """A folder and the file in it give the same place to keep."""
    assert run_step("Find the study's folder", tmp_path, study=given).outputs == {"store": store}


def test_a_newline_in_the_study_sets_no_other_output(tmp_path: Path) -> None:
    """A study with a line break is refused before it is written to the outputs."""
    ran = run_step("Find the study's folder", tmp_path, study="a\nstore=/etc/b")
    assert (ran.code, ran.outputs) == (64, {})
