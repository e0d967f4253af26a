"""What every store must do, run on each that is found.

A new store needs one entry in PLACES: a place that it can open under a folder of its own.
"""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from suffice import plugins
from suffice.errors import UsageError
from suffice.retrieve.ports import Change, Snapshot, Store, StoreOptions
from suffice.retrieve.records import Chunk, Filter, Found, Stamp

PLACES = {"lance": "index"}
STAMP = Stamp(embedder="test", identity="1", dimensions=4, plan="256")
Open = Callable[[], Store]


@pytest.fixture(params=plugins.names("store"))
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    """Opens the store anew at the same place, as another process would."""
    name = request.param
    assert name in PLACES, f"store {name!r} has no entry in PLACES in {__file__}: add one"
    create = plugins.load("store", name)

    def opened() -> Store:
        store: Store = create(PLACES[name], StoreOptions(folder=tmp_path))
        return store

    return opened


@pytest.fixture
def store(reopen: Open) -> Store:
    made = reopen()
    made.begin(STAMP)
    return made


def chunk(document: str, text: str, start: int = 0, **more: object) -> Chunk:
    end = start + len(text)
    values = {"tokens": len(text.split()), "digest": f"digest of {text}", **more}
    return Chunk(f"{document}#{start}-{end}", document, text, start, end, **values)  # type: ignore[arg-type]


def unit(*numbers: float) -> NDArray[np.float32]:
    vector = np.asarray(numbers, np.float32)
    return vector / np.float32(np.linalg.norm(vector))


def change(document: str, *texts: str, **more: object) -> Change:
    """One chunk a text, one after the other; its vector is how often it has a, b, c and d."""
    chunks, start = [], 0
    for text in texts:
        chunks.append(chunk(document, text, start, **more))
        start += len(text)
    return Change(document, f"bytes of {texts}", chunks, vectors(texts))


def vectors(texts: Sequence[str]) -> NDArray[np.float32]:
    rows = [unit(*(text.lower().count(letter) + 0.01 for letter in "abcd")) for text in texts]
    return np.asarray(rows, np.float32).reshape(-1, 4)


def gone(document: str) -> Change:
    return Change(document, "", (), np.zeros((0, 4), np.float32))


def ids(snapshot: Snapshot, found: Sequence[Found]) -> list[str]:
    return [each.document for each in snapshot.read([each.row for each in found])]


def test_a_new_place_is_empty(reopen: Open) -> None:
    """It has no stamp, no tenants and no documents, and finds nothing."""
    store = reopen()
    assert store.stamp() is None
    assert list(store.tenants()) == []
    assert store.documents() == {}
    assert store.snapshot().nearest(unit(1, 0, 0, 0), 3, None) == []
    assert store.snapshot().matching("word", 3, None) == []
    assert store.snapshot().chunks("a") == []
    assert store.vectors(["digest"]) == {}
    assert store.status().chunks == 0


def test_writing_before_begin_is_refused(reopen: Open) -> None:
    """Without a stamp nobody would know what the vectors mean."""
    with pytest.raises(UsageError, match="suffice index"):
        reopen().replace([change("a", "aa")])


def test_what_is_written_comes_back_whole(store: Store, reopen: Open) -> None:
    """Every field of a chunk, in another process too."""
    full = chunk(
        "dir/ä 'quoted'.md",
        "aa bb\n\U0001f600",
        5,
        title="T",
        headings=("One", "Two"),
        page=3,
        parent=(0, 90),
        context="Two: about a",
        dated="2026-02-01",
        meta={"language": "de", "team": "a'b\"c"},
    )
    bare = chunk("dir/ä 'quoted'.md", "", 90)
    store.replace([Change(full.document, "digest", (full, bare), vectors(["aa", "bb"]))])
    assert reopen().snapshot().chunks(full.document) == [full, bare]
    assert reopen().documents() == {full.document: "digest"}
    assert reopen().stamp() == STAMP
    assert list(reopen().tenants()) == [""]


