"""Runs a command and says what it took; runs the endpoint and says what it was asked."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

_REPOSITORY = Path(__file__).parents[2]
_LAUNCH = Path(__file__).parent / "launch.py"


class CommandError(Exception):
    """A command ended with an error; the end of its output is the message."""


@dataclass(frozen=True)
class Taken:
    """What one command took. `cpu_seconds` is of its whole process tree, `peak_mib` of the largest
    process in it."""

    wall_seconds: float
    cpu_seconds: float
    peak_mib: float
    output: str


def taken_by(
    command: Sequence[str], *, folder: Path, environment: Mapping[str, str] | None = None
) -> Taken:
    """Runs a command to its end. Raises with the end of its output where it fails."""
    result = folder / "taken.json"
    done = subprocess.run(
        [sys.executable, "-S", str(_LAUNCH), str(result), *command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": _path(), **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    said = done.stdout.decode("utf-8", "replace")
    if done.returncode != 0:
        raise CommandError(f"{command[:3]} ended with {done.returncode}:\n{said[-3000:]}")
    return Taken(**json.loads(result.read_text("ascii")), output=said)


def _path() -> str:
    """Where the commands find this package, before whatever the caller has named."""
    given = os.environ.get("PYTHONPATH")
    return f"{_REPOSITORY}{os.pathsep}{given}" if given else str(_REPOSITORY)


@dataclass(frozen=True)
class Endpoint:
    """A running fast_endpoint."""

    port: int

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def reset(self) -> None:
        self._get("/reset")

    def count(self) -> dict[str, Any]:
        """How many it answered, how many at once, in how many seconds, since the reset."""
        return self._get("/count")

    def _get(self, path: str) -> dict[str, Any]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", path)
        answer: dict[str, Any] = json.loads(connection.getresponse().read())
        connection.close()
        return answer


@contextmanager
def endpoint(delay_seconds: float = 0.0) -> Iterator[Endpoint]:
    """A fast_endpoint in a process of its own, ended with the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.fast_endpoint", "--delay", str(delay_seconds)],
        cwd=_REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield Endpoint(int(process.stdout.readline()))
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()
