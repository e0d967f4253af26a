"""What a process keeps in memory of a table, so that a change costs what changed.

Rows get a slot in the order in which they were first read. A row's content never changes under its
`seq` (a changed document gets new rows), so what was read stays true in every version; a version
only says which rows are alive in it.
"""

import threading
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, Self, TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from suffice.retrieve.records import Chunk

Held = TypeVar("Held")
_SPARE = 1000  # dead slots that are too few to bother about


@dataclass(frozen=True)
class View(Generic[Held]):
    """What is held, with the slots of one version's rows: `slots[i]` is the slot of its row i."""

    held: Held
    slots: NDArray[np.int64]
    total: int

    @cached_property
    def alive(self) -> NDArray[np.bool_]:
        """True at the slots of the version's rows."""
        return self.mask(np.ones(len(self.slots), np.bool_))

    def mask(self, rows: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """True at the slots of some of the version's rows."""
        mask = np.zeros(self.total, np.bool_)
        mask[self.slots[rows]] = True
        return mask

    def rows(self, slots: NDArray[np.int64]) -> NDArray[np.int64]:
        """Which rows of the version stand in these slots."""
        return self._back[slots]

    @cached_property
    def _back(self) -> NDArray[np.int64]:
        back = np.zeros(self.total, np.int64)
        back[self.slots] = np.arange(len(self.slots))
        return back


class Recent:
    """The chunks that were read last. A row's chunk never changes, so none grows stale."""

    def __init__(self, most: int) -> None:
        self._most, self._lock = most, threading.Lock()
        self._chunks: dict[int, Chunk] = {}

    def get(self, row: int) -> Chunk | None:
        return self._chunks.get(row)

    def put(self, chunks: Mapping[int, Chunk]) -> None:
        with self._lock:
            self._chunks |= chunks
            while len(self._chunks) > self._most:
                del self._chunks[next(iter(self._chunks))]


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts by slot, in the arrays in which they were read."""

    parts: tuple[pa.StringArray, ...] = ()
    starts: tuple[int, ...] = ()
    total: int = 0

    def extended(self, part: pa.StringArray) -> Self:
        parts, starts = (*self.parts, part), (*self.starts, self.total)
        return type(self)(parts, starts, self.total + len(part))

    def __getitem__(self, slot: int) -> str:
        place = bisect_right(self.starts, slot) - 1
        text: str = self.parts[place][slot - self.starts[place]].as_py()
        return text


class Memory(Generic[Held]):
    """One kind of content of one table: read from where it was left off, shared by all threads."""

    def __init__(self, empty: Held, extend: Callable[[Held, pa.RecordBatch], Held]) -> None:
        self._empty, self._extend = empty, extend
        self._lock = threading.Lock()
        self._held, self._seqs = empty, np.zeros(0, np.int64)
        self._version = 0

    def view(
        self,
        version: int,
        alive: NDArray[np.int64],
        read: Callable[[int], Iterable[pa.RecordBatch]],
    ) -> View[Held]:
        """For a version whose rows are `alive` (sorted); `read` gives the rows from a seq on. What
        is held is the newest version's, so that what is gone from it goes from here."""
        with self._lock:
            held, seqs = self._held, self._seqs
            missing = alive[~np.isin(alive, seqs)]
            last = int(seqs.max()) if len(seqs) else -1
            many_dead = len(seqs) > 2 * len(alive) + _SPARE
            if many_dead or (len(missing) and int(missing[0]) <= last):
                # an older version than the one that was read, or mostly rows that are gone
                held, seqs, missing = self._empty, np.zeros(0, np.int64), alive
            if len(missing):
                for batch in read(int(missing[0])):
                    held = self._extend(held, batch)
                    seqs = np.concatenate((seqs, batch.column("seq").to_numpy()))
            if version >= self._version:
                self._held, self._seqs, self._version = held, seqs, version
        order = np.argsort(seqs)
        return View(held, order[np.searchsorted(seqs, alive, sorter=order)], len(seqs))
