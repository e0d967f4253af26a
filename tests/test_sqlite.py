"""One file that several open at once."""

import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from suffice.sqlite import opened


def test_several_may_open_a_new_file_at_once(tmp_path: Path) -> None:
    """SQLite itself lets all but one fail at the change of its log."""

    def mode(number: int) -> str:
        with closing(opened(tmp_path / f"{number // 8}.db", 30)) as connection:
            return str(connection.execute("PRAGMA journal_mode").fetchone()[0])

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(mode, range(160))) == {"wal"}


def test_who_holds_a_file_is_waited_for_and_no_longer(tmp_path: Path) -> None:
    """The time that was given, then the error."""
    path = tmp_path / "a.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("CREATE TABLE a (b)")
        holder.execute("BEGIN EXCLUSIVE")
        started = time.monotonic()
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            opened(path, 0.2)
        assert time.monotonic() - started >= 0.2


def test_what_waiting_mends_not_is_told_at_once(tmp_path: Path) -> None:
    """A file that is none of SQLite's."""
    path = tmp_path / "a.db"
    path.write_bytes(b"no database " * 100)
    with pytest.raises(sqlite3.DatabaseError, match="not a database"):
        opened(path, 1000)
