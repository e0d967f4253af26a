"""Fits questions to documents: a linear map of questions' vectors, learned from your own pairs.

People ask in other words than documents are written in, and in each company in other ones. The map
is learned by contrast (InfoNCE, van den Oord and others, 2018): each question is drawn to the
passage that answers it and away from the passages that it was mistaken for. It is held close to
doing nothing, because there are few pairs. Documents keep their vectors: nothing is indexed anew.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from suffice.ports import Embedder
from suffice.records import Json, fingerprint
from suffice.retrieve.choose import Bench, Wanted, Way, judge
from suffice.retrieve.ports import Store

FEWEST_PAIRS = 20
_FOLDS = 5
_HARD = 8  # passages a question was mistaken for
_WARMTH = 0.05  # of the softmax over cosines
_PULLS = (3.0, 30.0, 300.0)  # how strongly the map is held to doing nothing
_GAIN = 0.01  # of nDCG, out of fold: less is not worth a moving part

Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class Adapter:
    """A map of questions' vectors."""

    matrix: Vectors

    def __call__(self, vectors: Vectors) -> Vectors:
        turned = vectors @ self.matrix
        lengths = np.linalg.norm(turned, axis=1, keepdims=True)
        return np.asarray(turned / np.maximum(lengths, 1e-12), dtype=np.float32)


@dataclass(frozen=True)
class Asking:
    """An embedder for questions, fitted. Documents never pass through it."""

    plain: Embedder
    adapter: Adapter

    @property
    def name(self) -> str:
        return f"{self.plain.name}, fitted"

    @property
    def dimensions(self) -> int:
        return self.plain.dimensions

    @property
    def tokens(self) -> int | None:
        return self.plain.tokens

    def identity(self) -> Json:
        return [self.plain.identity(), fingerprint(self.adapter.matrix.tobytes().hex())]

    def count_tokens(self, text: str) -> int:
        return self.plain.count_tokens(text)

    def embed(self, texts: Sequence[str]) -> Vectors:
        return self.adapter(self.plain.embed(texts))


@dataclass(frozen=True)
class Pair:
    """A question, the passage that answers it and those that it was mistaken for, as vectors."""

    question: Vectors
    answer: Vectors
    others: Vectors


def fitted(bench: Bench, store: Store, way: Way, wanted: Sequence[Wanted]) -> Adapter | None:
    """The map, if it finds more of questions that it was not learned from; else None."""
    pairs = {each.id: _pair(bench, store, way, each) for each in wanted}
    known = [each for each in wanted if pairs[each.id] is not None]
    if way.search.mode == "bm25" or len(known) < FEWEST_PAIRS:
        return None
    folds = _folds(known)
    best: tuple[float, float] | None = None
    plain = judge(bench, way, known).ndcg
    for pull in _PULLS:
        gained = 0.0
        for number in range(_FOLDS):
            inside = [pairs[each.id] for each in known if folds[each.id] != number]
            outside = [each for each in known if folds[each.id] == number]
            adapter = fit([pair for pair in inside if pair is not None], pull)
            tried = replace(bench, vectors=Asking(bench.vectors, adapter), _legs={})
            gained += judge(tried, way, outside).ndcg * len(outside)
        if best is None or gained / len(known) > best[0]:
            best = gained / len(known), pull
    if best is None or best[0] < plain + _GAIN:
        return None
    return fit([pair for pair in pairs.values() if pair is not None], best[1])


def fit(pairs: Sequence[Pair], pull: float) -> Adapter:
    """Learns a map from pairs."""
    questions = np.stack([pair.question for pair in pairs]).astype(np.float64)
    answers = np.stack([pair.answer for pair in pairs]).astype(np.float64)
    others = np.concatenate([pair.others for pair in pairs]).astype(np.float64)
    passages = np.concatenate([answers, others])
    width = questions.shape[1]
    right = np.arange(len(pairs))

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        change = flat.reshape(width, width)
        scores = (questions + questions @ change) @ passages.T / _WARMTH
        scores -= scores.max(axis=1, keepdims=True)
        shares = np.exp(scores)
        shares /= shares.sum(axis=1, keepdims=True)
        value = -np.log(np.maximum(shares[right, right], 1e-300)).sum()
        shares[right, right] -= 1
        slope = questions.T @ (shares @ passages) / _WARMTH + 2 * pull * change
        return float(value + pull * (change**2).sum()), slope.ravel()

    found = minimize(loss, np.zeros(width * width), jac=True, method="L-BFGS-B",
                     options={"maxiter": 60})  # fmt: skip
    matrix = np.eye(width) + found.x.reshape(width, width)
    return Adapter(np.asarray(matrix, dtype=np.float32))


def _pair(bench: Bench, store: Store, way: Way, wanted: Wanted) -> Pair | None:
    """The best passage that answers, and the nearest that do not."""
    snapshot = bench.snapshots[way.chunks]
    answers: Callable[..., bool] = bench.answering(way, wanted)
    deep = Way(way.chunks, replace(way.search, k=way.search.pool, parents=False, diversity=0.0))
    hits = bench.hits(deep, wanted)
    right = [hit for hit in hits if answers(hit)][:1]
    wrong = [hit for hit in hits if not answers(hit)][:_HARD]
    if not right or not wrong:
        return None
    digests = {
        chunk.id: chunk.digest
        for name in {hit.passage.document for hit in (*right, *wrong)}
        for chunk in snapshot.chunks(name)
    }
    chosen = [digests[hit.passage.id] for hit in (*right, *wrong)]
    vectors = store.vectors(chosen)
    if any(digest not in vectors for digest in chosen):
        return None
    [question] = bench.vectors.embed([wanted.question])
    rows = np.stack([vectors[digest] for digest in chosen])
    return Pair(question, rows[0], rows[1:])


def _folds(wanted: Sequence[Wanted]) -> dict[str, int]:
    """Questions about the same documents stay together."""
    groups = {frozenset(each.gold) or frozenset([each.id]): 0 for each in wanted}
    place = {group: number % _FOLDS for number, group in enumerate(sorted(groups, key=sorted))}
    return {each.id: place[frozenset(each.gold) or frozenset([each.id])] for each in wanted}
