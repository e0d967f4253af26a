"""One press of a key at the terminal, without Enter. Keys that were typed ahead are kept."""

import os
import select
import sys
from collections.abc import Callable

import typer

if sys.platform != "win32":
    import termios
    import tty

QUIT = "q"


def pressed(ask: Callable[[], None]) -> str:
    """The next key, in lower case, once `ask` has said which there are. Ctrl-C and Ctrl-D are `q`;
    keys that are no letter are empty."""
    if sys.platform == "win32":
        ask()
        return _named(typer.getchar())
    keyboard = sys.stdin.fileno()
    before = termios.tcgetattr(keyboard)
    try:
        tty.setcbreak(keyboard, termios.TCSANOW)
        ask()
        key = os.read(keyboard, 1)
        if key == b"\x1b":  # an arrow or the like: the rest of it means nothing here
            while select.select([keyboard], [], [], 0.01)[0]:
                key += os.read(keyboard, 32)
    except KeyboardInterrupt:
        return QUIT
    finally:
        termios.tcsetattr(keyboard, termios.TCSANOW, before)
    return _named(key.decode("utf-8", "replace"))


def _named(key: str) -> str:
    if key in ("\x03", "\x04", ""):
        return QUIT
    return key.lower() if len(key) == 1 and key.isprintable() else ""
