"""Erases a document from everything that Suffice keeps, and proves it by looking.

    hold the study, so that no run writes meanwhile
    take its vectors, the answers given from it and its passages in past runs
    put aside the tuned models that learned from a sentence of it
    take the document out of every index, and its bytes off the disk
    write down that it was done, signed
    search every byte under .suffice for its sentences, and name whatever still holds one

Each step can be repeated: after a kill in the midst of it, forget again. What belongs to the user
(cases, drafts, examples, the file itself) is never changed, only named; so is what is out of reach.
"""

import hmac
import json
import os
import secrets
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import msgspec
import numpy as np

from suffice.decide.runs import CASES, TRIALS, only_run, rewritten
from suffice.errors import DataError, UsageError, suggest
from suffice.evaluate.cases import named
from suffice.evaluate.drafts import FILE as DRAFTS
from suffice.evaluate.journal import Journal
from suffice.evaluate.lines import read_jsonl
from suffice.plugins import load
from suffice.ports import ModelOptions
from suffice.records import Json, Source
from suffice.report.words import count
from suffice.retrieve.chunk import sentences
from suffice.retrieve.index import CACHE
from suffice.retrieve.index import PLACE as INDEX
from suffice.retrieve.parse import parse_file
from suffice.retrieve.ports import Change, Store, StoreOptions
from suffice.retrieve.records import Chunk
from suffice.retrieve.vectors import Vectors, text_digest
from suffice.rungs.retrieve import PLACE as RETRIEVE
from suffice.study import Study
from suffice.tune.lineage import ASIDE, quarantine

AUDIT, KEY = "audit.jsonl", "audit.key"
# Shorter sentences stand in other texts by chance, and prove nothing.
_SHORTEST = 24
_WINDOW = 1 << 22  # bytes that are searched at once


