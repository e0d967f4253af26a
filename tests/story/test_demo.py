"""`suffice demo` as a newcomer runs it: a process of its own, a fresh folder, and no network."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

_ALONE = ["unshare", "--net", "--map-root-user"]  # a network namespace with nothing in it


def demo(folder: Path, *options: str) -> dict[str, Any]:
    """What it prints as JSON."""
    if not shutil.which("unshare") or subprocess.run([*_ALONE, "true"], check=False).returncode:
        pytest.skip("no empty network namespace can be made here (util-linux: unshare --net)")
    command = [*_ALONE, sys.executable, "-m", "suffice", "demo", *options, "--json"]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    told: dict[str, Any] = json.loads(ran.stdout)
    return told


@pytest.mark.slow
def test_what_stands_in_the_mail_needs_no_more_than_a_prompt(tmp_path: Path) -> None:
    """The cheapest rung wins, nothing dearer is built, and the page is written."""
    told = demo(tmp_path, "--study", "enough")
    assert told["verdict"]["winner"] == "prompt"
    assert [each["rung"] for each in told["verdict"]["standings"]] == ["prompt"]
    page = (tmp_path / told["report"]).read_text("utf-8")
    assert told["verdict"]["reason"] in page


@pytest.mark.slow
def test_what_stands_in_papers_is_a_matter_of_retrieval(tmp_path: Path) -> None:
    told = demo(tmp_path, "--study", "handbook")
    assert told["verdict"]["winner"] == "retrieve"


@pytest.mark.slow
def test_both_gaps_are_closed_together(tmp_path: Path) -> None:
    """Quickly: fewer cases, so that it may lead without being sure."""
    told = demo(tmp_path, "--study", "support", "--quick")
    leading = told["verdict"]["leading"] or {}
    assert "hybrid" in (told["verdict"]["winner"], leading.get("rung"))
