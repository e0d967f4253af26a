"""Open weights on this machine, through transformers: a hub id or a folder of safetensors.

NAME is a folder (relative to the study's) or an id of the Hugging Face hub. Of the study's `extra`
it takes `device` (cuda, mps, cpu; found by itself), `dtype` (float32 on a CPU) and `threads` (of
the CPU, for the whole process). Sampling uses the request's temperature alone: what a model's own
generation_config.json suggests (top_p, repetition_penalty) is left out, as remote models are asked.

`weights` loads, `decoding` chooses tokens; this file knows chats and batches.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import jinja2
import torch
from llguidance import LLMatcher, LLTokenizer
from llguidance.hf import from_tokenizer
from transformers import GenerationConfig

from suffice.errors import ProviderError, UsageError, suggest
from suffice.models.chat_template import encode_chat
from suffice.models.decoding import Choosing, Row, grammar
from suffice.models.weights import Weights, load_weights, versions
from suffice.ports import ModelOptions, Price
from suffice.records import Answer, Failure, FailureKind, Json, Message, Request, Usage

DEFAULT_BATCH = 8
_EXTRAS = ("device", "dtype", "threads")


@dataclass(frozen=True)
class _Prompt:
    """A request ready to be answered: its place among the requests, its tokens, its grammar."""

    place: int
    request: Request
    tokens: list[int]
    matcher: LLMatcher | None


class HuggingFaceModel:
    """One model in memory. Shared by threads, which take turns."""

    def __init__(self, name: str, options: ModelOptions, weights: Weights) -> None:
        self.name = f"huggingface:{name}"
        self.endpoint = weights.place
        self.batch = options.batch or DEFAULT_BATCH
        self.price: Price | None = options.price
        self._weights = weights
        self._tokenizer = weights.tokenizer
        self._window = _window(weights)
        self._ends = _ends(weights)
        self._generating, self._tokenizing = threading.Lock(), threading.Lock()
        self._grammars: LLTokenizer | None = None
        if not self._tokenizer.chat_template:
            raise UsageError(
                f"{name} has no chat template, so it is no chat model; take an instruct version, "
                "or put a chat_template.jinja into its folder"
            )

    def __repr__(self) -> str:
        return f"HuggingFaceModel({self.name!r}, {self._weights.device}, {self._weights.dtype})"

    def identity(self) -> Json:
        return {
            "provider": "huggingface",
            "weights": self._weights.digest,
            "device": self._weights.device,
            "dtype": self._weights.dtype,
            **versions(),
        }

    def count_tokens(self, text: str) -> int:
        with self._tokenizing:
            return len(self._tokenizer.encode(text, add_special_tokens=False))

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
        rows = [
            Row(prompt.request, self._most_tokens(prompt), self._text, prompt.matcher)
            for prompt in batch
        ]
        choosing = Choosing(rows, self._ends, self._weights.device)
        width = max(len(prompt.tokens) for prompt in batch)
        most = max(self._most_tokens(prompt) for prompt in batch)
        started = time.perf_counter()
        try:
            with torch.inference_mode():
                self._weights.model.generate(
                    **self._padded(batch, width),
                    generation_config=GenerationConfig(
                        max_new_tokens=most, do_sample=False, pad_token_id=min(self._ends)
                    ),
                    logits_processor=[choosing.scores],
                    stopping_criteria=[choosing.ended],
                )
        except torch.OutOfMemoryError as error:
            message = f"{width} tokens in batches of {len(batch)} do not fit into memory"
            raise self._error(FailureKind.TOO_LONG, f"{message}; lower the batch") from error
        return [self._made(prompt, row, started) for prompt, row in zip(batch, rows, strict=True)]

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

    def _most_tokens(self, prompt: _Prompt) -> int:
        """The request's limit, or what the window leaves."""
        return min(prompt.request.max_tokens, self._window - len(prompt.tokens))

    def _padded(self, batch: Sequence[_Prompt], width: int) -> dict[str, Any]:
        """Padded on the left, so that every row's last token is the prompt's last."""
        pad = min(self._ends)
        ids = [[pad] * (width - len(prompt.tokens)) + prompt.tokens for prompt in batch]
        mask = [[0] * (width - len(prompt.tokens)) + [1] * len(prompt.tokens) for prompt in batch]
        device = self._weights.device
        return {
            "input_ids": torch.tensor(ids, device=device),
            "attention_mask": torch.tensor(mask, device=device),
        }

    # ------------------------------------------------------------ text to tokens and back

    def _prompt(self, place: int, request: Request) -> _Prompt:
        with self._tokenizing:
            tokens = self._encoded(request.messages)
        if len(tokens) >= self._window:
            raise self._error(
                FailureKind.TOO_LONG,
                f"the prompt has {len(tokens)} tokens, the model's window is {self._window}",
            )
        return _Prompt(place, request, tokens, self._matcher(request))

    def _matcher(self, request: Request) -> LLMatcher | None:
        if request.schema is None:
            return None
        try:
            return grammar(request.schema, self._grammar_tokenizer())
        except ValueError as error:
            message = f"the schema cannot be held: {error}"
            raise self._error(FailureKind.REFUSED_REQUEST, message) from error

    def _encoded(self, messages: Sequence[Message]) -> list[int]:
        try:
            return encode_chat(self._tokenizer, messages)
        except jinja2.TemplateError as error:
            message = f"the chat template refuses these messages: {error}"
            raise self._error(FailureKind.REFUSED_REQUEST, message) from error

    def _text(self, tokens: Sequence[int]) -> str:
        with self._tokenizing:
            text: str = self._tokenizer.decode(
                tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False
            )
        return text

    def _grammar_tokenizer(self) -> LLTokenizer:
        """Made when the first schema comes: it takes about a second."""
        with self._tokenizing:
            if self._grammars is None:
                size = self._weights.model.get_output_embeddings().weight.shape[0]
                self._grammars = from_tokenizer(
                    self._tokenizer, n_vocab=size, eos_token=sorted(self._ends)
                )
            return self._grammars

    def _error(self, kind: FailureKind, message: str) -> ProviderError:
        return ProviderError(message, kind=kind, endpoint=self.endpoint)


