"""The process that the crash tests kill: one child for each line `PLACE OPERATION` on its input.

A child says its process id, waits for a byte, and does the operation. It is forked, because
importing the store takes longer than all that it does here. A `broken-` operation has the
protection taken out: it does in two steps what the store does in one.
"""

import os
import sys
import time
import warnings
from pathlib import Path

import numpy as np

from suffice.retrieve.ports import Change
from suffice.retrieve.records import Chunk, Stamp
from suffice.retrieve.stores import catalog as catalogs
from suffice.retrieve.stores import lance
from suffice.retrieve.stores.catalog import Catalog
from suffice.retrieve.stores.lance import LanceStore

STAMP = Stamp(embedder="test", identity="1", dimensions=4, plan="256")


def change(document: str, *texts: str) -> Change:
    chunks, start = [], 0
    for text in texts:
        end = start + len(text)
        chunks.append(Chunk(f"{document}#{start}-{end}", document, text, start, end, 1, text))
        start = end
    vectors = np.eye(4, dtype=np.float32)[[len(text) % 4 for text in texts]]
    return Change(document, f"digest of {texts}", chunks, vectors.reshape(-1, 4))


def prepare(place: Path) -> None:
    """The old state. One document was changed once already; one shares its file with another."""
    store = LanceStore(place)
    store.begin(STAMP)
    rest = change("b", "stays"), change("d", "stays too")
    store.replace([change("a", "old one", "old two", "old three"), *rest])
    store.replace([change("b", "stays", "and stays")])


def _broken_change(store: LanceStore) -> None:
    store.replace([change("a")])
    store.replace([change("a", "new one", "new two")])


def _broken_compact(store: LanceStore) -> None:
    """The old table goes before the new one is entered."""
    sweep = catalogs.sweep
    write = catalogs.write_catalog

    def early(place: Path, catalog: Catalog) -> None:
        sweep(place, catalog)
        write(place, catalog)

    vars(lance)["write_catalog"] = early
    store.compact()


OPERATIONS = {
    "add": lambda store: store.replace([change("c", "new one", "new two")]),
    "change": lambda store: store.replace([change("a", "new one", "new two")]),
    "delete": lambda store: store.replace([change("a")]),
    "tenant": lambda store: store.replace([change("a", "new one")], tenant="other"),
    "compact": lambda store: store.compact(),
    "begin": lambda store: store.begin(STAMP),
    "broken-change": _broken_change,
    "broken-compact": _broken_compact,
}


def main() -> None:
    warnings.simplefilter("ignore")  # LanceDB warns of forks; this one forks before its first use
    for line in sys.stdin:
        operation, place = line.rstrip("\n").split(" ", 1)
        child = os.fork()
        if not child:
            store = LanceStore(Path(place))
            store.documents()  # its threads are there before it is watched
            os.write(1, f"{os.getpid()}\n".encode())
            while not (Path(place).parent / "go").exists():
                time.sleep(0.005)
            OPERATIONS[operation](store)
            os._exit(0)
        os.waitpid(child, 0)
        os.write(1, b"done\n")


if __name__ == "__main__":
    main()
