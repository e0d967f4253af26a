"""One peer's hybrid search over given texts and vectors: `retrieval_peers.py PEER FOLDER`.

Runs in .venv-peers and knows nothing of ours. Reads FOLDER/given.json and the vectors beside it,
writes FOLDER/PEER.json: the best documents of each query.
"""

import json
import sys
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

Given: TypeAlias = dict[str, Any]
Vectors: TypeAlias = Any
Found: TypeAlias = dict[str, list[str]]

LEG = 50  # what each leg brings before the lists are joined, as ours


def bm25s(given: Given, _documents: Vectors, _queries: Vectors) -> Found:
    """Words alone: Lucene's formula, English stems and stop words, as its documentation has it."""
    import bm25s as engines
    import Stemmer

    kept = {"stopwords": "en", "stemmer": Stemmer.Stemmer("english"), "show_progress": False}
    names = list(given["documents"])
    engine = engines.BM25(method="lucene", k1=1.2, b=0.75)
    texts = list(given["documents"].values())
    engine.index(engines.tokenize(texts, **kept), show_progress=False)
    questions = engines.tokenize(list(given["queries"].values()), **kept)
    places, _ = engine.retrieve(questions, k=given["depth"], show_progress=False)
    return {
        query: [names[at] for at in row]
        for query, row in zip(given["queries"], places, strict=True)
    }


def txtai(given: Given, documents: Vectors, queries: Vectors) -> Found:
    """Embeddings with `hybrid`, its convex combination of normalised BM25 and vectors."""
    from txtai import Embeddings

    known = dict(zip(given["documents"].values(), documents, strict=True))
    known |= dict(zip(given["queries"].values(), queries, strict=True))
    engine = Embeddings(
        method="external",
        transform=lambda texts: np.stack([known[text] for text in texts]),
        hybrid=True,
        content=False,
    )
    engine.index((name, text, None) for name, text in given["documents"].items())
    return {
        query: [str(name) for name, _ in engine.search(text, given["depth"])]
        for query, text in given["queries"].items()
    }


def llamaindex(given: Given, documents: Vectors, queries: Vectors) -> Found:
    """QueryFusionRetriever with reciprocal reranking over a vector and a BM25 retriever."""
    import Stemmer
    from llama_index.core import VectorStoreIndex
    from llama_index.core.base.embeddings.base import BaseEmbedding
    from llama_index.core.llms import MockLLM
    from llama_index.core.retrievers import QueryFusionRetriever
    from llama_index.core.schema import TextNode
    from llama_index.retrievers.bm25 import BM25Retriever

    known: dict[str, list[float]] = {
        text: vector.tolist()
        for text, vector in zip(given["queries"].values(), queries, strict=True)
    }

    class Computed(BaseEmbedding):  # type: ignore[misc]  # Any here
        def _get_query_embedding(self, query: str) -> list[float]:
            return known[query]

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return known[query]

        def _get_text_embedding(self, text: str) -> list[float]:
            return known[text]

    nodes = [
        TextNode(id_=name, text=text, embedding=vector.tolist())
        for (name, text), vector in zip(given["documents"].items(), documents, strict=True)
    ]
    index = VectorStoreIndex(nodes, embed_model=Computed())
    words = BM25Retriever.from_defaults(
        nodes=nodes, similarity_top_k=LEG, stemmer=Stemmer.Stemmer("english"), language="english"
    )
    fusion = QueryFusionRetriever(
        [index.as_retriever(similarity_top_k=LEG), words],
        similarity_top_k=given["depth"],
        num_queries=1,
        mode="reciprocal_rerank",
        use_async=False,
        llm=MockLLM(),
    )
    return {
        query: [each.node.node_id for each in fusion.retrieve(text)]
        for query, text in given["queries"].items()
    }


def haystack(given: Given, documents: Vectors, queries: Vectors) -> Found:
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
            for (name, text), vector in zip(given["documents"].items(), documents, strict=True)
        ]
    )
    words = InMemoryBM25Retriever(document_store=store, top_k=LEG)
    meaning = InMemoryEmbeddingRetriever(document_store=store, top_k=LEG)
    joiner = DocumentJoiner(join_mode="reciprocal_rank_fusion", top_k=given["depth"])
    found = {}
    for (query, text), vector in zip(given["queries"].items(), queries, strict=True):
        lists = [
            words.run(query=text)["documents"],
            meaning.run(query_embedding=vector.tolist())["documents"],
        ]
        found[query] = [each.id for each in joiner.run(documents=lists)["documents"]]
    return found


def main() -> None:
    peer, folder = sys.argv[1], Path(sys.argv[2])
    given = json.loads((folder / "given.json").read_text("utf-8"))
    documents, queries = (np.load(folder / f"{name}.npy") for name in ("documents", "queries"))
    run = {"bm25s": bm25s, "txtai": txtai, "llamaindex": llamaindex, "haystack": haystack}[peer]
    (folder / f"{peer}.json").write_text(json.dumps(run(given, documents, queries)), "utf-8")


if __name__ == "__main__":
    main()
