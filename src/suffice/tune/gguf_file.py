"""Writes a folder of weights of nano's make as one GGUF file, which llama.cpp and its kin load.

float16 is kept, or halved with llama.cpp's own 8-bit blocks. llama.cpp's converter knows tokenizers
by their digests and refuses one that somebody trained for themselves; this one looks at how the
tokenizer splits texts instead.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import gguf
import msgspec
import numpy as np
from numpy.typing import NDArray

from suffice.models.nano.files import Files, read_files

PRE = "smollm"  # llama.cpp's name for: digits one by one, then GPT-2's expression
_SPLITS = [
    {"type": "Digits", "individual_digits": True},
    {"type": "ByteLevel", "add_prefix_space": False, "use_regex": True},
]
_GENERATION = re.compile(r"\{%(-?)\s*(end)?generation\s*(-?)%\}")


def write(weights: Path, dest: Path, *, q8: bool = False) -> None:
    """Raises where the folder is damaged, or where llama.cpp would read texts differently."""
    files = read_files(weights)
    writer = gguf.GGUFWriter(dest, gguf.MODEL_ARCH_NAMES[gguf.MODEL_ARCH.LLAMA])
    try:
        _add_shape(writer, files)
        _add_vocabulary(writer, files)
        _add_weights(writer, files, q8=q8)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
    finally:
        writer.close()


def _add_shape(writer: gguf.GGUFWriter, files: Files) -> None:
    shape = files.shape
    writer.add_name("nano")
    writer.add_vocab_size(shape.vocabulary)
    writer.add_context_length(shape.window)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(files.weights["model.layers.0.mlp.up_proj.weight"].shape[0])
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.key_heads)
    writer.add_key_length(shape.head_width)
    writer.add_value_length(shape.head_width)
    writer.add_rope_dimension_count(shape.head_width)
    writer.add_rope_freq_base(shape.theta)
    writer.add_layer_norm_rms_eps(shape.epsilon)


def _add_vocabulary(writer: gguf.GGUFWriter, files: Files) -> None:
    tokenizer = msgspec.json.decode(files.tokenizer)
    refuse_other_splits(tokenizer)
    tokens, kinds = _tokens(tokenizer, files.shape.vocabulary)
    (end,) = files.ends
    config = msgspec.json.decode((files.place / "config.json").read_bytes())
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(PRE)
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges([_merge(each) for each in tokenizer["model"]["merges"]])
    writer.add_eos_token_id(end)
    writer.add_pad_token_id(config.get("pad_token_id") or 0)
    # Unnamed, it would be token 11, an ordinary letter. It is never added, so as in GPT-2 it is
    # the token that ends a text.
    writer.add_bos_token_id(end)
    writer.add_add_bos_token(False)
    writer.add_add_eos_token(False)
    writer.add_chat_template(served_template(files.template))


def refuse_other_splits(tokenizer: Mapping[str, Any]) -> None:
    """A GGUF names its pre-tokenizer, and a wrong name is only heard in worse answers."""
    splits = (tokenizer["pre_tokenizer"] or {}).get("pretokenizers", [])
    known = len(splits) == len(_SPLITS) and all(
        wanted.items() <= found.items() for wanted, found in zip(_SPLITS, splits, strict=True)
    )
    whole = tokenizer["model"]["type"] == "BPE" and not tokenizer["model"].get("ignore_merges")
    if not known or not whole or tokenizer["normalizer"] is not None:
        raise ValueError(
            "tokenizer.json does not split texts as nano's does, and llama.cpp would not read "
            f"texts alike under the name {PRE!r}; train it with nano.vocabulary"
        )


def _tokens(tokenizer: Mapping[str, Any], size: int) -> tuple[list[str], list[gguf.TokenType]]:
    """Every token by its number. Special ones are read only where a caller allows it, added ones
    as [3] everywhere."""
    added = {each["id"]: each for each in tokenizer["added_tokens"]}
    texts = {number: text for text, number in tokenizer["model"]["vocab"].items()}
    texts |= {number: each["content"] for number, each in added.items()}
    if sorted(texts) != list(range(size)):
        raise ValueError(f"tokenizer.json numbers {len(texts)} tokens, the weights know {size}")
    kinds = [gguf.TokenType.NORMAL] * size
    for number, each in added.items():
        special = each["special"]
        kinds[number] = gguf.TokenType.CONTROL if special else gguf.TokenType.USER_DEFINED
    return [texts[number] for number in range(size)], kinds


def _merge(pair: str | Sequence[str]) -> str:
    return pair if isinstance(pair, str) else " ".join(pair)


def served_template(template: str) -> str:
    """Without the marks that only training reads. An `if` in their place keeps what they do to the
    white space around them."""

    def plain(mark: re.Match[str]) -> str:
        left, closing, right = mark.groups()
        return f"{{%{left} {'endif' if closing else 'if true'} {right}%}}"

    return _GENERATION.sub(plain, template)


def _add_weights(writer: gguf.GGUFWriter, files: Files, *, q8: bool) -> None:
    """Norms stay float32, as llama.cpp wants them. The embeddings serve as output too where the
    folder holds no output of its own."""
    packed = gguf.GGMLQuantizationType.Q8_0 if q8 else gguf.GGMLQuantizationType.F16
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0 if q8 else gguf.LlamaFileType.MOSTLY_F16)
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, files.shape.layers)
    turned = {"q_proj": files.shape.heads, "k_proj": files.shape.key_heads}
    for name, weight in files.weights.items():
        theirs = names.get_name(name, try_suffixes=(".weight",))
        if theirs is None:
            raise ValueError(f"llama.cpp's Llama has no place for the weight {name!r}")
        heads = turned.get(name.split(".")[-2])
        placed = weight if heads is None else interleaved(weight, heads)
        kind = gguf.GGMLQuantizationType.F32 if placed.ndim == 1 else packed
        data = gguf.quants.quantize(placed.astype(np.float32), kind)
        writer.add_tensor(theirs, data, raw_dtype=kind)


def interleaved(weight: NDArray[Any], heads: int) -> NDArray[Any]:
    """Rows in llama.cpp's order: it rotates neighbours, transformers the halves of a head."""
    rows, columns = weight.shape
    halves = weight.reshape(heads, 2, rows // heads // 2, columns)
    return np.ascontiguousarray(halves.swapaxes(1, 2).reshape(rows, columns))
