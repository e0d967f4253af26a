"""Any model that the sentence-transformers library runs, by its name or its folder.

Weights come from the Hugging Face cache or hub (HF_HOME, HF_HUB_OFFLINE are honoured), as
safetensors only; code that a model brings along is never run. How many tokens a text may have is
the model's own limit; what lies beyond is not seen.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from torch import uint8
from transformers.utils import logging

from suffice.errors import UsageError
from suffice.ports import Embedder, ModelOptions
from suffice.records import Json
from suffice.retrieve.embedders.surrogates import readable

_BATCH = 32  # texts; the library sorts them by length first, so little is padding


@dataclass(frozen=True)
class LocalEmbedder:
    """A sentence-transformers model on this machine."""

    name: str
    model: Any
    local: bool = field(default=True, init=False)

    @property
    def dimensions(self) -> int:
        return int(self.model.get_embedding_dimension())

    @property
    def tokens(self) -> int | None:
        """The model's own limit without the marks that stand around every text."""
        limit: int | None = self.model.max_seq_length
        return None if limit is None else limit - self._marks

    def identity(self) -> Json:
        return {"embedder": "sentence-transformers", "weights": self._digest}

    def count_tokens(self, text: str) -> int:
        return len(
            self.model.tokenizer(readable(text), add_special_tokens=False, verbose=False)[
                "input_ids"
            ]
        )

    @cached_property
    def _marks(self) -> int:
        return int(self.model.tokenizer.num_special_tokens_to_add())

    @cached_property
    def _digest(self) -> str:
        """Of what the model computes, not of where it came from: a name on the hub can change its
        weights, and a copied folder does not."""
        total = sha256(repr(self.model).encode())
        total.update(json.dumps(sorted(self.model.tokenizer.get_vocab().items())).encode())
        total.update(repr((self.model.max_seq_length, self.model.prompts)).encode())
        for name, weights in sorted(self.model.state_dict().items()):
            total.update(name.encode())
            total.update(weights.detach().cpu().contiguous().flatten().view(uint8).numpy())
        return total.hexdigest()

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if not texts:
            return np.empty((0, self.dimensions), dtype=np.float32)
        vectors = self.model.encode(
            [readable(text) for text in texts],
            batch_size=_BATCH,
            normalize_embeddings=True,
            convert_to_numpy=True,
            show_progress_bar=False,
        )
        return np.ascontiguousarray(vectors, dtype=np.float32)


def opened(name: str, weights: str, *, offline: bool = False) -> LocalEmbedder:
    """A model from a folder or by its name on the hub."""
    # The bar that loading draws would stand in the middle of our own.
    logging.disable_progress_bar()
    try:
        model = SentenceTransformer(
            weights,
            local_files_only=offline,
            trust_remote_code=False,
            model_kwargs={"use_safetensors": True},
        )
    except (OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        raise UsageError(
            f"the embedding model {weights!r} cannot be loaded: {reason}\n"
            "Name a folder, or a sentence-transformers model that is reachable or cached."
        ) from error
    finally:
        logging.enable_progress_bar()
    return LocalEmbedder(name, model)


def create(name: str, options: ModelOptions) -> Embedder:
    """`name` is a folder, looked for beside the study first, or a name on the hub."""
    if not name:
        raise UsageError("name the model, for example sentence-transformers:BAAI/bge-small-en-v1.5")
    folder = options.folder / name
    weights = str(folder) if folder.is_dir() else name
    return opened(f"sentence-transformers:{name}", weights, offline=folder.is_dir())
