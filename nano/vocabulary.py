"""Trains the tokenizer: byte-level BPE, digits one by one, a token for each passage's number.

`python -m nano.vocabulary DEST` writes DEST/tokenizer.json. The pre-tokenizer is the one that
llama.cpp calls "smollm", so that a GGUF of nano reads texts alike.
"""

import argparse
import random
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

from nano.chats import END, PAD, START
from nano.kinds import trained_kinds
from nano.prose import load
from nano.reading import FULL, reading_chat
from nano.shapes import shaping
from nano.talk import small_talk
from nano.words import Names

SIZE = 4096
PASSAGES = 20  # how many passage numbers, [1] to [20], are tokens of their own
_SPECIALS = (PAD, START, END)


def train(texts: Iterable[str], size: int = SIZE) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
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


def sample(paragraphs: Sequence[str], chats: int = 6000) -> Iterator[str]:
    """Texts like those that nano will read, in about the shares in which it will read them."""
    names = Names(random.Random(1))
    kinds = trained_kinds()
    for number in range(chats):
        drawn = [reading_chat(kinds, names, FULL)]
        if number % 4 == 0:
            drawn += [small_talk(names.rng), shaping(names.rng)]
        yield from (content for chat in drawn for _, content in chat.messages)
    yield from paragraphs[:chats]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dest", type=Path)
    parser.add_argument("--paragraphs", type=Path)
    chosen = parser.parse_args()
    paragraphs = load(chosen.paragraphs) if chosen.paragraphs else []
    random.Random(5).shuffle(paragraphs)
    chosen.dest.mkdir(parents=True, exist_ok=True)
    train(sample(paragraphs)).save(str(chosen.dest / "tokenizer.json"))


if __name__ == "__main__":
    main()
