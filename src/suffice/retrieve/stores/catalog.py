"""What stands beside the tables of an index: its catalog, and the lock of who writes.

The catalog is one small file that says which folder holds which tenant's table. It is replaced
whole, by a rename, so that a new index, a new tenant and a compacted table come into being in one
moment. A folder that the catalog does not name is what a killed process left; the next writer
takes it away.
"""

import fcntl
import json
import os
import re
import shutil
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import msgspec

from suffice.errors import DataError, SufficeError
from suffice.records import Source
from suffice.retrieve.records import Stamp

LAYOUT = 2
FILE = "index.json"
TABLES = "tenants"
_LOCK = "lock"
_POLL_SECONDS = 0.05
_PLAIN = re.compile(r"[^a-z0-9-]")


@dataclass(frozen=True)
class Folder:
    """Where a tenant's table lies.

    `base` is added to the table's own version, so that versions grow when a table is written anew.
    `clean` says what the folder looked
    like when it was last compacted (version, files): if it still does, there is nothing to do.
    """

    name: str
    base: int = 0
    clean: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Catalog:
    """`folders` has each tenant's folder; `made` counts all that ever were, so no name returns."""

    layout: int = LAYOUT
    stamp: Stamp | None = None
    folders: Mapping[str, Folder] = field(default_factory=dict)
    made: int = 0

    def name(self, tenant: str) -> str:
        """A new folder's name for a tenant: readable where it can be, safe on any file system.

        Letters that some file systems hold for the same are spelt out; a long name is cut, and
        what tells it from others is the number.
        """
        plain = _PLAIN.sub(lambda sign: "_" + sign.group().encode().hex(), tenant)
        return f"{self.made + 1:06d}-{plain[:80]}"


def read_catalog(place: Path) -> Catalog:
    """An index that is not there has an empty catalog."""
    path = place / FILE
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return Catalog()
    try:
        layout = json.loads(data)["layout"]
        if layout == LAYOUT:
            return msgspec.json.decode(data, type=Catalog)
    except (ValueError, KeyError, TypeError, msgspec.MsgspecError) as error:
        raise DataError(
            f"the index's catalog is damaged ({error}); delete {place} and index again",
            Source(str(path)),
        ) from error
    raise DataError(
        f"this index was written by another version (layout {layout}, ours is {LAYOUT}); "
        f"use that version, or delete {place} and index again",
        Source(str(path)),
    )


def write_catalog(place: Path, catalog: Catalog) -> None:
    """Whoever reads sees the old one or the new one."""
    path = place / FILE
    new = path.with_suffix(".new")
    with new.open("wb") as file:
        file.write(msgspec.json.encode(catalog))
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    folder = os.open(place, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def sweep(place: Path, catalog: Catalog) -> None:
    """Takes away the folders that no catalog names. Only who holds the lock may."""
    tables = place / TABLES
    named = {folder.name for folder in catalog.folders.values()}
    for path in tables.iterdir() if tables.is_dir() else ():
        if path.name not in named:
            shutil.rmtree(path)
    (place / FILE).with_suffix(".new").unlink(missing_ok=True)


@contextmanager
def locked(place: Path, wait_seconds: float) -> Iterator[None]:
    """Holds the right to write. The system frees it when its process ends, however it ends."""
    place.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(place / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        _acquire(descriptor, place, wait_seconds)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, _holder().encode(), 0)
        try:
            yield
        finally:
            os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, place: Path, wait_seconds: float) -> None:
    until = time.monotonic() + wait_seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= until:
                holder = os.pread(descriptor, 500, 0).decode(errors="replace")
                raise SufficeError(
                    f"the index {place} is being written by {holder or 'another process'}; "
                    "wait until it is done, or stop it, and run this again"
                ) from None
            time.sleep(_POLL_SECONDS)


def _holder() -> str:
    """Who writes, without the command's arguments: they may name what is about to be forgotten."""
    since = datetime.now().astimezone().strftime("%H:%M:%S")
    program = Path(sys.argv[0]).name or "python"
    return f"process {os.getpid()} ({program}) on {socket.gethostname()} since {since}"
