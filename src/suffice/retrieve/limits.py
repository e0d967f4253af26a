"""What reading one document may take. Documents come from anywhere: each number here is a promise
that no file, however made, takes more.

A process holds the operating system's limits; what a parser can hold itself (pages, unpacked bytes,
length of the text) it reads from `held`, so that its error says which limit it was.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from suffice.errors import DataError

MB = 2**20


@dataclass(frozen=True, slots=True)
class Limits:
    """For one file. `text_bytes` bounds what a parser may give back, `unpacked_bytes` what it may
    take out of an archive, `seconds` the time on the clock."""

    file_bytes: int = 50 * MB
    text_bytes: int = 50 * MB
    unpacked_bytes: int = 200 * MB
    memory_bytes: int = 1024 * MB
    pages: int = 2000
    cpu_seconds: int = 30
    seconds: float = 120.0


_HELD: ContextVar[Limits] = ContextVar("limits", default=Limits())  # noqa: B039 (it is frozen)


def held() -> Limits:
    """The limits of the file that is being read."""
    return _HELD.get()


@contextmanager
def holding(limits: Limits) -> Iterator[None]:
    token = _HELD.set(limits)
    try:
        yield
    finally:
        _HELD.reset(token)


def within(size: int, limit: int, what: str, name: str) -> None:
    """Refuses what is larger than the limit called `name`."""
    if size > limit:
        raise DataError(f"{what} {megabytes(size)}, over the limit of {megabytes(limit)} ({name})")


def megabytes(size: int) -> str:
    return f"{size / MB:,.0f} MB" if size >= MB else f"{size:,} bytes"
