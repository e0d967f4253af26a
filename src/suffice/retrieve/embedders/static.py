"""A static model distilled from MiniLM: a text is the weighted mean of its tokens' vectors.

For large corpora: many times faster than MiniLM and less good (docs/decisions/2026-11-21-embedding
says how much). No limit on a text's length. It is made once a machine, offline, by the recipe of
model2vec: every token of the vocabulary through MiniLM, the strongest principal components, and
less weight for frequent tokens. Word order is lost.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from suffice.errors import UsageError
from suffice.ports import Embedder, ModelOptions
from suffice.records import Json, fingerprint
from suffice.retrieve.embedders import minilm
from suffice.retrieve.embedders.derived import derived
from suffice.retrieve.embedders.minilm_weights import packaged
from suffice.retrieve.embedders.wordpiece import WordPieces

WIDTH = 256

# A token's weight is _FLAT / (_FLAT + its share of all text): smooth inverse frequency (Arora and
# others, 2017). Shares are guessed by Zipf's law: from its first word on, the vocabulary is ordered
# by frequency. Before it stand marks, unused numbers and single characters, which say little alone.
_FLAT = 1e-4
_LAYOUT = 1
_TABLE = "tokens"
_FIRST_WORD = "the"
_TEXTS = 1024  # texts that are tokenised at once


@dataclass(frozen=True)
class Static:
    """Texts to unit vectors by one look into a table for each token."""

    table: NDArray[np.float32]
    pieces: WordPieces
    weights: str
    name: str = field(default="static", init=False)
    tokens: int | None = field(default=None, init=False)
    local: bool = field(default=True, init=False)

    @property
    def dimensions(self) -> int:
        return int(self.table.shape[1])

    def identity(self) -> Json:
        return {"embedder": "static", "weights": self.weights, "layout": _LAYOUT}

    def count_tokens(self, text: str) -> int:
        return self.pieces.count(text)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)
        for start in range(0, len(texts), _TEXTS):
            part = self.pieces.plain_ids(texts[start : start + _TEXTS])
            for place, ids in enumerate(part, start):
                vectors[place] = self.table[ids].sum(axis=0) if ids else 0
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        # A text without a token that says anything points where the unknown token does.
        nothing = lengths[:, 0] < 1e-6
        vectors[nothing] = self._unknown
        lengths[nothing] = np.linalg.norm(self._unknown)
        return np.asarray(vectors / lengths, dtype=np.float32)

    @property
    def _unknown(self) -> NDArray[np.float32]:
        return np.asarray(self.table[self.pieces.number("[UNK]")], dtype=np.float32)


def create(name: str, options: ModelOptions) -> Embedder:
    if name:
        raise UsageError(f"static is one model and takes no name, but got {name!r}")
    del options  # nothing of a study changes it
    return _opened()


@cache
def _opened() -> Static:
    weights = packaged()
    path = derived("static.safetensors", fingerprint(weights.digest, _LAYOUT), _distilled)
    try:
        table = load(path.read_bytes())[_TABLE]
    except (OSError, SafetensorError, KeyError) as error:
        raise UsageError(f"{path} cannot be read ({error}); delete it and run again") from error
    return Static(table, WordPieces(weights.tokenizer), weights.digest)


def _distilled() -> bytes:
    """The file's bytes. Each token alone is run through MiniLM."""
    model = minilm.opened()
    first, last = model.pieces.number("[CLS]"), model.pieces.number("[SEP]")
    rows = model.run([[first, number, last] for number in range(model.pieces.size)])
    return bytes(save({_TABLE: distilled(rows, WIDTH, model.pieces.number(_FIRST_WORD))}))


def distilled(rows: NDArray[np.float32], width: int, first: int = 0) -> NDArray[np.float32]:
    """Whitened onto the strongest `width` components, then weighted by frequency: row `first` and
    those before it are the most frequent, then it falls.

    Whitening departs from model2vec: without it, a few directions that all tokens share would
    drown the rest, and scifact loses a tenth of its nDCG.
    """
    centred = rows - rows.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    found: Any = centred @ axes[:, ::-1][:, :width]
    found = found / found.std(axis=0)
    ranks = np.maximum(np.arange(len(rows)) - first, 0) + 2
    shares = (1 / ranks) / (1 / ranks[first:]).sum()
    return np.asarray(found * (_FLAT / (_FLAT + shares))[:, None], dtype=np.float32)
