"""One folder of random weights of nano's make, and the model in it."""

from pathlib import Path

import pytest

from suffice.models import nano
from suffice.models.local import LocalModel
from suffice.ports import ModelOptions
from tests.servers.tiny_nano import write_tiny_nano


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_nano(tmp_path_factory.mktemp("weights") / "tiny")


@pytest.fixture(scope="session")
def model(tiny: Path) -> LocalModel:
    return nano.create(tiny.name, ModelOptions(folder=tiny.parent, batch=4))
