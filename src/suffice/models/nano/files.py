"""Reads a folder of weights of nano's make, and checks what it reads.

The folder is one that transformers reads too. `checksums.json`, where it is there, holds the sha256
of the other files: what was damaged on the way is named before it answers anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from suffice.errors import UsageError
from suffice.models.folder import CHECKSUMS, digest, digests, file_digest, refuse_pickled
from suffice.models.nano.network import Shape

_T = TypeVar("_T")
_TOKENIZER, _TEMPLATE = "tokenizer.json", "chat_template.jinja"
_MENDING = "copy the folder again, or reinstall suffice where it is the shipped one"


class _Rotation(msgspec.Struct, frozen=True):
    rope_theta: float | None = None
    rope_type: str = "default"


class _Config(msgspec.Struct, frozen=True):
    """Of config.json, what the arithmetic hangs on."""

    model_type: str
    vocab_size: int
    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    max_position_embeddings: int
    rms_norm_eps: float
    eos_token_id: int | list[int] | None = None
    head_dim: int | None = None
    hidden_act: str = "silu"
    attention_bias: bool = False
    mlp_bias: bool = False
    rope_theta: float = 10_000.0
    rope_parameters: _Rotation | None = None
    rope_scaling: dict[str, Any] | None = None

    @property
    def is_ours(self) -> bool:
        rotation = self.rope_parameters or _Rotation()
        plain = self.rope_scaling is None and rotation.rope_type == "default"
        bare = not (self.attention_bias or self.mlp_bias)
        return self.model_type == "llama" and self.hidden_act == "silu" and plain and bare

    def shape(self) -> Shape:
        rotation = self.rope_parameters or _Rotation()
        return Shape(
            vocabulary=self.vocab_size,
            width=self.hidden_size,
            layers=self.num_hidden_layers,
            heads=self.num_attention_heads,
            key_heads=self.num_key_value_heads,
            head_width=self.head_dim or self.hidden_size // self.num_attention_heads,
            window=self.max_position_embeddings,
            theta=rotation.rope_theta or self.rope_theta,
            epsilon=self.rms_norm_eps,
        )


class _Generation(msgspec.Struct, frozen=True):
    """Of generation_config.json, what ends an answer."""

    eos_token_id: int | list[int] | None = None


@dataclass(frozen=True)
class Files:
    """What a folder holds, checked."""

    place: Path
    digest: str
    shape: Shape
    weights: Mapping[str, NDArray[np.floating[Any]]]
    tokenizer: str
    template: str
    ends: frozenset[int]


def read_files(folder: Path) -> Files:
    """Raises UsageError that names the file and what is wrong with it."""
    if not folder.is_dir():
        raise UsageError(f"there is no model folder {str(folder)!r}; check the path")
    refuse_pickled(folder)
    found = digests(folder)
    _compare(folder, found)
    config = _decoded(folder / "config.json", _Config)
    if not config.is_ours:
        raise UsageError(
            f"{folder / 'config.json'} is not of nano's make (a Llama with plain rotations and no "
            f"biases); run it with huggingface:{folder}"
        )
    return Files(
        place=folder.resolve(),
        digest=digest(found),
        shape=config.shape(),
        weights=_weights(folder / "model.safetensors"),
        tokenizer=_text(folder / _TOKENIZER),
        template=_text(folder / _TEMPLATE),
        ends=_ends(folder, config),
    )


def _compare(folder: Path, found: Mapping[str, str]) -> None:
    if not (folder / CHECKSUMS).exists():
        return
    for name, wanted in _decoded(folder / CHECKSUMS, dict[str, str]).items():
        file = folder / name
        if not file.is_file():
            raise UsageError(f"{file} is missing; {_MENDING}")
        actual = found.get(name) or file_digest(file)
        if actual != wanted:
            raise UsageError(f"{file} is damaged: its sha256 is {actual}, not {wanted}; {_MENDING}")


def _ends(folder: Path, config: _Config) -> frozenset[int]:
    path = folder / "generation_config.json"
    own = _decoded(path, _Generation).eos_token_id if path.exists() else None
    ends: set[int] = set()
    for each in (own, config.eos_token_id):
        ends.update(each if isinstance(each, list) else [] if each is None else [each])
    if not ends:
        raise UsageError(f"{folder} names no eos_token_id, so an answer would never stop")
    return frozenset(ends)


def _weights(path: Path) -> dict[str, NDArray[np.floating[Any]]]:
    try:
        weights: dict[str, NDArray[np.floating[Any]]] = load_file(path)
    except (OSError, SafetensorError, TypeError, KeyError) as error:
        raise UsageError(
            f"{path} cannot be read as float16 or float32 safetensors ({error}); {_MENDING}"
        ) from error
    return weights


def _decoded(path: Path, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(_text(path), type=kind)
    except msgspec.DecodeError as error:
        raise UsageError(f"{path} cannot be used: {error}; {_MENDING}") from error


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}; {_MENDING}") from error
