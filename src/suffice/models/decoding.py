"""Chooses the next token of an answer: greedily, by chance, or as a schema allows.

Each answer has its own limits, its own generator and its own grammar, so that it does not hang on
who shares its batch. Chance is added to the scores as Gumbel noise over the temperature: the
largest noisy score is then an exact sample from the softmax. Schemas are held by llguidance. This
file knows tokens, no models and no chats.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec
import numpy as np
from llguidance import LLMatcher, LLTokenizer
from numpy.typing import NDArray

from suffice.records import Json, Request

# At most one space between JSON's parts: small models otherwise fill their answer with line breaks.
_WHITESPACE = {"whitespace_pattern": " ?"}


class Decoder(Protocol):
    """Turns tokens into text without special tokens; a tokenizer's `decode`."""

    def __call__(self, tokens: Sequence[int]) -> str: ...


class Row:
    """One answer in the making. `ended` is the time at which it was complete."""

    def __init__(
        self,
        request: Request,
        most_tokens: int,
        decode: Decoder,
        matcher: LLMatcher | None = None,
    ) -> None:
        self.tokens: list[int] = []
        self.most_tokens = most_tokens
        self.finish = "stop"
        self.first: float | None = None
        self.ended: float | None = None
        self.matcher = matcher
        self._request, self._decode = request, decode
        self._generator = np.random.default_rng((request.seed or 0) % 2**64)
        # A stop string can begin in any of the last tokens, each of at least one byte.
        self._tail = max((len(stop.encode()) for stop in request.stop), default=0) + 8

    @property
    def text(self) -> str:
        """The answer, up to where the first stop string begins."""
        text = self._decode(self.tokens)
        starts = [text.find(stop) for stop in self._request.stop]
        return text[: min((start for start in starts if start >= 0), default=len(text))]

    def change(self, size: int) -> NDArray[np.float64] | None:
        """What to add to the scores of `size` tokens: chance, and minus infinity for what the
        schema forbids. None where nothing is to be added, or the answer is complete."""
        if self.ended is not None or (self.matcher is None and self._request.temperature <= 0):
            return None
        if self._request.temperature > 0:
            # Times the temperature, so that the scores need not be divided by it.
            change = self._generator.gumbel(size=size) * self._request.temperature
        else:
            change = np.zeros(size)
        if self.matcher is not None:
            change[~_allowed(self.matcher, size)] = -np.inf
        return change

    def add(self, token: int, ends: frozenset[int]) -> None:
        """Takes a token, and notices whether the answer is complete with it."""
        if self.ended is not None:
            return
        now = time.perf_counter()
        self.first = self.first or now
        self.tokens.append(token)
        if self.matcher is not None and not self.matcher.is_stopped():
            self.matcher.consume_token(token)
        if token in ends or self._is_complete():
            self.ended = now
        elif len(self.tokens) >= self.most_tokens:
            self.finish, self.ended = "length", now

    def _is_complete(self) -> bool:
        if self.matcher is not None and self.matcher.is_stopped():
            return True
        if not self._request.stop:
            return False
        tail = self._decode(self.tokens[-self._tail :])
        return any(stop in tail for stop in self._request.stop)


def _allowed(matcher: LLMatcher, size: int) -> NDArray[np.bool_]:
    """Which tokens the grammar allows next: it writes a bit for each, the lowest first."""
    mask = np.zeros((size + 31) // 32, dtype="<i4")
    matcher.unsafe_compute_mask_ptr(mask.ctypes.data, mask.nbytes)
    return np.unpackbits(mask.view(np.uint8), bitorder="little")[:size].astype(bool)


def grammar(schema: Mapping[str, Json], tokenizer: LLTokenizer) -> LLMatcher:
    """A matcher for a JSON Schema. Raises ValueError with what cannot be held."""
    text = msgspec.json.encode(dict(schema)).decode()
    matcher = LLMatcher(
        tokenizer, LLMatcher.grammar_from_json_schema(text, overrides=_WHITESPACE), log_level=0
    )
    if matcher.is_error():
        raise ValueError(matcher.get_error())
    return matcher
