"""The training itself: from rows and a base to the weights that did best on what was kept aside.

    part the rows: a tenth, at most 200, is never learned from and tells when to stop
    each epoch: every row once; then look how well the kept-aside ones are done
    keep the best; stop after `patience` looks without an improvement

A run saves itself, and goes on after a kill to the same weights. It is told once a step what is
going on. What is not a number ends it: the best weights so far stay.
"""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch

from suffice.errors import SufficeError, UsageError
from suffice.records import fingerprint
from suffice.tune import checkpoint
from suffice.tune.batches import Line, batches, packed
from suffice.tune.network import Network
from suffice.tune.recipe import Recipe
from suffice.tune.rows import Row
from suffice.tune.spread import ALONE, Spread

MOST_KEPT_ASIDE = 200
FEWEST_KEPT_ASIDE = 8
SAVE_SECONDS = 20.0
_WARMING = 0.06  # of the steps
_CLIP = 1.0


@dataclass(frozen=True, slots=True)
class Step:
    """Where a run stands. `seconds_left` is of all epochs; stopping early saves some."""

    step: int
    steps: int
    epoch: int
    loss: float
    tokens_per_second: float
    seconds_left: float


Told = Callable[[Step], None]


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen at the end of an epoch: the loss on what is learned and on what is not."""

    epoch: int
    learned: float
    kept_aside: float | None


@dataclass(frozen=True)
class Trained:
    """How a run went. `weights` are the best; `stopped` says why it ended before its last epoch."""

    weights: Mapping[str, Any] = field(repr=False)
    looks: tuple[Look, ...]
    best: Look
    steps: int
    tokens: int
    seconds: float
    stopped: str = ""

    @property
    def overfitted(self) -> str:
        """The sign of it, or nothing: what is learned by heart while the rest gets worse."""
        last = self.looks[-1]
        if last.kept_aside is None or self.best.kept_aside is None:
            return ""
        worse = last.kept_aside > 1.1 * self.best.kept_aside
        if worse and last.learned < 0.5 * last.kept_aside:
            return (
                f"overfitting after epoch {self.best.epoch}: the loss on learned examples fell to "
                f"{last.learned:.3f} while that on others rose from {self.best.kept_aside:.3f} to "
                f"{last.kept_aside:.3f}; the weights of epoch {self.best.epoch} were kept. More "
                "examples, more dropout or a lower rank mend it"
            )
        return ""


def parted(rows: Sequence[Row], recipe: Recipe) -> tuple[list[Row], list[Row]]:
    """What is learned from, and what is kept aside; of a handful nothing can be spared."""
    count = min(MOST_KEPT_ASIDE, round(recipe.validation * len(rows)))
    if count < FEWEST_KEPT_ASIDE:
        return list(rows), []
    ordered = sorted(rows, key=lambda row: fingerprint(recipe.seed, row.example))
    aside = {id(row) for row in ordered[:count]}
    return [r for r in rows if id(r) not in aside], [r for r in rows if id(r) in aside]


@dataclass
class Training:
    """One run. `folder` is where it saves itself, in the first process where it is spread."""

    network: Network
    recipe: Recipe
    rows: Sequence[Row]
    folder: Path | None = None
    told: Told = lambda _: None
    spread: Spread = ALONE

    def __post_init__(self) -> None:
        if not self.rows:
            raise UsageError("there are no examples to learn from")
        self._learned, self.aside = parted(self.rows, self.recipe)
        self.recipe = self.recipe.for_examples(len(self._learned))
        self.steps = self.recipe.epochs * len(self.epoch(0))
        weights = list(self.network.trained.values())
        self._optimiser = torch.optim.AdamW(weights, lr=1.0, weight_decay=0.0)
        self._rate = self.recipe.rate_for(self.network.width)
        self._step, self._tokens, self._seconds = 0, 0, 0.0
        self._losses: list[float] = []
        self._looks: list[Look] = []
        self._best: dict[str, Any] = {}
        self._stopped = ""

    def run(self) -> Trained:
        """From where it was left, to its end."""
        torch.manual_seed(self.recipe.seed + self.spread.rank)
        self._restore()
        self.network.adapted.train()
        begun, saved = time.monotonic() - self._seconds, time.monotonic()
        while self._goes_on:
            an_epoch = self.steps // self.recipe.epochs
            epoch, place = divmod(self._step, an_epoch)
            for lines in self.epoch(epoch)[place:]:
                self._learn(lines)
                self._seconds = time.monotonic() - begun
                self.told(self._now(epoch))
                if self._stopped_short:
                    break
                # not between an epoch's last step and its look, which would then be left out
                if self._step % an_epoch and time.monotonic() - saved > SAVE_SECONDS:
                    self._save()
                    saved = time.monotonic()
            else:
                self._look(epoch + 1)
        return self._ended()

    @property
    def _stopped_short(self) -> bool:
        return bool(self._stopped)

    @property
    def _goes_on(self) -> bool:
        return self._step < self.steps and not self._stopped_short

    def _learn(self, lines: Sequence[Line]) -> None:
        height = min((self._step + 1) / (_WARMING * self.steps + 1), 1 - self._step / self.steps)
        for group in self._optimiser.param_groups:
            group["lr"] = self._rate * height
        value = self.network.learn(lines, self.spread)
        if not math.isfinite(value):
            self._stopped = (
                f"the loss was no number at step {self._step + 1} of {self.steps}; take a lower "
                f"rate than {self._rate:g}"
            )
            return
        torch.nn.utils.clip_grad_norm_(self.network.trained.values(), _CLIP)
        self._optimiser.step()
        self._optimiser.zero_grad(set_to_none=True)
        self._losses.append(value)
        self._tokens += sum(len(row.tokens) for line in lines for row in line)
        self._step += 1

    def _look(self, epoch: int) -> None:
        """At the end of an epoch: is it still getting better?"""
        aside = None
        if self.aside:
            lines = batches(self.aside, self.recipe.examples_a_step, 0, 0)
            aside = self.network.mean_loss(lines, self.spread)
        look = Look(epoch, sum(self._losses) / max(1, len(self._losses)), aside)
        self._losses = []
        self._looks.append(look)
        best = self._best_look()
        if look is best:
            self._best = _copied(self.network.trained)
        if epoch - best.epoch >= self.recipe.patience and epoch < self.recipe.epochs:
            self._stopped = (
                f"no better on the examples kept aside since epoch {best.epoch} of "
                f"{self.recipe.epochs}"
            )
        self._save()

    def _best_look(self) -> Look:
        """Without anything kept aside, the last."""
        if self._looks[-1].kept_aside is None:
            return self._looks[-1]
        return min(self._looks, key=lambda look: look.kept_aside or 0.0)

    def _ended(self) -> Trained:
        if not self._looks:
            raise SufficeError(f"nothing was learned: {self._stopped or 'no step was made'}")
        return Trained(
            self._best,
            tuple(self._looks),
            self._best_look(),
            self._step,
            self._tokens,
            self._seconds,
            self._stopped,
        )

    def epoch(self, epoch: int) -> list[list[Line]]:
        """The batches of an epoch, counted from 0, in their order."""
        make = packed if self.recipe.packing else batches
        return make(self._learned, self.recipe.examples_a_step, epoch, self.recipe.seed)

    def _now(self, epoch: int) -> Step:
        speed = self._tokens / max(self._seconds, 1e-9)
        left = (self.steps - self._step) * self._seconds / max(1, self._step)
        recent = self._losses[-20:]
        loss = sum(recent) / max(1, len(recent))
        return Step(self._step, self.steps, epoch + 1, loss, speed, left)

    # ---------------------------------------------------------------- to disk and back

    def _key(self) -> str:
        """Another run's checkpoint is not gone on from."""
        seen = [row.tokens for row in self.rows]
        return fingerprint(asdict(self.recipe), self.network.mixed, seen)

    def _save(self) -> None:
        if self.folder is None or not self.spread.first:
            return
        checkpoint.save(
            self.folder,
            {
                "key": self._key(),
                "weights": _copied(self.network.trained),
                "best": self._best,
                "optimiser": self._optimiser.state_dict(),
                "chance": torch.get_rng_state(),
                "step": self._step,
                "tokens": self._tokens,
                "seconds": self._seconds,
                "losses": self._losses,
                "looks": [asdict(look) for look in self._looks],
                "stopped": self._stopped,
            },
        )

    def _restore(self) -> None:
        state = checkpoint.load(self.folder) if self.folder else None
        if state is None or state["key"] != self._key():
            return
        set_weights(self.network, state["weights"])
        self._best = state["best"]
        self._optimiser.load_state_dict(state["optimiser"])
        if self.spread.first:  # the others' dropout begins anew
            torch.set_rng_state(state["chance"])
        self._step, self._tokens = state["step"], state["tokens"]
        self._seconds, self._losses = state["seconds"], state["losses"]
        self._looks = [Look(**look) for look in state["looks"]]
        self._stopped = state["stopped"]


def set_weights(network: Network, weights: Mapping[str, Any]) -> None:
    with torch.no_grad():
        for name, weight in network.trained.items():
            weight.copy_(weights[name])


def _copied(weights: Mapping[str, Any]) -> dict[str, Any]:
    return {name: weight.detach().cpu().clone() for name, weight in weights.items()}
