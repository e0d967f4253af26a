"""The command line in-process: what it wrote, where, and the code it ended with."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import suffice
from suffice.cli import main
from tests.story.studies import planted_study

BUNDLED = Path(suffice.__file__).parent / "studies" / "support_desk"


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Command = Callable[..., Ended]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """`command("run", "--study", folder)` runs the command line and catches its end."""

    def run(*words: object) -> Ended:
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words])
        written = capsys.readouterr()
        code = ended.value.code
        assert code is None or isinstance(code, int)
        return Ended(code or 0, written.out, written.err)

    return run


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test in a folder of its own, wide enough for whole lines, and without anybody's keys."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("COLUMNS", "120")
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "ANTHROPIC_API_KEY", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """The bundled study, as somebody's own folder."""
    folder = tmp_path / "study"
    shutil.copytree(BUNDLED, folder)
    return folder


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A study of eighty cases that the prompt alone answers, for what needs no story."""
    return planted_study(
        tmp_path / "small", seed=2, cases=80, bar={"correct": 0.5, "format": 0.5}, examples=10
    )
