"""A SQLite file that several threads and processes share: opened for a log that is written ahead.

Of several that open a new file at once, SQLite lets all but one fail at the change to that log,
whatever timeout it was given. So it is tried again for as long as one may wait.
"""

import sqlite3
import time
from pathlib import Path


def opened(path: Path, wait_seconds: float) -> sqlite3.Connection:
    """A connection that commits by itself. A power cut may lose the last commits, and no more."""
    connection = sqlite3.connect(path, timeout=wait_seconds, isolation_level=None)
    try:
        _write_ahead(connection, time.monotonic() + wait_seconds)
        connection.execute("PRAGMA synchronous=NORMAL")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _write_ahead(connection: sqlite3.Connection, deadline: float) -> None:
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
            if not busy or time.monotonic() >= deadline:
                raise
            time.sleep(0.01)
        else:
            return
