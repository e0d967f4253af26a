"""What the lance store promises beyond the contract: disk, erasure, locks, memory."""

import gc
import json
import os
import random
import string
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from suffice.errors import DataError, SufficeError
from suffice.retrieve.ports import Change, Snapshot
from suffice.retrieve.records import Chunk, Filter, Found, Stamp
from suffice.retrieve.stores import lance, signs, snapshot
from suffice.retrieve.stores.lance import LanceStore
from suffice.retrieve.stores.words import terms

STAMP = Stamp(embedder="test", identity="1", dimensions=16, plan="256")


@pytest.fixture
def store(tmp_path: Path) -> LanceStore:
    made = LanceStore(tmp_path / "index", wait_seconds=0)
    made.begin(STAMP)
    return made


def rows(count: int, seed: int = 1) -> NDArray[np.float32]:
    made = np.random.default_rng(seed).standard_normal((count, 16)).astype(np.float32)
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    return made


def documents(seen: Snapshot, found: Sequence[Found]) -> list[str]:
    return [each.document for each in seen.read([each.row for each in found])]


def change(document: str, *texts: str, seed: int = 1) -> Change:
    chunks = [
        Chunk(f"{document}#{place}", document, text, place, place + 1, 1, text, title=document)
        for place, text in enumerate(texts)
    ]
    return Change(document, f"digest of {document}", chunks, rows(len(texts), seed))


def memories() -> int:
    """Of how many tables something is kept in memory."""
    gc.collect()
    return sum(isinstance(each, snapshot.TableMemory) for each in gc.get_objects())


def files(store: LanceStore) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in store.place.rglob("*") if path.is_file()}


def holding(store: LanceStore, canary: str) -> list[Path]:
    """The files with these characters, in UTF-8 or UTF-16, whole or in any part of 12."""
    parts = [canary[at : at + 12] for at in range(0, len(canary) - 11, 4)]
    needles = [part.encode(code) for part in parts for code in ("utf-8", "utf-16-le")]
    return [path for path, data in files(store).items() if any(each in data for each in needles)]


def test_compaction_leaves_no_byte_of_what_was_deleted(store: LanceStore) -> None:
    """Neither text nor terms nor name nor vector, in no file; before it, they are there."""
    noise = random.Random(3)
    canary = "".join(noise.choices(string.ascii_lowercase + string.digits, k=400))
    name = "".join(noise.choices(string.ascii_lowercase, k=60))
    word = "".join(noise.choices(string.ascii_lowercase, k=12))
    store.replace([change("kept", "nothing special", "here")])
    secret = change(name, f"{canary} {word}", seed=7)
    store.replace([secret, change("other", "more text")])
    store.replace([change(name)])
    numbers = np.array(list(terms(word)), np.uint32).tobytes()
    vector = secret.vectors[0].tobytes()
    assert holding(store, canary)
    assert holding(store, name)
    for needle in (numbers, vector):
        assert any(needle in data for data in files(store).values())
    store.compact()
    assert not holding(store, canary)
    assert not holding(store, name)
    assert not any(name in str(path) for path in files(store))
    for needle in (numbers, vector):
        assert not any(needle in data for data in files(store).values())
    assert set(store.documents()) == {"kept", "other"}


def test_compaction_also_removes_what_a_killed_writer_left(store: LanceStore) -> None:
    """In the folder of a table that is otherwise clean, and in folders that nobody names."""
    store.replace([change("kept", "text")])
    store.compact()
    (table,) = (store.place / "tenants").iterdir()
    (table / "chunks.lance" / "data" / ".tmpQ1w2").write_bytes(b"SECRET OF A KILLED WRITER")
    stray = store.place / "tenants" / "000099-" / "chunks.lance"
    stray.mkdir(parents=True)
    (stray / "x.lance").write_bytes(b"SECRET OF A KILLED WRITER")
    store.compact()
    assert not holding(store, "SECRET OF A KILLED WRITER")
    assert set(store.documents()) == {"kept"}


