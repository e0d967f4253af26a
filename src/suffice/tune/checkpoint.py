"""Where a training run stands, in one file that is replaced at once.

Weights, optimiser, chance and what was measured: a run that was killed goes on from here to the
same weights as one that was not. The file is ours, and is read as data, never as code.
"""

import errno
import os
import pickle
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch

from suffice.errors import DataError, SufficeError
from suffice.records import Source

FILE = "checkpoint.pt"


def save(folder: Path, state: Mapping[str, Any]) -> None:
    """Raises SufficeError where the disk is full; the last checkpoint is then still whole."""
    replaced(folder / FILE, lambda part: torch.save(dict(state), part))


def load(folder: Path) -> dict[str, Any] | None:
    """None where there is none."""
    path = folder / FILE
    if not path.exists():
        return None
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, EOFError, OSError, ValueError, pickle.UnpicklingError) as error:
        raise DataError(
            f"this checkpoint is damaged ({error}); delete it and the training begins anew",
            Source(str(path)),
        ) from error
    return state


def replaced(path: Path, write: Callable[[Path], object]) -> None:
    """Writes a file beside and puts it in place at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    try:
        write(part)
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(path)
    except (OSError, RuntimeError) as error:
        part.unlink(missing_ok=True)
        full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
        if full or "PytorchStreamWriter" in str(error) or "enforce fail" in str(error):
            raise SufficeError(
                f"{path} could not be written: {error}. Make room and run again; what was saved "
                "before is whole, and the training goes on from there"
            ) from error
        raise
