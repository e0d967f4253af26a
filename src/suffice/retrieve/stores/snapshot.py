"""One version of one tenant's table, and the searches over it.

Searches run in memory, over what the rows carry: their vectors, their postings and, where there are
not too many, their texts. Lance is asked for what is new in a version, and for what is rare.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from suffice.errors import DataError
from suffice.retrieve.records import Chunk, Filter, Found
from suffice.retrieve.stores.bm25 import Bm25
from suffice.retrieve.stores.memory import Held, Memory, Recent, Texts, View
from suffice.retrieve.stores.postings import Postings, best
from suffice.retrieve.stores.rows import among, chunk, where_sql
from suffice.retrieve.stores.signs import SignedRows
from suffice.retrieve.stores.words import terms

CHUNKS = 2000  # that were read last stay in memory: a few MB
TEXTS = 250_000  # rows whose texts are all kept: a few hundred MB, for the 4 ms that a read takes
_BATCH_ROWS = 1 << 14  # that are read at once

_Vectors = NDArray[np.float32]


class TableMemory:
    """What is kept of a table between versions."""

    def __init__(self) -> None:
        self.words: Memory[Postings] = Memory(Postings(), _with_words)
        self.vectors: Memory[SignedRows] = Memory(SignedRows(), _with_vectors)
        self.texts: Memory[Texts] = Memory(Texts(), _with_texts)
        self.chunks = Recent(CHUNKS)


class LanceSnapshot:
    """`table` is a handle of its own, checked out at a version."""

    def __init__(self, table: Any, folder: Path, memory: TableMemory) -> None:
        self.table, self.version = table, int(table.version)
        self._folder, self._memory = folder, memory
        self._lock = threading.Lock()
        self._allowed: dict[str, NDArray[np.bool_]] = {}

    def nearest(self, vector: _Vectors, k: int, where: Filter | None) -> list[Found]:
        with self._reading():
            if k <= 0 or not len(self._alive[0]):
                return []
            view, allowed = self._vectors, self._rows(where)
            mask = view.alive if allowed is None else view.mask(allowed)
            slots, scores = view.held.nearest(np.asarray(vector, np.float32), k, mask)
            return _found(self._alive[0][view.rows(slots)], scores)

    def matching(self, text: str, k: int, where: Filter | None) -> list[Found]:
        with self._reading():
            view, allowed = self._words, self._rows(where)
            scores = self._ranking.scores(terms(text))
            if allowed is not None:
                scores[~view.mask(allowed)] = 0
            slots = best(scores, k)
            return _found(self._alive[0][view.rows(slots)], scores[slots])

    def read(self, rows: Sequence[int]) -> list[Chunk]:
        with self._reading():
            chunks = self._memory.chunks
            kept = {row: held for row in rows if (held := chunks.get(row)) is not None}
            missing = [row for row in dict.fromkeys(rows) if row not in kept]
            if missing:
                kept |= zip(missing, map(chunk, self._written(missing)), strict=True)
                chunks.put({row: kept[row] for row in missing})
            return [kept[row] for row in rows]

    def _written(self, rows: Sequence[int]) -> list[str]:
        """The chunks of some rows as they are stored, in the given order."""
        seqs, ids = self._alive
        places = np.searchsorted(seqs, rows)
        if len(seqs) <= TEXTS:
            view = self._texts
            return [view.held[slot] for slot in view.slots[places].tolist()]
        wanted = self.table.take_row_ids(ids[places].tolist())
        taken = wanted.select(["seq", "chunk"]).to_arrow()
        found = dict(zip(taken["seq"].to_pylist(), taken["chunk"].to_pylist(), strict=True))
        return [found[row] for row in rows]

    def chunks(self, document: str) -> list[Chunk]:
        with self._reading():
            found = _all(self.table, ["chunk"], among("document", [document])).to_arrow()
        chunks = map(chunk, found["chunk"].to_pylist())
        return sorted(chunks, key=lambda each: (each.start, each.end))

    def documents(self) -> Mapping[str, str]:
        with self._reading():
            columns = _all(self.table, ["document", "document_digest"]).to_arrow()
        names, digests = columns["document"], columns["document_digest"]
        return dict(zip(names.to_pylist(), digests.to_pylist(), strict=True))

    def vectors(self, digests: Sequence[str]) -> Mapping[str, _Vectors]:
        with self._reading():
            stored = _all(self.table, ["digest"]).with_row_id(True).to_arrow()
            wanted = set(digests)
            ids = {
                digest: row
                for digest, row in zip(
                    stored["digest"].to_pylist(), stored["_rowid"].to_pylist(), strict=True
                )
                if digest in wanted
            }
            if not ids:
                return {}
            taken = self.table.take_row_ids(list(ids.values()))
            rows = taken.select(["digest", "vector"]).to_arrow()
            return dict(zip(rows["digest"].to_pylist(), _matrix(rows["vector"]), strict=True))

    @cached_property
    def _alive(self) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
        """The version's rows: their seq, sorted, and where Lance keeps them."""
        found = _all(self.table, ["seq"]).with_row_id(True).to_arrow()
        seqs, ids = found["seq"].to_numpy(), found["_rowid"].to_numpy()
        order = np.argsort(seqs)
        return seqs[order], ids[order]

    @cached_property
    def _words(self) -> View[Postings]:
        return self._view(self._memory.words, "terms", "counts", "words")

    @cached_property
    def _ranking(self) -> Bm25:
        return Bm25(self._words.held, self._words.alive)

    @cached_property
    def _vectors(self) -> View[SignedRows]:
        return self._view(self._memory.vectors, "vector")

    @cached_property
    def _texts(self) -> View[Texts]:
        return self._view(self._memory.texts, "chunk")

    def _view(self, memory: Memory[Held], *columns: str) -> View[Held]:
        return memory.view(self.version, self._alive[0], lambda first: self._since(first, columns))

    def _since(self, first: int, columns: Sequence[str]) -> Iterable[pa.RecordBatch]:
        batches: Iterable[pa.RecordBatch] = _all(
            self.table, ["seq", *columns], f"seq >= {first}"
        ).to_batches(batch_size=_BATCH_ROWS)
        return batches

    def _rows(self, where: Filter | None) -> NDArray[np.bool_] | None:
        """Which of the version's rows a filter lets through; None for all."""
        sql = where_sql(where)
        if sql is None:
            return None
        if sql not in self._allowed:
            seqs = _all(self.table, ["seq"], sql).to_arrow()["seq"].to_numpy()
            self._allowed[sql] = np.isin(self._alive[0], seqs)
        return self._allowed[sql]

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Lance names a file that it misses; the reader needs to know why it is missing."""
        try:
            yield
        except (OSError, RuntimeError, ValueError) as error:
            if self._gone():
                raise DataError(
                    "the index was compacted while this snapshot was read; take a new one"
                ) from error
            raise

    def _gone(self) -> bool:
        manifest = f"{2**64 - 1 - self.version:020d}.manifest"
        return not (self._folder / "chunks.lance" / "_versions" / manifest).exists()


class EmptySnapshot:
    """Of a tenant of whom nothing is stored."""

    version = 0

    def nearest(self, vector: _Vectors, k: int, where: Filter | None) -> list[Found]:  # noqa: ARG002
        return []

    def matching(self, text: str, k: int, where: Filter | None) -> list[Found]:  # noqa: ARG002
        return []

    def read(self, rows: Sequence[int]) -> list[Chunk]:  # noqa: ARG002
        return []

    def chunks(self, document: str) -> list[Chunk]:  # noqa: ARG002
        return []

    def documents(self) -> Mapping[str, str]:
        return {}

    def vectors(self, digests: Sequence[str]) -> Mapping[str, _Vectors]:  # noqa: ARG002
        return {}


def _found(rows: NDArray[np.int64], scores: NDArray[np.float32]) -> list[Found]:
    return [Found(*each) for each in zip(rows.tolist(), scores.tolist(), strict=True)]


def _all(table: Any, columns: Sequence[str], sql: str | None = None) -> Any:
    query = table.search(None).select(list(columns)).limit(None)
    return query.where(sql) if sql else query


def _matrix(column: Any) -> _Vectors:
    """The rows of a column of vectors."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    flat: _Vectors = array.flatten().to_numpy(zero_copy_only=False)
    return flat.reshape(len(array), -1)


def _with_words(held: Postings, batch: pa.RecordBatch) -> Postings:
    lists, counts = batch.column("terms"), batch.column("counts")
    return held.extended(
        lists.flatten().to_numpy(zero_copy_only=False),
        counts.flatten().to_numpy(zero_copy_only=False),
        lists.value_lengths().to_numpy(zero_copy_only=False).astype(np.int64),
        batch.column("words").to_numpy(zero_copy_only=False),
    )


def _with_vectors(held: SignedRows, batch: pa.RecordBatch) -> SignedRows:
    return held.extended(_matrix(batch.column("vector")))


def _with_texts(held: Texts, batch: pa.RecordBatch) -> Texts:
    return held.extended(batch.column("chunk"))
