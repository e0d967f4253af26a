"""Postings, the best of many scores, and the memory that feeds them."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from suffice.retrieve.stores.memory import Memory
from suffice.retrieve.stores.postings import Postings, best


class Numbers:
    """A table whose rows say ten times their seq, read by a memory. `asked`: from where on."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.memory: Memory[tuple[int, ...]] = Memory((), self._extended)

    def values(self, version: int, alive: Sequence[int]) -> list[int]:
        def read(first: int) -> Iterator[pa.RecordBatch]:
            self.asked.append(first)
            seqs = [seq for seq in reversed(alive) if seq >= first]
            for part in filter(None, (seqs[:1], seqs[1:])):
                said = [10 * seq for seq in part]
                yield pa.RecordBatch.from_pydict({"seq": part, "value": said})

        view = self.memory.view(version, np.array(alive, np.int64), read)
        assert np.flatnonzero(view.alive).tolist() == sorted(view.slots.tolist())
        assert view.rows(view.slots).tolist() == list(range(len(alive)))
        return [view.held[slot] for slot in view.slots]

    @staticmethod
    def _extended(kept: tuple[int, ...], batch: pa.RecordBatch) -> tuple[int, ...]:
        return (*kept, *batch.column("value").to_pylist())


def held(texts: list[list[int]], before: Postings | None = None) -> Postings:
    counts = [Counter(text) for text in texts]
    return (before or Postings()).extended(
        np.array([term for each in counts for term in each], np.uint32),
        np.array([count for each in counts for count in each.values()], np.uint8),
        np.array([len(each) for each in counts], np.int64),
        np.array([len(text) for text in texts], np.uint32),
    )


def some_texts(chance: random.Random, count: int) -> list[list[int]]:
    return [
        [min(int(chance.paretovariate(0.7)), 2**32 - 1) for _ in range(chance.randint(1, 30))]
        for _ in range(count)
    ]


def test_a_word_is_found_in_its_rows_with_its_counts() -> None:
    """However the rows came in, one by one or at once."""
    chance = random.Random(1)
    texts = some_texts(chance, 120)
    grown = Postings()
    for start in range(0, 120, 7):
        grown = held(texts[start : start + 7], grown)
    for term in (1, 2, 17, 10**9):
        expected = {row: text.count(term) for row, text in enumerate(texts) if term in text}
        for postings in (held(texts), grown):
            rows, counts = postings.rows_of(term)
            assert dict(zip(rows.tolist(), counts.tolist(), strict=True)) == expected
            assert postings.size_of(term) == len(expected)
    assert len(grown.runs) < 8


def test_best_is_ordered_and_breaks_ties_by_row() -> None:
    """And leaves out what scored nothing."""
    scores = np.array([0, 2, 1, 2, 0, 3, 2], np.float32)
    assert best(scores, 3).tolist() == [5, 1, 3]
    assert best(scores, 99).tolist() == [5, 1, 3, 6, 2]
    assert best(scores, 0).tolist() == []


def test_best_of_many_is_as_by_sorting() -> None:
    """With equal scores at the edge, and with fewer rows than are wanted."""
    rng = np.random.default_rng(3)
    for count in (63, 64, 1000, 4097):
        scores = rng.integers(-2, 40, count).astype(np.float32)
        order = [row for row in np.lexsort((np.arange(count), -scores)) if scores[row] > 0]
        for k in (1, 7, 64, 5000):
            assert best(scores, k).tolist() == order[:k]


def test_memory_reads_only_what_is_new() -> None:
    """An older version is read anew, and does not disturb what is held."""
    table = Numbers()
    assert table.values(1, [1, 2, 5]) == [10, 20, 50]
    assert table.values(2, [1, 5, 8, 9]) == [10, 50, 80, 90]
    assert table.values(1, [1, 2, 3]) == [10, 20, 30]
    assert table.values(2, [1, 5, 8, 9]) == [10, 50, 80, 90]
    assert table.asked == [1, 8, 1]


def test_memory_lets_go_of_most_rows_when_the_newest_are_among_them() -> None:
    """What is left is read anew once, and held from then on."""
    table = Numbers()
    table.values(1, range(1, 2000))
    for version in (2, 3):
        assert table.values(version, [1, 5]) == [10, 50]
    assert table.values(4, [1, 5, 2500]) == [10, 50, 25000]
    assert table.asked == [1, 1, 2500]
