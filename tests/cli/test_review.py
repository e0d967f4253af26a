"""`suffice review` through a pipe, at a terminal, and killed in the midst."""

import io
import json
import signal
import sys
from pathlib import Path

import pytest

from suffice.evaluate.drafts import draft_of, read_drafts, write_drafts
from tests.cli.conftest import Command, Ended
from tests.cli.terminal import Terminal

PASSAGE = "The hall opens at nine and closes at six. A visit costs 7 euros for grown-ups."
DRAFTS = [
    draft_of("When does the hall open in the morning?", "nine", "hall.md", PASSAGE, "m"),
    draft_of("When does the hall close for the day?", "six", "hall.md", PASSAGE, "m"),
    draft_of("What does a visit to the hall cost?", "7 euros", "hall.md", PASSAGE, "m"),
]


@pytest.fixture
def halls(tmp_path: Path) -> Path:
    folder = tmp_path / "halls"
    folder.mkdir()
    write_drafts(folder / "drafts.jsonl", DRAFTS)
    return folder


def decisions(folder: Path) -> list[str | None]:
    return [each.decision for each in read_drafts(folder / "drafts.jsonl")]


def questions(folder: Path) -> list[str]:
    path = folder / "cases.jsonl"
    if not path.exists():
        return []
    return [json.loads(line)["question"] for line in path.read_text("utf-8").splitlines()]


class TestPiped:
    def typed(
        self, lines: str, command: Command, halls: Path, monkeypatch: pytest.MonkeyPatch
    ) -> Ended:
        monkeypatch.setattr(sys, "stdin", io.StringIO(lines))
        return command("review", "--study", halls)

    def test_accept_mend_drop(
        self, command: Command, halls: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A letter a draft; mending takes a question and an answer, an empty line keeps either."""
        ended = self.typed("a\nm\nUntil when is it open?\n\nd\n", command, halls, monkeypatch)
        assert ended.code == 0, ended.err
        assert decisions(halls) == ["accepted", "mended", "dropped"]
        assert questions(halls) == [DRAFTS[0].question, "Until when is it open?"]
        assert "check --study" in ended.err

    @pytest.mark.parametrize("lines", ["a\nq\n", "a\n"])
    def test_quitting_and_the_end_of_input_keep_what_was_decided(
        self, lines: str, command: Command, halls: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """And say how to go on."""
        ended = self.typed(lines, command, halls, monkeypatch)
        assert decisions(halls) == ["accepted", None, None]
        assert "2 drafts left" in ended.err
        assert "review --study" in ended.err
        self.typed("d\n", command, halls, monkeypatch)
        assert decisions(halls) == ["accepted", "dropped", None]

    def test_the_study_may_name_the_format_of_its_cases(
        self, command: Command, halls: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """`jsonl:cases.jsonl` is the file cases.jsonl."""
        (halls / "suffice.yaml").write_text(
            'model: nano\ncases: "jsonl:cases.jsonl"\nbar: {correct: 0.5}\n'
        )
        ended = self.typed("a\nq\n", command, halls, monkeypatch)
        assert ended.code == 0, ended.err
        assert questions(halls) == [DRAFTS[0].question]
        assert not list(halls.glob("jsonl:*"))

    def test_skipping_leaves_a_draft_for_later(
        self, command: Command, halls: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """An unknown letter is told and decides nothing."""
        ended = self.typed("s\nx\na\nq\n", command, halls, monkeypatch)
        assert decisions(halls) == [None, "accepted", None]
        assert "'x' is none of" in ended.err

    def test_what_a_terminal_would_obey_is_shown_as_text(
        self, command: Command, halls: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Passages are a stranger's, and markup in them is no markup."""
        odd = draft_of("What is [bold]this\x1b[2J?", "six", "a.md", "six \x1b]0;x\x07 [red]", "m")
        write_drafts(halls / "drafts.jsonl", [odd])
        ended = self.typed("q\n", command, halls, monkeypatch)
        assert "\x1b]0" not in ended.err
        assert "[bold]this" in ended.err

    def test_without_drafts_it_says_how_to_get_some(self, command: Command, tmp_path: Path) -> None:
        """The command before this one."""
        ended = command("review", "--study", tmp_path)
        assert ended.code == 64
        assert "suffice draft" in ended.err

    def test_cases_that_cannot_be_read_are_told_first(
        self, command: Command, halls: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """With their line, and nothing is decided."""
        (halls / "cases.jsonl").write_text('{"question": "Who?", "expected": "me"}\n{half')
        ended = self.typed("a\n", command, halls, monkeypatch)
        assert ended.code == 64
        assert "cases.jsonl:2" in ended.err
        assert decisions(halls) == [None, None, None]


class TestAtATerminal:
    def test_one_key_decides(self, halls: Path) -> None:
        """No Enter; mending asks with what is there as the default."""
        with Terminal("review", "--study", str(halls)) as terminal:
            terminal.until("[q]uit")
            terminal.press("a")
            terminal.until("[q]uit")
            terminal.press("m")
            terminal.until("question [")
            terminal.press("Until when is it open?\n")
            terminal.until("answer [six]")
            terminal.press("\n")
            terminal.until("[q]uit")
            terminal.press("q")
            terminal.until("1 draft left")
            assert terminal.process.wait(40) == 0
        assert decisions(halls) == ["accepted", "mended", None]
        assert questions(halls) == [DRAFTS[0].question, "Until when is it open?"]

    def test_other_keys_decide_nothing(self, halls: Path) -> None:
        """An arrow is no letter; Ctrl-D leaves as it does elsewhere."""
        with Terminal("review", "--study", str(halls)) as terminal:
            terminal.until("[q]uit")
            terminal.press("\x1b[A")
            terminal.until("[q]uit\r\n[a]ccept  [m]end  [d]rop  [s]kip  [q]uit")
            terminal.press("\x04")
            terminal.until("3 drafts left")
            assert terminal.process.wait(40) == 0
        assert decisions(halls) == [None, None, None]

    def test_a_kill_loses_nothing_that_was_decided(self, halls: Path) -> None:
        """Both files are whole, and the next run goes on."""
        with Terminal("review", "--study", str(halls)) as terminal:
            terminal.until("[q]uit")
            terminal.press("a")
            terminal.until("draft 2 of 3")
            terminal.process.send_signal(signal.SIGKILL)
            assert terminal.process.wait(40) == -signal.SIGKILL
        assert decisions(halls) == ["accepted", None, None]
        assert questions(halls) == [DRAFTS[0].question]
