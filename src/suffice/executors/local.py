"""Threads of this process: what waits for a network or for compiled code needs no more."""

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from queue import SimpleQueue
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


def _collect(done: "SimpleQueue[tuple[R] | BaseException | None]", workers: int) -> Iterator[R]:
    failure: BaseException | None = None
    while workers:
        item = done.get()
        if item is None:
            workers -= 1
        elif isinstance(item, tuple):
            yield item[0]
        elif failure is None:
            failure = item
    if failure is not None:
        raise failure


def create(name: str, threads: int) -> LocalExecutor:  # noqa: ARG001 (there is only one here)
    return LocalExecutor(threads)
