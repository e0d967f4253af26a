"""A behaviour gap that is cured, by the product itself: a house's JSON, by prompt and tuned.

    python -m benchmarks.house_format [--quick]

A study over nano: customer messages whose reply is a JSON object with the house's own keys, which
no text of nano's training has. `Study.run` asks the plain prompt and tunes on 600 examples, with
held-out messages of other sentence patterns and things; forgetting is measured by the rung. The
time is that of the whole run: asking by prompt, training, merging, asking again, deciding.
"""

import argparse
import json
import random
import tempfile
import time
from pathlib import Path

from nano.domains.unseen.house_formats import BEHAVIOURS

from benchmarks.nano_claims import Found
from benchmarks.nano_formats import drawn
from benchmarks.results_file import Row, print_claims, print_table, write
from suffice.ladder import Study
from suffice.records import Json, Standing, Verdict

JSON = next(each for each in BEHAVIOURS if each.name == "json")
_MOST_NAMES = 10  # texts of a key that are its list of allowed ones
_SETTINGS = """\
name: house-format
model: nano
cases: cases.jsonl
examples: examples.jsonl
prompt: prompt.md
schema: schema.json
embedder: static
checks: [json-schema, fields]
bar: {format: 0.9}
max_tokens: 64
split: {dev: 0.2}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="200 examples, fewer messages")
    chosen = parser.parse_args()
    examples, cases = (200, 80) if chosen.quick else (600, 260)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write_study(folder, examples, cases)
        started = time.perf_counter()
        verdict = Study.load(folder).run(rungs=["prompt", "tune"])
        seconds = time.perf_counter() - started
    found = Found()
    rows = [_row(each) for each in verdict.standings]
    before, after = (_format(verdict, rung) for rung in ("prompt", "tune"))
    found.number("form kept by prompt", "share", before, "< 0.2", count=cases)
    found.number(f"form kept after {examples} examples", "share", after, "> 0.95", count=cases)
    found.number("building, asking and deciding", "s", seconds, "< 180")
    print_table(rows, title="a house's JSON")
    tuned = next(each for each in verdict.standings if each.rung == "tune")
    print("\n".join(tuned.notes))
    print_claims(found.claims)
    if not chosen.quick:
        write("house_format", rows, found.claims, ("torch", "peft"))


def write_study(folder: Path, examples: int, cases: int) -> None:
    """Messages and replies as a house would have them at hand."""
    rng = random.Random(71)
    held = drawn(JSON, rng, cases, held_out=True)
    free = drawn(JSON, rng, examples, held_out=False)
    (folder / "prompt.md").write_text(JSON.SYSTEM, "utf-8")
    (folder / "schema.json").write_text(json.dumps(schema_of([reply for _, reply in free])))
    (folder / "suffice.yaml").write_text(_SETTINGS)
    shown = [{"instruction": asked, "input": "", "output": reply} for asked, reply in free]
    wanted = [
        {"id": f"case-{n}", "question": asked, "expected": json.loads(reply)}
        for n, (asked, reply) in enumerate(held)
    ]
    for name, rows in (("examples", shown), ("cases", wanted)):
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(lines, "utf-8")


def schema_of(replies: list[str]) -> dict[str, Json]:
    """The keys that all replies have, with the kinds of their values or the allowed ones."""
    values = [json.loads(each) for each in replies]
    kinds = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}
    properties: dict[str, Json] = {}
    for key in values[0]:
        seen = {value[key] for value in values}
        named = all(isinstance(each, str) for each in seen) and len(seen) <= _MOST_NAMES
        properties[key] = (
            {"enum": sorted(seen)} if named else {"type": sorted({kinds[type(e)] for e in seen})}
        )
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _format(verdict: Verdict, rung: str) -> float:
    standing = next(each for each in verdict.standings if each.rung == rung)
    found = standing.estimate("format")
    return 0.0 if found is None or found.value is None else found.value


def _row(standing: Standing) -> Row:
    row: dict[str, object] = {"rung": standing.rung, "built": standing.built}
    for name in ("format", "correct"):
        found = standing.estimate(name)
        if found is not None and found.value is not None and found.interval is not None:
            row[name] = found.value
            row[f"{name}, interval"] = f"{found.interval.low:.3f}-{found.interval.high:.3f}"
    row["ruled out"] = standing.ruled_out or "no"
    row["notes"] = "; ".join(standing.notes)
    return row


if __name__ == "__main__":
    main()