@dataclass(frozen=True, slots=True)
class Left:
    """Where a sentence of the document still stands, and whose business that is."""

    path: str
    line: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was erased, what was searched for it afterwards, and what is left to others."""

    document: str
    chunks: int
    vectors: int
    answers: int
    trials: int
    sentences: int
    files: int
    bytes: int
    adapters: tuple[str, ...]
    found: tuple[Left, ...]
    yours: tuple[Left, ...]
    beyond: tuple[str, ...]

    @property
    def proven(self) -> bool:
        return self.sentences > 0 and not self.found


def forget(study: Study, document: str) -> Forgotten:
    """Erases a document by the name that `suffice index` and citations call it by."""
    with only_run(study.store):
        indexes = list(_indexes(study))
        chunks = [each for store in indexes for each in _chunks(store, document)]
        told = _past_passages(study.store, document)
        texts = [*(each.text for each in chunks), *told, *_file_texts(study, document)]
        if not texts:
            known = {name for store in indexes for name in store.documents()}
            raise UsageError(f"there is no document {document!r}{suggest(document, known)}")
        searched, others = _telling(texts, indexes, document)
        vectors = _erase_vectors(study, others)
        with Journal(study.store / "journal.db") as journal:
            answers = journal.forget([document], searched)
        trials = sum(_erase_trials(path, document) for path in _trials(study.store))
        for path in _trials(study.store):
            _erase_cases(path.with_name(CASES), searched)
        adapters = quarantine(study.store, searched)
        # The indexes last: after a kill they still tell what else has to go.
        for store in indexes:
            _erase(store, document)
        found, files, size = _search(study.store, searched)
        done = Forgotten(
            document=document,
            chunks=len(chunks),
            vectors=vectors,
            answers=answers,
            trials=trials,
            sentences=len(searched),
            files=files,
            bytes=size,
            adapters=tuple(adapters),
            found=tuple(found),
            yours=tuple(_yours(study, document, searched)),
            beyond=_beyond(study),
        )
        _sign(study.store, done)
        return done


# ---------------------------------------------------------------- what it said


def _indexes(study: Study) -> Iterator[Store]:
    """The index of `suffice index`, and those that the rung `retrieve` built."""
    kind, _, _ = study.settings.store.partition(":")
    places = [INDEX]
    built = study.folder / RETRIEVE
    if built.is_dir():
        places += [f"{RETRIEVE}/{each.name}" for each in sorted(built.iterdir()) if each.is_dir()]
    for place in places:
        if (study.folder / place).exists():
            opened: Store = load("store", kind)(place, StoreOptions(folder=study.folder))
            yield opened


def _tenants(store: Store) -> list[str]:
    return list(dict.fromkeys(("", *store.tenants())))


def _chunks(store: Store, document: str) -> list[Chunk]:
    return [each for tenant in _tenants(store) for each in store.snapshot(tenant).chunks(document)]


def _file_texts(study: Study, document: str) -> list[str]:
    """What the file itself says, where it is still there and can be read."""
    root = study.documents if study.settings.documents else None
    if root is None or not root.is_dir():
        return []
    path = root / document
    if not path.is_file() or not path.resolve().is_relative_to(root.resolve()):
        return []
    try:
        return [parse_file(path).text]
    except DataError:
        return []  # it was never indexed either; its bytes are named among the user's files


def _telling(
    texts: Sequence[str], indexes: Sequence[Store], document: str
) -> tuple[list[str], set[bytes]]:
    """The sentences that stand in no other document: only these prove anything. And by what name
    the cache knows the texts of the others."""
    said = {
        text[low:high].strip()
        for text in texts
        for low, high in sentences(text, 0, len(text))
        if len(text[low:high].strip()) >= _SHORTEST
    }
    others: set[bytes] = set()
    for store in indexes:
        for tenant in _tenants(store):
            snapshot = store.snapshot(tenant)
            for name in store.documents(tenant):
                if name != document:
                    chunks = snapshot.chunks(name)
                    others |= {text_digest(each.embedded) for each in chunks}
                    other = "\n".join(each.text for each in chunks)
                    said = {each for each in said if each not in other}
    return sorted(said), others


# ---------------------------------------------------------------- erasing


def _erase(store: Store, document: str) -> None:
    stamp = store.stamp()
    if stamp is None:
        return
    nothing = np.empty((0, stamp.dimensions), dtype=np.float32)
    with store.writing():
        for tenant in _tenants(store):
            if document in store.documents(tenant):
                store.replace([Change(document, "", (), nothing)], tenant)
        store.compact()


def _erase_vectors(study: Study, others: Set[bytes]) -> int:
    """Its vectors, and all that no document has now: what it said before it was changed."""
    cache = study.folder / CACHE
    if not cache.exists():
        return 0
    kind, _, name = study.settings.embedder.partition(":")
    vectors = Vectors(load("embedder", kind)(name, ModelOptions(folder=study.folder)), cache)
    return vectors.forget_all_but(others)


def _trials(store: Path) -> list[Path]:
    return sorted((store / "runs").glob(f"*/{TRIALS}"))


def _past_passages(store: Path, document: str) -> list[str]:
    return [
        str(passage.get("text", ""))
        for path in _trials(store)
        for _, row in read_jsonl(path)
        for passage in _shown(row)
        if passage.get("document") == document
    ]


def _erase_trials(path: Path, document: str) -> int:
    """Trials keep their scores; the words of the passages and of the answers given from them go."""
    rows, changed = [], 0
    for _, row in read_jsonl(path):
        if any(passage.get("document") == document for passage in _shown(row)):
            changed += 1
            _blank(row, document)
        rows.append(msgspec.json.encode(row, order="deterministic"))
    if changed:
        rewritten(path.parent, {path.name: b"".join(row + b"\n" for row in rows)})
    return changed


def _erase_cases(path: Path, searched: Sequence[str]) -> None:
    """A run's own copy of its cases: sentences of the document that they repeat go."""
    if not path.exists():
        return
    before = body = path.read_bytes()
    for needle in _needles(searched):
        body = body.replace(needle, b"")
    if body != before:
        rewritten(path.parent, {path.name: body})


def _shown(row: dict[str, Json]) -> list[dict[str, Any]]:
    return cast(list[dict[str, Any]], row.get("passages") or [])


def _blank(row: dict[str, Json], document: str) -> None:
    for passage in _shown(row):
        if passage.get("document") == document:
            passage.update(text="", title="", headings=[])
    cast(dict[str, Any], row["answer"])["text"] = ""
    for score in cast(list[dict[str, Any]], row.get("scores") or []):
        score.update(detail="", reading=None)


# ---------------------------------------------------------------- the proof


def _search(store: Path, searched: Sequence[str]) -> tuple[list[Left], int, int]:
    """Every byte of every file, for each sentence as files may write it."""
    found, files, size = [], 0, 0
    needles = _needles(searched)
    for path in sorted(each for each in store.rglob("*") if each.is_file()):
        files += 1
        size += path.stat().st_size
        if _holds(path, needles):
            found.append(Left(str(path), None, "still holds a sentence of it"))
    return found, files, size