def create(name: str, options: ModelOptions) -> HuggingFaceModel:
    """NAME is a folder of safetensors or a hub id, as in huggingface:Qwen/Qwen3-0.6B."""
    for key in options.extra:
        if key not in _EXTRAS:
            near = suggest(key, _EXTRAS)
            known = ", ".join(_EXTRAS)
            raise UsageError(f"huggingface takes no extra.{key}{near}; known: {known}")
    if threads := options.extra.get("threads"):
        torch.set_num_threads(int(threads))
    weights = load_weights(
        name, options.folder, options.extra.get("device"), options.extra.get("dtype")
    )
    return HuggingFaceModel(name, options, weights)


def _window(weights: Weights) -> int:
    """How many tokens prompt and answer may have together."""
    config = weights.model.config.get_text_config()
    limits = (getattr(config, "max_position_embeddings", None), weights.tokenizer.model_max_length)
    known = [limit for limit in limits if limit and limit < 10**9]  # "no limit" is written 1e30
    return min(known, default=2**31)


def _ends(weights: Weights) -> frozenset[int]:
    """The tokens that end an answer: the model's and the tokenizer's."""
    own = weights.model.generation_config.eos_token_id
    ends = {*(own if isinstance(own, list) else [own]), weights.tokenizer.eos_token_id} - {None}
    if not ends:
        raise UsageError(f"{weights.place} names no end-of-sequence token, so it would never stop")
    # What the model suggests for sampling is left out; see the top of this file.
    weights.model.generation_config = GenerationConfig()
    return frozenset(ends)
