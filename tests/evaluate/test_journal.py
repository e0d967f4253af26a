"""The journal keeps every answer once, through kills, races and damage."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from suffice.errors import DataError
from suffice.evaluate.journal import Journal
from suffice.records import Answer, Usage

SOME = Answer(text="thirty days", usage=Usage(12, 3), seconds=0.5, usd=0.01)


def test_a_kept_answer_is_found_by_its_key(tmp_path: Path) -> None:
    """What was kept comes back as it was, also in a journal opened later."""
    with Journal(tmp_path / "journal.db") as journal:
        journal.keep("a", SOME, run="r", model="m")
        journal.flush()
        assert journal.find(["a", "b"]) == {"a": SOME}
    with Journal(tmp_path / "journal.db") as journal:
        assert journal.find(["a"]) == {"a": SOME}


def test_the_first_answer_under_a_key_stays(tmp_path: Path) -> None:
    """A second answer to the same request never replaces the one that was paid for first."""
    with Journal(tmp_path / "journal.db") as journal:
        journal.keep("a", SOME, run="r", model="m")
        journal.keep("a", Answer(text="another"), run="r", model="m")
        journal.flush()
        assert journal.find(["a"])["a"].text == "thirty days"


def test_thousands_of_keys_are_found_at_once(tmp_path: Path) -> None:
    """Finding is not limited by how many variables one statement may have."""
    with Journal(tmp_path / "journal.db") as journal:
        for number in range(3000):
            journal.keep(str(number), SOME, run="r", model="m")
        journal.flush()
        assert len(journal.find([str(number) for number in range(4000)])) == 3000


def test_spending_is_summed_by_run(tmp_path: Path) -> None:
    """What a run has paid counts over all the times it was started."""
    with Journal(tmp_path / "journal.db") as journal:
        journal.keep("a", SOME, run="one", model="m")
        journal.keep("b", SOME, run="one", model="m")
        journal.keep("c", SOME, run="two", model="m")
        journal.flush()
        assert journal.spent("one") == pytest.approx(0.02)
        assert journal.spent("none") == 0


def test_two_processes_share_one_journal(tmp_path: Path) -> None:
    """Answers of another process are found, and neither waits for the other for ever."""
    path = tmp_path / "journal.db"
    with Journal(path) as one, Journal(path) as other:
        for number in range(200):
            (one if number % 2 else other).keep(str(number), SOME, run="r", model="m")
        one.flush()
        other.flush()
        assert len(one.find([str(number) for number in range(200)])) == 200


WRITER = """
import sys
from pathlib import Path
from suffice.evaluate.journal import Journal
from suffice.records import Answer
journal = Journal(Path(sys.argv[1]))
number = 0
while True:
    journal.keep(str(number), Answer(text="x" * 100), run="r", model="m")
    journal.flush()
    print(number, flush=True)
    number += 1
"""


@pytest.mark.parametrize("wait", [0.05, 0.1, 0.2])
def test_a_killed_writer_loses_nothing_that_was_flushed(tmp_path: Path, wait: float) -> None:
    """After `kill -9` every answer that was reported as flushed is there, and the file is sound."""
    path = tmp_path / "journal.db"
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(wait)
        os.kill(writer.pid, signal.SIGKILL)
        reported = [line for line in writer.stdout.read().split("\n") if line]
    last = max([0, *(int(line) for line in reported[:-1])])
    with Journal(path) as journal:
        assert len(journal.find([str(number) for number in range(last + 1)])) == last + 1
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def test_a_damaged_journal_is_named(tmp_path: Path) -> None:
    """A file that is no database ends in an error that names it and says what to do."""
    path = tmp_path / "journal.db"
    path.write_bytes(b"this is not a database" * 100)
    with pytest.raises(DataError, match=r"journal\.db.*move it away"):
        Journal(path)


def test_a_journal_of_another_layout_is_refused(tmp_path: Path) -> None:
    """A journal of a later version is left untouched."""
    path = tmp_path / "journal.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version=99")
    connection.close()
    with pytest.raises(DataError, match="another version"):
        Journal(path)


def test_an_answer_that_cannot_be_written_is_never_lost_silently(tmp_path: Path) -> None:
    """When the disk refuses, flush says so instead of going on."""
    path = tmp_path / "journal.db"
    journal = Journal(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("DROP TABLE answers")
    other.close()
    journal.keep("a", SOME, run="r", model="m")
    with pytest.raises(DataError, match="cannot be written"):
        journal.flush()
    with pytest.raises(DataError, match="cannot be written"):
        journal.close()


def test_an_answer_that_cannot_be_encoded_is_never_lost_silently(tmp_path: Path) -> None:
    """A failure that is not SQLite's own is told too, every time, and nobody waits for ever."""
    journal = Journal(tmp_path / "journal.db")
    journal.keep("a lone surrogate \ud800", SOME, run="r", model="m")
    for _ in range(2):
        assert isinstance(flushed(journal), DataError)
    with pytest.raises(DataError, match="cannot be written"):
        journal.close()


class Unopened(Journal):
    """A journal whose writer finds no file handle left."""

    def _connect(self) -> sqlite3.Connection:
        if threading.current_thread().name == "journal":
            raise OSError("too many open files")
        return super()._connect()


def test_a_writer_that_cannot_start_is_told(tmp_path: Path) -> None:
    """Where the writer gets no connection, keeping ends in an error instead of in waiting."""
    journal = Unopened(tmp_path / "journal.db")
    assert "too many open files" in str(flushed(journal))


def test_after_closing_nobody_waits(tmp_path: Path) -> None:
    """A thread that outlives the journal is told that it is closed."""
    journal = Journal(tmp_path / "journal.db")
    journal.close()
    assert "it is closed" in str(flushed(journal))


def flushed(journal: Journal) -> BaseException | None:
    """What `flush` raised, where it returned within five seconds."""
    told: list[BaseException | None] = []

    def flush() -> None:
        try:
            journal.flush()
        except DataError as error:
            told.append(error)
        else:
            told.append(None)

    thread = threading.Thread(target=flush, daemon=True)
    thread.start()
    thread.join(5)
    assert told, "flush did not return"
    return told[0]


def test_money_without_an_answer_counts_as_spent(tmp_path: Path) -> None:
    """What a failed try cost, and an answer of unknown price, count towards the run's budget."""
    with Journal(tmp_path / "journal.db") as journal:
        journal.book(0.25, run="one", model="m")
        journal.book(0.25, run="one", model="m")
        journal.keep("a", Answer("fine"), run="one", model="m", usd=0.5)
        journal.flush()
        assert journal.spent("one") == pytest.approx(1.0)
        assert journal.find(["a"])["a"].usd is None


def test_what_is_forgotten_is_gone_from_every_byte_and_stays_paid(tmp_path: Path) -> None:
    """Answers from a document, and answers that repeat one of its sentences; no others."""
    path = tmp_path / "journal.db"
    secret, quoted = "the vault opens at the third bell", 'they say "third bell" and mean it'
    with Journal(path) as journal:
        journal.keep("a", Answer(secret, usd=1), run="r", model="m", shown=frozenset({"doc"}))
        journal.keep("b", Answer(f"so: {quoted}", usd=2), run="r", model="m")
        journal.keep("c", Answer("another"), run="r", model="m", shown=frozenset({"other"}))
        journal.flush()
        assert journal.forget(["doc"], [quoted]) == 2
        assert journal.find(["a", "b", "c"]) == {"c": Answer("another")}
        assert journal.spent("r") == 3
    data = b"".join(each.read_bytes() for each in tmp_path.iterdir())
    assert secret.encode() not in data
    assert b"third bell" not in data
