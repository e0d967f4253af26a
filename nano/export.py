"""Writes a finished run as the folder that Suffice ships and transformers loads.

`python -m nano.export RUN DEST`: float16 safetensors, configuration, tokenizer, chat template, and
the checksums by which a damaged file is found before it answers anything.
"""

import argparse
import hashlib
import json
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

from nano.chats import END, PAD, START, TEMPLATE
from nano.model import Size

CHECKED = ("model.safetensors", "config.json", "tokenizer.json", "chat_template.jinja")


def export(run: Path, dest: Path) -> None:
    """CARD.md and LICENSE, which people write, are left as they are."""
    dest.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer.from_file(str(run / "tokenizer.json"))
    kept = load_file(run / "run" / "weights.safetensors")
    half = {name: weight.to(torch.float16).contiguous() for name, weight in kept.items()}
    save_file(half, dest / "model.safetensors", metadata={"format": "pt"})
    size = Size(vocabulary=tokenizer.get_vocab_size())
    end, pad = tokenizer.token_to_id(END), tokenizer.token_to_id(PAD)
    _write(dest / "config.json", size.config(end=end, pad=pad))
    _write(dest / "generation_config.json", {"eos_token_id": end, "pad_token_id": pad})
    _write(
        dest / "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "additional_special_tokens": [START],
            "clean_up_tokenization_spaces": False,
            "eos_token": END,
            "model_max_length": size.window,
            "pad_token": PAD,
        },
    )
    (dest / "tokenizer.json").write_bytes((run / "tokenizer.json").read_bytes())
    (dest / "chat_template.jinja").write_text(TEMPLATE, "utf-8")
    digests = {name: hashlib.sha256((dest / name).read_bytes()).hexdigest() for name in CHECKED}
    _write(dest / "checksums.json", digests)


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("dest", type=Path)
    chosen = parser.parse_args()
    export(chosen.run, chosen.dest)


if __name__ == "__main__":
    main()
