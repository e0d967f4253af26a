"""Where the command line writes: results on stdout, everything else on stderr."""

import os
import shutil
import sys
from pathlib import Path

from rich.console import Console, RenderableType
from rich.text import Text

from suffice.errors import UsageError
from suffice.records import Verdict, as_json
from suffice.report.json import JsonReport


class _Results(Console):
    """A console whose reader may leave, as `| head` does: the command still ends as it would."""

    def on_broken_pipe(self) -> None:
        discard_results()


def out() -> Console:
    """For results. Plain text when it is piped; NO_COLOR is honoured by rich."""
    return _Results(highlight=False, soft_wrap=False)


def err() -> Console:
    """For progress, notes and errors."""
    return Console(stderr=True, highlight=False)


def show(result: RenderableType) -> None:
    out().print(result)


def show_json(record: object) -> None:
    """A record as one JSON document on stdout, whatever the terminal."""
    _write(as_json(record).decode() + "\n")


def show_verdict_json(verdict: Verdict) -> None:
    """A verdict as its JSON report has it, with the version of its schema."""
    _write(JsonReport().render(verdict))


def discard_results() -> None:
    """Nobody reads stdout any more: what else is written goes nowhere, without an error."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _write(text: str) -> None:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        discard_results()


def command_name() -> str:
    """How to call this program from here: by its name, or by its path where that is not found."""
    if shutil.which("suffice"):
        return "suffice"
    return "python -m suffice" if Path(sys.argv[0]).name == "__main__.py" else sys.argv[0]


def show_error(message: str) -> None:
    """An error in red, its text never read as markup."""
    err().print(Text.assemble(("error: ", "bold red"), message), soft_wrap=True)


def note(message: str) -> None:
    err().print(Text(message, style="dim"), soft_wrap=True)


def write_new(path: Path, text: str) -> None:
    """A new file; one that is there stays as it is."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{path} exists already; move it away and run this again") from None
