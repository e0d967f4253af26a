"""Files that are computed from model weights once a machine, and kept.

A file's name holds what it was made from and the sha256 of what it holds, so a damaged or half
written one is noticed and made anew, and nothing has to be kept in step. Two processes that make
the same file at once both succeed: each writes beside it and renames.
"""

import os
import sys
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile

from suffice.errors import DataError
from suffice.records import Source

_HASH_LETTERS = 64


def cache_folder(environment: Mapping[str, str] = os.environ, home: Path | None = None) -> Path:
    """$SUFFICE_CACHE, or where this platform keeps what can be made again."""
    if own := environment.get("SUFFICE_CACHE"):
        return Path(own)
    if sys.platform == "darwin":
        return (home or Path.home()) / "Library" / "Caches" / "suffice"
    if shared := environment.get("XDG_CACHE_HOME"):
        return Path(shared) / "suffice"
    return (home or Path.home()) / ".cache" / "suffice"


def derived(name: str, source: str, make: Callable[[], bytes], folder: Path | None = None) -> Path:
    """The file called `name` that is made from `source`, a digest of all that shapes it.

    Raises DataError where the cache folder cannot be written.
    """
    folder = folder or cache_folder() / "embedders"
    path = Path(name)
    start = f"{path.stem}-{source[:16]}-"
    for found in sorted(folder.glob(f"{start}*{path.suffix}")):
        said = found.stem.removeprefix(start)
        if len(said) == _HASH_LETTERS and said == _digest(found):
            return found
    content = make()
    final = folder / f"{start}{sha256(content).hexdigest()}{path.suffix}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(final, content)
    except OSError as error:
        raise DataError(
            f"cannot be written ({error.strerror}); set SUFFICE_CACHE to a folder that can",
            Source(str(folder)),
        ) from error
    for other in folder.glob(f"{start}*{path.suffix}"):
        if other != final:  # damaged, or written by another version of a library
            other.unlink(missing_ok=True)
    return final


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            total = sha256()
            while piece := stream.read(2**22):
                total.update(piece)
    except OSError:  # another process took it away, or it cannot be read: it is made anew
        return ""
    return total.hexdigest()


def _write(final: Path, content: bytes) -> None:
    with NamedTemporaryFile(dir=final.parent, prefix=".writing-", delete=False) as stream:
        try:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
            Path(stream.name).chmod(0o644)
            os.replace(stream.name, final)
        except BaseException:
            Path(stream.name).unlink(missing_ok=True)
            raise
