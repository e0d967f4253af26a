"""A tiny Llama on disk, and examples that it can learn from."""

from collections.abc import Callable
from pathlib import Path

import pytest

from suffice.records import Example, Message, Source
from suffice.tune.base import Base, load_base
from suffice.tune.recipe import Recipe
from tests.servers.tiny_llama import write_tiny_llama

Fresh = Callable[[], Base]


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_llama(tmp_path_factory.mktemp("tuning") / "tiny")


@pytest.fixture
def fresh(tiny: Path) -> Fresh:
    """Loads the tiny model anew: training changes what is in memory."""
    return lambda: load_base(f"huggingface:{tiny}", Path(), Recipe(), device="cpu")


def example(number: int, asked: str, reply: str) -> Example:
    return Example(f"e{number}", (Message("user", asked),), reply, None, Source("e.jsonl", number))


@pytest.fixture
def capitals() -> list[Example]:
    """Of different lengths, with one rule: the reply is JSON."""
    return [
        example(
            number, f"City {number}? " + "The fox. " * (number % 4), f'{{"city": {number % 3}}}'
        )
        for number in range(24)
    ]
