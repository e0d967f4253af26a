"""A chunk as a row of an Arrow table, and back; a filter as SQL over such rows."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from suffice.retrieve.ports import Change
from suffice.retrieve.records import Chunk, Filter
from suffice.retrieve.stores.words import terms

_FIELDS = [
    ("id", pa.string()),
    ("document", pa.string()),
    ("text", pa.string()),
    ("start", pa.int64()),
    ("end", pa.int64()),
    ("tokens", pa.int64()),
    ("digest", pa.string()),
    ("title", pa.string()),
    ("headings", pa.list_(pa.string())),
    ("page", pa.int64()),
    ("parent_start", pa.int64()),
    ("parent_end", pa.int64()),
    ("context", pa.string()),
    ("dated", pa.string()),
    ("meta", pa.list_(pa.string())),  # each pair as a JSON array, which SQL can look for whole
]
COLUMNS = [name for name, _ in _FIELDS]


def schema(dimensions: int) -> pa.Schema:
    """`seq` numbers the rows of a table for ever, through merges too; `terms`, `counts` and `words`
    (their sum) are the row's full text."""
    return pa.schema(
        [
            ("seq", pa.int64()),
            *_FIELDS,
            ("document_digest", pa.string()),
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


def chunk(row: Mapping[str, Any]) -> Chunk:
    """The chunk that a row holds."""
    values = {name: row[name] for name in COLUMNS}
    parent = (values.pop("parent_start"), values.pop("parent_end"))
    values["headings"] = tuple(values["headings"])
    values["meta"] = dict(json.loads(pair) for pair in values["meta"])
    return Chunk(parent=parent, **values)


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
    row = {name: getattr(chunk, name, None) for name in COLUMNS}
    return row | {
        "parent_start": chunk.parent[0],
        "parent_end": chunk.parent[1],
        "headings": list(chunk.headings),
        "meta": [_pair(*pair) for pair in chunk.meta.items()],
        "document_digest": change.digest,
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
