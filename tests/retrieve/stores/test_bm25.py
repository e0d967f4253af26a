"""BM25 against its definition, with common words and without."""

import math
import random
from collections import Counter

import numpy as np
import pytest

from suffice.retrieve.stores import bm25
from suffice.retrieve.stores.bm25 import K1, B, Bm25
from tests.retrieve.stores.test_postings import held, some_texts

QUERY = [1, 2, 3, 3, 17, 10**9]


def formula(texts: list[list[int]], query: list[int]) -> list[float]:
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


@pytest.mark.parametrize("common", [0, 1, 16, 10**6])
def test_scores_are_bm25(monkeypatch: pytest.MonkeyPatch, common: int) -> None:
    """Whether no word is taken for common, some are or all, and whatever is still kept of them."""
    monkeypatch.setattr(bm25, "_COMMON", common)
    monkeypatch.setattr(bm25, "_BYTES", 240)
    monkeypatch.setattr(bm25, "_SWEEP", 50)
    texts = some_texts(random.Random(1), 120)
    ranking = Bm25(held(texts), np.ones(120, np.bool_))
    for query in (QUERY, [5, 1], QUERY):
        assert np.allclose(ranking.scores(Counter(query)), formula(texts, query), atol=1e-5)


@pytest.mark.parametrize("common", [0, 10**6])
def test_dead_rows_have_no_influence(monkeypatch: pytest.MonkeyPatch, common: int) -> None:
    """Scores are as if they had never been."""
    monkeypatch.setattr(bm25, "_COMMON", common)
    texts = some_texts(random.Random(2), 60)
    alive = np.arange(60) % 3 != 0
    scores = Bm25(held(texts), alive).scores({1: 1, 5: 2})
    expected = formula([text for row, text in enumerate(texts) if alive[row]], [1, 5, 5])
    assert np.allclose(scores[alive], expected, atol=1e-5)
    assert not scores[~alive].any()


def test_nothing_alive_scores_nothing() -> None:
    """As little as no rows at all."""
    assert not Bm25(held([[1], [1, 2]]), np.zeros(2, np.bool_)).scores({1: 1}).any()
    assert len(Bm25(held([]), np.zeros(0, np.bool_)).scores({1: 1})) == 0