def test_nearest_is_by_cosine_best_first(store: Store) -> None:
    """The length of the question's vector does not matter; opposite ones are found last."""
    opposite = Change("minus", "m", [chunk("minus", "text")], -vectors(["a"]))
    store.replace([change("a", "aaaa"), change("ab", "aabb"), change("b", "bbbb"), opposite])
    found = store.snapshot().nearest(unit(1, 0, 0, 0) * 5, 4, None)
    assert ids(store.snapshot(), found) == ["a", "ab", "b", "minus"]
    assert found[0].score == pytest.approx(1, abs=1e-3)
    assert found[3].score == pytest.approx(-1, abs=1e-3)
    assert len(store.snapshot().nearest(unit(1, 0, 0, 0), 2, None)) == 2


def test_rows_are_read_in_the_order_in_which_they_are_asked_for(store: Store) -> None:
    """Also one twice, and read again."""
    store.replace([change("a", "aaaa"), change("b", "aabb"), change("c", "cccc")])
    snapshot = store.snapshot()
    first, second, third = (each.row for each in snapshot.nearest(unit(3, 2, 1, 0), 3, None))
    for _ in range(2):
        chunks = snapshot.read([third, first, third, second])
        assert [each.document for each in chunks] == ["c", "b", "c", "a"]
    assert snapshot.read([]) == []


def test_matching_finds_words_in_any_form_and_in_the_context(store: Store) -> None:
    """Stems, case and the context count; stop words do not."""
    store.replace(
        [
            change("cats", "The small CATS were running."),
            change("context", "Nothing here.", context="Handbook of zebras"),
            change("other", "The dog and the bird."),
        ]
    )
    snapshot = store.snapshot()
    assert ids(snapshot, snapshot.matching("a cat runs", 5, None)) == ["cats"]
    assert ids(snapshot, snapshot.matching("zebra", 5, None)) == ["context"]
    assert snapshot.matching("the and", 5, None) == []
    assert snapshot.matching("", 5, None) == []


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("order QX-204 now", "qx-204"),
        ("order QX-204 now", "QX204"),
        ("order QX204 now", "qx204"),
        ("set max_tokens=5", "max_tokens"),
        ("set max_tokens=5", "tokens"),
        ("die Größe der Straße", "GRÖSSE straße"),
        ("東京タワーは高い", "タワー"),
        ("цены на дома", "дома"),
        ("since version 1.2.3", "1.2.3"),
    ],
)
def test_matching_finds_codes_and_other_scripts(store: Store, text: str, query: str) -> None:
    """Whole or in parts, as people write them."""
    store.replace([change("hit", text), change("miss", "something else 205 204x max")])
    assert ids(store.snapshot(), store.snapshot().matching(query, 1, None)) == ["hit"]


def test_matching_ranks_rare_words_and_short_texts_first(store: Store) -> None:
    """As BM25 does."""
    store.replace(
        [
            change("rare", "common walrus"),
            change("long", "walrus " + "filler words stand here " * 20),
            *(change(f"c{number}", "common common") for number in range(5)),
        ]
    )
    found = store.snapshot().matching("common walrus", 10, None)
    assert ids(store.snapshot(), found)[:2] == ["rare", "long"]
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (Filter(documents=frozenset({"new", "b'c"})), {"new", "b'c"}),
        (Filter(documents=frozenset()), set()),
        (Filter(meta={"team": "x"}), {"old", "new"}),
        (Filter(meta={"team": "x", "kind": "k"}), {"new"}),
        (Filter(meta={"team": "x' OR 'a'='a"}), set()),
        (Filter(since="2026-01-01"), {"new"}),
        (Filter(until="2025-12-31"), {"old"}),
        (Filter(since="2025-01-01", until="2025-01-01"), {"old"}),
        (Filter(), {"old", "new", "b'c"}),
    ],
)
def test_filters_hold_before_the_search(store: Store, where: Filter, expected: set[str]) -> None:
    """In both legs, and k are found where k exist, however many nearer ones are filtered out."""
    crowd = [change(f"crowd{number}", "aaaa word word", dated="2024-01-01") for number in range(30)]
    store.replace(
        [
            *crowd,
            change("old", "bb word", dated="2025-01-01", meta={"team": "x"}),
            change("new", "cc word", dated="2026-01-01", meta={"team": "x", "kind": "k"}),
            change("b'c", "dd word"),
        ]
    )
    snapshot = store.snapshot()
    for found in (
        snapshot.nearest(unit(1, 0, 0, 0), 100, where),
        snapshot.matching("word", 100, where),
    ):
        assert {name for name in ids(snapshot, found) if not name.startswith("crowd")} == expected
        crowds = sum(name.startswith("crowd") for name in ids(snapshot, found))
        assert crowds == (30 if where in (Filter(), Filter(until="2025-12-31")) else 0)


