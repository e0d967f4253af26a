"""BM25 against its definition, and the memory that feeds it."""

import math
import random
from collections import Counter

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from suffice.retrieve.stores.memory import Memory
from suffice.retrieve.stores.postings import K1, B, Postings, best


def held(texts: list[list[int]], before: Postings | None = None) -> Postings:
    counts = [Counter(text) for text in texts]
    return (before or Postings()).extended(
        np.array([term for each in counts for term in each], np.uint32),
        np.array([count for each in counts for count in each.values()], np.uint8),
        np.array([len(each) for each in counts], np.int64),
        np.array([len(text) for text in texts], np.uint32),
    )


def bm25(texts: list[list[int]], query: list[int]) -> list[float]:
    """Robertson's formula as Lucene computes it, word by word."""
    mean = sum(map(len, texts)) / len(texts)
    scores = [0.0] * len(texts)
    for term in query:
        having = sum(term in text for text in texts)
        idf = math.log(1 + (len(texts) - having + 0.5) / (having + 0.5))
        for row, text in enumerate(texts):
            count = text.count(term)
            scores[row] += idf * count / (count + K1 * (1 - B + B * len(text) / mean))
    return scores


def some_texts(chance: random.Random, count: int) -> list[list[int]]:
    return [
        [min(int(chance.paretovariate(0.7)), 2**32 - 1) for _ in range(chance.randint(1, 30))]
        for _ in range(count)
    ]


def test_scores_are_bm25() -> None:
    """However the rows came in, one by one or at once."""
    chance = random.Random(1)
    texts = some_texts(chance, 120)
    grown = Postings()
    for start in range(0, 120, 7):
        grown = held(texts[start : start + 7], grown)
    query = [1, 2, 3, 3, 17, 10**9]
    alive = np.ones(120, np.bool_)
    for postings in (held(texts), grown):
        assert np.allclose(postings.scores(Counter(query), alive), bm25(texts, query), atol=1e-5)
    assert len(grown.runs) < 8


def test_dead_rows_have_no_influence() -> None:
    """Scores are as if they had never been."""
    texts = some_texts(random.Random(2), 60)
    alive = np.arange(60) % 3 != 0
    scores = held(texts).scores({1: 1, 5: 2}, alive)
    expected = bm25([text for row, text in enumerate(texts) if alive[row]], [1, 5, 5])
    assert np.allclose(scores[alive], expected, atol=1e-5)
    assert not scores[~alive].any()


def test_best_is_ordered_and_breaks_ties_by_row() -> None:
    """And leaves out what scored nothing."""
    scores = np.array([0, 2, 1, 2, 0, 3, 2], np.float32)
    assert best(scores, 3).tolist() == [5, 1, 3]
    assert best(scores, 99).tolist() == [5, 1, 3, 6, 2]
    assert best(scores, 0).tolist() == []


def test_memory_reads_only_what_is_new() -> None:
    """An older version is read anew, and does not disturb what is held."""
    content = {seq: seq * 10 for seq in range(100)}
    asked: list[int] = []

    def extend(kept: tuple[int, ...], batch: pa.RecordBatch) -> tuple[int, ...]:
        return (*kept, *batch.column("value").to_pylist())

    memory: Memory[tuple[int, ...]] = Memory((), extend)

    def values(alive: list[int]) -> list[int]:
        rows: NDArray[np.int64] = np.array(alive, np.int64)

        def read(first: int) -> list[pa.RecordBatch]:
            asked.append(first)
            seqs = [seq for seq in reversed(alive) if seq >= first]
            return [
                pa.RecordBatch.from_pydict({"seq": [seq], "value": [content[seq]]}) for seq in seqs
            ]

        view = memory.view(rows, read)
        assert np.flatnonzero(view.alive).tolist() == sorted(view.slots.tolist())
        assert view.rows(view.slots).tolist() == list(range(len(alive)))
        return [view.held[slot] for slot in view.slots]

    assert values([1, 2, 5]) == [10, 20, 50]
    assert values([1, 5, 8, 9]) == [10, 50, 80, 90]
    assert values([1, 2, 3]) == [10, 20, 30]
    assert values([1, 5, 8, 9]) == [10, 50, 80, 90]
    assert asked == [1, 8, 1]
