"""Where the command line writes: results on stdout, everything else on stderr."""

import sys

from rich.console import Console, RenderableType
from rich.text import Text

from suffice.records import Verdict, as_json
from suffice.report.json import JsonReport


def out() -> Console:
    """For results. Plain text when it is piped; NO_COLOR is honoured by rich."""
    return Console(highlight=False, soft_wrap=False)


def err() -> Console:
    """For progress, notes and errors."""
    return Console(stderr=True, highlight=False)


def show(result: RenderableType) -> None:
    out().print(result)


def show_json(record: object) -> None:
    """A record as one JSON document on stdout, whatever the terminal."""
    sys.stdout.write(as_json(record).decode() + "\n")


def show_verdict_json(verdict: Verdict) -> None:
    """A verdict as its JSON report has it, with the version of its schema."""
    sys.stdout.write(JsonReport().render(verdict))


def show_error(message: str) -> None:
    """An error in red, its text never read as markup."""
    err().print(Text.assemble(("error: ", "bold red"), message), soft_wrap=True)


def note(message: str) -> None:
    err().print(Text(message, style="dim"), soft_wrap=True)