def _needles(searched: Sequence[str]) -> list[bytes]:
    """UTF-8, UTF-16 and JSON's two ways of writing."""
    ways = {
        way
        for each in searched
        for way in (
            each.encode(),
            each.encode("utf-16-le"),
            json.dumps(each)[1:-1].encode(),
            json.dumps(each, ensure_ascii=False)[1:-1].encode(),
        )
    }
    return sorted(ways)


def _holds(path: Path, needles: Sequence[bytes]) -> bool:
    longest = max(map(len, needles), default=0)
    kept = b""
    with path.open("rb") as file:
        while part := file.read(_WINDOW):
            window = kept + part
            if any(needle in window for needle in needles):
                return True
            kept = window[-longest:]
    return False


def _yours(study: Study, document: str, searched: Sequence[str]) -> Iterator[Left]:
    """Files of the user that say it still: never changed, always named."""
    root = study.documents if study.settings.documents else None
    if root and root.is_dir() and (root / document).is_file():
        yield Left(str(root / document), None, "the file itself: delete it, or it is indexed again")
    elif root and root.is_file() and _holds(root, _needles(searched)):
        yield Left(str(root), None, "the corpus still has it: take its row out")
    keys = study.settings
    names = {"cases": named(keys.cases)[1], "examples": keys.examples, "prompt": keys.prompt,
                "drafts": DRAFTS}  # fmt: skip
    for key, name in names.items():
        path = study.folder / name if name else None
        if path and path.is_file():
            for line in _lines_with(path, searched):
                yield Left(str(path), line, f"{key}: repeats a sentence of it")


def _lines_with(path: Path, searched: Sequence[str]) -> list[int]:
    needles = _needles(searched)
    with path.open("rb") as file:
        return [n for n, line in enumerate(file, 1) if any(each in line for each in needles)]


def _beyond(study: Study) -> tuple[str, ...]:
    return (
        "backups and copies of this folder, and drafts and reports written elsewhere",
        "what an operating system, a file system with snapshots or a disk still keeps of freed "
        "blocks",
        f"what {study.settings.model} was sent before, where it is a provider: its terms hold",
    )


# ---------------------------------------------------------------- the record


def _sign(store: Path, done: Forgotten) -> None:
    """One line more, chained to the one before and signed: none can be changed or taken out."""
    path = store / AUDIT
    last = _records(path)[-1:] if path.exists() else []
    record: dict[str, Json] = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "document": done.document,
        "erased": {
            "chunks": done.chunks,
            "vectors": done.vectors,
            "answers": done.answers,
            "trials": done.trials,
        },
        "quarantined": list(done.adapters),
        "searched": {"sentences": done.sentences, "files": done.files, "bytes": done.bytes},
        "found": [each.path for each in done.found],
        "before": str(last[0]["signature"]) if last else "",
    }
    record["signature"] = _signature(_key(store), record)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(record) + "\n")
        file.flush()
        os.fsync(file.fileno())


def verified(store: Path) -> list[dict[str, Json]]:
    """All records. Raises DataError where one was changed, or taken out from among them."""
    path = store / AUDIT
    if not path.exists():
        return []
    records, before = _records(path), ""
    for number, record in enumerate(records, start=1):
        signed = {name: value for name, value in record.items() if name != "signature"}
        good = hmac.compare_digest(_signature(_key(store), signed), str(record["signature"]))
        if not good or record["before"] != before:
            raise DataError("this record was changed, or one before it", Source(str(path), number))
        before = str(record["signature"])
    return records


def _records(path: Path) -> list[dict[str, Json]]:
    return [row for _, row in read_jsonl(path)]


def _signature(key: bytes, record: dict[str, Json]) -> str:
    return hmac.new(key, json.dumps(record, sort_keys=True).encode(), sha256).hexdigest()


def _key(store: Path) -> bytes:
    """Made once, readable by its owner alone."""
    path = store / KEY
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with open(descriptor, "wb") as file:
        file.write(secrets.token_bytes(32))
    return path.read_bytes()


def described(done: Forgotten) -> str:
    """What was erased, in a sentence."""
    aside = count(len(done.adapters), "tuned model")
    learned = (
        f"; put aside {aside} that learned from it, in .suffice/{ASIDE}: delete them, and train "
        "anew without those examples"
    )
    return (
        f"erased {count(done.chunks, 'chunk')}, {count(done.vectors, 'vector')}, "
        f"{count(done.answers, 'answer')} and the words of {count(done.trials, 'trial')}"
        + (learned if done.adapters else "")
    )
