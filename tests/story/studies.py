"""Whole studies in a folder: as files, exactly as a user has them.

folder = write_study(tmp_path, cases, bar={"correct": 0.8})           # any model
folder = planted_study(tmp_path, seed=1, gap="format")                # its truth is known
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import yaml

from suffice.models.planted.generate import Gap, Planted, make_world
from suffice.models.planted.laws import Laws
from suffice.records import Case, Example, Json

PROMPT = "You answer questions about products. If you do not know the answer, say so."


def write_study(
    folder: Path,
    cases: Sequence[Case],
    *,
    examples: Sequence[Example] = (),
    schema: Json = None,
    model: str = "planted:elsewhere.yaml",
    **keys: Any,
) -> Path:
    """suffice.yaml with these keys and the files that it names. Returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    _write_lines(folder / "cases.jsonl", [_case(case) for case in cases])
    (folder / "prompt.md").write_text(PROMPT, encoding="utf-8")
    study: dict[str, Any] = {"model": model, "cases": "cases.jsonl", "prompt": "prompt.md"}
    if examples:
        _write_lines(folder / "examples.jsonl", [_example(example) for example in examples])
        study["examples"] = "examples.jsonl"
    if schema is not None:
        (folder / "schema.json").write_text(json.dumps(schema), encoding="utf-8")
        study["schema"] = "schema.json"
    text = yaml.safe_dump(study | keys, sort_keys=False)
    (folder / "suffice.yaml").write_text(text, encoding="utf-8")
    return folder


def planted_study(
    folder: Path,
    *,
    seed: int = 0,
    cases: int = 240,
    gap: Gap = "none",
    laws: Laws | None = None,
    examples: int = 40,
    known: float | None = None,
    model: str = "planted:world.json",
    **keys: Any,
) -> Path:
    """A study on a generated world, which lies beside it as world.json."""
    made = make_world(
        np.random.default_rng(seed),
        cases=cases,
        gap=gap,
        laws=laws,
        examples=examples,
        known=known,
    )
    return write_planted(folder, made, model=model, **keys)


def write_planted(folder: Path, made: Planted, **keys: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "world.json").write_bytes(msgspec.json.encode(made.world))
    return write_study(folder, made.cases, examples=made.examples, schema=made.schema, **keys)


def _write_lines(path: Path, rows: Sequence[Json]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def _case(case: Case) -> dict[str, Json]:
    row: dict[str, Json] = {
        "id": case.id,
        "messages": [{"role": each.role, "content": each.content} for each in case.messages],
        "checks": [{"metric": check.metric, **check.options} for check in case.checks],
        "gold": list(case.gold),
        "answerable": case.answerable,
    }
    if case.expected:
        row["any_of"] = list(case.expected)
    if case.cluster is not None:
        row["cluster"] = case.cluster
    return row


def _example(example: Example) -> dict[str, Json]:
    turns = [{"role": each.role, "content": each.content} for each in example.messages]
    row: dict[str, Json] = {
        "id": example.id,
        "messages": [*turns, {"role": "assistant", "content": example.reply}],
    }
    return row if example.cluster is None else row | {"cluster": example.cluster}
