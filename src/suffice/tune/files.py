"""Files that are replaced at once, so that what was written before stays whole."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

from suffice.errors import SufficeError


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