def test_a_changed_document_leaves_nothing_of_the_old(store: Store) -> None:
    """Neither chunks nor words nor vectors, even if it became shorter; the others stay."""
    store.replace([change("a", "aa walrus", "ab walrus"), change("b", "bb walrus")])
    store.replace([change("a", "cc zebra")])
    snapshot = store.snapshot()
    assert [each.text for each in snapshot.chunks("a")] == ["cc zebra"]
    assert ids(snapshot, snapshot.matching("walrus", 5, None)) == ["b"]
    assert ids(snapshot, snapshot.matching("zebra", 5, None)) == ["a"]
    assert ids(snapshot, snapshot.nearest(unit(1, 0, 0, 0), 5, None)).count("a") == 1
    assert store.status().chunks == 2


def test_a_document_without_chunks_is_deleted(store: Store) -> None:
    """Also in the same call as others, and one that never was there."""
    store.replace([change("a", "aa"), change("b", "bb"), gone("never")])
    store.replace([gone("a"), change("c", "cc")])
    assert set(store.documents()) == {"b", "c"}
    store.replace([gone("b"), gone("c")])
    assert store.documents() == {}
    assert list(store.tenants()) == []
    assert store.snapshot().matching("bb", 5, None) == []


def test_of_two_changes_to_a_document_the_later_holds(store: Store) -> None:
    """Within one call."""
    store.replace([change("a", "first"), change("b", "bb"), change("a", "second")])
    assert [each.text for each in store.snapshot().chunks("a")] == ["second"]
    store.replace([change("b", "again"), gone("b")])
    assert set(store.documents()) == {"a"}


def test_a_snapshot_does_not_move(store: Store, reopen: Open) -> None:
    """What another process writes is seen by the next snapshot and not by this one."""
    store.replace([change("a", "aa walrus"), change("b", "bb walrus")])
    before = store.snapshot()
    reopen().replace([change("a", "aa zebra"), gone("b"), change("c", "cc walrus")])
    assert set(ids(before, before.matching("walrus", 5, None))) == {"a", "b"}
    assert set(ids(before, before.nearest(unit(0, 1, 0, 0), 5, None))) == {"a", "b"}
    after = store.snapshot()
    assert ids(after, after.matching("walrus", 5, None)) == ["c"]
    assert [each.text for each in after.chunks("a")] == ["aa zebra"]
    assert [each.text for each in before.chunks("a")] == ["aa walrus"]
    assert before.matching("zebra", 5, None) == []


def test_tenants_share_nothing(store: Store, reopen: Open) -> None:
    """Whatever their names look like; a document's id may return in each."""
    names = ["", "acme", "ACME", "../acme", "a/b", "é" * 100, "é" * 99 + "e", "_", "x' OR 1=1"]
    for number, name in enumerate(names):
        store.replace([change("same", f"word{number} aa")], tenant=name)
    assert sorted(reopen().tenants()) == sorted(names)
    for number, name in enumerate(names):
        snapshot = reopen().snapshot(name)
        assert [each.text for each in snapshot.chunks("same")] == [f"word{number} aa"]
        assert len(snapshot.nearest(unit(1, 0, 0, 0), 50, None)) == 1
    store.replace([gone("same")], tenant="acme")
    assert sorted(store.tenants()) == sorted(set(names) - {"acme"})