def test_compacting_what_is_clean_does_nothing(store: LanceStore) -> None:
    """Not a file is written."""
    store.replace([change("kept", "text")])
    store.compact()
    before = files(store)
    store.compact()
    assert files(store) == before


def test_a_tenant_without_documents_loses_its_name(store: LanceStore) -> None:
    """The name of a customer that was deleted is not kept."""
    store.replace([change("a", "text")], tenant="acme-gmbh")
    store.replace([change("a")], tenant="acme-gmbh")
    store.compact()
    assert not holding(store, "acme-gmbh-acme-gmbh"[:12])
    assert not any("acme" in str(path) for path in store.place.rglob("*"))


def test_many_documents_are_one_commit_and_each_change_is_one_version(store: LanceStore) -> None:
    """Versions count commits."""
    store.replace([change(f"d{number}", "one", "two") for number in range(300)])
    first = store.status().version
    assert first <= 2
    store.replace([change("d7", "new")])
    store.replace([change("d8")])
    store.replace([change("d9", "new"), change("d10"), change("e", "new")])
    assert store.status().version == first + 3


def test_single_changes_are_merged_before_they_fill_the_disk(
    store: LanceStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number of files stays bounded, and what is found stays the same."""
    monkeypatch.setattr(lance, "_FRAGMENTS", 4)
    for number in range(14):
        store.replace([change(f"d{number}", f"text word{number}")])
    fragments = store._table("").stats()["fragment_stats"]["num_fragments"]
    assert fragments <= 6
    assert len(store.documents()) == 14
    assert documents(store.snapshot(), store.snapshot().matching("word3", 9, None)) == ["d3"]
    assert len(store.snapshot().nearest(rows(1)[0], 99, None)) == 14


def test_a_large_table_is_searched_by_signs_and_follows_changes(
    store: LanceStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """New rows are found, deleted ones are not, filters hold, and compaction changes nothing."""
    monkeypatch.setattr(signs, "EXACT_ROWS", 100)
    monkeypatch.setattr(signs, "SHORTLIST", 400)
    monkeypatch.setattr(signs, "_BLOCK", 256)
    vectors = rows(1200, seed=5)
    store.replace(
        [
            Change(f"d{number}", "", change(f"d{number}", "text").chunks, vectors[number][None])
            for number in range(1200)
        ]
    )
    found = store.snapshot().nearest(vectors[17], 10, None)
    assert documents(store.snapshot(), found)[0] == "d17"
    assert found[0].score == pytest.approx(1, abs=1e-3)
    exact = np.argsort(-(vectors @ vectors[17]))[:10]
    assert len(set(documents(store.snapshot(), found)) & {f"d{n}" for n in exact}) >= 9
    few = Filter(documents=frozenset({"d3", "d900", "new"}))
    assert len(store.snapshot().nearest(vectors[17], 10, few)) == 2

    store.replace([change("d17"), change("new", "text", seed=99)])
    for _ in range(2):
        after = store.snapshot()
        assert documents(after, after.nearest(rows(1, seed=99)[0], 1, None)) == ["new"]
        assert documents(after, after.nearest(vectors[17], 1, None)) != ["d17"]
        store.compact()


def test_texts_are_read_alike_from_memory_and_from_disk(
    store: LanceStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also after changes; a version reads what it had."""
    store.replace([change("a", "one"), change("b", "two", "three")])
    old = store.snapshot()
    held = old.matching("one two three", 9, None)
    assert sorted(documents(old, held)) == ["a", "b", "b"]
    store.replace([change("a", "four"), change("c", "five")])
    for most in (10**6, 0):
        monkeypatch.setattr(snapshot, "TEXTS", most)
        opened = LanceStore(store.place).snapshot()
        found = opened.matching("two four five", 9, None)
        chunks = opened.read([each.row for each in found])
        assert sorted(each.text for each in chunks) == ["five", "four", "two"]
        assert [opened.read([each.row])[0] for each in found] == chunks
    assert sorted(each.text for each in old.read([each.row for each in held])) == [
        "one",
        "three",
        "two",
    ]


def test_a_second_writer_is_told_who_writes(store: LanceStore) -> None:
    """Another process cannot write meanwhile, can read, and can write afterwards."""
    store.replace([change("a", "text")])
    code = (
        "import sys; from pathlib import Path\n"
        "from suffice.retrieve.stores.lance import LanceStore\n"
        "store = LanceStore(Path(sys.argv[1]), wait_seconds=0)\n"
        "print(dict(store.documents()), flush=True)\n"
        "with store.writing(): print('wrote')\n"
    )

    def other() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", code, str(store.place)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    with store.writing():
        refused = other()
    assert "digest of a" in refused.stdout
    assert "wrote" not in refused.stdout
    assert f"is being written by process {os.getpid()}" in refused.stderr
    assert "wrote" in other().stdout


def test_a_second_store_in_one_process_waits_or_is_refused(store: LanceStore) -> None:
    """The lock is the place's, not the object's."""
    with store.writing(), pytest.raises(SufficeError, match="is being written by process"):
        LanceStore(store.place, wait_seconds=0).replace([change("a", "text")])


def test_a_lost_snapshot_says_why(store: LanceStore) -> None:
    """Compaction takes old versions away, and a reader of one is told to take a new one."""
    store.replace([change("a", "text")])
    store.replace([change("a", "new text")])
    old = store.snapshot()
    LanceStore(store.place).compact()
    with pytest.raises(DataError, match="compacted"):
        old.chunks("a")
    assert [chunk.text for chunk in store.snapshot().chunks("a")] == ["new text"]


def test_a_reader_lets_go_of_what_another_compacted_away(store: LanceStore) -> None:
    """However often, and of a tenant who is gone altogether: only what is there is in memory."""
    reader = LanceStore(store.place)
    before = memories()
    for text in ("one", "two", "three"):
        store.replace([change("a", text)])
        store.replace([change("a", text)], tenant="acme")
        store.compact()
        for tenant in ("", "acme"):
            assert reader.snapshot(tenant).nearest(rows(1)[0], 1, None)
    assert memories() - before == 2 + 2  # the reader's and the writer's

    store.replace([change("a")], tenant="acme")
    store.compact()
    assert not reader.documents("acme")
    assert memories() - before == 1 + 1


def test_readers_never_see_half_a_change(store: LanceStore) -> None:
    """While one thread rewrites a document, others read it: all of one writing or of another."""
    store.replace([change("a", *["0"] * 6), change("b", "stays")])
    stop, seen, failed = threading.Event(), set(), []

    def read() -> None:
        while not stop.is_set():
            texts = [chunk.text for chunk in store.snapshot().chunks("a")]
            seen.add(tuple(texts))
            if len(texts) != 6 or len(set(texts)) != 1:
                failed.append(texts)

    thread = threading.Thread(target=read)
    thread.start()
    for number in range(1, 6):
        store.replace([change("a", *[str(number)] * 6)])
    stop.set()
    thread.join()
    assert not failed
    assert seen


@pytest.mark.parametrize("data", [b"", b"{}", b'{"layout": 99}', b'{"layout": 1, "made": "x"}'])
def test_a_damaged_catalog_is_named(store: LanceStore, data: bytes) -> None:
    """With what to do about it."""
    (store.place / "index.json").write_bytes(data)
    with pytest.raises(DataError, match=r"index\.json.*index again"):
        store.documents()


def test_the_stored_files_are_plain_arrow_and_lance(store: LanceStore) -> None:
    """Others can read an index without us: the table opens as any LanceDB table."""
    store.replace([change("a", "text")])
    opened = store._table("").to_arrow()
    assert isinstance(opened, pa.Table)
    assert [json.loads(each)["text"] for each in opened["chunk"].to_pylist()] == ["text"]
