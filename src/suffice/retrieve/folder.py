"""Which files of a folder are documents, in the same order every time.

A folder may be hostile: links are not followed, so nothing outside it is read, and only plain files
are opened, so no pipe or device can hold up or flood the reader.
"""

import os
import re
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from glob import escape
from hashlib import file_digest, sha256
from pathlib import Path

from suffice.errors import DataError
from suffice.records import Source
from suffice.retrieve.limits import within
from suffice.retrieve.records import Skipped

_LEFT_OUT = frozenset(("node_modules", "__pycache__"))
_LOCK = "~$"  # beside a file that Word has open
IGNORE = ".sufficeignore"  # names and patterns of files that are no documents, one a line
_IGNORE_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Entry:
    """A file to read. `id` is its path below the folder, with `/`."""

    id: str
    path: Path


def entries(place: Path) -> list[Entry | Skipped]:
    """All files below a folder, or the one file that was named; hidden ones are left out."""
    try:
        root = place.resolve(strict=True)
        if not root.is_dir():
            return [Entry(place.name, root)]
    except FileNotFoundError:
        raise DataError("there is no such file or folder", Source(str(place))) from None
    except (OSError, ValueError, RuntimeError) as error:  # NUL in the name, a circle of links
        raise DataError(f"cannot be read: {error}", Source(repr(str(place)))) from None
    ignored = _ignored(root)
    found = [each for each in _below(root, root, "") if not _matches(_id(each), ignored)]
    return sorted(found, key=_id)


def unignored(place: Path, names: Iterable[str]) -> list[str]:
    """Those of the names that the folder's IGNORE file does not leave out."""
    ignored = _ignored(place)
    return [name for name in names if not _matches(name, ignored)]


def ignoring(name: str) -> str:
    """The line of an IGNORE file that means this one name, and nothing that looks like it."""
    pattern = escape(name)
    for edge in (r"^[#\s]", r"(?!^)\s$"):  # else a remark, or taken off as white space
        pattern = re.sub(edge, lambda found: f"[{found[0]}]", pattern)
    return pattern


def folder_digest(place: Path) -> str:
    """One line for all that the files of a folder hold, under their names."""
    found = sha256()
    for each in entries(place):
        if isinstance(each, Entry):
            found.update(f"{each.id}\0".encode())
            # What cannot be read is told when it is indexed.
            with suppress(OSError), each.path.open("rb") as file:
                found.update(file_digest(file, "sha256").digest())
    return found.hexdigest()


def _id(each: Entry | Skipped) -> str:
    return each.id if isinstance(each, Entry) else each.path


def _ignored(root: Path) -> list[str]:
    """The patterns of a folder's IGNORE file; a line that begins with # is a remark."""
    path = root / IGNORE
    if not path.exists():
        return []
    if not path.stat().st_size:
        return []
    try:
        lines = content(path, _IGNORE_BYTES).decode("utf-8-sig").splitlines()
    except (DataError, UnicodeDecodeError) as error:
        raise DataError(f"cannot be read: {error}", Source(str(path))) from None
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def _matches(name: str, patterns: list[str]) -> bool:
    """`notes.csv` and `*.log` mean files at the top, `drafts/` all below it, `*/x` any below."""
    return any(
        name.startswith(pattern)
        if pattern.endswith("/")
        else fnmatchcase(name, pattern) and ("/" in pattern or "/" not in name)
        for pattern in patterns
    )


def _below(root: Path, folder: Path, prefix: str) -> Iterator[Entry | Skipped]:
    waiting = [(folder, prefix)]
    while waiting:
        folder, prefix = waiting.pop()
        try:
            with os.scandir(folder) as scanned:
                inside = list(scanned)
        except OSError as error:
            yield Skipped(prefix.rstrip("/") or ".", f"cannot be listed: {error.strerror}")
            continue
        for each in inside:
            if _hidden(each.name):
                continue
            name = prefix + each.name
            if reason := _bad_name(each.name):
                yield Skipped(_shown(name), reason)
            elif each.is_symlink():
                if reason := _bad_link(root, Path(each.path)):
                    yield Skipped(name, reason)
            elif each.is_dir(follow_symlinks=False):
                waiting.append((Path(each.path), f"{name}/"))
            elif each.is_file(follow_symlinks=False):
                yield Entry(name, Path(each.path))
            else:
                yield Skipped(name, "not a file: a pipe, a socket or a device")


def content(path: Path, limit_bytes: int) -> bytes:
    """A plain file's bytes. What became of the path since it was listed is looked at anew."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise DataError("not a file: a folder, a pipe, a socket or a device")
            within(os.fstat(descriptor).st_size, limit_bytes, "the file has", "file_bytes")
            data = file.read(limit_bytes + 1)
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}") from None
    within(len(data), limit_bytes, "the file has", "file_bytes")  # it may have grown
    if not data:
        raise DataError("empty")
    return data


def _hidden(name: str) -> bool:
    return name.startswith((".", _LOCK)) or name in _LEFT_OUT


def _bad_name(name: str) -> str:
    try:
        name.encode()
    except UnicodeEncodeError:
        return "its name is not UTF-8; rename it"
    return "" if name.isprintable() else "its name holds a control character; rename it"


def _shown(name: str) -> str:
    written = name.encode("utf-8", "backslashreplace").decode()
    return "".join(each if each.isprintable() else f"\\x{ord(each):02x}" for each in written)


def _bad_link(root: Path, link: Path) -> str:
    """Why what a link points to is not read. Nothing where it is read under its own name."""
    try:
        target = link.resolve(strict=True)
    except (OSError, RuntimeError):
        return "a link to nothing"
    if not target.is_relative_to(root):
        return "a link out of the folder"
    if any(_hidden(part) for part in target.relative_to(root).parts):
        return "a link to what is left out"
    return ""
