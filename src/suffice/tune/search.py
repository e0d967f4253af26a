"""Rank and learning rate by successive halving on the examples that are kept aside.

All start with a quarter of the epochs; the better half goes on with twice as many, until one is
left. A study asks for it with `tuning: {search: true}`: it takes about four times as long.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from suffice.errors import UsageError
from suffice.tune.base import Base
from suffice.tune.network import Network
from suffice.tune.recipe import Recipe
from suffice.tune.rows import Row
from suffice.tune.train import Step, Training, parted

RATES = (1 / 3, 1.0, 3.0)  # times what is usual for the model's width
RANKS = (8, 32)


@dataclass(frozen=True, slots=True)
class Tried:
    """A recipe with the loss that it came to on what was kept aside."""

    recipe: Recipe
    loss: float


def searched(
    fresh: Callable[[], Base],
    rows: Sequence[Row],
    recipe: Recipe,
    told: Callable[[str], None] = lambda _: None,
) -> tuple[Recipe, list[Tried]]:
    """The best recipe, with its full number of epochs, and all that was tried, best first."""
    if not parted(rows, recipe)[1]:
        raise UsageError(
            f"{len(rows)} examples are too few to search on: nothing can be kept aside to judge by"
        )
    recipe = recipe.for_examples(len(parted(rows, recipe)[0]))
    width = fresh().weights.model.config.get_text_config().hidden_size
    left = [
        replace(recipe, rank=rank, rate=times * recipe.rate_for(width))
        for rank in RANKS
        for times in RATES
    ]
    epochs = max(1, recipe.epochs // 4)
    every: list[Tried] = []
    while True:
        tried = [_tried(fresh(), rows, each, min(epochs, recipe.epochs), told) for each in left]
        tried.sort(key=lambda each: each.loss)
        every = tried + [each for each in every if _key(each) not in map(_key, tried)]
        if len(left) == 1 or epochs >= recipe.epochs:
            best = replace(tried[0].recipe, epochs=recipe.epochs)
            return best, every
        left = [each.recipe for each in tried[: max(1, len(tried) // 2)]]
        epochs *= 2


def _tried(
    base: Base, rows: Sequence[Row], recipe: Recipe, epochs: int, told: Callable[[str], None]
) -> Tried:
    short = replace(recipe, epochs=epochs)
    name = f"rank {recipe.rank}, rate {recipe.rate:.2g}"

    def step(now: Step) -> None:
        told(f"{name}: loss {now.loss:.3f}")

    run = Training(Network(base.weights, short), short, rows, None, step).run()
    return Tried(recipe, run.best.kept_aside or float("inf"))


def _key(tried: Tried) -> tuple[int, float | None]:
    return tried.recipe.rank, tried.recipe.rate
