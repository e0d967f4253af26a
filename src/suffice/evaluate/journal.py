"""The journal: every paid or slow answer, kept once, for ever, under a fingerprint.

The key is a digest of everything that could change the answer: the model's identity, the request,
the replicate. So a second run of the same study asks nothing, and a run that was killed goes on
where it stopped. Only answers are kept: a failure is asked again. What a failed try cost is
kept without an answer, so that a budget holds over all the times a run is started.

One thread writes. It commits whatever has arrived since its last commit, so many answers share a
commit under load and a lone one is kept at once. Who asks waits for that commit before the next
call (`Asker`), so `kill -9` loses at most the calls in flight; SQLite's write-ahead log keeps what
was committed. A power cut may lose the last commits (synchronous=NORMAL) but never damages the
file.
"""

import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import Self, TypeAlias
from uuid import uuid4

import msgspec

from suffice.errors import DataError
from suffice.records import Answer, Source, as_json
from suffice.sqlite import opened

LAYOUT = 1
_TABLE = """
CREATE TABLE IF NOT EXISTS answers (
    key TEXT PRIMARY KEY,
    run TEXT NOT NULL,
    model TEXT NOT NULL,
    usd REAL,
    answer BLOB NOT NULL
) WITHOUT ROWID
"""
# Which documents an answer was given from: what has to go with a document that is forgotten.
_SHOWN = """
CREATE TABLE IF NOT EXISTS shown (
    document TEXT NOT NULL,
    key TEXT NOT NULL,
    PRIMARY KEY (document, key)
) WITHOUT ROWID
"""
_BY_RUN = "CREATE INDEX IF NOT EXISTS answers_by_run ON answers (run, usd)"
_WAIT_SECONDS = 30.0  # for another who writes
_LOOK_SECONDS = 1.0  # how often one who waits looks whether the writer still lives
_SOME = 200  # answers that tell how long a model takes
_CHUNK = 500  # keys a SELECT: far below SQLite's limit on variables

_Row: TypeAlias = tuple[str, str, str, float | None, bytes]
_Entry: TypeAlias = tuple[_Row, frozenset[str]]
_decode = msgspec.json.Decoder(Answer).decode
_NOTHING = as_json(Answer(text=""))


