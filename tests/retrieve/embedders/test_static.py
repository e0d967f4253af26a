"""The static model's recipe, on tables that are small enough to see."""

import numpy as np
import pytest

from suffice.retrieve.embedders.minilm_weights import packaged
from suffice.retrieve.embedders.static import Static, distilled
from suffice.retrieve.embedders.wordpiece import WordPieces

PIECES = WordPieces(packaged().tokenizer)


@pytest.fixture(scope="module")
def small() -> Static:
    """A random direction a token."""
    table = np.random.default_rng(0).normal(size=(PIECES.size, 8)).astype(np.float32)
    return Static(table, PIECES, "w")


def test_the_strongest_directions_are_kept_and_count_alike() -> None:
    """Principal components, whitened: the weakest is dropped, the others have one spread."""
    rows = np.random.default_rng(0).normal(size=(2000, 4)) * [1, 9, 3, 5] + 7
    found = distilled(rows.astype(np.float32), 3)
    shares = 1 / np.arange(2, 2002)
    plain = found / (1e-4 / (1e-4 + shares / shares.sum()))[:, None]
    assert np.allclose(plain.std(axis=0), 1, rtol=1e-3)
    for place, kept in enumerate([1, 3, 2]):
        assert abs(np.corrcoef(plain[:, place], rows[:, kept])[0, 1]) > 0.99


def test_frequent_tokens_weigh_less() -> None:
    """From its first word on the vocabulary is ordered by frequency; what precedes weighs least."""
    rows = np.random.default_rng(0).normal(size=(5000, 4)).astype(np.float32)
    lengths = np.linalg.norm(distilled(rows, 4, 10), axis=1)
    centred = rows - rows.mean(axis=0)
    inverse = np.linalg.inv(np.cov(centred.T, bias=True))
    weights = lengths / np.sqrt(np.einsum("ni,ij,nj->n", centred, inverse, centred))
    assert np.allclose(weights[:11], weights[0], rtol=1e-3)
    assert (np.diff(weights[10:]) > 0).all()
    assert weights[0] < 0.01
    assert weights[-1] > 0.75


def test_a_text_is_the_mean_of_its_tokens(small: Static) -> None:
    """As a direction; order does not count."""
    cat, dog = (small.table[PIECES.number(word)] for word in ("cat", "dog"))
    both = (cat + dog) / np.linalg.norm(cat + dog)
    assert np.allclose(small.embed(["cat dog", "dog cat"]), both, atol=1e-6)


def test_a_text_of_nothing_still_has_a_direction(small: Static) -> None:
    """That of the unknown token: a vector of zeros would be like none and all."""
    unknown = small.table[PIECES.number("[UNK]")]
    assert np.allclose(small.embed([""]), unknown / np.linalg.norm(unknown), atol=1e-6)


def test_a_long_text_counts_to_its_end(small: Static) -> None:
    """A table has no window."""
    start, whole = small.embed(["cat " * 2000, "cat " * 2000 + "dog " * 2000])
    assert small.tokens is None
    assert start @ whole < 0.95
