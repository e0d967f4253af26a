"""What nano learns, in which order: copying, then bare facts, then templated English, then all.

Each stage is a mixture of makers of chats. Stages end when the accuracy measured on fresh chats
reaches their goal, or when their time is up: step counts say little, because skills come suddenly.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from tokenizers import Tokenizer

from nano.chats import Chat, Row, row_of
from nano.grammar import Kind
from nano.labels import labelling
from nano.loose import loose_kind
from nano.reading import (
    BARE,
    DENSE,
    FACTS,
    FULL,
    LONG,
    PROSE,
    SHORT,
    binding_chat,
    closed_chat,
    reading_chat,
)
from nano.shapes import shaping
from nano.talk import small_talk
from nano.training import Batch, echoes
from nano.words import Names

LOOSE = 0.45  # the share of chats about kinds that are made up on the spot
_FRESH = 6  # of them at a time
BUCKETS = (256, 512, 1024, 2048)
_OPEN_ROWS = 24


@dataclass(frozen=True)
class Stage:
    """`parts` are shares of the chats by the name of their maker; `share` is of the time; `tokens`
    is how many a step learns from."""

    name: str
    parts: Mapping[str, float]
    goal: float
    share: float
    echoes: float = 0.1
    tokens: int = 8192


READING = (
    "binding",
    "bare",
    "facts",
    "short",
    "dense",
    "prosaic",
    "full",
)  # what is measured while it learns

STAGES = (
    Stage("copy", {}, goal=0.9, share=0.12, echoes=1.0),
    Stage("bare", {"binding": 0.7, "bare": 0.3}, goal=0.92, share=0.15, echoes=0.1, tokens=4096),
    Stage("facts", {"facts": 0.7, "binding": 0.3}, goal=0.85, share=0.1, echoes=0.05, tokens=4096),
    Stage(
        "short",
        {"short": 0.65, "binding": 0.2, "talk": 0.08, "labels": 0.07},
        goal=0.85,
        share=0.25,
        echoes=0.02,
    ),
    Stage(
        "all",
        {
            "short": 0.1,
            "dense": 0.24,
            "prosaic": 0.2,
            "full": 0.12,
            "binding": 0.06,
            "long": 0.005,
            "closed": 0.06,
            "talk": 0.07,
            "labels": 0.08,
            "shapes": 0.06,
            "prose": 0.005,
        },
        goal=1.1,
        share=0.45,
        echoes=0.01,
        tokens=4096,
    ),
)


class Mixture:
    """Draws chats of a stage's parts; one seed, one stream."""

    def __init__(
        self,
        kinds: Sequence[Kind],
        paragraphs: Sequence[str],
        seed: int,
        *,
        seen: bool = True,
        loose: float = 0.0,
    ) -> None:
        self._fixed, self._paragraphs, self._loose = kinds, paragraphs, loose
        self._names = Names(random.Random(seed), seen)
        self._makers: dict[str, Callable[[], Chat]] = {
            "binding": lambda: binding_chat(self._kinds, self._names),
            "bare": lambda: reading_chat(self._kinds, self._names, BARE),
            "facts": lambda: reading_chat(self._kinds, self._names, FACTS),
            "short": lambda: reading_chat(self._kinds, self._names, SHORT, paragraphs),
            "dense": lambda: reading_chat(self._kinds, self._names, DENSE, paragraphs),
            "prosaic": lambda: reading_chat(self._kinds, self._names, PROSE, paragraphs),
            "full": lambda: reading_chat(self._kinds, self._names, FULL, paragraphs),
            "long": lambda: reading_chat(self._kinds, self._names, LONG, paragraphs),
            "closed": lambda: closed_chat(self._kinds, self._names),
            "talk": lambda: small_talk(self._names.rng),
            "labels": lambda: labelling(self._names.rng),
            "shapes": lambda: shaping(self._names.rng),
            "prose": self._prose,
        }

    def draw(self, parts: Mapping[str, float]) -> Chat:
        chosen = self._names.rng.choices(list(parts), list(parts.values()))[0]
        return self._makers[chosen]()

    @property
    def _kinds(self) -> Sequence[Kind]:
        rng = self._names.rng
        if rng.random() >= self._loose:
            return self._fixed
        return [loose_kind(rng) for _ in range(_FRESH)]

    def _prose(self) -> Chat:
        """Paragraphs to be learned as they are, for the sound of English."""
        text = "\n\n".join(self._names.rng.sample(self._paragraphs, 2))
        return Chat((("assistant", text),))


def batches(stage: Stage, mixture: Mixture, tokenizer: Tokenizer, seed: int) -> Iterator[Batch]:
    """Endless batches. Chats share rows, so that little is padding; which is harmless here,
    because every chat begins anew and names what it is about."""
    rng = np.random.default_rng(seed)
    copying = {
        length: echoes(
            rng, vocabulary=tokenizer.get_vocab_size(), length=length, rows=stage.tokens // length
        )
        for length in (256, 512)
    }
    full: dict[int, list[Row]] = {length: [] for length in BUCKETS}
    opened: list[tuple[int, Row]] = []
    while True:
        if rng.random() < stage.echoes:
            yield next(copying[256 if rng.random() < 0.7 else 512])
            continue
        ready = None
        while ready is None:
            row = row_of(mixture.draw(stage.parts), tokenizer)
            if len(row.tokens) > BUCKETS[-1]:
                continue
            closed = _place(row, opened)
            if closed is not None:
                length, done = closed
                full[length].append(done)
                if len(full[length]) >= stage.tokens // length:
                    ready = length
        yield _padded(full[ready], ready)
        full[ready] = []


def _place(row: Row, opened: list[tuple[int, Row]]) -> tuple[int, Row] | None:
    """Into the open row that it fills best. The fullest is closed when too many are open."""
    needed = len(row.tokens)
    left = {
        place: length - len(other.tokens) - needed for place, (length, other) in enumerate(opened)
    }
    fitting = [place for place, room in left.items() if room >= 0]
    if fitting:
        place = min(fitting, key=lambda each: left[each])
        length, other = opened[place]
        opened[place] = (length, Row(other.tokens + row.tokens, other.learned + row.learned))
    else:
        opened.append((next(size for size in BUCKETS if needed <= size), row))
    if len(opened) <= _OPEN_ROWS:
        return None
    return opened.pop(min(range(len(opened)), key=lambda at: _room(opened[at])))


def _room(row: tuple[int, Row]) -> float:
    """The share of a row that is empty."""
    return 1 - len(row[1].tokens) / row[0]


def _padded(rows: Sequence[Row], length: int) -> Batch:
    tokens = np.zeros((len(rows), length), dtype=np.int64)
    learned = np.zeros((len(rows), length), dtype=bool)
    for place, row in enumerate(rows):
        tokens[place, : len(row.tokens)] = row.tokens
        learned[place, : len(row.tokens)] = row.learned
    return Batch(tokens, learned)
