"""A study graded by a judge: shown at first, deciding only once people have confirmed it."""

import json
from pathlib import Path
from typing import Any

import pytest

from suffice import Study
from suffice.records import Estimate, Verdict
from tests.servers.chat_server import ChatServer

CASES = 80


def told(body: dict[str, Any]) -> str:
    return str(body["messages"][-1]["content"])


def answers(body: dict[str, Any]) -> str:
    """The feature's model: right about every case whose number is not a multiple of four."""
    number = int(told(body).split()[-1].rstrip("?"))
    return "a sound answer" if number % 4 else "a poor answer"


def judges(body: dict[str, Any]) -> str:
    """A judge that agrees with people."""
    verdict = "pass" if "\na sound answer\n" in told(body) else "fail"
    return json.dumps({"reason": "as I see it", "verdict": verdict})


def study(folder: Path, model: ChatServer, *, labels: str = "") -> Path:
    rows = [
        {"id": f"c{n}", "question": f"What of number {n}?", "checks": [RUBRIC]}
        for n in range(CASES)
    ]
    (folder / "cases.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    (folder / "suffice.yaml").write_text(
        "model: openai:any\ncases: cases.jsonl\nbar: {correct: 0.5}\n"
        f"extra: {{base_url: '{model.url}'}}\njudge: {{model: 'openai:judge'{labels}}}\n",
        "utf-8",
    )
    return folder


RUBRIC = {"metric": "judge", "rubric": "It is a sound answer."}


def correct(verdict: Verdict) -> Estimate:
    found = verdict.standings[0].estimate("correct")
    assert found is not None
    return found


def test_a_judge_that_nobody_checked_is_shown_and_decides_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its share of passes stands under `judge`; `correct` is not measured and no bar is met."""
    with ChatServer(reply=answers) as model, ChatServer(reply=judges) as judge:
        monkeypatch.setenv("OPENAI_BASE_URL", judge.url)
        verdict = Study.load(study(tmp_path, model)).run(rungs=["prompt"])
    assert verdict.chosen is None
    assert correct(verdict).value is None
    shown = verdict.standings[0].estimate("judge")
    assert shown is not None
    assert shown.value == pytest.approx(0.75, abs=0.1)
    assert any("decides nothing" in warning for warning in verdict.warnings)


def test_a_judge_that_people_confirmed_decides_corrected_by_their_labels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With labels that agree, `correct` is measured and the bar is met."""
    labels = [
        {"case": f"c{n}", "rung": "prompt", "label": "pass" if n % 4 else "fail"}
        for n in range(CASES)
        if n % 5 < 3  # says nothing of what the answer is: labels have to be a fair sample
    ]
    (tmp_path / "labels.jsonl").write_text("".join(json.dumps(row) + "\n" for row in labels))
    with ChatServer(reply=answers) as model, ChatServer(reply=judges) as judge:
        monkeypatch.setenv("OPENAI_BASE_URL", judge.url)
        folder = study(tmp_path, model, labels=", labels: labels.jsonl")
        verdict = Study.load(folder).run(rungs=["prompt"])
        asked = len(judge.received)
        Study.load(folder).run(rungs=["prompt"])
        assert len(judge.received) == asked, "a judge's answers are journaled too"
    found = correct(verdict)
    assert found.value == pytest.approx(0.75, abs=0.12)
    assert found.interval is not None
    assert "labels of people" in found.note
    assert verdict.chosen == "prompt"
