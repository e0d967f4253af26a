"""Every command that the documentation shows: `suffice ...` in the code blocks of all pages.

Each goes through the command line's own parser, so that a command or an option that is misspelt,
renamed or gone turns red, with its file and line. Those that need no network, no key and little
time are also run for real, one after the other as a page has them, in a copy of a small study.
"""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shlex import split
from typing import Any

import pytest

from suffice import cli
from tests.cli.conftest import Command, command, elsewhere
from tests.docs.worked import PROVIDERS
from tests.story.studies import planted_study

__all__ = ["command", "elsewhere"]  # fixtures of the command line's tests

ROOT = Path(__file__).parent.parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

_BLOCK = re.compile(r"^```(console|sh|bash|)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_TOLD = re.compile(r"`(suffice [a-z][^`]*)`")
_AFTER = re.compile(r"(?:\|\||&&|;|>).*$")  # what a shell would do with it

# Usage lines such as `suffice run [OPTIONS]`, which the parser itself has written.
_GENERATED = {"cli.md"}

# Run for real in test_providers.py, page by page.
_WORKED = {f"{name}.md" for name in PROVIDERS}

# Why a command of a page is only parsed here. Everything else is run.
_PARSED_ONLY = {
    "demo": "it asks hundreds of questions: tests/cli has tests of it",
    "init": "it writes a file where the page has one already: tests/cli/test_init.py",
    "ask": "it asks a model over the network: tests/cli/test_retrieval.py",
    "index": "it reads and embeds documents: tests/cli/test_retrieval.py",
    "forget": "it searches every byte of an index: tests/cli/test_retrieval.py",
    "tune": "it trains: tests/cli/test_tune.py",
    "merge": "it needs an adapter: tests/cli/test_tune.py",
    "export": "it needs a tuned model: tests/cli/test_tune.py",
    "draft": "it asks a model for questions: tests/cli/test_draft.py",
    "review": "a person reads drafts in it: tests/cli/test_review.py",
    "advise": "it asks questions in a terminal: tests/cli/test_commands.py",
}


@dataclass(frozen=True)
class Shown:
    """One command of a page."""

    page: Path
    line: int
    words: tuple[str, ...]

    @property
    def place(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def shown(page: Path) -> Iterator[Shown]:
    """The commands in a page's code blocks, in their order."""
    text = page.read_text("utf-8")
    for block in _BLOCK.finditer(text):
        first = text.count("\n", 0, block.start(2)) + 1
        for number, line in enumerate(block[2].splitlines(), first):
            command = line.removeprefix("$ ")
            if command.startswith("suffice "):
                yield Shown(page, number, tuple(words_of(command)))


def words_of(line: str) -> list[str]:
    return split(_AFTER.sub("", line.split(" #", maxsplit=1)[0]))[1:]


def told(page: Path) -> Iterator[Shown]:
    """The commands that a page's prose names between backquotes."""
    text = _FENCED.sub(lambda block: "\n" * block[0].count("\n"), page.read_text("utf-8"))
    for found in _TOLD.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        yield Shown(page, line, tuple(split(" ".join(found[1].split()))[1:]))


COMMANDS = [each for page in PAGES if page.name not in _GENERATED for each in shown(page)]


def parse(words: tuple[str, ...]) -> None:
    """The command line's own reading of a command, which does nothing yet."""
    name, *rest = words
    assert name in cli.summaries(), f"there is no command {name!r}"
    cli.command(name).make_context(name, list(rest))


def test_pages_show_commands() -> None:
    """What is gathered is not nothing, and the README is among it."""
    assert len(COMMANDS) > 40
    assert any(each.page.name == "README.md" for each in COMMANDS)


@pytest.mark.parametrize("each", COMMANDS, ids=lambda each: f"{each.place} {each.words[0]}")
def test_a_shown_command_can_be_typed(each: Shown) -> None:
    """The command exists and takes these options and arguments."""
    parse(each.words)


def test_commands_in_prose_have_names_and_options_that_exist() -> None:
    """`suffice run --dry-run` between backquotes: the command, and each option that it names."""
    wrong = []
    for page in PAGES:
        for each in told(page):
            name, *rest = each.words
            if name not in cli.summaries():
                wrong.append(f"{each.place}: no command {name!r}")
                continue
            known = {spelling for option in cli.command(name).params for spelling in option.opts}
            strange = [word for word in rest if word.startswith("-") and word not in known]
            wrong += [f"{each.place}: {name} takes no {word}" for word in strange]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("line", ["suffice rnu", "suffice run --budget 5", "suffice gate --of x"])
def test_a_misspelt_command_is_found(line: str) -> None:
    """The parser refuses what is not there: the test above can fail."""
    with pytest.raises((AssertionError, cli.UsageProblem)):
        parse(tuple(words_of(line)))


@pytest.mark.slow
def test_the_quick_commands_of_the_pages_run(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Page after page, each in its order, on a small study with a simulated model: none fails."""
    monkeypatch.chdir(scratch_study(tmp_path, command))
    for page in PAGES:
        if page.name in _GENERATED | _WORKED:
            continue
        for each in shown(page):
            if each.words[0] in _PARSED_ONLY:
                continue
            ended = command(*each.words)
            # 1 and 2 are verdicts: a rung that misses, and cases that cannot tell.
            may_end = {0, 1, 2} if each.words[0] in ("run", "gate") else {0}
            assert ended.code in may_end, f"{each.place}: {ended.err}"
            assert "error:" not in ended.err, f"{each.place}: {ended.err}"


def scratch_study(folder: Path, command: Command) -> Path:
    """A study; the same again as support/, as ci.md calls it, with the main branch's trials."""
    keys: dict[str, Any] = {
        "bar": {"correct": 0.8, "format": 0.8},
        "price": {"input": 1, "output": 2},
    }
    here = planted_study(folder / "scratch", seed=3, cases=160, gap="format", **keys)
    support = planted_study(here / "support", seed=3, cases=160, gap="format", **keys)
    assert command("run", "--study", support, "--rungs", "prompt").code != 64
    kept = next(support.glob(".suffice/runs/*/trials.jsonl"))
    (here / "main").mkdir()
    shutil.copy(kept, here / "main" / "trials.jsonl")
    return here
