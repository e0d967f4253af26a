"""Where a training run stands, in one file that is replaced at once.

Weights, optimiser, chance and what was measured: a run that was killed goes on from here to the
same weights as one that was not. The file is ours, and is read as data, never as code.
"""

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from suffice.errors import DataError
from suffice.records import Source
from suffice.tune.files import replaced

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
