"""Open weights on this machine, through transformers: a hub id or a folder of safetensors.

NAME is a folder (relative to the study's) or an id of the Hugging Face hub. Of the study's `extra`
it takes `device` (cuda, mps, cpu; found by itself), `dtype` (float32 on a CPU) and `threads` (of
the CPU, for the whole process). Sampling uses the request's temperature alone: what a model's own
generation_config.json suggests (top_p, repetition_penalty) is left out, as remote models are asked.

`weights` loads, `decoding` chooses tokens, `local` knows requests; this file calls transformers.
"""

import threading
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from llguidance import LLTokenizer
from llguidance.hf import from_tokenizer
from transformers import GenerationConfig

from suffice.errors import UsageError, suggest
from suffice.models.chat_template import encode_chat
from suffice.models.decoding import Row
from suffice.models.local import LocalModel
from suffice.models.weights import Weights, load_weights, versions
from suffice.ports import ModelOptions
from suffice.records import Json, Message

_EXTRAS = ("device", "dtype", "threads")


class TransformersEngine:
    """A causal language model of transformers, and its tokenizer, which threads take turns at."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.tokenizer = weights.tokenizer
        self.place = weights.place
        self.window = window_of(weights)
        self.ends = ends_of(weights)
        # What the model suggests for sampling is left out; see the top of this file.
        weights.model.generation_config = GenerationConfig()
        self._tokenizing = threading.Lock()
        self._grammars: LLTokenizer | None = None
        if not self.tokenizer.chat_template:
            raise UsageError(
                f"{weights.place} has no chat template, so it is no chat model; take an instruct "
                "version, or put a chat_template.jinja into its folder"
            )

    def identity(self) -> dict[str, Json]:
        return {
            "weights": self.weights.digest,
            "device": self.weights.device,
            "dtype": self.weights.dtype,
            **versions(),
        }

    def encode(self, text: str) -> list[int]:
        with self._tokenizing:
            return HubTokenizer(self.tokenizer).encode(text)

    def encode_messages(self, messages: Sequence[Message]) -> list[int]:
        with self._tokenizing:
            return encode_chat(HubTokenizer(self.tokenizer), messages)

    def decode(self, tokens: Sequence[int]) -> str:
        with self._tokenizing:
            text: str = self.tokenizer.decode(
                tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False
            )
        return text

    def grammars(self) -> LLTokenizer:
        """Made when the first schema comes: it takes about a second."""
        with self._tokenizing:
            if self._grammars is None:
                size = self.weights.model.get_output_embeddings().weight.shape[0]
                self._grammars = from_tokenizer(
                    self.tokenizer, n_vocab=size, eos_token=sorted(self.ends)
                )
            return self._grammars

    def generate(self, prompts: Sequence[Sequence[int]], rows: Sequence[Row]) -> None:
        choosing = _Choosing(rows, self.ends)
        try:
            with torch.inference_mode():
                self.weights.model.generate(
                    **self._padded(prompts),
                    generation_config=GenerationConfig(
                        max_new_tokens=max(row.most_tokens for row in rows),
                        do_sample=False,
                        pad_token_id=min(self.ends),
                    ),
                    logits_processor=[choosing.scores],
                    stopping_criteria=[choosing.ended],
                )
        except torch.OutOfMemoryError as error:
            raise MemoryError(str(error)) from error

    def _padded(self, prompts: Sequence[Sequence[int]]) -> dict[str, Any]:
        """Padded on the left, so that every row's last token is the prompt's last."""
        width, pad = max(map(len, prompts)), min(self.ends)
        ids = [[pad] * (width - len(prompt)) + list(prompt) for prompt in prompts]
        mask = [[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts]
        device = self.weights.device
        return {
            "input_ids": torch.tensor(ids, device=device),
            "attention_mask": torch.tensor(mask, device=device),
        }


class HubTokenizer:
    """A tokenizer of transformers as chats are written with it."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer

    def specials(self) -> set[str]:
        added = self._tokenizer.added_tokens_decoder.values()
        words = {str(token) for token in added if token.special}
        return words | set(self._tokenizer.all_special_tokens)

    def render(self, messages: Sequence[Mapping[str, str]], *, ask: bool = True) -> str:
        text: str = self._tokenizer.apply_chat_template(
            list(messages), tokenize=False, add_generation_prompt=ask
        )
        return text

    def encode(self, text: str) -> list[int]:
        return self._encoded(text, split_special_tokens=False)

    def encode_letters(self, text: str) -> list[int]:
        return self._encoded(text, split_special_tokens=True)

    def _encoded(self, text: str, *, split_special_tokens: bool) -> list[int]:
        tokens: list[int] = self._tokenizer.encode(
            text,
            add_special_tokens=False,
            split_special_tokens=split_special_tokens,
            verbose=False,  # too long is an error of ours, with both counts
        )
        return tokens


class _Choosing:
    """The rows of a batch: what `generate` calls to change the scores and to know the end."""

    def __init__(self, rows: Sequence[Row], ends: frozenset[int]) -> None:
        self._rows, self._ends = rows, ends

    def scores(self, _input_ids: Any, scores: Any) -> Any:
        """The scores with what a schema forbids taken out and chance put in."""
        for place, row in enumerate(self._rows):
            change = row.change(scores.shape[1])
            if change is not None:
                scores[place] += torch.from_numpy(change).to(scores.dtype).to(scores.device)
        return scores

    def ended(self, input_ids: Any, _scores: Any, **_: Any) -> Any:
        """Which rows are complete with the last token."""
        for row, token in zip(self._rows, input_ids[:, -1].tolist(), strict=True):
            row.add(token, self._ends)
        done = [row.ended is not None for row in self._rows]
        return torch.tensor(done, dtype=torch.bool, device=input_ids.device)


def create(name: str, options: ModelOptions) -> LocalModel:
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
    return LocalModel(f"huggingface:{name}", options, TransformersEngine(weights))


def window_of(weights: Weights) -> int:
    """How many tokens prompt and answer may have together."""
    config = weights.model.config.get_text_config()
    limits = (getattr(config, "max_position_embeddings", None), weights.tokenizer.model_max_length)
    known = [limit for limit in limits if limit and limit < 10**9]  # "no limit" is written 1e30
    return min(known, default=2**31)


def ends_of(weights: Weights) -> frozenset[int]:
    """The tokens that end an answer: the model's and the tokenizer's."""
    own = weights.model.generation_config.eos_token_id
    ends = {*(own if isinstance(own, list) else [own]), weights.tokenizer.eos_token_id} - {None}
    if not ends:
        raise UsageError(f"{weights.place} names no end-of-sequence token, so it would never stop")
    return frozenset(ends)
