"""One peer's hybrid search, timed: `retrieval_speed_peers.py PEER FOLDER SECONDS`.

Runs in .venv-peers and knows nothing of ours. Reads the texts, vectors and questions in FOLDER and
prints one JSON object: seconds to build, and milliseconds of each question, its vector given. It
stops asking after SECONDS, because some need seconds for a question.
"""

import json
import sys
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

Given: TypeAlias = dict[str, Any]
Search: TypeAlias = Callable[[str, Any], object]

K = 10
LEG = 50  # what each leg brings before the lists are joined, as ours
FEWEST = 5


def txtai(given: Given, vectors: Any) -> Search:
    """Embeddings with `hybrid`: faiss and BM25, with the texts kept."""
    from txtai import Embeddings

    coming: deque[Any] = deque()
    engine = Embeddings(
        method="external",
        transform=lambda texts: np.stack([coming.popleft() for _ in texts]),
        hybrid=True,
        content=True,
    )
    coming.extend(vectors)
    engine.index((name, text, None) for name, text in given["documents"].items())

    def search(text: str, vector: Any) -> object:
        coming.clear()
        coming.append(vector)
        return engine.search(text, K)

    return search


def llamaindex(given: Given, vectors: Any) -> Search:
    """QueryFusionRetriever over the default vector store and BM25."""
    import Stemmer
    from llama_index.core import VectorStoreIndex
    from llama_index.core.base.embeddings.base import BaseEmbedding
    from llama_index.core.llms import MockLLM
    from llama_index.core.retrievers import QueryFusionRetriever
    from llama_index.core.schema import TextNode
    from llama_index.retrievers.bm25 import BM25Retriever

    coming: list[list[float]] = []

    class GivenVectors(BaseEmbedding):  # type: ignore[misc]  # Any here
        def _get_query_embedding(self, query: str) -> list[float]:  # noqa: ARG002
            return coming[0]

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return self._get_query_embedding(query)

        def _get_text_embedding(self, text: str) -> list[float]:
            raise NotImplementedError

    nodes = [
        TextNode(id_=name, text=text, embedding=vector.tolist())
        for (name, text), vector in zip(given["documents"].items(), vectors, strict=True)
    ]
    index = VectorStoreIndex(nodes, embed_model=GivenVectors())
    words = BM25Retriever.from_defaults(
        nodes=nodes, similarity_top_k=LEG, stemmer=Stemmer.Stemmer("english"), language="english"
    )
    fusion = QueryFusionRetriever(
        [index.as_retriever(similarity_top_k=LEG), words],
        similarity_top_k=K,
        num_queries=1,
        mode="reciprocal_rerank",
        use_async=False,
        llm=MockLLM(),
    )

    def search(text: str, vector: Any) -> object:
        coming[:] = [vector.tolist()]
        return fusion.retrieve(text)

    return search


def haystack(given: Given, vectors: Any) -> Search:
    """BM25 and embedding retrievers of the in-memory store, joined by reciprocal ranks."""
    from haystack import Document
    from haystack.components.joiners import DocumentJoiner
    from haystack.components.retrievers.in_memory import (
        InMemoryBM25Retriever,
        InMemoryEmbeddingRetriever,
    )
    from haystack.document_stores.in_memory import InMemoryDocumentStore

    store = InMemoryDocumentStore(embedding_similarity_function="cosine")
    store.write_documents(
        [
            Document(id=name, content=text, embedding=vector.tolist())
            for (name, text), vector in zip(given["documents"].items(), vectors, strict=True)
        ]
    )
    words = InMemoryBM25Retriever(document_store=store, top_k=LEG)
    meaning = InMemoryEmbeddingRetriever(document_store=store, top_k=LEG)
    joiner = DocumentJoiner(join_mode="reciprocal_rank_fusion", top_k=K)

    def search(text: str, vector: Any) -> object:
        lists = [
            words.run(query=text)["documents"],
            meaning.run(query_embedding=vector.tolist())["documents"],
        ]
        return joiner.run(documents=lists)["documents"]

    return search


def main() -> None:
    peer, folder, seconds = sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])
    given = json.loads((folder / "given.json").read_text("utf-8"))
    vectors, questions = (np.load(folder / f"{name}.npy") for name in ("documents", "queries"))
    started = time.perf_counter()
    build = {"txtai": txtai, "llamaindex": llamaindex, "haystack": haystack}[peer]
    search = build(given, vectors)
    built, times = time.perf_counter() - started, list[float]()
    for text, vector in zip(given["queries"], questions, strict=True):
        asked = time.perf_counter()
        search(text, vector)
        times.append(1000 * (time.perf_counter() - asked))
        if sum(times) > 1000 * seconds and len(times) >= FEWEST:
            break
    print(json.dumps({"built in s": built, "times": times}))


if __name__ == "__main__":
    main()
