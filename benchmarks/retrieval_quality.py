"""What is found: ours in its ways, and peers with the same vectors, on public sets.

    python -m benchmarks.retrieval_quality [--quick]

Every system gets the same documents (title and text), the same MiniLM and the same queries, and
gives the documents of 20 hits a query. Ours cuts documents into chunks that MiniLM sees whole.
Peers are measured twice: on those chunks, and on whole documents, each all its words and one vector
of its first 256 tokens. recall, nDCG@10 and MRR are ir_measures'; two systems are compared query by
query with a paired sign-flip test. The fitted way learns its map of questions from one half of the
queries and is measured on the other, in both directions; cross-encoders are not measured, for lack
of weights. Peers run in .venv-peers (`make bench` installs them) at what
their documentation recommends for hybrid search; one that is missing is named.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import ir_measures
import numpy as np
from ir_measures import RR, R, nDCG
from numpy.typing import NDArray

from benchmarks.nano_claims import Found
from benchmarks.results_file import Row, print_claims, print_table, write
from benchmarks.retrieval_sets import Collection, collections
from suffice.ports import ModelOptions
from suffice.records import Passage
from suffice.retrieve.adapt import Asking, fitted
from suffice.retrieve.choose import Bench, Wanted, Way
from suffice.retrieve.chunk import ChunkPlan
from suffice.retrieve.embedders.minilm import create as minilm
from suffice.retrieve.index import Index
from suffice.retrieve.records import Chunk
from suffice.retrieve.search import SearchPlan
from suffice.retrieve.stores.lance import LanceStore
from suffice.retrieve.vectors import Vectors
from suffice.stats.paired import sign_flip

DEPTH = 20
MEASURES = (R @ 5, R @ 10, R @ 20, nDCG @ 10, RR @ 10)
PEERS_PYTHON = Path(__file__).parents[1] / ".venv-peers" / "bin" / "python"
PEERS = ("bm25s", "txtai", "llamaindex", "haystack")
OURS = "ours: hybrid, convex 0.5"
WAYS = {
    "ours: bm25": SearchPlan(mode="bm25", k=DEPTH),
    "ours: vectors": SearchPlan(mode="vector", k=DEPTH),
    "ours: hybrid, rrf": SearchPlan(fusion="rrf", k=DEPTH),
    OURS: SearchPlan(k=DEPTH),
}
WHOLE = ChunkPlan(8192, overlap=0.0)  # the index cuts it to what the embedder sees

Run = Mapping[str, Sequence[str]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the queries")
    chosen = parser.parse_args()
    found, rows = Found(), list[Row]()
    with tempfile.TemporaryDirectory() as scratch:
        for collection in collections():
            folder = Path(scratch) / collection.name
            asked = sorted(collection.queries)[:: 10 if chosen.quick else 1]
            runs = _runs(collection, asked, folder)
            scores = {name: _scores(collection, asked, run) for name, run in runs.items()}
            rows += [_row(collection.name, name, each) for name, each in scores.items()]
            _claims(found, collection.name, scores, asked)
    print_table(rows, title="what is found")
    print_claims(found.claims)
    if not chosen.quick:
        write("retrieval_quality", rows, found.claims, ("lancedb", "onnxruntime", "ir-measures"))


def _runs(collection: Collection, asked: Sequence[str], folder: Path) -> dict[str, Run]:
    """The best documents of each query, by each system."""
    folder.mkdir()
    embedder = minilm("", ModelOptions())
    vectors = Vectors(embedder, folder / "vectors.db")
    names = list(collection.texts)
    joined = partial(_joined, collection)
    rows = vectors.embed([*map(joined, names)])
    questions = vectors.embed([collection.queries[query] for query in asked])
    runs: dict[str, Run] = {}
    for title, context in (("", "headings"), (", no context", "none")):
        plan = ChunkPlan(WHOLE.tokens, WHOLE.overlap, "headings" if not title else "none")
        store = LanceStore(folder / f"index-{context}")
        index = Index(store, vectors, plan)
        index.add(
            [Passage(name, name, collection.texts[name], collection.titles[name]) for name in names]
        )
        for way, search in WAYS.items():
            if title and way != OURS:
                continue
            runs[f"{way}{title}"] = {
                query: _documents(index, collection.queries[query], search) for query in asked
            }
    runs[f"{OURS}, fitted"] = _fitted(collection, asked, folder / "index-headings", vectors)
    runs["brute force"] = _nearest(asked, questions, names, rows)
    documents = _Given(dict(zip(names, names, strict=True)), [*map(joined, names)], rows)
    chunks = _chunks(folder, names)
    texts = [each.embedded for each in chunks]
    owners = {each.id: each.document for each in chunks}
    cut = _Given(owners, texts, vectors.embed(texts))
    for form, given in (("documents", documents), ("our chunks", cut)):
        for peer, run in _peers(collection, asked, folder, given, questions).items():
            runs[f"{peer}, {form}"] = run
    return runs


@dataclass(frozen=True)
class _Given:
    """Texts with their vectors, and the document that each is of."""

    documents: Mapping[str, str]
    texts: Sequence[str]
    rows: NDArray[np.float32]


def _chunks(folder: Path, names: Sequence[str]) -> list[Chunk]:
    """What ours searched in."""
    snapshot = LanceStore(folder / "index-headings").snapshot()
    return [each for name in names for each in snapshot.chunks(name)]


def _documents(index: Index, question: str, plan: SearchPlan) -> list[str]:
    hits = index.search(question, plan)
    return list(dict.fromkeys(hit.passage.document for hit in hits))


def _fitted(
    collection: Collection, asked: Sequence[str], place: Path, vectors: Vectors
) -> dict[str, list[str]]:
    """Each half of the queries, searched with what was learned from the other half."""
    store, way = LanceStore(place), Way(WHOLE, WAYS[OURS])
    bench = Bench({WHOLE: store.snapshot()}, vectors)
    wanted = [
        Wanted(query, collection.queries[query], frozenset(collection.judged[query]))
        for query in asked
    ]
    run = {}
    for learned, measured in ((wanted[::2], wanted[1::2]), (wanted[1::2], wanted[::2])):
        adapter = fitted(bench, store, way, learned)
        if adapter is None:
            print(f"{collection.name}: fitting to {len(learned)} questions wins nothing")
        tried = replace(bench, vectors=Asking(vectors, adapter), _legs={}) if adapter else bench
        for each in measured:
            hits = tried.hits(way, each)
            run[each.id] = list(dict.fromkeys(hit.passage.document for hit in hits))
    return run


def _joined(collection: Collection, name: str) -> str:
    return f"{collection.titles[name]}\n{collection.texts[name]}".strip()


def _nearest(
    asked: Sequence[str],
    questions: NDArray[np.float32],
    names: Sequence[str],
    rows: NDArray[np.float32],
) -> Run:
    best = np.argsort(-(questions @ rows.T), axis=1)[:, :DEPTH]
    return {query: [names[at] for at in row] for query, row in zip(asked, best, strict=True)}


def _peers(
    collection: Collection,
    asked: Sequence[str],
    folder: Path,
    given: _Given,
    questions: NDArray[np.float32],
) -> dict[str, Run]:
    if not PEERS_PYTHON.exists():
        print(f"{PEERS_PYTHON} is absent: {', '.join(PEERS)} are not measured; make bench")
        return {}
    written = {
        "documents": dict(zip(given.documents, given.texts, strict=True)),
        "queries": {query: collection.queries[query] for query in asked},
        "depth": DEPTH,
    }
    (folder / "given.json").write_text(json.dumps(written), "utf-8")
    np.save(folder / "documents.npy", given.rows)
    np.save(folder / "queries.npy", questions)
    runs: dict[str, Run] = {}
    for peer in PEERS:
        script = Path(__file__).parent / "retrieval_peers.py"
        ran = subprocess.run(
            [str(PEERS_PYTHON), str(script), peer, str(folder)],
            capture_output=True,
            text=True,
            check=False,
        )
        if ran.returncode:
            reason = ran.stderr.strip().splitlines()[-1:] or ["no reason given"]
            print(f"{peer} failed and is left out: {reason[0]}", file=sys.stderr)
            continue
        found: Run = json.loads((folder / f"{peer}.json").read_text("utf-8"))
        runs[peer] = {
            query: list(dict.fromkeys(given.documents[hit] for hit in hits))
            for query, hits in found.items()
        }
    return runs


def _scores(collection: Collection, asked: Sequence[str], run: Run) -> dict[str, dict[str, float]]:
    """Each measure's value for each query."""
    judged = [
        ir_measures.Qrel(query, name, grade)
        for query in asked
        for name, grade in collection.judged[query].items()
    ]
    ranked = [
        ir_measures.ScoredDoc(query, name, -place)
        for query, found in run.items()
        for place, name in enumerate(found)
    ]
    values: dict[str, dict[str, float]] = {str(measure): {} for measure in MEASURES}
    for each in ir_measures.iter_calc(MEASURES, judged, ranked):
        values[str(each.measure)][each.query_id] = each.value
    return {name: {query: of.get(query, 0.0) for query in asked} for name, of in values.items()}


