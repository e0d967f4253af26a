"""How an adapter is trained: the method, its sizes and when to stop.

LoRA is the default: the base stays as it is, so it can be shared, and what was learned is a small
file that can be taken away again. All linear layers take part, since attention alone learns less at
the same size. alpha is twice the rank; rsLoRA divides by the rank's root, so that a larger rank is
not a smaller step.
"""

from dataclasses import dataclass, replace
from math import ceil
from typing import Literal, get_args

from suffice.errors import UsageError

Precision = Literal["float32", "bfloat16"]
Method = Literal["lora", "rslora", "dora", "qlora", "full"]

# LoRA wants about ten times the rate of full tuning, and a narrow model a higher one than a wide
# one (Thinking Machines, "LoRA without regret", 2025: 5e-5 times 10, times (2000 / width) to a
# power that was 0.78 for Llamas). Where there is time, `search` tries others.
_FULL_RATE, _LORA_TIMES = 5e-5, 10
_WIDTH, _POWER = 2000, 0.78
_HIGHEST_RATE = 5e-3
# Three epochs of 236 messages in four classes are 90 steps: nano then gave 72% the right label, and
# 90% where it might see them eight times and stopped when it learned no more
# (docs/decisions/2026-11-28-few-examples.md).
_STEPS, _FEWEST, _MOST = 240, 3, 10


@dataclass(frozen=True, slots=True)
class Recipe:
    """`rate` None: by the model's width. `validation` is the share of the examples, up to 200, on
    which is seen when to stop: after `patience` looks, one an epoch, without an improvement.
    `dropout` None: 0.05 on a GPU; none on a CPU, where it takes half as much time again.
    `epochs` 0: by how many examples there are, so that few are seen often enough to be learned.
    `precision` is of the multiplications; weights and optimiser are float32 all the same. `replay`
    is how many reminders of other tasks there are to an example (forgetting.py)."""

    method: Method = "lora"
    rank: int = 16
    alpha: int | None = None
    dropout: float | None = None
    rate: float | None = None
    epochs: int = 0
    examples_a_step: int = 8
    patience: int = 2
    validation: float = 0.1
    packing: bool = False
    precision: Precision = "float32"
    replay: float = 0.2
    seed: int = 0

    def __post_init__(self) -> None:
        if self.method not in get_args(Method):
            known = ", ".join(get_args(Method))
            raise UsageError(f"the method {self.method!r} is unknown: {known}")
        if self.precision not in get_args(Precision):
            known = ", ".join(get_args(Precision))
            raise UsageError(f"the precision {self.precision!r} is unknown: {known}")
        for name, low, high in (
            ("rank", 1, 1024),
            ("epochs", 0, 1000),
            ("examples_a_step", 1, 4096),
            ("patience", 1, 1000),
            ("validation", 0, 0.5),
            ("replay", 0, 1),
        ):
            if not low <= getattr(self, name) <= high:
                raise UsageError(f"{name} is {getattr(self, name)}; take {low} to {high}")
        if self.dropout is not None and not 0 <= self.dropout <= 0.9:
            raise UsageError(f"dropout is {self.dropout}; take 0 to 0.9")
        if self.rate is not None and not 0 < self.rate < 1:
            raise UsageError(f"rate is {self.rate}; take a number above 0 and below 1")

    def rate_for(self, width: int) -> float:
        """The learning rate of a model of such width."""
        if self.dropout is not None and not 0 <= self.dropout <= 0.9:
            raise UsageError(f"dropout is {self.dropout}; take 0 to 0.9")
        if self.rate is not None:
            return self.rate
        times = 1 if self.method == "full" else _LORA_TIMES
        slope: float = (_WIDTH / width) ** _POWER
        return min(times * _FULL_RATE * slope, _HIGHEST_RATE)

    def for_examples(self, learned: int) -> "Recipe":
        """With its epochs, where so many rows are learned from."""
        if self.epochs:
            return self
        an_epoch = max(1, ceil(learned / self.examples_a_step))
        return replace(self, epochs=min(max(ceil(_STEPS / an_epoch), _FEWEST), _MOST))

    @property
    def scale(self) -> int:
        return 2 * self.rank if self.alpha is None else self.alpha

    def __str__(self) -> str:
        if self.method == "full":
            return f"full, up to {self.epochs} epochs"
        return f"{self.method} rank {self.rank}, up to {self.epochs} epochs"
