"""Threads of this process: what waits for a network or for compiled code needs no more."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class LocalExecutor:
    """Runs work on up to `threads` threads."""

    threads: int

    def map(self, work: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Results in the order in which they are done.

        Threads take items themselves, so nothing is read ahead. The first exception stops the
        taking; it is raised once every thread has ended, so no result is lost.
        """
        source, taking, stopped = iter(items), threading.Lock(), threading.Event()
        done: SimpleQueue[tuple[R] | BaseException | None] = SimpleQueue()

        def labour() -> None:
            try:
                while not stopped.is_set():
                    with taking:
                        item = next(source, _END)
                    if item is _END:
                        break
                    done.put((work(item),))  # type: ignore[arg-type]  # the sentinel is gone here
            except BaseException as error:
                stopped.set()
                done.put(error)
            done.put(None)

        for number in range(self.threads):
            threading.Thread(target=labour, name=f"local-{number}", daemon=True).start()
        try:
            yield from _collect(done, self.threads)
        finally:  # also when the caller is interrupted: what is in flight then ends unheard
            stopped.set()


_END = object()
# Waking for every result takes the interpreter from the threads that work: at 5,000 results a
# second a fifth of their time. So results that follow closely are taken together.
_TOGETHER_SECONDS = 0.005


def _collect(done: "SimpleQueue[tuple[R] | BaseException | None]", workers: int) -> Iterator[R]:
    failure: BaseException | None = None
    while workers:
        for item in _arrived(done):
            if item is None:
                workers -= 1
            elif isinstance(item, tuple):
                yield item[0]
            elif failure is None:
                failure = item
        time.sleep(_TOGETHER_SECONDS if workers else 0)
    if failure is not None:
        raise failure


def _arrived(done: "SimpleQueue[T]") -> Iterator[T]:
    """Waits for an item, then gives it and those that are there already."""
    yield done.get()
    with suppress(Empty):
        while True:
            yield done.get_nowait()


def create(name: str, threads: int) -> LocalExecutor:  # noqa: ARG001 (there is only one here)
    return LocalExecutor(threads)
