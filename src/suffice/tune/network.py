"""A base model with what is trained in it, and the loss of a batch.

Scores are computed only where something is learned: prompts are most of a chat, and with a large
vocabulary the scores of a prompt's tokens would cost more than all the rest.
"""

import inspect
import warnings
from collections.abc import Sequence
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from torch import Tensor
from torch.nn import functional

from suffice.errors import UsageError
from suffice.models.weights import Weights
from suffice.tune.batches import Batch, Line, stacked
from suffice.tune.recipe import Recipe

_DROPOUT = 0.05


class Network:
    """`adapted` is peft's model, or the base itself where all of it is trained."""

    def __init__(self, base: Weights, recipe: Recipe) -> None:
        self.device = base.device
        self.mixed = recipe.precision == "bfloat16"
        self.packing = recipe.packing
        torch.manual_seed(recipe.seed)
        if recipe.method == "qlora" and not base.device.startswith("cuda"):
            raise UsageError(
                f"qlora needs a CUDA GPU for its 4-bit weights, and this is {base.device}: take "
                "method: lora, which gives the same or better at four times the memory"
            )
        if recipe.method == "full":
            self.adapted = base.model
            for weight in self.adapted.parameters():
                weight.requires_grad_()
        else:
            with warnings.catch_warnings():
                # peft asks transformers for something by a name that will go away
                warnings.simplefilter("ignore", FutureWarning)
                self.adapted = get_peft_model(base.model, lora(recipe, base.device))
        self.inner = base.model
        self.inner.config.use_cache = False
        self.trained: dict[str, Any] = {
            name: weight for name, weight in self.adapted.named_parameters() if weight.requires_grad
        }
        self._sparse = "logits_to_keep" in inspect.signature(self.inner.forward).parameters

    @property
    def width(self) -> int:
        return int(self.inner.config.get_text_config().hidden_size)

    @property
    def share(self) -> float:
        """Of the parameters, how many are trained."""
        every: int = sum(weight.numel() for weight in self.adapted.parameters())
        trained: int = sum(weight.numel() for weight in self.trained.values())
        return trained / every

    def loss(self, lines: Sequence[Line]) -> Tensor:
        """Mean over all tokens that are learned."""
        batch = stacked(lines, self.device)
        with torch.autocast(self.device.split(":")[0], torch.bfloat16, enabled=self.mixed):
            return self._scored(batch)

    def _scored(self, batch: Batch) -> Tensor:
        wanted = batch.learned[:, 1:]
        kept = torch.nonzero(wanted.any(0)).flatten()
        extra: dict[str, Any] = {"logits_to_keep": kept} if self._sparse else {}
        if self.packing:
            extra["position_ids"] = batch.positions
        scores = self.inner(input_ids=batch.tokens, use_cache=False, **extra).logits
        if not self._sparse:
            scores = scores[:, kept]
        chosen = wanted[:, kept]
        return functional.cross_entropy(
            scores[chosen].float(), batch.tokens[:, 1:][:, kept][chosen]
        )

    def mean_loss(self, batches: Sequence[Sequence[Line]]) -> float:
        """Over all batches, each token counted once, without dropout."""
        self.adapted.eval()
        total, learned = 0.0, 0
        with torch.inference_mode():
            for lines in batches:
                count = sum(sum(row.learned) for line in lines for row in line)
                total += float(self.loss(lines)) * count
                learned += count
        self.adapted.train()
        return total / max(1, learned)


def lora(recipe: Recipe, device: str) -> LoraConfig:
    usual = 0.0 if device == "cpu" else _DROPOUT
    return LoraConfig(
        r=recipe.rank,
        lora_alpha=recipe.scale,
        lora_dropout=usual if recipe.dropout is None else recipe.dropout,
        use_rslora=recipe.method == "rslora",
        use_dora=recipe.method == "dora",
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )
