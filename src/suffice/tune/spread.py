"""A training that is spread over processes of one machine or several: each does its share of every
batch, and the gradients are added up.

The batches stay those of one process, so that the same examples give the same weights but for how
sums are rounded. Every process holds the whole model: it is for speed, not for models that do not
fit. What each of the processes runs is in spread_worker.py.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, TypeVar

import torch
from torch import distributed

from suffice.errors import SufficeError, UsageError
from suffice.records import Example, Json, as_json
from suffice.tune.files import replaced

T = TypeVar("T")
_SHOWN = 800  # characters of an error


@dataclass(frozen=True, slots=True)
class Spread:
    """Which of how many processes this is, counted from 0."""

    rank: int = 0
    processes: int = 1

    @property
    def first(self) -> bool:
        """The one that saves and tells."""
        return self.rank == 0

    def share(self, lines: Sequence[T]) -> Sequence[T]:
        """What this process does of a batch: nothing, where there are more processes than lines."""
        return lines[self.rank :: self.processes]

    def add_up(self, tensors: Sequence[torch.Tensor]) -> None:
        """Each becomes the sum of what it is in all processes."""
        if self.processes > 1:
            for tensor in tensors:
                distributed.all_reduce(tensor)

    def total(self, *numbers: float) -> list[float]:
        """The sums over all processes, the same in each of them."""
        summed = torch.tensor(numbers, dtype=torch.float64)
        if self.processes > 1 and distributed.get_backend() == "nccl":
            summed = summed.cuda()
        self.add_up([summed])
        return [float(each) for each in summed]


ALONE = Spread()


# ---------------------------------------------------------------- from the process that waits


@dataclass(frozen=True)
class Order:
    """What the processes are to train: all that makes a job, as a file that each of them reads."""

    model: str
    folder: str
    recipe: Mapping[str, Json]
    examples: tuple[Example, ...]
    prompt: str
    place: str


def launched(order: Order, file: Path, processes: int) -> Iterator[dict[str, Json]]:
    """Starts the processes and gives what the first of them tells, until they have ended."""
    if torch.cuda.is_available() and processes > torch.cuda.device_count():
        raise UsageError(
            f"{processes} processes need a GPU each, and {torch.cuda.device_count()} are here"
        )
    replaced(file, lambda part: part.write_bytes(as_json(order)))
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += [f"--nproc-per-node={processes}", "-m", "suffice.tune.spread_worker", str(file)]
    error = ""
    with (
        TemporaryFile("w+") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True) as running,  # noqa: S603 (our own module, by this Python)
    ):
        try:
            for line in running.stdout or ():
                told = _told(line)
                error = error or told.get("error", "")
                if "step" in told:
                    yield told
        except BaseException:
            running.terminate()
            raise
        running.wait()
        errors.seek(0)
        said = errors.read()[-_SHOWN:]
    if running.returncode:
        raise SufficeError(error or f"the processes ended with {running.returncode}: {said}")


def _told(line: str) -> dict[str, Any]:
    """Other libraries write to the same place; what is not ours is passed over."""
    try:
        told = json.loads(line)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
