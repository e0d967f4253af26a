"""Vectors, each computed once: a cache in one SQLite file around any embedder.

The key is the embedder's identity and the sha256 of the text. Texts themselves are not kept, but a
vector tells of its text, so `forget_all_but` takes vectors off the disk for good: deleted bytes are
overwritten, the write-ahead log is emptied and the file is written anew.

New vectors are committed every few hundred texts. `kill -9` loses at most those under way, and
SQLite's write-ahead log keeps the file whole. Several processes may share it.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from suffice.errors import DataError
from suffice.ports import Embedder
from suffice.records import Json, Source, as_json
from suffice.sqlite import opened

LAYOUT = 1
_T = TypeVar("_T")
_TABLES = """
CREATE TABLE IF NOT EXISTS embedders (id INTEGER PRIMARY KEY, identity BLOB NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS vectors (
    text BLOB NOT NULL,
    embedder INTEGER NOT NULL,
    vector BLOB NOT NULL,
    UNIQUE (text, embedder)
);
"""
_COMMIT_TEXTS = 256
_WAIT_SECONDS = 30.0  # for other processes that write
_CHUNK = 500  # keys a statement: far below SQLite's limit on variables

Told: TypeAlias = Callable[[int, int], None]
"""Told of progress: how many of the texts have their vectors, and how many there are."""


def text_digest(text: str) -> bytes:
    """What a text is called in the cache."""
    return sha256(text.encode("utf-8", "surrogatepass")).digest()


def identity_digest(embedder: Embedder) -> str:
    """One line for all that could change a vector: what an index is stamped with."""
    return sha256(as_json(embedder.identity())).hexdigest()


def cut(embedder: Embedder, texts: Iterable[str]) -> int:
    """How many texts are longer than the embedder sees."""
    limit = embedder.tokens
    return 0 if limit is None else sum(embedder.count_tokens(text) > limit for text in texts)


class Vectors:
    """An embedder that never embeds a text twice."""

    def __init__(self, embedder: Embedder, path: Path) -> None:
        self.embedder = embedder
        self.path = path
        with self._connected() as connection:
            self._check_layout(connection)
            self._own = _number(connection, identity_digest(embedder))

    @property
    def name(self) -> str:
        return self.embedder.name

    @property
    def dimensions(self) -> int:
        return self.embedder.dimensions

    @property
    def tokens(self) -> int | None:
        return self.embedder.tokens

    @property
    def local(self) -> bool:
        """False unless the embedder says so: then each call may be paid for."""
        return bool(getattr(self.embedder, "local", False))

    def identity(self) -> Json:
        return self.embedder.identity()

    def count_tokens(self, text: str) -> int:
        return self.embedder.count_tokens(text)

    def embed(self, texts: Sequence[str], told: Told | None = None) -> NDArray[np.float32]:
        """One row a text, each of length 1; only what the file does not hold is computed.

        Longest texts first, so that those in one batch are alike in length.
        """
        places: dict[bytes, list[int]] = {}
        for place, text in enumerate(texts):
            places.setdefault(text_digest(text), []).append(place)
        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)
        done = 0

        def fill(digest: bytes, vector: NDArray[np.float32]) -> int:
            vectors[places[digest]] = vector
            return len(places[digest])

        missing = set(places)
        for digest, vector in self._find(list(places)):
            missing.discard(digest)
            done += fill(digest, vector)
        if told:
            told(done, len(texts))
        left = sorted(missing, key=lambda each: (-len(texts[places[each][0]]), each))
        for part in _parts(left, _COMMIT_TEXTS):
            rows = self.embedder.embed([texts[places[each][0]] for each in part])
            self._keep(part, rows)
            for digest, row in zip(part, rows, strict=True):
                done += fill(digest, row)
            if told:
                told(done, len(texts))
        return vectors

    def forget_all_but(
        self, digests: Iterable[bytes], *, wait_seconds: float = _WAIT_SECONDS
    ) -> int:
        """Keeps the vectors of these texts and takes all others, by any embedder, off the disk. How
        many there were. So nothing stays of what a document said before it was changed.

        After a kill in the midst of it, forget again: the file is written anew each time. Raises
        DataError where another process still reads after `wait_seconds`: its pages stay.
        """
        with self._connected(wait_seconds) as connection:
            connection.execute("PRAGMA secure_delete=ON")
            connection.execute("PRAGMA temp_store=MEMORY")
            connection.execute("CREATE TEMP TABLE kept (text BLOB PRIMARY KEY)")
            connection.executemany(
                "INSERT OR IGNORE INTO kept VALUES (?)", ((each,) for each in digests)
            )
            connection.execute("BEGIN IMMEDIATE")
            gone = connection.execute(
                "DELETE FROM vectors WHERE text NOT IN (SELECT text FROM kept)"
            ).rowcount
            connection.execute("COMMIT")
            self._rewrite(connection)
        return gone

    def __len__(self) -> int:
        with self._connected() as connection:
            row = connection.execute(
                "SELECT COUNT(*) FROM vectors WHERE embedder = ?", (self._own,)
            ).fetchone()
            return int(row[0])

    def _find(self, digests: Sequence[bytes]) -> Iterator[tuple[bytes, NDArray[np.float32]]]:
        size = self.dimensions * 4
        with self._connected() as connection:
            for part in _parts(digests, _CHUNK):
                rows = connection.execute(
                    f"SELECT text, vector FROM vectors WHERE text IN ({_marks(part)}) "  # noqa: S608
                    "AND embedder = ?",
                    (*part, self._own),
                )
                for digest, vector in rows:
                    if len(vector) == size:
                        yield digest, np.frombuffer(vector, dtype="<f4")

    def _keep(self, digests: Sequence[bytes], vectors: NDArray[np.float32]) -> None:
        if not np.isfinite(vectors).all():
            raise DataError(f"{self.name} gave vectors that are not finite; nothing was kept")
        rows = [
            (digest, self._own, row.astype("<f4").tobytes())
            for digest, row in zip(digests, vectors, strict=True)
        ]
        with self._connected() as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?,?,?)", rows)
            connection.execute("COMMIT")

    def _rewrite(self, connection: sqlite3.Connection) -> None:
        """The log is emptied before and after: VACUUM itself goes through it."""
        connection.execute("VACUUM")
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise DataError(
                "vectors were deleted, but another process still reads older pages of the file; "
                "end it and forget again",
                Source(str(self.path)),
            )

    @contextmanager
    def _connected(self, wait_seconds: float = _WAIT_SECONDS) -> Iterator[sqlite3.Connection]:
        """SQLite's errors become ours: a cache that is damaged may be deleted."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(opened(self.path, wait_seconds)) as found:
                yield found
        except (sqlite3.Error, OSError) as error:
            raise DataError(
                f"the cache of vectors cannot be used ({error}); free disk space or mend the "
                "permissions, or delete it: its vectors are then computed again",
                Source(str(self.path)),
            ) from error

    def _check_layout(self, connection: sqlite3.Connection) -> None:
        (layout,) = connection.execute("PRAGMA user_version").fetchone()
        if layout not in (0, LAYOUT):
            raise DataError(
                f"written by another version (layout {layout}, ours is {LAYOUT}); delete it: its "
                "vectors are then computed again",
                Source(str(self.path)),
            )
        connection.executescript(_TABLES)
        connection.execute(f"PRAGMA user_version={LAYOUT}")


def _number(connection: sqlite3.Connection, identity: str) -> int:
    """An embedder's number in the file: 64 letters in each row would be a waste."""
    key = bytes.fromhex(identity)
    connection.execute("INSERT OR IGNORE INTO embedders (identity) VALUES (?)", (key,))
    found = connection.execute("SELECT id FROM embedders WHERE identity = ?", (key,)).fetchone()
    return int(found[0])


def _marks(keys: Sequence[bytes]) -> str:
    return ",".join("?" * len(keys))


def _parts(items: Sequence[_T], size: int) -> Iterator[Sequence[_T]]:
    return (items[start : start + size] for start in range(0, len(items), size))
