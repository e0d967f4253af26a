"""Questions to the person at the terminal. Every one has an answer that is usual; where nobody is
there to be asked, that one is taken."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass

import typer

from suffice.cli.console import note


@dataclass(frozen=True, slots=True)
class Person:
    """Who is asked. `here` is False in scripts and CI, and where `--yes` took all answers."""

    here: bool

    @classmethod
    def at_terminal(cls, *, yes: bool) -> "Person":
        return cls(sys.stdin.isatty() and not yes and not os.environ.get("CI"))

    def say(self, text: str, usual: str, fits: Callable[[str], str] | None = None) -> str:
        """A line of text. `fits` says what is wrong with it, or nothing; then it is asked again."""
        while self.here:
            said: str = typer.prompt(
                text, default=usual, err=True, show_default=bool(usual)
            ).strip()
            if fits is None or not (wrong := fits(said)):
                return said
            note(wrong)
        return usual

    def agrees(self, text: str, *, usual: bool) -> bool:
        return typer.confirm(text, default=usual, err=True) if self.here else usual
