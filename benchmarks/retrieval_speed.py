"""How fast: building, asking and changing an index of 1k to 1M passages, and embedding.

    python -m benchmarks.retrieval_speed [--quick] [--large]

Texts are of words as frequent as English ones, vectors of clusters, so that any size can be had.
Each size runs in a process of its own, for its memory. A query is timed from its text to the
packed prompt: embedded by MiniLM for real (the vector is then one of ours), searched by both legs,
fused and packed. Brute force is numpy over all vectors, with nothing of words. --large adds 1M.
Peers run in .venv-peers over the same texts and vectors, asked in a process of their own for at
most 20 seconds a size, and are held beside ours without the embedding, which is the same for all.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer

from benchmarks.nano_claims import Found
from benchmarks.results_file import print_claims, print_table, write
from suffice.ports import Embedder, ModelOptions
from suffice.records import Json
from suffice.retrieve.embedders.minilm import create as minilm
from suffice.retrieve.embedders.minilm_weights import packaged
from suffice.retrieve.pack import evidence, pack
from suffice.retrieve.ports import Change, Store, StoreOptions
from suffice.retrieve.records import Chunk, Stamp
from suffice.retrieve.search import SearchPlan, search
from suffice.retrieve.stores.lance import create as lance

WIDTH = 384
PEERS_PYTHON = Path(__file__).parents[1] / ".venv-peers" / "bin" / "python"
PEERS = ("txtai", "llamaindex", "haystack")
PEER_SECONDS = 20
CHUNKS_A_DOCUMENT = 4
WORDS_A_CHUNK = 120
VOCABULARY = 60_000
QUERIES = 200
K = 10
_CENTRES = 2000
_SPREAD = 0.6
_BATCH = 4000  # documents that are made at once


@dataclass
class Made:
    """Passages of one size, the same in every process."""

    size: int

    def __post_init__(self) -> None:
        rng = np.random.default_rng(1)
        self.centres = rng.normal(size=(_CENTRES, WIDTH)).astype(np.float32)
        names = random.Random(2)
        self.words = [
            "".join(names.choices("bdfgklmnprstv", k=1) + names.choices("aeiou", k=1))
            + "".join(names.choices("bdfgklmnprstvaeiou", k=names.randint(2, 6)))
            for _ in range(VOCABULARY)
        ]
        shares = 1 / np.arange(1, VOCABULARY + 1)
        self.shares = np.cumsum(shares / shares.sum())

    def vectors(self, start: int, count: int) -> NDArray[np.float32]:
        rng = np.random.default_rng([3, start])
        near = self.centres[rng.integers(0, _CENTRES, count)]
        return _unit(near + _SPREAD * rng.normal(size=(count, WIDTH)).astype(np.float32))

    def texts(self, start: int, count: int) -> list[str]:
        rng = np.random.default_rng([4, start])
        drawn = np.searchsorted(self.shares, rng.random((count, WORDS_A_CHUNK)))
        return [" ".join(self.words[min(at, VOCABULARY - 1)] for at in row) for row in drawn]

    def changes(self) -> Any:
        documents = self.size // CHUNKS_A_DOCUMENT
        for first in range(0, documents, _BATCH):
            count = min(_BATCH, documents - first)
            start = first * CHUNKS_A_DOCUMENT
            texts = self.texts(start, count * CHUNKS_A_DOCUMENT)
            rows = self.vectors(start, count * CHUNKS_A_DOCUMENT)
            for place in range(count):
                part = slice(place * CHUNKS_A_DOCUMENT, (place + 1) * CHUNKS_A_DOCUMENT)
                yield change(f"doc-{first + place}", texts[part], rows[part])


@dataclass
class Timed:
    """MiniLM's time and a vector of ours: an `Embedder` for one query."""

    real: Embedder
    vector: NDArray[np.float32]
    name: str = "timed"
    dimensions: int = WIDTH
    tokens: int | None = None
    seconds: float = 0.0

    def identity(self) -> Json:
        return self.name

    def count_tokens(self, text: str) -> int:
        return self.real.count_tokens(text)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.seconds += _seconds(lambda: self.real.embed(texts))
        return np.repeat(self.vector[None], len(texts), axis=0)


