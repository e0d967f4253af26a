"""The folder of a run: written whole or not at all, found by name, and told apart when damaged."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from suffice.decide.runs import find_run, load_trials, load_verdict, runs, save, trials_of
from suffice.errors import DataError, UsageError
from suffice.records import Verdict
from tests.decide.trials import graded, some_cases

CASES = some_cases(3)
TRIALS = [*graded(CASES, [1, None, 0]), *graded(CASES, [1, 1, 1], "schema")]


def a_verdict(run: str = "study-0123456789") -> Verdict:
    return Verdict(
        run=run,
        study="study",
        model="scripted:model",
        chosen=None,
        reason="",
        standings=(),
        comparisons=(),
        plan="0123456789",
        look=1,
        usd=None,
        seconds=1.0,
    )


def test_what_is_saved_is_read_back(tmp_path: Path) -> None:
    """Verdict and trials come back as they were, failures and all."""
    folder = save(tmp_path, a_verdict(), TRIALS)
    assert load_verdict(folder) == a_verdict()
    assert load_trials(folder) == TRIALS


def test_a_copy_of_the_trials_can_lie_anywhere(tmp_path: Path) -> None:
    """A baseline is kept as one file, wherever a project keeps such things."""
    folder = save(tmp_path, a_verdict(), TRIALS)
    kept = tmp_path / "baseline.jsonl"
    kept.write_bytes((folder / "trials.jsonl").read_bytes())
    assert load_trials(kept) == TRIALS


def test_nothing_half_written_is_left(tmp_path: Path) -> None:
    """Files are written beside their place and moved into it; the folder holds no others."""
    for _ in range(2):
        folder = save(tmp_path, a_verdict(), TRIALS)
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["sums.json", "trials.jsonl", "verdict.json"]


def test_an_old_file_stays_whole_when_the_new_one_cannot_be_written(tmp_path: Path) -> None:
    """A reader that has the old verdict open keeps it: it is replaced, never written over."""
    folder = save(tmp_path, a_verdict(), TRIALS)
    with (folder / "verdict.json").open("rb") as before:
        first = before.read(10)
        save(tmp_path, replace(a_verdict(), reason="another " * 1000), TRIALS)
        assert first + before.read() != (folder / "verdict.json").read_bytes()
        before.seek(0)
        assert b"another" not in before.read()


class TestFind:
    def test_the_newest_where_none_is_named(self, tmp_path: Path) -> None:
        """By the time of its verdict, whatever its name."""
        for age, run in enumerate(["study-b", "study-c", "study-a"]):
            folder = save(tmp_path, a_verdict(run), [])
            os.utime(folder / "verdict.json", (1_000_000 + age, 1_000_000 + age))
        assert runs(tmp_path) == ["study-b", "study-c", "study-a"]
        assert find_run(tmp_path, None).name == "study-a"

    def test_the_start_of_a_name_is_enough(self, tmp_path: Path) -> None:
        """As with commits, where it names one only."""
        for run in ("study-123", "study-145"):
            save(tmp_path, a_verdict(run), [])
        assert find_run(tmp_path, "study-12").name == "study-123"
        with pytest.raises(UsageError, match="several runs start so"):
            find_run(tmp_path, "study-1")

    def test_an_unknown_name_is_told_with_the_near_one(self, tmp_path: Path) -> None:
        """And with all that are known."""
        save(tmp_path, a_verdict("study-12345"), [])
        with pytest.raises(UsageError, match=r"no such run; did you mean 'study-12345'\?"):
            find_run(tmp_path, "stduy-12345")

    def test_no_run_yet(self, tmp_path: Path) -> None:
        """It is said what makes one."""
        with pytest.raises(UsageError, match="`suffice run` makes one"):
            find_run(tmp_path, None)

    def test_a_run_without_a_verdict_is_not_finished(self, tmp_path: Path) -> None:
        """A folder that a stopped run left is no run to report on."""
        (tmp_path / "runs" / "study-123").mkdir(parents=True)
        assert runs(tmp_path) == []


class TestDamage:
    @pytest.mark.parametrize("name", ["verdict.json", "trials.jsonl"])
    def test_what_was_changed_since_is_seen(self, name: str, tmp_path: Path) -> None:
        """A figure made nicer by hand is no figure any more."""
        folder = save(tmp_path, a_verdict(), TRIALS)
        path = folder / name
        path.write_bytes(
            path.read_bytes().replace(b"prompt", b"Prompt").replace(b"study", b"Study")
        )
        read = load_verdict if name == "verdict.json" else load_trials
        with pytest.raises(DataError, match=f"{name}: changed since the run wrote it.*anew"):
            read(folder)

    def test_damaged_sums_are_named(self, tmp_path: Path) -> None:
        folder = save(tmp_path, a_verdict(), TRIALS)
        (folder / "sums.json").write_bytes(b"{")
        with pytest.raises(DataError, match=r"sums\.json: not a list of sums"):
            load_verdict(folder)

    def test_a_run_of_before_there_were_sums_is_read(self, tmp_path: Path) -> None:
        folder = save(tmp_path, a_verdict(), TRIALS)
        (folder / "sums.json").unlink()
        assert load_verdict(folder) == a_verdict()

    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"run": 3}', b"\xff\xfe"])
    def test_a_damaged_verdict_is_named(self, body: bytes, tmp_path: Path) -> None:
        """With the file and how it is mended without paying again."""
        folder = save(tmp_path, a_verdict(), [])
        (folder / "sums.json").unlink()
        (folder / "verdict.json").write_bytes(body)
        with pytest.raises(DataError, match=r"verdict\.json: not a verdict.*without asking again"):
            load_verdict(folder)

    @pytest.mark.parametrize("line", [b'{"case": 1}', b'{"rung": ', b"\0", b"[]"])
    def test_a_damaged_trial_is_named_by_its_line(self, line: bytes, tmp_path: Path) -> None:
        """The line among many, not only the file."""
        path = save(tmp_path, a_verdict(), TRIALS) / "trials.jsonl"
        lines = path.read_bytes().splitlines()
        path.write_bytes(b"\n".join([*lines[:2], line, *lines[3:]]))
        with pytest.raises(DataError, match=r"trials\.jsonl:3: .*without asking again"):
            load_trials(path)


def test_an_unknown_rung_of_a_run_is_told_with_the_near_one() -> None:
    """Which rungs have trials is said."""
    assert trials_of(TRIALS, "schema") == TRIALS[3:]
    with pytest.raises(UsageError, match=r"did you mean 'schema'\?; known: prompt, schema"):
        trials_of(TRIALS, "shema")
