"""What every trainer must do, run on each that is found.

A new trainer needs one entry in NAMES: the name of a small model that it can tune, under a folder.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from suffice import plugins
from suffice.ladder import Silence
from suffice.ports import ChatModel, ModelOptions, Trainer, TrainerOptions
from suffice.records import Example, Message, Request
from tests.servers.tiny_llama import write_tiny_llama
from tests.servers.tiny_nano import write_tiny_nano

RECIPE = {"epochs": 1, "rank": 2, "seed": 3}
PROMPT = "Answer in JSON."


def _llama(folder: Path) -> str:
    return str(write_tiny_llama(folder / "tiny").relative_to(folder))


def _nano(folder: Path) -> str:
    return str(write_tiny_nano(folder / "tiny").relative_to(folder))


def _world(_: Path) -> str:
    return "support-desk"


NAMES: dict[str, Callable[[Path], str]] = {
    "huggingface": _llama,
    "nano": _nano,
    "planted": _world,
}


class Ticks(Silence):
    def __init__(self) -> None:
        self.said: list[str] = []

    def tick(self, said: str) -> None:
        self.said.append(said)


@pytest.fixture(params=plugins.names("trainer"))
def trainer(request: pytest.FixtureRequest, tmp_path: Path) -> Trainer:
    name = request.param
    assert name in NAMES, f"trainer {name!r} has no entry in NAMES in {__file__}: add one"
    made: Trainer = plugins.load("trainer", name)(
        NAMES[name](tmp_path), TrainerOptions(tmp_path, RECIPE)
    )
    return made


def some(count: int) -> list[Example]:
    return [
        Example(f"e{n}", (Message("user", f"City {n}?"),), f'{{"city": {n % 3}}}')
        for n in range(count)
    ]


def test_a_tuned_model_is_one_that_answers(trainer: Trainer, tmp_path: Path) -> None:
    """By the name that it is given, relative to the study's folder."""
    tuned = trainer.train(some(24), PROMPT, Silence())
    provider, _, name = tuned.model.partition(":")
    model: ChatModel = plugins.load("model", provider)(name, ModelOptions(folder=tmp_path))
    [answer] = model.ask([Request((Message("user", "City 1?"),), max_tokens=4)])
    assert answer.failure is None
    assert 0 < len(tuned.built) < 60


def test_the_same_examples_are_not_learned_twice(trainer: Trainer, tmp_path: Path) -> None:
    """The second time gives the same model, and no step is made."""
    first = trainer.train(some(24), PROMPT, Silence())
    ticks = Ticks()
    assert trainer.train(some(24), PROMPT, ticks) == first
    assert ticks.said == []


def test_other_examples_make_another_model(trainer: Trainer) -> None:
    """One example more is another training."""
    models = {trainer.train(some(count), PROMPT, Silence()).model for count in (24, 25)}
    assert len(models) == 2


def test_every_trainer_tunes_models_that_are_there() -> None:
    """A trainer has the name of the provider whose models it tunes."""
    assert set(plugins.names("trainer")) <= set(plugins.names("model"))
