"""What a training will take, before it begins: memory, time and dollars, from a few probe steps.

A probe step does everything that a step does but move the weights, on batches of the lengths that
will come: short, middle and the longest, which is the one that memory has to hold.
"""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from suffice.errors import UsageError
from suffice.tune.batches import Line
from suffice.tune.network import Network
from suffice.tune.train import Training

_PROBES = 6  # batches, the longest among them
_PER_WEIGHT = 4 * (2 + 1 + 2)  # bytes: two moments, the gradient, the best and the saved copy
_SPARE = 0.9  # of the memory that is free, what may be planned with
_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")


@dataclass(frozen=True, slots=True)
class Estimate:
    """`bytes` is the process's whole memory at its peak; `free` what it may have. None: unknown."""

    seconds: float
    tokens: int
    trained: int
    share: float
    bytes: int | None
    free: int | None
    usd: float | None = None

    @property
    def fits(self) -> bool:
        return self.bytes is None or self.free is None or self.bytes < _SPARE * self.free

    def __str__(self) -> str:
        size = "" if self.bytes is None else f", {self.bytes / 1e9:.1f} GB of memory"
        money = "" if self.usd is None else f", ${self.usd:.2f}"
        return (
            f"about {duration(self.seconds)}{size}{money}; {self.trained:,} weights are trained "
            f"({self.share:.1%} of all)"
        )


def estimate(training: Training, usd_per_hour: float | None = None) -> Estimate:
    """For all epochs: stopping early takes less."""
    network, lines = training.network, training.epoch(0)
    lines = sorted(lines, key=_padded)
    probes = [lines[at * (len(lines) - 1) // (_PROBES - 1)] for at in range(_PROBES)]
    weights = sum(weight.numel() for weight in network.trained.values())
    _step(network, probes[-1])  # the first step of its kind is slower than all others
    _reset_peak(network.device)
    padded, took = 0, 0.0
    for probe in probes:
        started = time.perf_counter()
        _step(network, probe)
        took += time.perf_counter() - started
        padded += _padded(probe)
    peak = _peak(network.device)
    an_epoch = sum(_padded(each) for each in lines)
    looks = 0.4 * sum(_padded([[row]]) for row in training.aside)  # no gradient: about a third
    seconds = (an_epoch + looks) * training.recipe.epochs * took / padded
    return Estimate(
        seconds=seconds,
        tokens=training.recipe.epochs * an_epoch,
        trained=weights,
        share=network.share,
        bytes=None if peak is None else peak + weights * _PER_WEIGHT,
        free=_free(network.device),
        usd=None if usd_per_hour is None else usd_per_hour * seconds / 3600,
    )


def refuse_what_does_not_fit(found: Estimate) -> None:
    if not found.fits:
        raise UsageError(
            f"this training needs about {(found.bytes or 0) / 1e9:.1f} GB of memory, and "
            f"{(found.free or 0) / 1e9:.1f} GB are free: set `examples_a_step` or `rank` lower "
            "under `tuning:` in suffice.yaml, or take a smaller model"
        )


def duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"


def _step(network: Network, lines: Sequence[Line]) -> None:
    network.adapted.train()
    network.learn(lines)
    for weight in network.trained.values():
        weight.grad = None


def _padded(lines: Sequence[Line]) -> int:
    return len(lines) * max(sum(len(row.tokens) for row in line) for line in lines)


def _reset_peak(device: str) -> None:
    """So that the peak is of what comes. Where the system keeps no peak that can be reset, memory
    stays unknown."""
    if device.startswith("cuda"):
        torch.cuda.reset_peak_memory_stats()
        return
    try:
        _CLEAR.write_text("5")
    except OSError:
        return


def _peak(device: str) -> int | None:
    if device.startswith("cuda"):
        return int(torch.cuda.max_memory_allocated())
    if not os.access(_CLEAR, os.W_OK):
        return None
    found = [line.split() for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM")]
    return int(found[0][1]) * 1024 if found else None


def _free(device: str) -> int | None:
    """What this process may have in all: what is free, and what it has already."""
    if device.startswith("cuda"):
        return int(torch.cuda.mem_get_info()[0]) + int(torch.cuda.memory_allocated())
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        own = [line.split() for line in _STATUS.read_text().splitlines()]
    except OSError:
        return None
    free = {line.split()[0]: int(line.split()[1]) * 1024 for line in lines}
    held = next(int(line[1]) * 1024 for line in own if line and line[0] == "VmRSS:")
    return free["MemAvailable:"] + held
