"""Vectors in memory: a look at the signs of all, then exact scores of those that look nearest.

Of each vector its signs are kept beside it, 64 to a number. How many signs two vectors share tells
about how near they are, and counting them for 100,000 takes half a millisecond where the products
take ten. The nearest by signs are then compared exactly, so scores are true cosines, and only a
row that is near and shares few signs is missed. Nothing is trained: a row costs the same whenever
it comes, and a filter is a mask, which takes nothing from what may be found.

Rows lie in blocks. A full block never changes; more rows make a new last block, so an older version
keeps what it had.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from suffice.retrieve.stores.postings import best

# Measured: see docs/decisions/2026-11-28-vectors-in-memory.md
EXACT_ROWS = 20_000  # so few are all compared: 2 ms
SHORTLIST = 1000  # looked at exactly at least, and so many for each that is asked for:
_EACH = 20
_BLOCK = 1 << 14

_Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Block:
    vectors: _Vectors  # of length 1, row by row
    signs: NDArray[np.uint64]  # column by column: one row's are signs[:, row]

    @classmethod
    def of(cls, vectors: _Vectors) -> Self:
        return cls(vectors, np.ascontiguousarray(_signs(vectors).T))


@dataclass(frozen=True, slots=True)
class SignedRows:
    """Rows of unit vectors, numbered by slots in the order in which they came."""

    blocks: tuple[_Block, ...] = ()

    def __len__(self) -> int:
        return sum(len(block.vectors) for block in self.blocks)

    def extended(self, vectors: _Vectors) -> Self:
        """With more rows; they need not be of length 1."""
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        rows = (vectors / np.maximum(lengths, 1e-12)).astype(np.float32, copy=False)
        blocks = list(self.blocks)
        if blocks and len(blocks[-1].vectors) < _BLOCK:
            rows = np.concatenate((blocks.pop().vectors, rows))
        starts = range(0, len(rows), _BLOCK)
        blocks += [_Block.of(rows[start : start + _BLOCK]) for start in starts]
        return type(self)(tuple(blocks))

    def nearest(
        self, query: _Vectors, k: int, mask: NDArray[np.bool_]
    ) -> tuple[NDArray[np.int64], _Vectors]:
        """The slots of the k nearest of those that the mask lets through, with their cosines."""
        query = query / max(float(np.linalg.norm(query)), 1e-12)
        allowed = int(np.count_nonzero(mask))
        if allowed <= max(EXACT_ROWS, _EACH * k):
            slots = np.flatnonzero(mask)
        else:
            slots = self._shortlist(query, max(SHORTLIST, _EACH * k), mask, allowed)
        scores = self._cosines(slots, query)
        # cosines reach down to -1, and `best` leaves out what is not above 0
        places = best(scores + 2, k)
        return slots[places], scores[places]

    def _shortlist(
        self, query: _Vectors, most: int, mask: NDArray[np.bool_], allowed: int
    ) -> NDArray[np.int64]:
        """So many that share the most signs with the query, and all that share as many."""
        asked = _signs(query[None])[0]
        differing = np.concatenate([_differing(block.signs, asked) for block in self.blocks])
        if allowed < len(mask):
            differing[~mask] = 64 * len(asked) + 1
        upto = np.cumsum(np.bincount(differing))
        return np.flatnonzero(differing <= np.searchsorted(upto, min(most, allowed)))

    def _cosines(self, slots: NDArray[np.int64], query: _Vectors) -> _Vectors:
        parts = [
            # to pick most rows of a block costs more than to multiply all
            (block.vectors @ query)[rows]
            if 4 * len(rows) > len(block.vectors)
            else np.vecdot(block.vectors[rows], query)
            for block, rows in self._by_block(slots)
        ]
        return np.concatenate([*parts, np.zeros(0, np.float32)])

    def _by_block(self, slots: NDArray[np.int64]) -> Iterator[tuple[_Block, NDArray[np.int64]]]:
        """Sorted slots as rows of their blocks."""
        bounds = np.searchsorted(slots, _BLOCK * np.arange(len(self.blocks) + 1))
        for number, block in enumerate(self.blocks):
            yield block, slots[bounds[number] : bounds[number + 1]] - number * _BLOCK


def _signs(vectors: _Vectors) -> NDArray[np.uint64]:
    """One bit a number, 64 to an integer; the last one is filled up with zeros."""
    packed = np.packbits(vectors > 0, axis=1)
    padded = np.zeros((len(packed), -(-packed.shape[1] // 8) * 8), np.uint8)
    padded[:, : packed.shape[1]] = packed
    return padded.view(np.uint64)


def _differing(signs: NDArray[np.uint64], asked: NDArray[np.uint64]) -> NDArray[np.uint16]:
    """In how many signs each row differs from the query."""
    total = np.zeros(signs.shape[1], np.uint16)
    for row, wanted in zip(signs, asked, strict=True):
        total += np.bitwise_count(row ^ wanted)
    return total
