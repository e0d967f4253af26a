"""Searching by signs against comparing with all."""

import numpy as np
import pytest
from numpy.typing import NDArray

from suffice.retrieve.stores import signs
from suffice.retrieve.stores.signs import SignedRows

WIDTH = 100  # no multiple of 64


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signs, "EXACT_ROWS", 200)
    monkeypatch.setattr(signs, "SHORTLIST", 150)
    monkeypatch.setattr(signs, "_EACH", 5)
    monkeypatch.setattr(signs, "_BLOCK", 256)


def rows(count: int, seed: int = 1) -> NDArray[np.float32]:
    """In clusters of about 50, as the passages of a matter are."""
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((60, WIDTH))[rng.integers(0, 60, count)]
    made = centres + 0.6 * rng.standard_normal((count, WIDTH))
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    return made.astype(np.float32)


def exact(vectors: NDArray[np.float32], query: NDArray[np.float32], k: int) -> list[int]:
    return [int(row) for row in np.argsort(-(vectors @ query), kind="stable")[:k]]


def near(vectors: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """A question about the vector with that number."""
    return np.asarray(vectors[seed] + 0.5 * rows(1, 100 + seed)[0])


def test_few_rows_are_compared_exactly() -> None:
    """Whatever is asked, opposite vectors too; the cosine does not hang on lengths."""
    vectors = rows(200)
    held = SignedRows().extended(7 * vectors)
    query = rows(1, 2)[0]
    slots, scores = held.nearest(3 * query, 200, np.ones(200, np.bool_))
    assert slots.tolist() == exact(vectors, query, 200)
    assert np.allclose(scores, (vectors @ query)[slots], atol=1e-5)


def test_of_many_rows_nearly_all_near_ones_are_found_with_true_scores() -> None:
    """Here 150 of 3,000 are looked at."""
    vectors = rows(3000)
    held = SignedRows().extended(vectors)
    found = 0
    for seed in range(40):
        query = near(vectors, seed)
        query /= np.linalg.norm(query)
        slots, scores = held.nearest(query, 10, np.ones(3000, np.bool_))
        assert slots[0] == seed
        assert np.allclose(scores, (vectors @ query)[slots], atol=1e-5)
        found += len(set(slots.tolist()) & set(exact(vectors, query, 10)))
    assert found >= 0.9 * 400


def test_a_filter_takes_nothing_from_what_may_be_found() -> None:
    """k are found where k exist, of the few that a filter leaves and of the many."""
    vectors = rows(3000)
    held = SignedRows().extended(vectors)
    for every in (100, 3):
        mask = np.arange(3000) % every == 0
        slots, _ = held.nearest(near(vectors, 0), 30, mask)
        assert len(slots) == 30
        assert slots[0] == 0
        assert mask[slots].all()
        wanted = [row for row in exact(vectors, near(vectors, 0), 3000) if mask[row]][:10]
        assert len(set(slots[:10].tolist()) & set(wanted)) >= 9


def test_rows_that_come_in_parts_are_as_those_that_come_at_once() -> None:
    """And what was held before keeps what it had."""
    vectors = rows(1000)
    grown = before = SignedRows()
    for start in range(0, 1000, 90):
        before, grown = grown, grown.extended(vectors[start : start + 90])
    whole, mask = SignedRows().extended(vectors), np.ones(1000, np.bool_)
    for seed in (5, 997):
        one, other = (each.nearest(near(vectors, seed), 20, mask) for each in (grown, whole))
        assert one[0].tolist() == other[0].tolist()
        assert one[1].tolist() == other[1].tolist()
    assert len(before) == 990
    slots, _ = before.nearest(vectors[995], 5, np.ones(990, np.bool_))
    assert 995 not in slots
