"""Postings in memory: which rows hold a term, and how often.

One posting is one number of 64 bits, `term | row | count` (32, 24 and 8 bits), and a run of
postings is a sorted array: a term's postings are found by bisection, without a dictionary of words.
New rows become a new run; runs of like size are merged, so there are about log n of them. Rows are
never taken out: who searches says which are alive.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

ROWS = 1 << 24  # what fits in 24 bits
_STRETCH = 64  # rows
MOST = 255  # a count's ceiling: saturation has long made more of them alike


@dataclass(frozen=True, slots=True)
class Postings:
    """Sorted runs of postings, and each row's length in terms."""

    runs: tuple[NDArray[np.uint64], ...] = ()
    lengths: NDArray[np.uint32] = field(default_factory=lambda: np.zeros(0, np.uint32))

    def extended(
        self,
        terms: NDArray[np.uint32],
        counts: NDArray[np.uint8],
        per_row: NDArray[np.int64],
        lengths: NDArray[np.uint32],
    ) -> Self:
        """With more rows: their terms one after the other, `per_row` of them in each."""
        first, more = len(self.lengths), len(lengths)
        if first + more > ROWS:
            raise ValueError(f"{first + more} rows are more than one tenant's full text holds")
        rows = np.repeat(np.arange(first, first + more, dtype=np.uint64), per_row)
        packed = (terms.astype(np.uint64) << np.uint64(32)) | (rows << np.uint64(8))
        packed |= counts.astype(np.uint64)
        packed.sort()
        return type(self)(_merged((*self.runs, packed)), np.concatenate((self.lengths, lengths)))

    def size_of(self, term: int) -> int:
        """How many rows have a term, dead ones too."""
        return sum(len(run) for run in self._of(term))

    def rows_of(self, term: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The rows that have a term, and how often each does."""
        found = self._of(term)
        low = np.concatenate([*found, np.zeros(0, np.uint64)]).astype(np.uint32)
        return (low >> np.uint32(8)).astype(np.int64), (low & np.uint32(MOST)).astype(np.float32)

    def _of(self, term: int) -> list[NDArray[np.uint64]]:
        """A term's part of each run that has it."""
        low, high = np.uint64(term << 32), np.uint64((term << 32) | 0xFFFFFFFF)
        parts = (
            run[np.searchsorted(run, low) : np.searchsorted(run, high, side="right")]
            for run in self.runs
        )
        return [part for part in parts if len(part)]


def best(scores: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """The rows of the k best scores above 0, best first; equal ones in their order."""
    rows = np.flatnonzero((scores > 0) & (scores >= _least(scores, k)))
    if len(rows) > k > 0:
        least = np.partition(scores[rows], len(rows) - k)[len(rows) - k]
        rows = rows[scores[rows] >= least]
    return rows[np.lexsort((rows, -scores[rows]))][: max(k, 0)]


def _least(scores: NDArray[np.float32], k: int) -> float:
    """What the k best reach at least: k of the stretches have a row that does. It costs one look
    at each row, where to order them costs many."""
    stretches = len(scores) // _STRETCH
    if not 0 < k <= stretches:
        return 0.0
    tops = scores[: stretches * _STRETCH].reshape(stretches, _STRETCH).max(axis=1)
    return float(np.partition(tops, stretches - k)[stretches - k])


def _merged(runs: Sequence[NDArray[np.uint64]]) -> tuple[NDArray[np.uint64], ...]:
    """Merges from the end, so that each run is at least twice as long as the next."""
    kept = [run for run in runs if len(run)]
    while len(kept) > 1 and len(kept[-2]) < 2 * len(kept[-1]):
        last, before = kept.pop(), kept.pop()
        # a stable sort knows sorted runs when it sees them
        kept.append(np.sort(np.concatenate((before, last)), kind="stable"))
    return tuple(kept)
