"""What every executor must do, whoever wrote it."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from suffice import plugins
from suffice.ports import Executor

EXECUTORS = plugins.names("executor")

# The part of `executor: KIND:NAME` after the colon that a test can use without anything running.
NAMES = {"local": ""}


def executor_of(kind: str, threads: int = 4) -> Executor:
    assert kind in NAMES, (
        f"the executor {kind!r} is not tested: add a name that needs nothing else to "
        f"{__name__}.NAMES"
    )
    made: Executor = plugins.load("executor", kind)(NAMES[kind], threads)
    return made


def slowly(seconds: float) -> Callable[[int], int]:
    def work(item: int) -> int:
        time.sleep(seconds)
        return item

    return work


@pytest.mark.parametrize("kind", EXECUTORS)
class TestExecutor:
    def test_lists_itself_in_one_line(self, kind: str) -> None:
        """`suffice list` shows a sentence about it."""
        summary = next(each.summary for each in plugins.plugins("executor") if each.name == kind)
        assert 10 < len(summary) < 120

    @pytest.mark.parametrize("count", [0, 1, 100])
    def test_works_on_every_item_once(self, kind: str, count: int) -> None:
        """Nothing is missing or doubled, also where there is nothing to do."""
        results = executor_of(kind).map(lambda item: item * 2, range(count))
        assert sorted(results) == [item * 2 for item in range(count)]

    def test_works_side_by_side(self, kind: str) -> None:
        """Four threads are inside the work at the same moment."""
        gate = threading.Barrier(4, timeout=10)
        assert len(list(executor_of(kind).map(lambda _: gate.wait(), range(4)))) == 4

    def test_is_no_wider_than_asked(self, kind: str) -> None:
        """So many threads at most are inside the work at a moment."""
        inside, most = 0, 0
        lock = threading.Lock()

        def work(item: int) -> int:
            nonlocal inside, most
            with lock:
                inside += 1
                most = max(most, inside)
            time.sleep(0.002)
            with lock:
                inside -= 1
            return item

        list(executor_of(kind, threads=3).map(work, range(60)))
        assert most <= 3

    def test_hands_results_over_as_they_are_done(self, kind: str) -> None:
        """A quick piece is not held back by a slow one that was begun before it."""
        results = executor_of(kind, 2).map(lambda item: slowly(item / 100)(item), [20, 1])
        assert list(results) == [1, 20]

    def test_takes_items_only_as_fast_as_it_works(self, kind: str) -> None:
        """A million cases are not read into memory."""
        taken = 0

        def source() -> Iterator[int]:
            nonlocal taken
            for item in range(1_000_000):
                taken += 1
                yield item

        results = executor_of(kind).map(slowly(0.001), source())
        for _ in range(10):
            next(results)
        assert taken < 1000
        results.close()  # type: ignore[attr-defined]  # it is a generator

    def test_an_error_ends_the_work(self, kind: str) -> None:
        """The error itself comes out, and not every item is still worked on."""
        done: list[int] = []

        def work(item: int) -> int:
            if item == 5:
                raise ValueError("broken")
            time.sleep(0.001)
            done.append(item)
            return item

        with pytest.raises(ValueError, match="broken"):
            list(executor_of(kind).map(work, range(10_000)))
        assert len(done) < 1000
