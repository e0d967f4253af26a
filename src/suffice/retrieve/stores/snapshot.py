"""One version of one tenant's table, and the searches over it.

Small tables are searched exactly, in memory; large ones through Lance's index, which also looks
through the rows that it has not indexed yet. BM25 runs over the postings that the rows carry.
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
from suffice.retrieve.stores.memory import Memory, Recent, View
from suffice.retrieve.stores.postings import Postings, best
from suffice.retrieve.stores.rows import among, chunk, where_sql
from suffice.retrieve.stores.words import terms

# Measured: see docs/decisions/2026-11-21-store.md
ANN_ROWS = 25_000
FEW_ROWS = 20_000  # so few after a filter are compared one by one: the index would miss some
PROBES = 24
CHUNKS = 2000  # that were read last stay in memory: a few MB

_Vectors = NDArray[np.float32]


class TableMemory:
    """What is kept of a table between versions."""

    def __init__(self) -> None:
        self.words: Memory[Postings] = Memory(Postings(), _with_words)
        self.vectors: Memory[tuple[_Vectors, ...]] = Memory((), _with_vectors)
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
            allowed = self._rows(where)
            if len(self._alive[0]) < ANN_ROWS:
                return self._exact(vector, k, allowed)
            query = (
                self.table.search(np.asarray(vector, np.float32), vector_column_name="vector")
                .distance_type("cosine")
                .select(["_distance"])
                .with_row_id(True)
                .limit(k)
            )
            if allowed is not None:
                query = query.where(where_sql(where), prefilter=True)
            if allowed is not None and np.count_nonzero(allowed) < FEW_ROWS:
                query = query.bypass_vector_index()
            else:
                query = query.nprobes(PROBES)
            found = query.to_arrow()
            seqs, ids = self._by_id
            places = np.searchsorted(ids, found["_rowid"].to_numpy())
            return _found(seqs[places], 1 - found["_distance"].to_numpy())

    def matching(self, text: str, k: int, where: Filter | None) -> list[Found]:
        with self._reading():
            view = self._words
            scores = view.held.scores(terms(text), view.alive)
            allowed = self._rows(where)
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
                seqs, ids = self._alive
                places = np.searchsorted(seqs, missing)
                wanted = self.table.take_row_ids(ids[places].tolist())
                taken = wanted.select(["seq", "chunk"]).to_arrow()
                written = taken["chunk"].to_pylist()
                kept |= zip(taken["seq"].to_pylist(), map(chunk, written), strict=True)
                chunks.put({row: kept[row] for row in missing})
            return [kept[row] for row in rows]

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
    def _by_id(self) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
        """The same, sorted by where Lance keeps them."""
        seqs, ids = self._alive
        order = np.argsort(ids)
        return seqs[order], ids[order]

    @cached_property
    def _words(self) -> View[Postings]:
        return self._memory.words.view(
            self._alive[0], lambda first: self._since(first, ["terms", "counts", "words"])
        )

    @cached_property
    def _vectors(self) -> View[_Vectors]:
        view = self._memory.vectors.view(
            self._alive[0], lambda first: self._since(first, ["vector"])
        )
        return View(np.concatenate(view.held), view.slots, view.total)

    def _since(self, first: int, columns: Sequence[str]) -> Iterable[pa.RecordBatch]:
        batches: Iterable[pa.RecordBatch] = _all(
            self.table, ["seq", *columns], f"seq >= {first}"
        ).to_batches()
        return batches

    def _exact(self, vector: _Vectors, k: int, allowed: NDArray[np.bool_] | None) -> list[Found]:
        view = self._vectors
        query = np.asarray(vector, np.float32)
        scores = view.held @ (query / max(float(np.linalg.norm(query)), 1e-12))
        # cosines reach down to -1, and `best` leaves out what is not above 0
        mask = view.alive if allowed is None else view.mask(allowed)
        shifted = np.where(mask, scores + 2, 0).astype(np.float32)
        slots = best(shifted, k)
        return _found(self._alive[0][view.rows(slots)], scores[slots])

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


def _with_vectors(held: tuple[_Vectors, ...], batch: pa.RecordBatch) -> tuple[_Vectors, ...]:
    rows = _matrix(batch.column("vector"))
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return (*held, rows / np.maximum(lengths, 1e-12))
