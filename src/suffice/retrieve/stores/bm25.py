"""BM25 over the rows of one version, with the common words unpacked.

A common word is in most rows, so its list is long, and half of what people ask is common words. Of
those that were asked for, the counts are kept row by row, a byte each: they are then added up in
one sweep over the rows instead of one by one. That changes no score.

Scores are Lucene's: idf = ln(1 + (N - n + 0.5) / (n + 0.5)), saturation tf / (tf + k1 (1 - b +
b length / mean length)), without the constant factor k1 + 1. Only rows that are alive count, so a
deleted text has no influence on what is found.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from suffice.retrieve.stores.postings import Postings

K1 = 1.2
B = 0.75
# A list that has one in so many rows is swept; for a shorter one, that costs more.
_COMMON = 16
_BYTES = 64 << 20  # of counts that are kept row by row
_SWEEP = 1 << 14  # rows at a time: what is computed on the way stays in the processor's cache

_Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Common:
    """A common word's counts by row, 0 where the row is dead, and how many rows have it."""

    counts: NDArray[np.uint8]
    having: int


class Bm25:
    """The full text of one version: its postings, and which of their rows are alive in it."""

    def __init__(self, postings: Postings, alive: NDArray[np.bool_]) -> None:
        self._postings, self._alive = postings, alive
        self._total = int(np.count_nonzero(alive))
        self._common = lru_cache(max(1, _BYTES // max(1, len(alive))))(self._unpacked)

    def scores(self, wanted: Mapping[int, int]) -> _Scores:
        """Each row's score for the wanted words; 0 for rows that are dead."""
        scores = np.zeros(len(self._alive), np.float32)
        common: list[tuple[_Common, np.float32]] = []
        for term, weight in wanted.items():
            if _COMMON * self._postings.size_of(term) > len(self._alive):
                word = self._common(term)
                common.append((word, self._worth(weight, word.having)))
            else:
                self._add(term, weight, scores)
        for word, worth in common:
            self._sweep(word, worth, scores)
        return scores

    def _add(self, term: int, weight: int, scores: _Scores) -> None:
        rows, counts = self._living(term)
        saturated = counts / (counts + self._damped[rows])
        scores[rows] += self._worth(weight, len(rows)) * saturated

    def _sweep(self, word: _Common, worth: np.float32, scores: _Scores) -> None:
        for start in range(0, len(scores), _SWEEP):
            part = slice(start, start + _SWEEP)
            counts = word.counts[part].astype(np.float32)
            counts /= counts + self._damped[part]
            counts *= worth
            scores[part] += counts

    def _living(self, term: int) -> tuple[NDArray[np.int64], _Scores]:
        rows, counts = self._postings.rows_of(term)
        if self._total < len(self._alive):
            living = self._alive[rows]
            rows, counts = rows[living], counts[living]
        return rows, counts

    def _unpacked(self, term: int) -> _Common:
        rows, counts = self._living(term)
        by_row = np.zeros(len(self._alive), np.uint8)
        by_row[rows] = counts
        return _Common(by_row, len(rows))

    def _worth(self, weight: int, having: int) -> np.float32:
        return np.float32(weight * np.log1p((self._total - having + 0.5) / (having + 0.5)))

    @cached_property
    def _damped(self) -> _Scores:
        lengths = self._postings.lengths
        mean = max(float(lengths[self._alive].mean()), 1.0) if self._total else 1.0
        return (K1 * (1 - B) + K1 * B / mean * lengths).astype(np.float32)
