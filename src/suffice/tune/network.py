"""A base model with what is trained in it, and the loss of a batch.

Scores are computed only where something is learned: prompts are most of a chat, and with a large
vocabulary the scores of a prompt's tokens would cost more than all the rest. A batch that is large
in memory is done in pieces, whose gradients add up to the batch's.
"""

from collections.abc import Sequence
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from torch import Tensor
from torch.nn import functional

from suffice.errors import UsageError
from suffice.models.weights import Weights, quiet
from suffice.tune.batches import Batch, Line, learned_tokens, pieces, stacked
from suffice.tune.recipe import Recipe
from suffice.tune.spread import ALONE, Spread

_DROPOUT = 0.05
# Tokens that are learned from at a time: a CPU gains nothing from more, and memory grows with it.
_AT_ONCE = {"cpu": 2048}
_AT_ONCE_ON_A_GPU = 16_384


class Network:
    """`adapted` is peft's model, or the base itself where all of it is trained."""

    def __init__(self, base: Weights, recipe: Recipe) -> None:
        self.device = base.device
        self.mixed = recipe.precision == "bfloat16"
        self.packing = recipe.packing
        self._at_once = _AT_ONCE.get(base.device, _AT_ONCE_ON_A_GPU)
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
            with quiet():
                self.adapted = get_peft_model(base.model, lora(recipe, base.device))
        self.inner = base.model
        self.inner.config.use_cache = False
        self.trained: dict[str, Any] = {
            name: weight for name, weight in self.adapted.named_parameters() if weight.requires_grad
        }

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

    def learn(self, lines: Sequence[Line], spread: Spread = ALONE) -> float:
        """Adds the gradient of a batch's loss, and gives the loss: a piece at a time, and of a
        training that is spread only one's share, before all of them are added up."""
        count, loss = learned_tokens(lines), 0.0
        for piece in pieces(spread.share(lines), self._at_once):
            part = self.loss(piece) * (learned_tokens(piece) / count)
            part.backward()
            loss += float(part.detach())
        if spread.processes > 1:
            weights = self.trained.values()
            spread.add_up([_gradient(weight) for weight in weights])
            [loss] = spread.total(loss)
        return loss

    def _scored(self, batch: Batch) -> Tensor:
        """What the model's last layer is not given it makes no scores of."""
        wanted = batch.learned[:, 1:]
        extra = {"position_ids": batch.positions} if self.packing else {}

        def only_wanted(_: Any, given: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
            return (given[0][:, :-1][wanted].unsqueeze(0), *given[1:])

        hook = self.inner.get_output_embeddings().register_forward_pre_hook(only_wanted)
        try:
            scores = self.inner(input_ids=batch.tokens, use_cache=False, **extra).logits[0]
        finally:
            hook.remove()
        return functional.cross_entropy(scores.float(), batch.tokens[:, 1:][wanted])

    def mean_loss(self, batches: Sequence[Sequence[Line]], spread: Spread = ALONE) -> float:
        """Over all batches, each token counted once, without dropout."""
        self.adapted.eval()
        total, learned = 0.0, 0
        with torch.inference_mode():
            for lines in batches:
                for piece in pieces(spread.share(lines), self._at_once):
                    total += float(self.loss(piece)) * learned_tokens(piece)
                    learned += learned_tokens(piece)
        self.adapted.train()
        total, count = spread.total(total, learned)
        return total / max(1, count)


def _gradient(weight: Any) -> Tensor:
    """Nothing, where this process had no line of the batch."""
    if weight.grad is None:
        weight.grad = torch.zeros_like(weight)
    gradient: Tensor = weight.grad
    return gradient


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
