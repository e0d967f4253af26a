"""Rows in batches, the same for the same seed and epoch, so that a resumed run sees the same.

Rows of like length go together, so that little is computed for nothing. Packed, several rows share
a line and see nothing of each other: positions begin anew with each, and transformers makes the
mask of that.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from suffice.tune.rows import Row

Line = Sequence[Row]
_LINE = 512  # tokens that a packed line holds, or as many as the longest row has
_SORTED = 8  # batches' worth of rows that are put in order of length together


@dataclass(frozen=True)
class Batch:
    """Padded on the right, where what is causal looks at nothing of it."""

    tokens: Any
    positions: Any
    learned: Any

    @property
    def size(self) -> int:
        return int(self.tokens.numel())


def batches(rows: Sequence[Row], size: int, epoch: int, seed: int) -> list[list[Line]]:
    """Every row once, in an order of its own in each epoch; a line a row."""
    rng = random.Random(f"{seed} {epoch}")
    order = list(rows)
    rng.shuffle(order)
    made: list[list[Line]] = []
    for start in range(0, len(order), _SORTED * size):
        some = sorted(order[start : start + _SORTED * size], key=lambda row: len(row.tokens))
        made += [[[row] for row in some[at : at + size]] for at in range(0, len(some), size)]
    rng.shuffle(made)
    return made


def packed(rows: Sequence[Row], size: int, epoch: int, seed: int) -> list[list[Line]]:
    """The same rows, `size` a batch, on as few lines as they fit on."""
    made = []
    for batch in batches(rows, size, epoch, seed):
        alone = sorted((line[0] for line in batch), key=lambda row: -len(row.tokens))
        width = max(_LINE, len(alone[0].tokens))
        made.append(_fitted(alone, width))
    return made


def _fitted(rows: Sequence[Row], width: int) -> list[Line]:
    """Each row on the first line that has room for it."""
    lines: list[list[Row]] = []
    for row in rows:
        room = (line for line in lines if _length(line) + len(row.tokens) <= width)
        line = next(room, None)
        if line is None:
            lines.append([row])
        else:
            line.append(row)
    return list(lines)


def pieces(lines: Sequence[Line], most_tokens: int) -> list[list[Line]]:
    """The lines, longest first, in as many parts as it takes for each to be small in memory; a line
    that is larger than that stands alone."""
    made: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: -_length(line)):
        if made and (len(made[-1]) + 1) * _length(made[-1][0]) <= most_tokens:
            made[-1].append(line)
        else:
            made.append([line])
    return made


def learned_tokens(lines: Sequence[Line]) -> int:
    """How many tokens are learned; a line's row says its first after nothing."""
    return sum(sum(row.learned[1:]) for line in lines for row in line)


def _length(line: Line) -> int:
    return sum(len(row.tokens) for row in line)


def stacked(lines: Sequence[Line], device: str) -> Batch:
    """The tensors of a batch."""
    width = max(map(_length, lines))
    tokens = torch.zeros((len(lines), width), dtype=torch.long)
    positions = torch.zeros((len(lines), width), dtype=torch.long)
    learned = torch.zeros((len(lines), width), dtype=torch.bool)
    for place, line in enumerate(lines):
        start = 0
        for row in line:
            end = start + len(row.tokens)
            tokens[place, start:end] = torch.tensor(row.tokens)
            positions[place, start:end] = torch.arange(end - start)
            learned[place, start:end] = torch.tensor(row.learned)
            learned[place, start] = False  # nothing of its own stands before it
            start = end
        positions[place, start:] = torch.arange(width - start)
    return Batch(tokens.to(device), positions.to(device), learned.to(device))
