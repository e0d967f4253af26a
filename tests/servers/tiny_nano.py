"""Writes a folder of nano's make with random weights: small, with a tokenizer of its own.

    folder = write_tiny_nano(tmp_path / "tiny")
    model = create(str(folder), ModelOptions())       # suffice.models.nano

What it says is gibberish, always the same for the same seed.
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from nano.chats import END, PAD, TEMPLATE
from nano.model import Nano, Size
from nano.vocabulary import train
from safetensors.torch import save_file
from tokenizers import Tokenizer

SMALL = Size(vocabulary=600, width=64, layers=3, heads=4, key_heads=2, inner=96, window=256)

_ROOT = Path(__file__).parent.parent.parent
_LOUDER = 12.0  # times the weights that training begins with, so that answers differ


def write_tiny_nano(folder: Path, size: Size = SMALL, seed: int = 0) -> Path:
    """Saves everything that a folder of weights holds, and returns it."""
    folder.mkdir(parents=True)
    tokenizer = train([_prose()], size.vocabulary)
    end, pad = (tokenizer.encode(word).ids[0] for word in (END, PAD))
    weights = {name: weight.detach() for name, weight in Nano(size, seed).state_dict().items()}
    louder = {
        name: (weight * (_LOUDER if weight.dim() == 2 else 1.1)).half()
        for name, weight in weights.items()
    }
    save_file(louder, folder / "model.safetensors", metadata={"format": "pt"})
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "chat_template.jinja").write_text(TEMPLATE)
    _write(folder / "config.json", size.config(end=end, pad=pad))
    _write(folder / "generation_config.json", {"eos_token_id": end, "pad_token_id": pad})
    _write(folder / "tokenizer_config.json", _tokenizer_config(size))
    write_checksums(folder)
    return folder


def write_checksums(folder: Path) -> None:
    """Of every file in the folder."""
    files = [file for file in sorted(folder.iterdir()) if file.name != "checksums.json"]
    sums = {file.name: sha256(file.read_bytes()).hexdigest() for file in files}
    _write(folder / "checksums.json", sums)


def tokenizer_of(folder: Path) -> Tokenizer:
    """What the tokenizers package makes of the folder's file."""
    return Tokenizer.from_file(str(folder / "tokenizer.json"))


def _tokenizer_config(size: Size) -> dict[str, object]:
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "eos_token": END,
        "pad_token": PAD,
        "model_max_length": size.window,
        "clean_up_tokenization_spaces": False,
    }


def _write(path: Path, value: Mapping[str, object]) -> None:
    path.write_text(json.dumps(value, indent=2))


def _prose() -> str:
    """Enough English to learn a vocabulary of some thousand tokens from."""
    return "\n".join(file.read_text("utf-8") for file in sorted(_ROOT.glob("docs/**/*.md")))
