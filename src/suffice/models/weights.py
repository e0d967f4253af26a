"""Finds, checks and loads the weights of a local model.

No code from a model's folder, ever. This file knows folders and devices, no chats.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import transformers
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig
from transformers.utils import logging

from suffice.errors import UsageError
from suffice.models.folder import digest, digests, refuse_pickled


@dataclass(frozen=True)
class Weights:
    """A model in memory with its tokenizer, and a digest that tells it from any other."""

    model: Any
    tokenizer: Any
    device: str
    dtype: str
    digest: str
    place: str


def load_weights(
    name: str,
    folder: Path,
    device: str | None,
    dtype: str | None,
    *,
    four_bits: bool = False,
) -> Weights:
    """Loads a folder, relative to the study's, or a model of the Hugging Face hub by its id.
    `four_bits` are bitsandbytes' nf4, for training with little memory on a GPU."""
    path = folder / Path(name).expanduser()
    local = path.is_dir()
    if local:
        refuse_pickled(path)
    elif name.startswith((".", "/", "~")):
        raise UsageError(f"there is no model folder {str(path)!r}; check the path")
    device = device or _best_device()
    kind = _dtype(dtype, device)
    source = str(path) if local else name
    with quiet():
        try:
            tokenizer = AutoTokenizer.from_pretrained(source, trust_remote_code=False)
            model = AutoModelForCausalLM.from_pretrained(
                source,
                use_safetensors=True,
                trust_remote_code=False,
                dtype=kind,
                **(_four_bits(kind) if four_bits else {}),
            )
        except (OSError, ValueError, KeyError) as error:
            raise UsageError(f"the model {source!r} cannot be loaded: {error}") from error
    return Weights(
        model=(model if four_bits else model.to(device)).eval(),
        tokenizer=tokenizer,
        device=device,
        dtype=str(kind).removeprefix("torch."),
        digest=digest(digests(path)) if local else f"commit {model.config._commit_hash}",
        place=str(path.resolve()) if local else f"https://huggingface.co/{name}",
    )


def _four_bits(kind: Any) -> dict[str, Any]:
    return {
        "quantization_config": BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=kind,
        ),
        "device_map": {"": 0},
    }


def _best_device() -> str:
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _dtype(wanted: str | None, device: str) -> Any:
    """The study's, or bfloat16 on a GPU that has it, float16 on others, float32 on a CPU.

    bfloat16 on a CPU without the instructions for it is 60 times slower than float32; a timed
    probe would make the journal's key hang on how busy the machine is.
    """
    if wanted is not None:
        found = getattr(torch, wanted, None)
        if not isinstance(found, torch.dtype):
            raise UsageError(f"extra.dtype {wanted!r} is unknown: float32, bfloat16 or float16")
        return found
    if device == "cpu":
        return torch.float32
    if device.startswith("cuda") and torch.cuda.is_bf16_supported():
        return torch.bfloat16
    return torch.float16


@contextmanager
def quiet() -> Iterator[None]:
    """Without transformers' progress bars and advice, which would mix with our own progress."""
    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()


def versions() -> dict[str, str]:
    """The libraries that compute the answers: another version may round otherwise."""
    return {"torch": str(torch.__version__), "transformers": transformers.__version__}
