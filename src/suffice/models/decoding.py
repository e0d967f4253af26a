"""Chooses the next token of every row of a batch: greedily, by chance, or as a schema allows.

Each row has its own limits, its own generator and its own grammar, so that an answer does not hang
on who shares its batch. Chance is added to the scores as Gumbel noise over the temperature: the
largest noisy score is then an exact sample from the softmax. Schemas are held by llguidance. This
file knows tokens, no models and no chats.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec
import torch
from llguidance import LLMatcher, LLTokenizer

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
        self.finish = "stop"
        self.first: float | None = None
        self.ended: float | None = None
        self.matcher = matcher
        self._request, self._most_tokens, self._decode = request, most_tokens, decode
        self._generator = torch.Generator()
        self._generator.manual_seed(request.seed or 0)
        # A stop string can begin in any of the last tokens, each of at least one byte.
        self._tail = max((len(stop.encode()) for stop in request.stop), default=0) + 8

    @property
    def text(self) -> str:
        """The answer, up to where the first stop string begins."""
        text = self._decode(self.tokens)
        starts = [text.find(stop) for stop in self._request.stop]
        return text[: min((start for start in starts if start >= 0), default=len(text))]

    def noise(self, size: int) -> torch.Tensor | None:
        """What to add to the row's scores, or None where the answer is greedy.

        -log(-log(u)) is Gumbel noise; times the temperature it need not divide the scores.
        """
        if self._request.temperature <= 0:
            return None
        uniform = torch.rand(size, generator=self._generator, dtype=torch.float64)
        return -torch.log(-torch.log(uniform)) * self._request.temperature

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
        elif len(self.tokens) >= self._most_tokens:
            self.finish, self.ended = "length", now

    def _is_complete(self) -> bool:
        if self.matcher is not None and self.matcher.is_stopped():
            return True
        if not self._request.stop:
            return False
        tail = self._decode(self.tokens[-self._tail :])
        return any(stop in tail for stop in self._request.stop)


class Choosing:
    """The rows of a batch: what `generate` calls to change the scores and to know the end."""

    def __init__(self, rows: Sequence[Row], ends: frozenset[int], device: str) -> None:
        self._rows, self._ends, self._device = rows, ends, device

    def scores(self, _input_ids: Any, scores: Any) -> Any:
        """The scores with what a schema forbids taken out and chance put in."""
        for place, row in enumerate(self._rows):
            if row.ended is not None:
                continue
            if row.matcher is not None:
                scores[place].masked_fill_(~self._allowed(row.matcher, scores.shape[1]), -torch.inf)
            noise = row.noise(scores.shape[1])
            if noise is not None:
                scores[place] += noise.to(scores)
        return scores

    def ended(self, input_ids: Any, _scores: Any, **_: Any) -> Any:
        """Which rows are complete with the last token."""
        for row, token in zip(self._rows, input_ids[:, -1].tolist(), strict=True):
            row.add(token, self._ends)
        done = [row.ended is not None for row in self._rows]
        return torch.tensor(done, dtype=torch.bool, device=input_ids.device)

    def _allowed(self, matcher: LLMatcher, size: int) -> Any:
        """Which tokens the grammar allows next: 32 of them in each number of the bitmask.

        llguidance.torch would do it with torch.compile, which needs a C++ compiler at run time.
        """
        mask = torch.zeros((size + 31) // 32, dtype=torch.int32)
        matcher.unsafe_compute_mask_ptr(mask.data_ptr(), mask.numel() * mask.element_size())
        bits = (mask.unsqueeze(1) >> torch.arange(32)) & 1
        return bits.flatten()[:size].bool().to(self._device)


def grammar(schema: Mapping[str, Json], tokenizer: LLTokenizer) -> LLMatcher:
    """A matcher for a JSON Schema. Raises ValueError with what cannot be held."""
    text = msgspec.json.encode(dict(schema)).decode()
    matcher = LLMatcher(
        tokenizer, LLMatcher.grammar_from_json_schema(text, overrides=_WHITESPACE), log_level=0
    )
    if matcher.is_error():
        raise ValueError(matcher.get_error())
    return matcher
