"""Questions fitted to documents: kept where it finds more of what it was not learned from."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from suffice.ports import Embedder
from suffice.records import Json, Passage
from suffice.retrieve.adapt import Asking, Pair, fit, fitted
from suffice.retrieve.choose import Bench, Wanted, Way, judge
from suffice.retrieve.chunk import ChunkPlan
from suffice.retrieve.index import Index
from suffice.retrieve.search import SearchPlan
from suffice.retrieve.stores.lance import LanceStore
from suffice.retrieve.vectors import Vectors

WIDTH = 24
WAY = Way(ChunkPlan(64), SearchPlan(mode="vector", k=3))


@dataclass(frozen=True)
class Turned:
    """Topics as directions; questions about a topic stand turned by a fixed rotation."""

    turn: bool
    name: str = "turned"
    dimensions: int = WIDTH
    tokens: int | None = None

    def identity(self) -> Json:
        return [self.name, self.turn]

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = np.stack([self._vector(text) for text in texts])
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)

    def _vector(self, text: str) -> NDArray[np.float64]:
        topic = int(text.rsplit(maxsplit=1)[-1].rstrip(".?"))
        vector = np.random.default_rng(topic).normal(size=WIDTH)
        if self.turn and text.startswith("What"):
            vector = 0.5 * vector + np.roll(vector, 1)
        return vector


def bench_of(folder: Path, embedder: Embedder, count: int = 40) -> tuple[Bench, LanceStore]:
    store = LanceStore(folder / "index")
    index = Index(store, Vectors(embedder, folder / "vectors.db"), WAY.chunks)
    texts = [f"A text whose only topic is the one numbered {n}" for n in range(count)]
    index.add([Passage(f"d{n}", f"d{n}", text) for n, text in enumerate(texts)])
    return Bench({WAY.chunks: store.snapshot()}, index.vectors), store


def questions(count: int) -> list[Wanted]:
    return [Wanted(f"q{n}", f"What about {n}", frozenset([f"d{n}"])) for n in range(count)]


class TestFitted:
    def test_a_systematic_difference_is_learned(self, tmp_path: Path) -> None:
        """Questions that all stand off in the same way are brought back, unseen ones too."""
        bench, store = bench_of(tmp_path, Turned(turn=True), 60)
        adapter = fitted(bench, store, WAY, questions(40))
        assert adapter is not None
        unseen = questions(60)[40:]
        better = Bench(bench.snapshots, Asking(bench.vectors, adapter))
        assert judge(better, WAY, unseen).ndcg > judge(bench, WAY, unseen).ndcg + 0.05

    def test_what_finds_no_more_is_left_out(self, tmp_path: Path) -> None:
        """Where questions stand where their documents do there is nothing to win."""
        bench, store = bench_of(tmp_path, Turned(turn=False))
        assert fitted(bench, store, WAY, questions(40)) is None

    def test_too_few_pairs_teach_nothing(self, tmp_path: Path) -> None:
        """Below 20 it is not tried."""
        bench, store = bench_of(tmp_path, Turned(turn=True))
        assert fitted(bench, store, WAY, questions(15)) is None

    def test_a_strong_pull_leaves_questions_where_they_are(self) -> None:
        """The map then does nearly nothing."""
        rng = np.random.default_rng(0)
        rows = rng.normal(size=(30, 3, WIDTH)).astype(np.float32)
        pairs = [Pair(each[0], each[1], each[2:]) for each in rows]
        matrix = fit(pairs, 1e9).matrix
        assert np.abs(matrix - np.eye(WIDTH)).max() < 1e-3
