"""A command at a terminal of its own, as a person has it: what it shows, and keys to it.

with Terminal("review", "--study", folder) as terminal:
    terminal.until("[q]uit")
    terminal.press("a")
"""

import os
import pty
import select
import subprocess
import sys
import time
from typing import Self


class Terminal:
    """A process at a terminal of its own: what it shows, and keys to it."""

    def __init__(self, *words: str) -> None:
        main, side = pty.openpty()
        self.main, self.shown, self.seen = main, "", ""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "suffice", *words],
            stdin=side,
            stdout=side,
            stderr=side,
            env={key: value for key, value in os.environ.items() if key != "CI"}
            | {"COLUMNS": "100", "TERM": "dumb"},
            start_new_session=True,
        )
        os.close(side)

    def until(self, text: str, seconds: float = 40.0) -> str:
        """Reads until a text has come since the last key."""
        end = time.monotonic() + seconds
        while text not in self.shown:
            left = end - time.monotonic()
            assert left > 0, f"{text!r} did not come: {self.shown}"
            if select.select([self.main], [], [], left)[0]:
                try:
                    fresh = os.read(self.main, 4096).decode("utf-8", "replace")
                    self.shown, self.seen = self.shown + fresh, self.seen + fresh
                except OSError:  # the other side is closed
                    assert text in self.shown, self.shown
        return self.shown

    def press(self, keys: str) -> None:
        self.shown = ""
        os.write(self.main, keys.encode())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.main)
