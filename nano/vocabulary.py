"""Trains the tokenizer: byte-level BPE, digits one by one, a token for each passage's number.

`python -m nano.vocabulary SAMPLE.txt DEST` writes tokenizer.json. The pre-tokenizer is the one that
llama.cpp calls "smollm", so that a GGUF of nano reads texts alike.
"""

import argparse
from collections.abc import Iterable
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

from nano.chats import END, PAD, START

SIZE = 4096
PASSAGES = 20  # how many passage numbers, [1] to [20], are tokens of their own
_SPECIALS = (PAD, START, END)


def train(texts: Iterable[str], size: int = SIZE) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size - PASSAGES,
        special_tokens=list(_SPECIALS),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.add_tokens([AddedToken(f"[{n}]", normalized=False) for n in range(1, PASSAGES + 1)])
    if tokenizer.get_vocab_size() != size:
        raise ValueError(f"{tokenizer.get_vocab_size()} tokens came out of too small a sample")
    return tokenizer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sample", type=Path)
    parser.add_argument("dest", type=Path)
    chosen = parser.parse_args()
    with chosen.sample.open(encoding="utf-8") as lines:
        tokenizer = train(lines)
    chosen.dest.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(chosen.dest / "tokenizer.json"))


if __name__ == "__main__":
    main()
