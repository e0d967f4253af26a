"""Tunes nano as a user would: peft's LoRA on a CPU, merged into a folder that Suffice runs.

Knows chats and weights, and nothing of what the chats teach. peft is no part of Suffice's own
environments yet: `available` says whether it is there.
"""

import random
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from nano.chats import Chat, Row, row_of
from safetensors.torch import save_file
from tokenizers import Tokenizer
from torch.nn import functional
from transformers import AutoModelForCausalLM

_COPIED = (
    "config.json",
    "generation_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "chat_template.jinja",
)
_WARMING = 0.06  # of the steps
_SORTED = 8  # batches of rows that are put in order of length together, so that little is padded


@dataclass(frozen=True)
class Recipe:
    """How an adapter is trained; one for everything that nano is to learn."""

    rank: int = 16
    alpha: int = 32
    rate: float = 3e-3
    epochs: int = 4
    rows: int = 8

    def __str__(self) -> str:
        return (
            f"LoRA rank {self.rank}, alpha {self.alpha}, all linear layers, AdamW at {self.rate:g} "
            f"falling to 0, {self.epochs} epochs, {self.rows} examples a step, float32"
        )


@dataclass(frozen=True)
class Tuned:
    """A folder of merged weights, and what it took: from loading to the written file."""

    folder: Path
    seconds: float
    tokens: int
    loss: float


def available() -> bool:
    return find_spec("peft") is not None


def tune(weights: Path, chats: Sequence[Chat], recipe: Recipe, dest: Path, seed: int = 0) -> Tuned:
    """What the assistant says in the chats is learned, and nothing else."""
    # Looked for before: whoever measures without it gets the rest of the benchmark.
    from peft import (  # type: ignore[import-not-found,import-untyped,unused-ignore]  # noqa: PLC0415
        LoraConfig,
        get_peft_model,
    )

    started = time.perf_counter()
    torch.manual_seed(seed)
    tokenizer = Tokenizer.from_file(str(weights / "tokenizer.json"))
    rows = [row_of(chat, tokenizer) for chat in chats]
    model = AutoModelForCausalLM.from_pretrained(weights, dtype=torch.float32)
    config = LoraConfig(
        r=recipe.rank,
        lora_alpha=recipe.alpha,
        lora_dropout=0.0,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )
    adapted = get_peft_model(model, config)
    loss = _learn(adapted, rows, recipe, random.Random(seed))
    _write(adapted.merge_and_unload(), weights, dest)
    seconds = time.perf_counter() - started
    return Tuned(dest, seconds, recipe.epochs * sum(len(row.tokens) for row in rows), loss)


def _learn(adapted: Any, rows: Sequence[Row], recipe: Recipe, rng: random.Random) -> float:
    """The mean loss of the last epoch."""
    learned = [weight for weight in adapted.parameters() if weight.requires_grad]
    optimiser = torch.optim.AdamW(learned, lr=recipe.rate, weight_decay=0.0)
    steps = recipe.epochs * -(-len(rows) // recipe.rows)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / (_WARMING * steps + 1), 1 - step / steps)
    )
    network = adapted.get_base_model()
    losses: list[float] = []
    for _ in range(recipe.epochs):
        losses = []
        for batch in _batches(rows, recipe.rows, rng):
            tokens, wanted = _padded(batch)
            # Scores are made only where something is learned: a prompt is most of a row.
            thought = network.model(input_ids=tokens).last_hidden_state[:, :-1][wanted[:, 1:]]
            scores = network.lm_head(thought)
            loss = functional.cross_entropy(scores, tokens[:, 1:][wanted[:, 1:]])
            loss.backward()
            torch.nn.utils.clip_grad_norm_(learned, 1.0)
            optimiser.step()
            schedule.step()
            optimiser.zero_grad(set_to_none=True)
            losses.append(float(loss.detach()))
    return sum(losses) / len(losses)


def _batches(rows: Sequence[Row], size: int, rng: random.Random) -> Iterator[list[Row]]:
    """Every row once, in a new order; rows of like length together."""
    order = list(rows)
    rng.shuffle(order)
    batches: list[list[Row]] = []
    for start in range(0, len(order), _SORTED * size):
        some = sorted(order[start : start + _SORTED * size], key=lambda row: len(row.tokens))
        batches += [some[place : place + size] for place in range(0, len(some), size)]
    rng.shuffle(batches)
    yield from batches


def _padded(rows: Sequence[Row]) -> tuple[Any, Any]:
    """Padded on the right, where what is causal looks at nothing of it."""
    width = max(len(row.tokens) for row in rows)
    tokens = torch.zeros((len(rows), width), dtype=torch.long)
    wanted = torch.zeros((len(rows), width), dtype=torch.bool)
    for place, row in enumerate(rows):
        tokens[place, : len(row.tokens)] = torch.tensor(row.tokens)
        wanted[place, : len(row.tokens)] = torch.tensor(row.learned)
    return tokens, wanted


def _write(model: Any, weights: Path, dest: Path) -> None:
    dest.mkdir(parents=True, exist_ok=True)
    # Tied weights are named once.
    kept = {name: weight.detach().contiguous() for name, weight in model.named_parameters()}
    save_file(kept, dest / "model.safetensors", metadata={"format": "pt"})
    for name in _COPIED:
        shutil.copy(weights / name, dest / name)