def test_vectors_are_found_by_the_digests_of_chunks(store: Store) -> None:
    """So that nothing unchanged is embedded again."""
    made = change("a", "aa", "bb", "cc")
    store.replace([made])
    found = store.vectors(["digest of bb", "digest of zz", "digest of aa"])
    assert set(found) == {"digest of aa", "digest of bb"}
    assert np.allclose(found["digest of bb"], made.vectors[1], atol=1e-6)


def test_begin_starts_from_nothing(store: Store, reopen: Open) -> None:
    """With the new stamp, for every tenant."""
    store.replace([change("a", "aa")])
    store.replace([change("a", "aa")], tenant="t")
    other = Stamp(embedder="other", identity="2", dimensions=2, plan="512")
    store.begin(other)
    for seen in (store, reopen()):
        assert seen.stamp() == other
        assert seen.documents() == {}
        assert list(seen.tenants()) == []
    store.replace([Change("a", "d", [chunk("a", "new")], np.eye(2, dtype=np.float32)[:1])])
    assert len(store.snapshot().nearest(np.eye(2, dtype=np.float32)[0], 5, None)) == 1


def test_compacting_changes_no_answer(store: Store, reopen: Open) -> None:
    """Before and after, the same is found in the same order with the same scores."""
    store.replace([change(f"d{number}", f"word{number % 3} aa", "bb word") for number in range(9)])
    store.replace([gone("d3"), change("d4", "word1 cc")])
    store.replace([change("t", "word aa")], tenant="t")

    def answers(seen: Store) -> list[object]:
        snapshot = seen.snapshot()
        return [
            sorted(
                (chunk.id, round(each.score, 5))
                for each, chunk in zip(found, snapshot.read([f.row for f in found]), strict=True)
            )
            for found in (
                snapshot.matching("word1 word", 99, None),
                snapshot.nearest(unit(1, 2, 0, 0), 99, None),
            )
        ] + [dict(seen.documents()), seen.status().chunks, dict(seen.documents("t"))]

    before, version = answers(store), store.status().version
    store.compact()
    assert answers(store) == answers(reopen()) == before
    assert store.status().version > version
    store.replace([change("d9", "word9 aa")])
    assert ids(store.snapshot(), store.snapshot().matching("word9", 5, None)) == ["d9"]


def test_status_counts_what_is_there(store: Store) -> None:
    """And its version grows with every change."""
    store.replace([change("a", "aa", "ab"), change("b", "bb")])
    first = store.status()
    assert (first.documents, first.chunks, first.stamp) == (2, 3, STAMP)
    assert first.bytes > 0
    store.replace([gone("a")])
    second = store.status()
    assert (second.documents, second.chunks) == (1, 1)
    assert second.version > first.version


def test_vectors_that_do_not_fit_are_refused(store: Store) -> None:
    """Nothing of the call is written."""
    store.replace([change("a", "aa")])
    for bad in (np.zeros((1, 3)), np.zeros((2, 4)), np.full((1, 4), np.nan)):
        with pytest.raises(ValueError, match=r"reshape|finite numbers"):
            store.replace([Change("b", "d", [chunk("b", "bb")], bad.astype(np.float32))])
    assert set(store.documents()) == {"a"}


def test_writing_is_for_one_at_a_time(store: Store) -> None:
    """Threads wait for each other; who holds it may write within it."""
    entered, order = threading.Event(), []

    def second() -> None:
        entered.wait()
        store.replace([change("second", "aa")])
        order.append("second")

    thread = threading.Thread(target=second)
    thread.start()
    with store.writing():
        entered.set()
        store.replace([change("first", "aa")])
        order.append("first")
    thread.join()
    assert order == ["first", "second"]
    assert set(store.documents()) == {"first", "second"}
