"""Texts to token numbers, by the tokenizer.json of a model, and batches shaped by tokens.

Knows no model: only its tokenizer's file and how many tokens the model takes.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from suffice.errors import UsageError
from suffice.retrieve.embedders.surrogates import readable

Ids: TypeAlias = list[int]


_WORDS = 1 << 16  # whose tokens are remembered: about 10 MB
# What the tokenizer takes for a space in any case: other signs may vanish and join two words.
_SPACES = re.compile("[ \t\n\r]+")


class WordPieces:
    """A tokenizer without the padding and the cut at 128 that some files have built in."""

    def __init__(self, path: Path) -> None:
        try:
            tokenizer: Any = Tokenizer.from_file(str(path))
        except Exception as error:  # the library raises bare Exception
            raise UsageError(
                f"{path} is no tokenizer that can be read: {error}; reinstall the package"
            ) from error
        tokenizer.no_padding()
        tokenizer.no_truncation()
        self._tokenizer = tokenizer
        self._count_word = lru_cache(_WORDS)(self._counted)
        self.marks = len(tokenizer.encode("").ids)  # [CLS] and [SEP]
        self.size = int(tokenizer.get_vocab_size())

    def count(self, text: str) -> int:
        """Tokens of the text itself, without the marks around it: counts can be added."""
        # No token reaches over a space, so words can be counted apart, and most were met before.
        return sum(map(self._count_word, _SPACES.split(readable(text))))

    def _counted(self, word: str) -> int:
        return len(self._tokenizer.encode(word, add_special_tokens=False).ids)

    def ids(self, texts: Sequence[str], *, most: int | None = None) -> list[Ids]:
        """Token numbers with the marks around them; tokens beyond `most` are cut, marks are not.

        One call for all texts, so that the tokenizer's own threads share them.
        """
        found = self._tokenizer.encode_batch_fast([readable(text) for text in texts])
        return [_cut(each.ids, most) for each in found]

    def plain_ids(self, texts: Sequence[str]) -> list[Ids]:
        """Token numbers without marks."""
        found = self._tokenizer.encode_batch_fast(
            [readable(text) for text in texts], add_special_tokens=False
        )
        return [each.ids for each in found]

    def number(self, token: str) -> int:
        found: int | None = self._tokenizer.token_to_id(token)
        if found is None:
            raise UsageError(f"the tokenizer has no token {token!r}")
        return found


def batches(lengths: Sequence[int], most: int) -> Iterator[list[int]]:
    """Places of texts, longest first, so many together that padded they have `most` tokens.

    Longest first: what does not fit in memory fails at once, and progress only gets faster.
    """
    order = sorted(range(len(lengths)), key=lambda place: -lengths[place])
    start = 0
    while start < len(order):
        size = max(1, most // max(1, lengths[order[start]]))
        yield order[start : start + size]
        start += size


def padded(rows: Sequence[Ids]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """One array of token numbers, and a mask that is 1 where a token is."""
    width = max(map(len, rows))
    ids = np.zeros((len(rows), width), dtype=np.int64)
    mask = np.zeros((len(rows), width), dtype=np.int32)
    for place, row in enumerate(rows):
        ids[place, : len(row)] = row
        mask[place, : len(row)] = 1
    return ids, mask


def _cut(ids: Ids, most: int | None) -> Ids:
    return ids if most is None or len(ids) <= most else [*ids[: most - 1], ids[-1]]
