"""Decisions on drafts: where they are kept, and what is left when a kill comes between."""

import json
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from suffice.errors import UsageError
from suffice.evaluate import cases as case_files
from suffice.evaluate.drafts import Draft, draft_of, locked, read_drafts, write_drafts
from suffice.evaluate.reviewing import Reviewing

PASSAGE = "The hall opens at nine and closes at six. A visit costs 7 euros."
DRAFTS = [
    draft_of("When does the hall open in the morning?", "nine", "hall.md", PASSAGE, "m"),
    draft_of("When does the hall close for the day?", "six", "hall.md", PASSAGE, "m"),
    draft_of("What does a visit to the hall cost?", "7 euros", "hall.md", PASSAGE, "m"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_drafts(tmp_path / "drafts.jsonl", DRAFTS)
    return tmp_path


def reviewing(folder: Path) -> Reviewing:
    return Reviewing.of(folder / "drafts.jsonl", folder / "cases.jsonl")


def rows(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "cases.jsonl").read_text("utf-8").splitlines()]


def decisions(folder: Path) -> list[str | None]:
    return [each.decision for each in read_drafts(folder / "drafts.jsonl")]


def test_accepted_ones_become_cases_that_can_be_read(folder: Path) -> None:
    """With gold document and check; the tag says that they were drafted."""
    reviewing(folder).accept(DRAFTS[0])
    (case,) = case_files.load(folder / "cases.jsonl").cases
    assert (case.expected, case.gold, case.tags) == (("nine",), ("hall.md",), ("drafted",))
    assert decisions(folder) == ["accepted", None, None]


def test_mended_ones_become_cases_in_the_new_words(folder: Path) -> None:
    """The id stays."""
    reviewing(folder).mend(DRAFTS[1], "Until when is the hall open?", "six o'clock")
    (row,) = rows(folder)
    assert (row["id"], row["question"]) == (DRAFTS[1].id, "Until when is the hall open?")
    assert decisions(folder) == [None, "mended", None]


def test_dropped_ones_stay_out(folder: Path) -> None:
    """And are not shown again."""
    reviewing(folder).drop(DRAFTS[2])
    assert not (folder / "cases.jsonl").exists()
    assert reviewing(folder).open == DRAFTS[:2]


def test_cases_that_are_there_stay_as_they_are(folder: Path) -> None:
    """Byte for byte, also where the last line has no end."""
    mine = b'{"question": "Who?",   "expected": "me"}'
    (folder / "cases.jsonl").write_bytes(mine)
    reviewing(folder).accept(DRAFTS[0])
    written = (folder / "cases.jsonl").read_bytes()
    assert written.startswith(mine + b"\n")
    assert len(rows(folder)) == 2


def test_cases_behind_a_link_are_written_there(folder: Path) -> None:
    """The link stays one, so that who shares the file sees what was accepted."""
    (folder / "shared").mkdir()
    there = folder / "shared" / "cases.jsonl"
    there.write_text('{"question": "Who?", "expected": "me"}\n')
    (folder / "cases.jsonl").symlink_to(there)
    reviewing(folder).accept(DRAFTS[0])
    assert (folder / "cases.jsonl").is_symlink()
    assert len(there.read_text("utf-8").splitlines()) == 2


def test_a_kill_between_case_and_mark_accepts_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The case is there, so it was accepted."""

    def killed(_: Reviewing, __: Draft, ___: Draft) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Reviewing, "_decide", killed)
        with pytest.raises(KeyboardInterrupt):
            reviewing(folder).accept(DRAFTS[0])
    assert decisions(folder) == [None, None, None]
    assert reviewing(folder).open == DRAFTS[1:]
    assert decisions(folder) == ["accepted", None, None]
    assert len(rows(folder)) == 1


class TestUnread:
    def test_are_cases_that_every_verdict_speaks_of(self, folder: Path) -> None:
        """Their tag is counted where cases are read; the drafts stay open."""
        assert reviewing(folder).take_unread() == 3
        read = case_files.load(folder / "cases.jsonl")
        assert "3 of 3 cases were drafted by a model and read by nobody" in read.warnings[0]
        assert reviewing(folder).open == DRAFTS

    def test_are_taken_once(self, folder: Path) -> None:
        """The same words again add nothing."""
        reviewing(folder).take_unread()
        assert reviewing(folder).take_unread() == 0
        assert len(rows(folder)) == 3

    def test_become_read_by_a_decision(self, folder: Path) -> None:
        """Accepted and mended in their place, dropped out of it."""
        reviewing(folder).take_unread()
        here = reviewing(folder)
        here.accept(DRAFTS[0])
        here.mend(DRAFTS[1], "Until when is the hall open?", "six")
        here.drop(DRAFTS[2])
        assert [(row["question"], row["tags"]) for row in rows(folder)] == [
            (DRAFTS[0].question, ["drafted"]),
            ("Until when is the hall open?", ["drafted"]),
        ]
        assert not case_files.load(folder / "cases.jsonl").warnings


def test_what_others_write_meanwhile_stays(folder: Path) -> None:
    """A draft that is added and a decision that falls elsewhere, while a person reads."""
    here, there = reviewing(folder), reviewing(folder)
    late = draft_of("How much is a visit for grown-ups?", "7 euros", "hall.md", PASSAGE, "m")
    write_drafts(folder / "drafts.jsonl", [*DRAFTS, late])
    there.accept(DRAFTS[0])
    here.drop(DRAFTS[1])
    here.accept(DRAFTS[2])
    assert decisions(folder) == ["accepted", "dropped", "accepted", None]
    assert [row["id"] for row in rows(folder)] == [DRAFTS[0].id, DRAFTS[2].id]


def test_the_same_draft_is_taken_once_by_two(folder: Path) -> None:
    """An id that stands twice would make the cases unreadable."""
    here, there = reviewing(folder), reviewing(folder)
    there.accept(DRAFTS[0])
    here.mend(DRAFTS[0], "From when is the hall open?", "nine")
    assert [row["question"] for row in rows(folder)] == ["From when is the hall open?"]


def test_a_decision_waits_for_who_holds_the_files(folder: Path) -> None:
    """What was written while they were held is not undone."""
    here = reviewing(folder)
    deciding = Thread(target=here.accept, args=(DRAFTS[0],))
    with locked(folder / "drafts.jsonl"):
        deciding.start()
        deciding.join(0.2)
        assert decisions(folder) == [None, None, None]
        write_drafts(folder / "drafts.jsonl", DRAFTS[:2])
    deciding.join(20)
    assert decisions(folder) == ["accepted", None]


def test_cases_of_another_format_are_refused(folder: Path) -> None:
    """Rows of ours among chats would make the file one that nobody can read."""
    said = [{"role": "user", "content": "Who?"}, {"role": "assistant", "content": "me"}]
    path = folder / "cases.jsonl"
    path.write_text(json.dumps({"messages": said}) + "\n")
    before = path.read_bytes()
    with pytest.raises(UsageError, match=r"openai-chat.*--into"):
        reviewing(folder)
    assert path.read_bytes() == before


def test_a_format_that_the_study_names_is_refused_where_it_is_not_ours(folder: Path) -> None:
    """Also where there is no file yet that could show it."""
    paths = folder / "drafts.jsonl", folder / "cases.jsonl"
    with pytest.raises(UsageError, match=r"openai-chat.*--into"):
        Reviewing.of(*paths, "openai-chat")
    assert Reviewing.of(*paths, "jsonl").open == DRAFTS


def test_cases_that_are_no_json_rows_are_refused(folder: Path) -> None:
    """A table is not written into."""
    with pytest.raises(UsageError, match="--into"):
        Reviewing.of(folder / "drafts.jsonl", folder / "cases.csv")
