"""Threads: results as they are done, errors once, nothing read ahead."""

import threading
import time
from collections.abc import Iterator

import pytest

from suffice.executors.local import LocalExecutor


def test_every_item_is_worked_on_once() -> None:
    """Results come in any order and none is missing or doubled."""
    results = list(LocalExecutor(8).map(lambda item: item * 2, range(500)))
    assert sorted(results) == [item * 2 for item in range(500)]


def test_work_runs_side_by_side() -> None:
    """Eight threads are inside the work at the same moment."""
    gate = threading.Barrier(8, timeout=5)
    assert len(list(LocalExecutor(8).map(lambda _: gate.wait(), range(8)))) == 8


def test_items_are_taken_only_as_fast_as_they_are_worked_on() -> None:
    """A source of millions is not read into memory."""
    taken = 0

    def source() -> Iterator[int]:
        nonlocal taken
        for item in range(1_000_000):
            taken += 1
            yield item

    results = LocalExecutor(4).map(lambda _: time.sleep(0.001), source())
    next(results)
    results.close()  # type: ignore[attr-defined]  # it is a generator
    time.sleep(0.05)
    assert taken < 1000


def test_an_error_ends_the_work_and_is_raised_once_all_have_ended() -> None:
    """What was under way is finished and handed over before the error is raised."""
    started = threading.Barrier(2, timeout=5)
    results: list[str] = []

    def work(item: int) -> str:
        started.wait()
        if item == 0:
            raise ValueError("broken")
        time.sleep(0.05)
        return "finished"

    with pytest.raises(ValueError, match="broken"):
        results.extend(LocalExecutor(2).map(work, range(2)))
    assert results == ["finished"]
