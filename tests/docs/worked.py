"""Works through a page of docs/providers/ as its reader would, against a server of our own.

Everything that is run is taken out of the page: the first yaml block becomes suffice.yaml, lines of
its sh blocks that begin with `export` set variables, those that begin with `suffice` are run. Where
the page names the provider's address the local server's is put, or, for weights, a tiny model's.

    python -m tests.docs.worked [PAGE ...]     writes the output of a page's run into it anew
"""

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from shlex import split
from unittest.mock import patch

from suffice.cli import main as suffice
from suffice.models import anthropic, openai
from suffice.models.planted import create
from suffice.ports import ModelOptions
from tests.servers.chat_server import ChatServer
from tests.servers.houses import HOUSES
from tests.servers.planted_server import reply_from
from tests.servers.tiny_llama import write_tiny_llama
from tests.story.studies import planted_study

PAGES = Path(__file__).parent.parent.parent / "docs" / "providers"
PROVIDERS = sorted(path.stem for path in PAGES.glob("*.md"))

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_TINY_WINDOW = 2048  # the page's study has prompts of some 600 bytes, most of them tokens
_AFTER_THE_RUNGS = re.compile(r"^(?:Comparisons on|Why held-out cases)", re.MULTILINE)
_COLUMNS = "88"


@dataclass(frozen=True)
class Page:
    """One worked page, by its parts."""

    name: str
    text: str

    @property
    def settings(self) -> str:
        return next(body for body in self._blocks("yaml") if body.startswith("model: "))

    @property
    def variables(self) -> dict[str, str]:
        exported = [line.split()[1] for line in self._lines() if line.startswith("export ")]
        return dict(each.split("=", 1) for each in exported)

    @property
    def commands(self) -> list[list[str]]:
        lines = [line for line in self._lines() if line.startswith("suffice ")]
        return [split(line, comments=True)[1:] for line in lines]

    @property
    def output(self) -> str:
        return next(self._blocks("text"))

    @property
    def told_errors(self) -> list[list[str]]:
        """The first cell of each row of the last table: the pieces in it that are code."""
        _, _, last = self.text.partition("## When it does not work")
        rows = [line.split(" | ")[0] for line in last.splitlines() if line.startswith("| `")]
        return [re.findall(r"`([^`]+)`", row) for row in rows]

    def with_output(self, output: str) -> str:
        return self.text.replace(f"```text\n{self.output}```", f"```text\n{output}```")

    def _blocks(self, kind: str) -> Iterator[str]:
        return (found[2] for found in _BLOCK.finditer(self.text) if found[1] == kind)

    def _lines(self) -> list[str]:
        return [line for body in self._blocks("sh") for line in body.splitlines()]


def page(name: str) -> Page:
    return Page(name, (PAGES / f"{name}.md").read_text("utf-8"))


@dataclass(frozen=True)
class Ended:
    """How one command of a page ended."""

    words: list[str]
    code: int
    out: str
    err: str


@contextmanager
def at_home(read: Page, folder: Path) -> Iterator[ChatServer]:
    """A folder with what the page's suffice.yaml names, its provider at hand, and nobody's keys."""
    house = HOUSES.get(read.name)
    cases = 160 if house else 80  # weights on a CPU take their time
    study = planted_study(folder / "study", seed=3, cases=cases, gap="format")
    model = create("world.json", ModelOptions(folder=study))
    kept = {name: value for name, value in os.environ.items() if not _PROVIDERS.match(name)}
    here = Path.cwd()
    with (
        ChatServer(reply_from(model), house=house) as server,
        patch.dict(os.environ, kept | read.variables | {"COLUMNS": _COLUMNS}, clear=True),
        patch.object(openai, "OFFICIAL", server.url),
        patch.object(anthropic, "OFFICIAL", server.root),
    ):
        os.chdir(study)
        try:
            settings = re.sub(r"http://localhost:\d+", server.root, read.settings)
            if house is None:
                settings = _with_tiny_weights(settings, study / "tiny")
            (study / "suffice.yaml").write_text(settings, encoding="utf-8")
            yield server
        finally:
            os.chdir(here)


_PROVIDERS = re.compile(r"(OPENAI|ANTHROPIC)_|\w+_PROXY$|NO_COLOR$", re.IGNORECASE)


def _with_tiny_weights(settings: str, folder: Path) -> str:
    write_tiny_llama(folder, window=_TINY_WINDOW)
    return re.sub(r"(?<=huggingface:)\S+", folder.name, settings)


def run(words: list[str]) -> Ended:
    """One command, in this process."""
    out, err, code = StringIO(), StringIO(), 0
    with redirect_stdout(out), redirect_stderr(err):
        try:
            suffice(words)
        except SystemExit as ended:
            code = int(ended.code or 0)
    return Ended(words, code, out.getvalue(), err.getvalue())


def work_through(read: Page) -> list[Ended]:
    return [run(words) for words in read.commands]


def shown(ended: list[Ended]) -> str:
    """What a page shows of its run: the verdict and its rungs, without what follows them."""
    climbed = next(
        each for each in ended if each.words[0] == "run" and "--dry-run" not in each.words
    )
    told = _AFTER_THE_RUNGS.split(climbed.out)[0]
    lines = [line.rstrip() for line in told.splitlines()]
    return "\n".join(lines).strip("\n") + "\n...\n"


def steady(output: str) -> list[str]:
    """The lines of an output without what no two runs share: how long answers took."""
    lines = [" ".join(line.split()) for line in output.splitlines()]
    return [
        "latency p95" if line.startswith("latency p95 ") else line
        for line in lines
        if line and not line.startswith("latency p95:")
    ]


def main() -> None:
    for name in sys.argv[1:] or PROVIDERS:
        read = page(name)
        with tempfile.TemporaryDirectory() as place, at_home(read, Path(place)):
            output = shown(work_through(read))
        (PAGES / f"{name}.md").write_text(read.with_output(output), encoding="utf-8")
        sys.stdout.write(f"wrote docs/providers/{name}.md\n")


if __name__ == "__main__":
    main()
