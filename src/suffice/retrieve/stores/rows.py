"""A chunk as a row of an Arrow table, and back; a filter as SQL over such rows."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from suffice.retrieve.ports import Change
from suffice.retrieve.records import Chunk, Filter
from suffice.retrieve.stores.words import terms

_CHUNK = msgspec.json.Decoder(Chunk)
# Lance would pack long texts, and who searches the disk for a sentence would not see it.
_PLAIN = {"lance-encoding:compression": "none"}


def schema(dimensions: int) -> pa.Schema:
    """`seq` numbers the rows of a table for ever, through merges too. `chunk` is all of a chunk as
    JSON, because Lance reads columns one by one: one is read four times as fast as fifteen. The
    others are what is filtered or looked for by. `terms`, `counts` and `words` (their sum) are
    the row's full text."""
    return pa.schema(
        [
            ("seq", pa.int64()),
            pa.field("chunk", pa.string(), metadata=_PLAIN),
            ("document", pa.string()),
            ("document_digest", pa.string()),
            ("digest", pa.string()),
            ("dated", pa.string()),
            ("meta", pa.list_(pa.string())),  # each pair as a JSON array: SQL looks for it whole
            ("terms", pa.list_(pa.uint32())),
            ("counts", pa.list_(pa.uint8())),
            ("words", pa.uint32()),
            ("vector", pa.list_(pa.float32(), dimensions)),
        ]
    )


def table(changes: Iterable[Change], first: int, dimensions: int) -> pa.Table:
    """The rows of some documents, numbered from `first`."""
    rows: list[dict[str, Any]] = []
    vectors: list[NDArray[np.float32]] = []
    for change in changes:
        rows += [_row(chunk, change) for chunk in change.chunks]
        vectors.append(_checked(change, dimensions))
    for place, row in enumerate(rows):
        row["seq"] = first + place
    flat = np.concatenate([*vectors, np.zeros((0, dimensions), np.float32)]).ravel()
    shape = schema(dimensions)
    columns = [pa.array([row[name] for row in rows], shape.field(name).type) for name in _SCALARS]
    columns.append(pa.FixedSizeListArray.from_arrays(pa.array(flat), dimensions))
    return pa.Table.from_arrays(columns, schema=shape)


_SCALARS = [name for name in schema(1).names if name != "vector"]


def chunk(written: str) -> Chunk:
    """The chunk that a row holds."""
    return _CHUNK.decode(written)


def where_sql(where: Filter | None) -> str | None:
    """None where everything may be found."""
    if where is None:
        return None
    conditions: list[str] = []
    if where.documents is not None:
        conditions.append(among("document", sorted(where.documents)))
    conditions += [f"array_has(meta, {_quoted(_pair(*pair))})" for pair in where.meta.items()]
    if where.since is not None:
        conditions.append(f"dated >= {_quoted(where.since)}")
    if where.until is not None:
        conditions.append(f"dated <= {_quoted(where.until)}")
    return " AND ".join(conditions) or None


def among(column: str, values: Sequence[str]) -> str:
    """SQL that holds where the column has one of the values."""
    return f"{column} IN ({', '.join(map(_quoted, values))})" if values else "false"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _pair(key: str, value: str) -> str:
    return json.dumps([key, value])


def _row(chunk: Chunk, change: Change) -> dict[str, Any]:
    if chunk.document != change.document:
        raise ValueError(f"chunk {chunk.id!r} is no part of document {change.document!r}")
    found = terms(chunk.embedded)
    return {
        "chunk": msgspec.json.encode(chunk).decode(),
        "document": chunk.document,
        "document_digest": change.digest,
        "digest": chunk.digest,
        "dated": chunk.dated,
        "meta": [_pair(*pair) for pair in chunk.meta.items()],
        "terms": list(found),
        "counts": [min(count, 255) for count in found.values()],
        "words": found.total(),
    }


def _checked(change: Change, dimensions: int) -> NDArray[np.float32]:
    vectors = np.asarray(change.vectors, np.float32).reshape(-1, dimensions)
    if len(vectors) != len(change.chunks) or not np.isfinite(vectors).all():
        raise ValueError(
            f"{change.document!r} has {len(change.chunks)} chunks and vectors of shape "
            f"{np.shape(change.vectors)}; this index takes {dimensions} finite numbers a chunk"
        )
    return vectors
