"""The number of threads that numpy multiplies with."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from suffice.models.nano import blas


class Setting:
    """A library's number of threads."""

    def __init__(self) -> None:
        self.count = 7

    def get(self) -> int:
        return self.count

    def put(self, count: int) -> None:
        self.count = count


def test_the_setting_is_restored_by_the_last_to_leave() -> None:
    """Two models that answer at a time do not take it from each other."""
    setting, both = Setting(), Barrier(2)
    threads = blas._Threads(setting.get, setting.put)

    def work(stays: bool) -> int:
        threads.enter()
        both.wait()
        if not stays:
            threads.leave()
        both.wait()
        count = setting.count
        if stays:
            threads.leave()
        return count

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(work, (True, False))) == [1, 1]
    assert setting.count == 7


def test_numpys_own_setting_is_as_before() -> None:
    """Whatever multiplies here."""
    threads = blas._threads()
    before = threads._get() if threads else None
    with blas.one_thread():
        assert threads is None or threads._get() == 1
    assert before == (threads._get() if threads else None)
