"""`suffice draft` over real HTTP: what is said first, what is paid, what lies there afterwards."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from suffice.evaluate.drafts import Decision, read_drafts, write_drafts
from tests.cli.conftest import Command
from tests.servers.chat_server import ChatServer

HALLS = 12


def reply(body: dict[str, Any]) -> str:
    """Drafts from the passage that it is shown, and answers from it."""
    said = body["messages"][-1]["content"]
    found = re.findall(r"hall (\d+) costs (\d+) euros", said)
    if not found:
        return "I do not know."
    hall, price = found[0]
    if "response_format" not in body:
        return f"{price} euros"
    question = f"What does a visit to hall {hall} cost?"
    return json.dumps({"drafts": [{"question": question, "answer": f"{price} euros"}]})


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with ChatServer(reply) as running:
        yield running


@pytest.fixture
def halls(tmp_path: Path, server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A study of documents alone, as `suffice init` leaves it."""
    folder = tmp_path / "halls"
    (folder / "docs").mkdir(parents=True)
    for n in range(1, HALLS + 1):
        text = f"It is open all year and stands in Bern. A visit to hall {n} costs {3 * n} euros."
        (folder / "docs" / f"hall-{n}.md").write_text(f"# Hall {n}\n\n{text}\n")
    (folder / "suffice.yaml").write_text(
        'model: "openai:test-model"\ncases: cases.jsonl\ndocuments: docs\nbar: {correct: 0.5}\n'
        "price: {input: 1, output: 1}\n"
    )
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    return folder


def test_drafts_wait_unreviewed_and_the_next_command_is_said(command: Command, halls: Path) -> None:
    """Each with its document; no cases are written."""
    ended = command("draft", "--study", halls, "--count", 10, "--yes")
    assert ended.code == 0, ended.err
    drafts = read_drafts(halls / "drafts.jsonl")
    assert len({each.document for each in drafts}) == 10
    assert all(each.decision is None and each.model == "openai:test-model" for each in drafts)
    assert "10 sound drafts" in ended.out
    assert "review --study" in ended.out
    assert not (halls / "cases.jsonl").exists()


def test_nothing_is_asked_before_the_cost_is_agreed_to(
    command: Command, halls: Path, server: ChatServer
) -> None:
    """Where nobody can be asked, it says how to agree."""
    ended = command("draft", "--study", halls)
    assert ended.code == 64
    assert "$0.0" in ended.err
    assert "--yes" in ended.err
    assert not server.received


def test_cases_that_are_not_there_yet_may_be_named_with_their_format(
    command: Command, halls: Path
) -> None:
    """`jsonl:cases.jsonl` is no reason to look for questions in a file that is yet to come."""
    path = halls / "suffice.yaml"
    path.write_text(path.read_text().replace("cases: cases", "cases: jsonl:cases"))
    ended = command("draft", "--study", halls, "--count", 2, "--yes")
    assert ended.code == 0, ended.err


def test_a_decision_that_falls_meanwhile_stays(
    command: Command, halls: Path, server: ChatServer
) -> None:
    """`suffice review` may run beside it."""
    path = halls / "drafts.jsonl"
    command("draft", "--study", halls, "--count", 2, "--yes")
    first, second = read_drafts(path)

    def deciding(body: dict[str, Any]) -> str:
        write_drafts(path, [replace(first, decision=Decision.DROPPED), second])
        return reply(body)

    server.reply = deciding
    command("draft", "--study", halls, "--count", 4, "--yes")
    assert [each.decision for each in read_drafts(path)] == ["dropped", None, None, None]


def test_nothing_is_paid_for_twice(command: Command, halls: Path, server: ChatServer) -> None:
    """Neither when the file is full nor when it was lost."""
    command("draft", "--study", halls, "--count", 8, "--yes")
    asked, first = len(server.received), (halls / "drafts.jsonl").read_bytes()
    assert "8 drafts already" in command("draft", "--study", halls, "--count", 8).err
    (halls / "drafts.jsonl").unlink()
    command("draft", "--study", halls, "--count", 8, "--yes")
    assert (halls / "drafts.jsonl").read_bytes() == first
    assert len(server.received) == asked


def test_a_budget_ends_it_after_what_is_paid(
    command: Command, halls: Path, server: ChatServer
) -> None:
    """What was drafted until then is kept, and a larger one goes on."""
    path = halls / "suffice.yaml"
    path.write_text(path.read_text() + "limits: {concurrency: 1}\n")
    ended = command("draft", "--study", halls, "--count", 12, "--yes", "--budget-usd", 0.002)
    assert ended.code in (1, 2)
    assert "budget" in ended.err + ended.out
    assert 0 < len(server.received) < 24
    again = command("draft", "--study", halls, "--count", 12, "--yes", "--budget-usd", 1)
    assert again.code == 0
    assert len(server.received) == 24


def test_a_study_without_documents_is_told(command: Command, halls: Path) -> None:
    """There is nothing to draft from."""
    path = halls / "suffice.yaml"
    path.write_text(path.read_text().replace("documents: docs\n", ""))
    ended = command("draft", "--study", halls, "--yes")
    assert ended.code == 64
    assert "documents:" in ended.err


def test_reviewed_drafts_are_a_study(command: Command, halls: Path) -> None:
    """From documents alone to a study that can be checked; what nobody read is said."""
    assert "draft --study" in command("check", "--study", halls).err
    command("draft", "--study", halls, "--count", 12, "--yes")
    assert "review --study" in command("check", "--study", halls).err
    command("review", "--study", halls, "--unread")
    ended = command("check", "--study", halls)
    out = " ".join(ended.out.split())
    assert ended.code == 0, ended.err
    assert "12 of 12 cases were drafted by a model and read by nobody" in out
    assert "12 drafts that nobody has read" in out
    ran = command("run", "--study", halls, "--rungs", "prompt", "--json")
    said = " ".join(ran.json["warnings"])
    assert "12 of 12 cases were drafted by a model and read by nobody" in said
