"""Keeps one parsing process warm, and ends it when a file takes too much.

A file that kills a process which read others before is given one more try in a fresh one: the
others may have used up its memory.
"""

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import IO, Self

import msgspec

from suffice.errors import DataError
from suffice.retrieve.limits import MB, Limits, megabytes
from suffice.retrieve.parse_worker import LENGTH_BYTES, Ask, Reply, framed

_COMMAND = [sys.executable, "-P", "-B", "-m", "suffice.retrieve.parse_worker"]
# A process reads so many files: what a library leaks, or one file breaks, does not last.
_FILES = 500
# Blocks and their JSON beside the text itself.
_REPLY_FACTOR, _REPLY_BYTES = 4, 16 * MB


class _EndedError(Exception):
    """The process is gone, or talks nonsense."""


class ParseProcess:
    """Parses files one after the other. Not for several threads at once."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._process: subprocess.Popen[bytes] | None = None
        self._files = 0

    def read(self, parser: str, name: str, data: bytes) -> Sequence[Reply]:
        """What a parser made of a file: one text, or the rows of a corpus. DataError says why it
        could not be read."""
        if self._files >= _FILES:
            self.close()
        warm = self._files > 0
        try:
            return self._read(parser, name, data)
        except _EndedError as error:
            self.close()
            if not warm:
                raise DataError(str(error)) from None
        try:
            return self._read(parser, name, data)
        except _EndedError as error:
            self.close()
            raise DataError(str(error)) from None

    def close(self) -> None:
        """Ends the process; the next file starts another."""
        process, self._process, self._files = self._process, None, 0
        if process is None:
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                with suppress(OSError):
                    pipe.close()
        process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _read(self, parser: str, name: str, data: bytes) -> list[Reply]:
        process = self._process = self._process or _started()
        self._files += 1
        assert process.stdin is not None  # noqa: S101 (they were asked for as pipes)
        assert process.stdout is not None  # noqa: S101
        talk = _Talk(process.stdin, process.stdout, self.limits)
        try:
            talk.send(framed(Ask(parser, name, len(data), self.limits)))
            talk.send(data)
            replies = talk.replies()
        except BrokenPipeError:
            raise _EndedError(self._why(process)) from None
        except EOFError:
            raise _EndedError(self._why(process)) from None
        except (TimeoutError, DataError) as error:
            self.close()
            raise DataError(str(error)) from None
        except msgspec.DecodeError as error:
            raise _EndedError(f"its parsing process answered nonsense: {error}") from None
        last = replies[-1]
        if last.spent:
            raise _EndedError(last.fault)
        if last.fault:
            raise DataError(last.fault)
        return replies

    def _why(self, process: subprocess.Popen[bytes]) -> str:
        try:
            code = process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return "its parsing process closed its pipes"
        if code == -signal.SIGXCPU:
            return f"took more than {self.limits.cpu_seconds} s of processor time (cpu_seconds)"
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return (
            f"its parsing process died ({how}): the file is damaged, was made to do that, or needs "
            f"more than {megabytes(self.limits.memory_bytes)} of memory (memory_bytes)"
        )


def _started() -> subprocess.Popen[bytes]:
    """With our own path for imports and nothing else: no key, no home, no terminal."""
    path = os.pathsep.join(each for each in sys.path if each)
    return subprocess.Popen(  # noqa: S603 (our own module)
        _COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
        cwd="/",
        env={"PYTHONPATH": path, "PYTHONIOENCODING": "utf-8", "OMP_NUM_THREADS": "1"},
        start_new_session=True,
    )


class _Talk:
    """One question and its answers over the pipes, by a deadline that holds for all of it."""

    def __init__(self, asks: IO[bytes], answers: IO[bytes], limits: Limits) -> None:
        self._asks = asks
        self._answers = answers
        self._limits = limits
        self._deadline = time.monotonic() + limits.seconds
        self._left = _REPLY_FACTOR * limits.text_bytes + _REPLY_BYTES
        os.set_blocking(asks.fileno(), False)
        os.set_blocking(answers.fileno(), False)

    def send(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            self._wait(self._asks, selectors.EVENT_WRITE)
            with suppress(BlockingIOError):
                rest = rest[os.write(self._asks.fileno(), rest[: 2**20]) :]

    def replies(self) -> list[Reply]:
        found = []
        while True:
            size = int.from_bytes(self._take(LENGTH_BYTES), "big")
            self._left -= size
            if self._left < 0:
                limit = megabytes(self._limits.text_bytes)
                raise DataError(f"its text and blocks are over the limit of {limit} (text_bytes)")
            found.append(msgspec.json.decode(self._take(size), type=Reply))
            if not found[-1].more:
                return found

    def _take(self, size: int) -> bytearray:
        taken = bytearray()
        while len(taken) < size:
            self._wait(self._answers, selectors.EVENT_READ)
            part = os.read(self._answers.fileno(), min(size - len(taken), 2**20))
            if not part:
                raise EOFError
            taken += part
        return taken

    def _wait(self, pipe: IO[bytes], event: int) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(pipe, event)
            left = self._deadline - time.monotonic()
            if left <= 0 or not selector.select(left):
                raise TimeoutError(f"took more than {self._limits.seconds:g} s (seconds)")
