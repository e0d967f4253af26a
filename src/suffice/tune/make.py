"""From examples to a model that answers: trained once, kept, merged into a plain folder.

    .suffice/tuned/KEY/run/       where a training that was stopped goes on
    .suffice/tuned/KEY/adapter/   the adapter with its card
    .suffice/tuned/KEY/merged/    the model that is asked

KEY is a digest of all that shapes the weights: base, examples as the model sees them, recipe.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import torch

from suffice.plugins import load
from suffice.ports import ChatModel, ModelOptions, Progress, TrainerOptions, Tuned
from suffice.records import Example, Json, fingerprint
from suffice.tune import adapter as adapters
from suffice.tune.base import Base, load_base
from suffice.tune.estimate import Estimate, estimate, refuse_what_does_not_fit
from suffice.tune.forgetting import reminders
from suffice.tune.network import Network
from suffice.tune.recipe import Recipe
from suffice.tune.rows import Row
from suffice.tune.search import searched
from suffice.tune.spread import ALONE, Order, Spread, launched
from suffice.tune.train import Step, Told, Training, parted

PLACE = ".suffice/tuned"
ENOUGH_FOR_FORM = 500  # examples from which on LoRA learns a form or a style reliably
FEW = 200  # below it overfitting is likely


@dataclass(frozen=True)
class LocalTrainer:
    """Of weights on this machine. `model` is PROVIDER:NAME."""

    model: str
    options: TrainerOptions
    simulated: bool = False

    def train(self, examples: Sequence[Example], prompt: str, progress: Progress) -> Tuned:
        job = self.job(examples, prompt)
        job.train(progress)
        job.merge()
        folder = job.merged.relative_to(self.options.folder)
        return Tuned(
            f"{job.base.provider}:{folder.as_posix()}",
            f"{job.recipe.method} on {len(examples)} examples",
            tuple(job.notes),
            job.card.seconds,
        )

    def job(self, examples: Sequence[Example], prompt: str) -> "Job":
        recipe = recipe_of(self.options.recipe)
        base = load_base(self.model, self.options.folder, recipe)
        rows = base.writer(prompt).rows(examples) + self._reminders(base, recipe, len(examples))
        recipe = recipe.for_examples(len(parted(rows, recipe)[0]))
        wanted = [asdict(recipe), bool(self.options.recipe.get("search"))]
        place = self.options.folder / PLACE / key_of(base, rows, wanted)
        return Job(self, base, recipe, tuple(examples), prompt, tuple(rows), place)

    def fresh(self) -> Base:
        """The base, loaded anew: training changes what is in memory."""
        return load_base(self.model, self.options.folder, recipe_of(self.options.recipe))

    def _reminders(self, base: Base, recipe: Recipe, count: int) -> list[Row]:
        """What the base says to other prompts; what does not fit its window is left out."""
        wanted = round(recipe.replay * count)
        if not wanted:
            return []
        provider, _, name = self.model.partition(":")
        model: ChatModel = load("model", provider)(name, ModelOptions(folder=self.options.folder))
        kept = self.options.folder / PLACE / f"said-{fingerprint(base.digest)[:16]}.json"
        writer = base.writer("")
        rows = (writer.row_that_fits(each) for each in reminders(model, wanted, kept))
        return [row for row in rows if row is not None]


@dataclass(frozen=True)
class Job:
    """One training that is to be done, with all that it needs."""

    trainer: LocalTrainer
    base: Base
    recipe: Recipe
    examples: tuple[Example, ...]
    prompt: str
    rows: tuple[Row, ...]
    place: Path

    @property
    def adapter(self) -> Path:
        return self.place / "adapter"

    @property
    def merged(self) -> Path:
        return self.place / "merged"

    @property
    def card(self) -> adapters.Card:
        return adapters.read_card(self.merged)

    @property
    def notes(self) -> list[str]:
        return notes_of(self.card)

    def estimate(self, usd_per_hour: float | None = None) -> Estimate | None:
        """What it will take; None where it is done already."""
        if self.merged.is_dir():
            return None
        found = estimate(self._training(), usd_per_hour)
        refuse_what_does_not_fit(found)
        return found

    def train(self, progress: Progress, processes: int = 1) -> None:
        """Goes on where a training that was stopped was left, and does nothing twice. The weights
        are those of one process, but for how sums over several are rounded."""
        if self.adapter.is_dir() or self.merged.is_dir():
            return
        if self.trainer.options.recipe.get("search"):
            self._search(progress).train(progress, processes)
            return
        told = _told(progress)
        progress.start(f"tuning {self.trainer.model}", self._training().steps)
        try:
            if processes == 1:
                self.learn(told)
            else:
                self._leave_the_gpu()
                for step in launched(self._order(), self.place / "order.json", processes):
                    told(Step(**step))
        finally:
            progress.finish()

    def _leave_the_gpu(self) -> None:
        """To the processes, each of which loads the model for itself."""
        self.__dict__.pop("_network", None)
        self.base.weights.model.to("cpu")
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def _order(self) -> Order:
        options = self.trainer.options
        return Order(
            self.trainer.model,
            str(options.folder.resolve()),
            asdict(self.recipe),
            self.examples,
            self.prompt,
            str(self.place.resolve()),
        )

    def learn(self, told: Told, spread: Spread = ALONE) -> None:
        """The training itself, or this process's share of it; the first keeps the adapter."""
        training = self._training(told, spread)
        run = training.run()
        if not spread.first:
            return
        card = adapters.card_of(self.base.weights, self.recipe, self.examples, self.prompt, run)
        adapters.keep(training.network, run, card, self.base.weights, self.adapter)
        shutil.rmtree(self.place / "run")
        (self.place / "order.json").unlink(missing_ok=True)

    def _search(self, progress: Progress) -> "Job":
        """The same job with the recipe that does best on what is kept aside."""
        progress.start(f"searching rank and rate for {self.trainer.model}", 0)
        try:
            best, _ = searched(self.trainer.fresh, self.rows, self.recipe, progress.tick)
        finally:
            progress.finish()
        options = replace(self.trainer.options, recipe={**self.trainer.options.recipe, "search": 0})
        trainer = replace(self.trainer, options=options)
        return replace(self, trainer=trainer, base=self.trainer.fresh(), recipe=best)

    def _training(self, told: Told | None = None, spread: Spread = ALONE) -> Training:
        told = told or _silently
        return Training(self._network, self.recipe, self.rows, self.place / "run", told, spread)

    @cached_property
    def _network(self) -> Network:
        return Network(self.base.weights, self.recipe)

    def merge(self) -> None:
        if self.merged.is_dir():
            return
        if self.recipe.method == "full":
            shutil.copytree(self.adapter, self.merged)
            return
        adapters.merge(self.trainer.fresh().weights, self.adapter, self.merged)