class Journal:
    """Answers by key, in one SQLite file that several processes may share."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._inbox: SimpleQueue[_Entry | threading.Event | None] = SimpleQueue()
        self._broken: BaseException | None = None
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._connect() as connection:
            self._check_layout(connection)
        connection.close()
        self._writer = threading.Thread(target=self._write, name="journal", daemon=True)
        self._writer.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def find(self, keys: Sequence[str]) -> dict[str, Answer]:
        """The answers that are known of these keys."""
        connection = self._connect()
        try:
            found: dict[str, Answer] = {}
            for start in range(0, len(keys), _CHUNK):
                chunk = keys[start : start + _CHUNK]
                marks = ",".join("?" * len(chunk))
                rows = connection.execute(
                    f"SELECT key, answer FROM answers WHERE key IN ({marks})",  # noqa: S608
                    chunk,
                )
                found.update((key, _decode(answer)) for key, answer in rows)
            return found
        finally:
            connection.close()

    def usual_seconds(self, model: str) -> float | None:
        """How long answers of a model took, on the mean of some; None where there is none."""
        connection = self._connect()
        try:
            rows = connection.execute(
                "SELECT answer FROM answers WHERE model = ? LIMIT ?", (model, _SOME)
            ).fetchall()
        finally:
            connection.close()
        took = [_decode(answer).seconds for (answer,) in rows]
        return sum(took) / len(took) if took else None

    def keep(
        self,
        key: str,
        answer: Answer,
        *,
        run: str,
        model: str,
        usd: float | None = None,
        shown: frozenset[str] = frozenset(),
    ) -> None:
        """Hands an answer to the writer. It is on disk when `flush` returns, or sooner.

        `usd` is what to book for it where the answer itself does not know its price; `shown` are
        the documents whose passages the model saw.
        """
        if self._broken:
            raise self._unwritable() from self._broken
        paid = usd if answer.usd is None else answer.usd
        self._inbox.put(((key, run, model, paid, as_json(answer)), shown))

    def book(self, usd: float, *, run: str, model: str) -> None:
        """Counts money that a run has paid and got no answer for."""
        self.keep(f"no answer {uuid4().hex}", Answer(text=""), run=run, model=model, usd=usd)

    def flush(self) -> None:
        """Returns when everything kept so far is committed; raises if it could not be."""
        committed = threading.Event()
        self._inbox.put(committed)
        while not committed.wait(_LOOK_SECONDS):
            if not self._writer.is_alive():  # closed meanwhile: nobody will ever set it
                self._broken = self._broken or RuntimeError("it is closed")
                break
        if self._broken:
            raise self._unwritable() from self._broken

    def spent(self, run: str) -> float:
        """US dollars that a run has paid so far, over all the times it was started."""
        connection = self._connect()
        try:
            row = connection.execute(
                "SELECT COALESCE(SUM(usd), 0) FROM answers WHERE run = ?", (run,)
            ).fetchone()
            return float(row[0])
        finally:
            connection.close()

    def forget(self, documents: Sequence[str], sentences: Sequence[str]) -> int:
        """Takes answers off the disk that were given from these documents, or that repeat one of
        these sentences. How many there were. What they have cost stays booked."""
        self.flush()
        connection = self._connect()
        try:
            connection.execute("PRAGMA secure_delete=ON")
            connection.execute("BEGIN IMMEDIATE")
            gone = 0
            for name in documents:
                gone += connection.execute(
                    "UPDATE answers SET answer = ?, key = 'forgotten ' || hex(randomblob(16)) "
                    "WHERE key IN (SELECT key FROM shown WHERE document = ?)",
                    (_NOTHING, name),
                ).rowcount
                connection.execute("DELETE FROM shown WHERE document = ?", (name,))
            for sentence in sentences:
                gone += connection.execute(
                    "UPDATE answers SET answer = ?, key = 'forgotten ' || hex(randomblob(16)) "
                    "WHERE instr(answer, ?)",
                    (_NOTHING, as_json(sentence)[1:-1]),  # as it stands within JSON
                ).rowcount
            connection.execute("COMMIT")
            connection.execute("VACUUM")
            busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.DatabaseError as error:
            raise self._damaged(error) from error
        finally:
            connection.close()
        if busy:
            raise DataError(
                "answers were deleted, but another process still reads older pages of the "
                "journal; end it and forget again",
                Source(str(self.path)),
            )
        return gone

    def close(self) -> None:
        if self._writer.is_alive():
            self._inbox.put(None)
            self._writer.join()
        if self._broken:
            raise self._unwritable() from self._broken

    def _connect(self) -> sqlite3.Connection:
        try:
            return opened(self.path, _WAIT_SECONDS)
        except sqlite3.DatabaseError as error:
            raise self._damaged(error) from error

    def _check_layout(self, connection: sqlite3.Connection) -> None:
        (layout,) = connection.execute("PRAGMA user_version").fetchone()
        if layout not in (0, LAYOUT):
            raise DataError(
                f"this journal was written by another version (layout {layout}, ours is {LAYOUT}); "
                "use that version, or move the file away to start a new journal",
                Source(str(self.path)),
            )
        connection.execute(_TABLE)
        connection.execute(_SHOWN)
        connection.execute(_BY_RUN)
        connection.execute(f"PRAGMA user_version={LAYOUT}")

    def _write(self) -> None:
        """The writer's thread. It lives until it is told to end, whatever breaks: others wait."""
        connection: sqlite3.Connection | None = None
        try:
            connection = self._connect()
        except BaseException as error:
            self._broken = error
        ended = False
        while not ended:
            batch = [self._inbox.get()]
            while not self._inbox.empty():
                batch.append(self._inbox.get())
            self._commit(connection, batch)
            ended = None in batch
        if connection is not None:
            connection.close()

    def _commit(
        self,
        connection: sqlite3.Connection | None,
        batch: Sequence[_Entry | threading.Event | None],
    ) -> None:
        """Writes a batch. A failure is kept for the next caller: losing answers is never silent."""
        rows = [item[0] for item in batch if isinstance(item, tuple)]
        shown = [
            (document, item[0][0])
            for item in batch
            if isinstance(item, tuple)
            for document in item[1]
        ]
        try:
            if rows and connection is not None and not self._broken:
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany("INSERT OR IGNORE INTO answers VALUES (?,?,?,?,?)", rows)
                connection.executemany("INSERT OR IGNORE INTO shown VALUES (?,?)", shown)
                connection.execute("COMMIT")
        except BaseException as error:  # not only SQLite's: what it cannot encode, for one
            self._broken = error
        finally:
            for item in batch:
                if isinstance(item, threading.Event):
                    item.set()

    def _damaged(self, error: sqlite3.DatabaseError) -> DataError:
        return DataError(
            f"the journal cannot be read ({error}); move it away to start a new one "
            "(answers in it would be asked again)",
            Source(str(self.path)),
        )

    def _unwritable(self) -> DataError:
        return DataError(
            f"the journal cannot be written ({self._broken}); free disk space or mend the "
            "permissions and run again: everything written before is kept",
            Source(str(self.path)),
        )
