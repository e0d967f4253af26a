"""Questions to vectors: in memory, where documents' vectors go through a file.

The file would cost two milliseconds a question, which is most of what embedding one takes, and
would tell what was asked. That is for embedders of this machine. Vectors that may be paid for are
kept in the file, so that the next run does not buy them again.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from suffice.ports import Embedder
from suffice.records import Json
from suffice.retrieve.vectors import Vectors

_QUESTIONS = 4096  # whose vectors are remembered: 6 MB


def for_questions(vectors: Vectors) -> Embedder:
    """What embeds questions where documents have these vectors."""
    return Asked(vectors) if vectors.local else vectors


class Asked:
    """The same embedder for questions: the last ones stay in memory, none is written."""

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = vectors
        self._one = lru_cache(_QUESTIONS)(lambda text: vectors.embedder.embed([text])[0])

    @property
    def name(self) -> str:
        return self._vectors.name

    @property
    def dimensions(self) -> int:
        return self._vectors.dimensions

    @property
    def tokens(self) -> int | None:
        return self._vectors.tokens

    def identity(self) -> Json:
        return self._vectors.identity()

    def count_tokens(self, text: str) -> int:
        return self._vectors.count_tokens(text)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.stack([self._one(text) for text in texts])