def _silently(_: Step) -> None:
    pass


def _told(progress: Progress) -> Told:
    def told(step: Step) -> None:
        speed = f"{step.tokens_per_second:,.0f} tokens/s"
        progress.tick(f"epoch {step.epoch}, loss {step.loss:.3f}, {speed}")

    return told


def recipe_of(keys: Mapping[str, Json]) -> Recipe:
    """The study's keys over the defaults."""
    given: dict[str, Any] = {name: value for name, value in keys.items() if name != "search"}
    return Recipe(**given)


def key_of(base: Base, rows: Sequence[Row], wanted: Json) -> str:
    """Short enough for a folder's name, long enough never to meet again."""
    seen = [(row.tokens, row.learned) for row in rows]
    return fingerprint(base.digest, seen, wanted)[:16]


def notes_of(card: adapters.Card) -> list[str]:
    """What a reader of the verdict should know of the training."""
    best = next(look for look in card.looks if look.epoch == card.best_epoch)
    on_others = "" if best.kept_aside is None else f", {best.kept_aside:.3f} on examples kept aside"
    said = [
        f"trained for {card.seconds:,.0f} s, {card.tokens:,} tokens; kept epoch {card.best_epoch}: "
        f"loss {best.learned:.3f}{on_others}"
    ]
    count = len(card.examples)
    if count < FEW:
        said.append(
            f"only {count} examples: below {FEW} a model learns by heart more than it learns the "
            f"rule; {ENOUGH_FOR_FORM} to 2,000 good ones are usual for a form or a style"
        )
    return [*said, *(each for each in (card.overfitted, card.stopped) if each)]
