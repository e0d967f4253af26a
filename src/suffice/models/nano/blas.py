"""Holds numpy's products to one thread each while nano computes.

On busy cores the threads of OpenBLAS wait for one another in a spin: a product of 30 us then takes
8 ms. Nano's products are small; it uses more cores by reading several prompts at a time. Where
numpy multiplies with something other than OpenBLAS (Accelerate, MKL), nothing changes.
"""

import ctypes
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module

# As numpy's wheels name it, and as distributions do.
_NAMES = ("scipy_openblas_{}_num_threads64_", "scipy_openblas_{}_num_threads",
          "openblas_{}_num_threads64_", "openblas_{}_num_threads")  # fmt: skip


class _Threads:
    """The setting of the whole process, changed by the first to come and restored by the last."""

    def __init__(self, get: Callable[[], int], put: Callable[[int], None]) -> None:
        self._get, self._put = get, put
        self._lock = threading.Lock()
        self._within = self._before = 0

    def enter(self) -> None:
        with self._lock:
            if self._within == 0:
                self._before = self._get()
                self._put(1)
            self._within += 1

    def leave(self) -> None:
        with self._lock:
            self._within -= 1
            if self._within == 0:
                self._put(self._before)


@contextmanager
def one_thread() -> Iterator[None]:
    """Within, each product has one thread, whoever asks for it."""
    threads = _threads()
    if threads is None:
        yield
        return
    threads.enter()
    try:
        yield
    finally:
        threads.leave()


@cache
def _threads() -> _Threads | None:
    """A symbol is also looked for in the libraries that numpy's own module is linked with."""
    path = import_module("numpy.linalg._umath_linalg").__file__
    library = ctypes.CDLL(path)
    for name in _NAMES:
        get, put = (getattr(library, name.format(verb), None) for verb in ("get", "set"))
        if get is not None and put is not None:
            return _Threads(get, put)
    return None
