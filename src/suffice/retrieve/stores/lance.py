"""An index in a folder of this machine, by LanceDB: vectors, full text and versions, no server.

Each tenant has a table in a folder of its own. One call of `replace` makes few commits, each of
whole documents: what a commit takes away and what it adds become visible in one version, which is
one rename on disk. Compaction writes the live rows into a new folder and removes the old one: no
byte of what was deleted can be in a file that was never written to before.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace as changed
from datetime import timedelta
from pathlib import Path
from typing import Any

import lancedb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from suffice.errors import DataError, UsageError
from suffice.records import Source
from suffice.retrieve.ports import Change, Snapshot, StoreOptions
from suffice.retrieve.records import Stamp, StoreStatus
from suffice.retrieve.stores.catalog import (
    TABLES,
    Catalog,
    Folder,
    locked,
    read_catalog,
    sweep,
    write_catalog,
)
from suffice.retrieve.stores.rows import among, schema, table
from suffice.retrieve.stores.snapshot import (
    EmptySnapshot,
    LanceSnapshot,
    TableMemory,
)

PLACE = ".suffice/index"
WAIT_SECONDS = 10.0
BATCH_CHUNKS = 8192  # a commit's: about 25 MB at 384 dimensions
BATCH_DOCUMENTS = 2000
_FRAGMENTS = 64  # small files that are merged when there are more, and one more a 1,000 rows
_KEPT = timedelta(seconds=60)  # how long an old version stays readable when files are merged
_TABLE = "chunks"


def create(place: str, options: StoreOptions) -> "LanceStore":
    return LanceStore(options.folder / (place or PLACE))


class LanceStore:
    """Safe for threads. Other processes' changes are seen by the next snapshot."""

    def __init__(self, place: Path, wait_seconds: float = WAIT_SECONDS) -> None:
        self.place = place.absolute()
        self._wait_seconds = wait_seconds
        self._writer = threading.RLock()
        self._depth = 0
        self._reader = threading.Lock()
        self._opened: dict[str, tuple[Any, TableMemory]] = {}
        self._latest: dict[str, tuple[tuple[str, ...], LanceSnapshot]] = {}

    def stamp(self) -> Stamp | None:
        return read_catalog(self.place).stamp

    def begin(self, stamp: Stamp) -> None:
        with self.writing():
            write_catalog(self.place, Catalog(stamp=stamp, made=self._catalog().made))
            sweep(self.place, self._catalog())

    def replace(self, changes: Iterable[Change], tenant: str = "") -> None:
        with self.writing():
            stamp = self._stamped()
            for batch in _batches(changes):
                if tenant not in self._catalog().folders:
                    if not any(change.chunks for change in batch):
                        continue
                    self._make(tenant, stamp)
                self._commit(tenant, batch, stamp)
            if tenant in self._catalog().folders:
                self._tidy(tenant)

    def documents(self, tenant: str = "") -> Mapping[str, str]:
        return self._snapshot(tenant).documents()

    def tenants(self) -> Sequence[str]:
        return [name for name in sorted(self._catalog().folders) if self.documents(name)]

    def snapshot(self, tenant: str = "") -> Snapshot:
        return self._snapshot(tenant)

    def vectors(
        self, digests: Sequence[str], tenant: str = ""
    ) -> Mapping[str, NDArray[np.float32]]:
        return self._snapshot(tenant).vectors(digests)

    def compact(self) -> None:
        with self.writing():
            for tenant in list(self._catalog().folders):
                self._rewrite(tenant)

    def status(self, tenant: str = "") -> StoreStatus:
        catalog = self._catalog()
        folder = catalog.folders.get(tenant)
        snapshot = self._snapshot(tenant)
        if folder is None or isinstance(snapshot, EmptySnapshot):
            return StoreStatus(0, 0, 0, 0, catalog.stamp)
        return StoreStatus(
            documents=len(snapshot.documents()),
            chunks=snapshot.table.count_rows(),
            bytes=sum(path.stat().st_size for path in self._files(folder)),
            version=folder.base + snapshot.version,
            stamp=catalog.stamp,
        )

    @contextmanager
    def writing(self) -> Iterator[None]:
        with self._writer:
            if self._depth:
                self._depth += 1
                try:
                    yield
                finally:
                    self._depth -= 1
                return
            with locked(self.place, self._wait_seconds):
                self._depth = 1
                try:
                    sweep(self.place, self._catalog())
                    yield
                finally:
                    self._depth = 0

    def _catalog(self) -> Catalog:
        return read_catalog(self.place)

    def _stamped(self) -> Stamp:
        stamp = self._catalog().stamp
        if stamp is None:
            raise UsageError(
                f"there is no index in {self.place}; make one first: suffice index add"
            )
        return stamp

    def _path(self, name: str) -> Path:
        return self.place / TABLES / name

    def _files(self, folder: Folder) -> list[Path]:
        return [path for path in self._path(folder.name).rglob("*") if path.is_file()]

    def _connection(self, name: str) -> tuple[Any, TableMemory]:
        opened = self._opened.get(name)
        if opened is None:  # a reader may take it away at any moment
            connection = lancedb.connect(
                str(self._path(name)), read_consistency_interval=timedelta(0)
            )
            opened = self._opened[name] = connection, TableMemory()
        return opened

    def _let_go(self, catalog: Catalog) -> None:
        """Of the folders that were compacted away, by whatever process: what they held may be
        forgotten by now. For who holds `_reader`."""
        named = {folder.name for folder in catalog.folders.values()}
        for name in set(self._opened) - named:
            self._opened.pop(name, None)
        self._latest = {
            tenant: each for tenant, each in self._latest.items() if each[0][0] in named
        }

    def _table(self, tenant: str) -> Any:
        """The newest version, to be written to."""
        return self._connection(self._catalog().folders[tenant].name)[0].open_table(_TABLE)

    def _snapshot(self, tenant: str) -> LanceSnapshot | EmptySnapshot:
        """The newest version; the last one again if nothing was written since."""
        with self._reader:
            catalog = self._catalog()
            self._let_go(catalog)
            folder = catalog.folders.get(tenant)
            while folder is not None:
                try:
                    return self._newest(tenant, folder.name)
                except (OSError, RuntimeError, ValueError) as error:
                    before, folder = folder, self._catalog().folders.get(tenant)
                    if folder == before:
                        raise DataError(
                            f"the index cannot be read ({error}); delete it and index again",
                            Source(str(self._path(before.name))),
                        ) from error  # else it was compacted between two looks
            return EmptySnapshot()

    def _newest(self, tenant: str, name: str) -> LanceSnapshot:
        path = self._path(name)
        versions = (path / f"{_TABLE}.lance" / "_versions").iterdir()
        seen = (name, *sorted(each.name for each in versions))
        if tenant not in self._latest or self._latest[tenant][0] != seen:
            connection, memory = self._connection(name)
            handle = connection.open_table(_TABLE)
            handle.checkout(handle.version)
            self._latest[tenant] = seen, LanceSnapshot(handle, path, memory)
        return self._latest[tenant][1]

    def _make(self, tenant: str, stamp: Stamp) -> None:
        """An empty table for a tenant. It exists once the catalog names it."""
        catalog = self._catalog()
        name = catalog.name(tenant)
        self._connection(name)[0].create_table(_TABLE, schema=schema(stamp.dimensions))
        self._enter(catalog, tenant, Folder(name))

    def _enter(self, catalog: Catalog, tenant: str, folder: Folder) -> None:
        folders = {**catalog.folders, tenant: folder}
        made = catalog.made + (catalog.folders.get(tenant, Folder("")).name != folder.name)
        write_catalog(self.place, changed(catalog, folders=folders, made=made))

    def _commit(self, tenant: str, batch: Sequence[Change], stamp: Stamp) -> None:
        """One version: what the documents had goes, what they have comes."""
        handle = self._table(tenant)
        held = self._snapshot(tenant).documents()
        gone = among("document", [each.document for each in batch if each.document in held])
        rows = table(batch, (int(handle.version) + 1) << 32, stamp.dimensions)
        if gone == "false":
            if rows.num_rows:
                handle.add(rows)
        elif rows.num_rows:
            # new rows match none that is there, so the documents' old ones are those unmatched
            merge = handle.merge_insert("seq").when_not_matched_insert_all()
            merge.when_not_matched_by_source_delete(gone).execute(rows)
        else:
            handle.delete(gone)

    def _tidy(self, tenant: str) -> None:
        """Merges small files."""
        handle = self._table(tenant)
        fragments = handle.stats()["fragment_stats"]["num_fragments"]
        if fragments > _FRAGMENTS + handle.count_rows() // 1000:
            handle.optimize(cleanup_older_than=_KEPT, delete_unverified=True)

    def _rewrite(self, tenant: str) -> None:
        catalog = self._catalog()
        old = catalog.folders[tenant]
        source = self._table(tenant)
        version, rows = int(source.version), source.count_rows()
        if (version, len(self._files(old))) == old.clean:
            return
        if rows:
            name = catalog.name(tenant)
            self._connection(name)[0].create_table(
                _TABLE, data=pa.RecordBatchReader.from_batches(source.schema, _renumbered(source))
            )
            new = self._connection(name)[0].open_table(_TABLE)
            folder = Folder(name, old.base + version)
            clean = int(new.version), len(self._files(folder))
            self._enter(catalog, tenant, changed(folder, clean=clean))
        else:
            folders = {key: value for key, value in catalog.folders.items() if key != tenant}
            write_catalog(self.place, changed(catalog, folders=folders))
        with self._reader:
            self._let_go(self._catalog())
        sweep(self.place, self._catalog())


def _batches(changes: Iterable[Change]) -> Iterator[list[Change]]:
    """Whole documents, as many as make a commit worth while. Of two for one the later holds."""
    batch: dict[str, Change] = {}
    chunks = 0
    for change in changes:
        batch[change.document] = change
        chunks += len(change.chunks)
        if chunks >= BATCH_CHUNKS or len(batch) >= BATCH_DOCUMENTS:
            yield list(batch.values())
            batch, chunks = {}, 0
    if batch:
        yield list(batch.values())


def _renumbered(source: Any) -> Iterator[pa.RecordBatch]:
    first = 0
    names = source.schema.names
    for batch in source.search(None).select(names).limit(None).to_batches():
        seqs = pa.array(np.arange(first, first + batch.num_rows, dtype=np.int64))
        columns = [seqs if name == "seq" else batch.column(name) for name in names]
        yield pa.RecordBatch.from_arrays(columns, schema=source.schema)
        first += batch.num_rows