def _row(collection: str, name: str, scores: Mapping[str, Mapping[str, float]]) -> Row:
    means = {measure: float(np.mean(list(each.values()))) for measure, each in scores.items()}
    return {"set": collection, "system": name, **means}


def _claims(
    found: Found,
    collection: str,
    scores: Mapping[str, Mapping[str, Mapping[str, float]]],
    asked: Sequence[str],
) -> None:
    """Ours against each other; and what hybrid search saves of what vectors miss."""
    ours = np.array([scores[OURS][str(nDCG @ 10)][query] for query in asked])
    for name, each in scores.items():
        if name.startswith("ours"):
            continue
        theirs = np.array([each[str(nDCG @ 10)][query] for query in asked])
        p = sign_flip(theirs - ours, np.random.default_rng(0))
        behind = float((theirs - ours).mean()) if p < 0.05 else 0.0
        found.number(
            f"{collection}: surely behind {name}, nDCG@10", "nDCG", max(0.0, behind), "<= 0"
        )
    missed = [
        1 - float(np.mean(list(scores[name][str(R @ 20)].values())))
        for name in ("ours: vectors", OURS)
    ]
    if not missed[0]:
        return  # vectors alone find everything: there is nothing to save
    saved = 1 - missed[1] / missed[0]
    found.number(
        f"{collection}: failed retrievals at 20 saved by hybrid", "share", saved, ">= 0.49"
    )


if __name__ == "__main__":
    main()