def change(name: str, texts: Sequence[str], rows: NDArray[np.float32]) -> Change:
    chunks, start = [], 0
    for text in texts:
        end = start + len(text)
        digest = sha256(text.encode()).hexdigest()
        chunks.append(
            Chunk(f"{name}#{start}-{end}", name, text, start, end, len(text) // 4, digest)
        )
        start = end + 2
    return Change(name, sha256("".join(texts).encode()).hexdigest(), chunks, rows)


def child(size: int) -> dict[str, float]:
    """Everything about one size, in this process."""
    made, embedder = Made(size), minilm("", ModelOptions())
    with tempfile.TemporaryDirectory() as scratch:
        store = lance("index", StoreOptions(folder=Path(scratch)))
        store.begin(Stamp("made", "made", WIDTH, "made"))
        making = _seconds(lambda: sum(len(each.chunks) for each in made.changes()))
        building = _seconds(lambda: store.replace(made.changes())) - making
        rng = np.random.default_rng(5)
        asked = rng.integers(0, size, QUERIES)
        times, legs, brute, kept = [], [], [], 0.0
        everything = np.concatenate(
            [
                made.vectors(at, min(_BATCH * CHUNKS_A_DOCUMENT, size - at))
                for at in range(0, size, _BATCH * CHUNKS_A_DOCUMENT)
            ]
        )
        texts = {int(at): _query(made, int(at), rng) for at in asked}
        for number, at in enumerate(asked):
            vector = _unit(everything[at] + 0.3 * _unit(rng.normal(size=WIDTH)).astype(np.float32))
            timed = Timed(embedder, vector)
            text = texts[int(at)]
            started = time.perf_counter()
            hits = search(store.snapshot(), timed, text, SearchPlan(k=K))
            evidence(pack(hits, 4000, embedder.count_tokens))
            if number >= 10:
                times.append(time.perf_counter() - started)
                legs.append(times[-1] - timed.seconds)
            started = time.perf_counter()
            scores = everything @ vector
            best = np.argpartition(-scores, min(K, size - 1))[:K]
            brute.append(time.perf_counter() - started)
            found = store.snapshot().nearest(vector, K, None)
            least = float(np.sort(scores[best])[0])
            kept += sum(each.score >= least - 1e-5 for each in found) / K
        changed = change("doc-0", made.texts(10**9, CHUNKS_A_DOCUMENT), everything[:4][::-1].copy())
        changing = _seconds(lambda: _seen(store, changed))
        low, middle, high = np.percentile(1000 * np.array(times), (50, 95, 99))
        return {
            "passages": size,
            "built in s": building,
            "passages/s": size / building,
            "query p50 ms": low,
            "p95 ms": middle,
            "p99 ms": high,
            "without embedding p50 ms": float(np.median(1000 * np.array(legs))),
            "numpy p50 ms": float(np.median(1000 * np.array(brute))),
            "recall@10 of exact": kept / QUERIES,
            "change of one document s": changing,
            "MB on disk": store.status().bytes / 1e6,
            "MB of memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
        }


def _seen(store: Store, changed: Change) -> Mapping[str, str]:
    """Changes a document and reads, as the next question would."""
    store.replace([changed])
    return store.documents()


def _query(made: Made, at: int, rng: np.random.Generator) -> str:
    batch = _BATCH * CHUNKS_A_DOCUMENT
    first = at // batch * batch
    drawn = np.random.default_rng([4, first])
    words = np.searchsorted(made.shares, drawn.random((at - first + 1, WORDS_A_CHUNK))[at - first])
    return " ".join(made.words[min(int(each), VOCABULARY - 1)] for each in rng.choice(words, 8))


def _unit(rows: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True))


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


# ---------------------------------------------------------------- peers


