"""BM25 over arrays in memory: which rows hold a term, and how often.

One posting is one number of 64 bits, `term | row | count` (32, 24 and 8 bits), and a run of
postings is a sorted array: a term's postings are found by bisection, without a dictionary of words.
New rows become a new run; runs of like size are merged, so there are about log n of them. Rows are
never taken out: who searches says which are alive, and everything is counted over those alone, so a
deleted text has no influence on what is found.

Scores are Lucene's: idf = ln(1 + (N - n + 0.5) / (n + 0.5)), saturation tf / (tf + k1 (1 - b +
b length / mean length)), without the constant factor k1 + 1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

K1 = 1.2
B = 0.75
ROWS = 1 << 24  # what fits in 24 bits
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

    def scores(self, wanted: Mapping[int, int], alive: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Each row's BM25 for the wanted terms; rows that are not alive count for nothing."""
        scores = np.zeros(len(self.lengths), np.float32)
        total = int(np.count_nonzero(alive))
        if not total:
            return scores
        mean = max(float(self.lengths[alive].mean()), 1.0)
        damped = (K1 * (1 - B) + K1 * B / mean * self.lengths).astype(np.float32)
        for term, weight in wanted.items():
            postings = self._of(term)
            rows = ((postings >> np.uint64(8)) & np.uint64(ROWS - 1)).astype(np.int64)
            if total < len(alive):
                living = alive[rows]
                postings, rows = postings[living], rows[living]
            counts = (postings & np.uint64(MOST)).astype(np.float32)
            idf = np.log1p((total - len(rows) + 0.5) / (len(rows) + 0.5))
            scores[rows] += np.float32(weight * idf) * (counts / (counts + damped[rows]))
        return scores

    def _of(self, term: int) -> NDArray[np.uint64]:
        low, high = np.uint64(term << 32), np.uint64((term << 32) | 0xFFFFFFFF)
        return np.concatenate(
            [
                run[np.searchsorted(run, low) : np.searchsorted(run, high, side="right")]
                for run in self.runs
            ]
            or [np.zeros(0, np.uint64)]
        )


def best(scores: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """The rows of the k best scores above 0, best first; equal ones in their order."""
    rows = np.flatnonzero(scores > 0)
    if len(rows) > k > 0:
        least = np.partition(scores[rows], len(rows) - k)[len(rows) - k]
        rows = rows[scores[rows] >= least]
    return rows[np.lexsort((rows, -scores[rows]))][: max(k, 0)]


def _merged(runs: Sequence[NDArray[np.uint64]]) -> tuple[NDArray[np.uint64], ...]:
    """Merges from the end, so that each run is at least twice as long as the next."""
    kept = [run for run in runs if len(run)]
    while len(kept) > 1 and len(kept[-2]) < 2 * len(kept[-1]):
        last, before = kept.pop(), kept.pop()
        # a stable sort knows sorted runs when it sees them
        kept.append(np.sort(np.concatenate((before, last)), kind="stable"))
    return tuple(kept)
