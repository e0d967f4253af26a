"""Answers chats with a model that runs in this process, whatever computes it.

An Engine turns tokens into tokens; this file knows requests, batches and what goes wrong with
them. Requests are answered in batches of like length, and threads take turns.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import jinja2
from llguidance import LLMatcher, LLTokenizer

from suffice.errors import ProviderError
from suffice.models.decoding import Row, grammar
from suffice.ports import ModelOptions, Price
from suffice.records import Answer, Failure, FailureKind, Json, Message, Request, Usage

DEFAULT_BATCH = 8


class Engine(Protocol):
    """Weights in memory with their tokenizer."""

    @property
    def place(self) -> str:
        """Where the weights are from: a folder, or a URL."""

    @property
    def window(self) -> int:
        """How many tokens prompt and answer may have together."""

    @property
    def ends(self) -> frozenset[int]:
        """The tokens that end an answer."""

    def identity(self) -> dict[str, Json]:
        """What tells these weights and this arithmetic from any other."""

    def encode(self, text: str) -> list[int]: ...

    def encode_messages(self, messages: Sequence[Message]) -> list[int]:
        """As the chat template writes them. Raises jinja2.TemplateError where it refuses."""

    def decode(self, tokens: Sequence[int]) -> str:
        """Text without special tokens."""

    def grammars(self) -> LLTokenizer:
        """The tokenizer in the form that grammars are made for."""

    def generate(self, prompts: Sequence[Sequence[int]], rows: Sequence[Row]) -> None:
        """Adds tokens to every row until it has ended. Raises MemoryError."""


@dataclass(frozen=True)
class _Prompt:
    """A request ready to be answered: its place among the requests, its tokens, its grammar."""

    place: int
    request: Request
    tokens: list[int]
    matcher: LLMatcher | None


class LocalModel:
    """One model in memory. Shared by threads, which take turns."""

    def __init__(self, name: str, options: ModelOptions, engine: Engine) -> None:
        self.name = name
        self.endpoint = engine.place
        self.batch = options.batch or DEFAULT_BATCH
        self.price: Price | None = options.price
        self.window: int | None = engine.window
        self.engine = engine
        self._generating = threading.Lock()

    def __repr__(self) -> str:
        return f"LocalModel({self.name!r}, {self.endpoint!r})"

    def identity(self) -> Json:
        return {"provider": self.name.partition(":")[0], **self.engine.identity()}

    def count_tokens(self, text: str) -> int:
        return len(self.engine.encode(text))

    def ask(self, requests: Sequence[Request]) -> list[Answer]:
        """Answers in batches of like length. Alone, a request that cannot be answered raises;
        among others it becomes a failure, so that they are answered all the same."""
        answers: list[Answer | None] = [None] * len(requests)
        prompts = []
        for place, request in enumerate(requests):
            try:
                prompts.append(self._prompt(place, request))
            except ProviderError as error:
                if len(requests) == 1:
                    raise
                answers[place] = Answer(text="", failure=Failure(error.kind, str(error)))
        for batch in self._batches(prompts):
            with self._generating:
                for prompt, answer in zip(batch, self._answer(batch), strict=True):
                    answers[prompt.place] = answer
        return [answer for answer in answers if answer is not None]

    def _batches(self, prompts: list[_Prompt]) -> Iterator[list[_Prompt]]:
        """Longest first, like lengths together: what is padded is computed for nothing."""
        prompts = sorted(prompts, key=lambda prompt: len(prompt.tokens), reverse=True)
        return (prompts[start : start + self.batch] for start in range(0, len(prompts), self.batch))

    def _answer(self, batch: Sequence[_Prompt]) -> list[Answer]:
        rows = [self._row(prompt) for prompt in batch]
        started = time.perf_counter()
        try:
            self.engine.generate([prompt.tokens for prompt in batch], rows)
        except MemoryError as error:
            width = max(len(prompt.tokens) for prompt in batch)
            message = f"{width} tokens in batches of {len(batch)} do not fit into memory"
            raise self._error(FailureKind.TOO_LONG, f"{message}; lower the batch") from error
        return [self._made(prompt, row, started) for prompt, row in zip(batch, rows, strict=True)]

    def _row(self, prompt: _Prompt) -> Row:
        """With the request's limit, or what the window leaves."""
        most = min(prompt.request.max_tokens, self.engine.window - len(prompt.tokens))
        return Row(prompt.request, most, self.engine.decode, prompt.matcher)

    def _made(self, prompt: _Prompt, row: Row, started: float) -> Answer:
        if row.matcher is not None and row.matcher.is_error():
            message = f"the schema could not be held: {row.matcher.get_error()}"
            raise self._error(FailureKind.REFUSED_REQUEST, message)
        usage = Usage(input_tokens=len(prompt.tokens), output_tokens=len(row.tokens))
        return Answer(
            text=row.text,
            usage=usage,
            seconds=(row.ended or time.perf_counter()) - started,
            first_token_seconds=row.first - started if row.first else None,
            usd=self.price.usd(usage) if self.price else None,
            finish=row.finish,
        )

    def _prompt(self, place: int, request: Request) -> _Prompt:
        try:
            tokens = self.engine.encode_messages(request.messages)
        except jinja2.TemplateError as error:
            message = f"the chat template refuses these messages: {error}"
            raise self._error(FailureKind.REFUSED_REQUEST, message) from error
        if len(tokens) >= self.engine.window:
            raise self._error(
                FailureKind.TOO_LONG,
                f"the prompt has {len(tokens)} tokens, the model's window is {self.engine.window}",
            )
        return _Prompt(place, request, tokens, self._matcher(request))

    def _matcher(self, request: Request) -> LLMatcher | None:
        if request.schema is None:
            return None
        try:
            return grammar(request.schema, self.engine.grammars())
        except ValueError as error:
            message = f"the schema cannot be held: {error}"
            raise self._error(FailureKind.REFUSED_REQUEST, message) from error

    def _error(self, kind: FailureKind, message: str) -> ProviderError:
        return ProviderError(message, kind=kind, endpoint=self.endpoint)