def peers(size: int, ours: Mapping[str, float], found: Found) -> list[dict[str, Any]]:
    """The same questions over the same passages, asked of each peer."""
    if not PEERS_PYTHON.exists():
        print(f"{PEERS_PYTHON} is absent: {', '.join(PEERS)} are not timed; make bench")
        return []
    made, rng, rows = Made(size), np.random.default_rng(5), list[dict[str, Any]]()
    asked = [int(at) for at in rng.integers(0, size, QUERIES)]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        changes = list(made.changes())
        documents = {chunk.id: chunk.text for each in changes for chunk in each.chunks}
        vectors = np.concatenate([each.vectors for each in changes])
        near = 0.3 * _unit(rng.normal(size=(QUERIES, WIDTH)).astype(np.float32))
        queries = {str(place): _query(made, at, rng) for place, at in enumerate(asked)}
        given = json.dumps({"documents": documents, "queries": queries})
        (folder / "given.json").write_text(given, "utf-8")
        np.save(folder / "documents.npy", vectors)
        np.save(folder / "queries.npy", _unit(vectors[asked] + near))
        for peer in PEERS:
            script = str(Path(__file__).parent / "retrieval_speed_peers.py")
            ran = subprocess.run(
                [str(PEERS_PYTHON), script, peer, scratch, str(PEER_SECONDS)],
                capture_output=True,
                text=True,
                check=False,
            )
            if ran.returncode:
                reason = ran.stderr.strip().splitlines()[-1:] or ["no reason given"]
                print(f"{peer} failed and is left out: {reason[0]}", file=sys.stderr)
                continue
            told = json.loads(ran.stdout.splitlines()[-1])
            middle, high = (float(np.percentile(told["times"], at)) for at in (50, 95))
            rows.append(
                {
                    "passages": size,
                    "system": peer,
                    "built in s": told["built in s"],
                    "without embedding p50 ms": middle,
                    "without embedding p95 ms": high,
                    "asked": len(told["times"]),
                }
            )
            found.number(
                f"{size} passages: {peer}'s time of a search over ours",
                "ratio",
                middle / ours["without embedding p50 ms"],
                ">= 1",
                count=len(told["times"]),
            )
    return rows


# ---------------------------------------------------------------- embedding


def embedding(found: Found, count: int) -> None:
    """Ours against sentence-transformers' default of the same model, in turns."""
    made = Made(count)
    texts = [text[: 40 * (1 + place % 16)] for place, text in enumerate(made.texts(7, count))]
    ours, theirs = minilm("", ModelOptions()), SentenceTransformer(str(packaged().folder))
    tokens = sum(min(ours.count_tokens(text), 256) for text in texts)
    ours.embed(texts[:16])
    theirs.encode(texts[:16])
    ratios, rates = [], []
    for _ in range(3):
        slow, quick = _seconds(lambda: theirs.encode(texts)), _seconds(lambda: ours.embed(texts))
        ratios.append(slow / quick)
        rates.append(tokens / quick)
    found.number(
        "embedding: tokens a second over sentence-transformers'",
        "ratio",
        float(np.median(ratios)),
        ">= 2",
        between=(min(ratios), max(ratios)),
        count=count,
    )
    found.number("embedding", "tokens/s", float(np.median(rates)), count=count)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="1k and 10k passages alone")
    parser.add_argument("--large", action="store_true", help="1M passages too: 10 GB of memory")
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.child:
        print(json.dumps(child(chosen.child)))
        return
    sizes = [1000, 10_000, *([] if chosen.quick else [100_000])]
    sizes += [1_000_000] if chosen.large else []
    found, rows, others = Found(), [], []
    for size in sizes:
        ran = subprocess.run(
            [sys.executable, "-m", "benchmarks.retrieval_speed", "--child", str(size)],
            capture_output=True,
            text=True,
            check=True,
        )
        rows.append(json.loads(ran.stdout.splitlines()[-1]))
        print_table([rows[-1]])
        if size <= 100_000:
            others += peers(size, rows[-1], found)
    _claims(found, {row["passages"]: row for row in rows})
    embedding(found, 100 if chosen.quick else 400)
    print_table(rows, title="by size")
    print_table(others, title="peers")
    print_claims(found.claims)
    if not chosen.quick:
        write("retrieval_speed", [*rows, *others], found.claims, ("lancedb", "onnxruntime"))


def _claims(found: Found, rows: dict[int, dict[str, float]]) -> None:
    if (row := rows.get(100_000)) is None:
        return
    found.number("100k passages: query p95", "ms", row["p95 ms"], "<= 20", count=QUERIES)
    found.number("100k passages: recall@10 of exact", "share", row["recall@10 of exact"], ">= 0.97")
    found.number(
        "100k passages: one changed document", "s", row["change of one document s"], "<= 1"
    )
    growth = row["built in s"] / rows[10_000]["built in s"] / 10
    found.number("building: cost a passage at 100k over 10k", "ratio", growth, "<= 1.5")


if __name__ == "__main__":
    main()
