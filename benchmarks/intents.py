"""Real behaviour data: intents of bank customers by nano as it is, with examples, and tuned.

    python -m benchmarks.intents [--quick] [--labels 8]

BANKING77's most frequent labels, its training part as worked examples, its test part as cases. The
product itself is run (`Study.run`): prompt, few-shot and tuning on the same held-out messages, with
its own intervals and comparisons; then the learning curve of tuning on dev. Nano is small, so this
says what tuning does for it, and nothing of what larger models do.
"""

import argparse
import csv
import json
import os
import random
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.nano_claims import Found
from benchmarks.results_file import Row, print_claims, print_table, write
from suffice.evaluate.journal import Journal
from suffice.evaluate.workshop import usable
from suffice.ladder import Climb, Silence, Study
from suffice.records import Example, Verdict
from suffice.rungs.tune import tuned_on
from suffice.tune.curve import Curve, learning_curve

DATA = Path(os.environ.get("SUFFICE_DATA", "../shared/data")) / "banking77"
MEASURES = ("correct", "format", "macro_f1")
_SETTINGS = """\
name: intents
model: nano
cases: cases.jsonl
examples: examples.jsonl
prompt: prompt.md
embedder: static
checks:
  - {{metric: label, labels: [{labels}]}}
  - {{metric: label-format, labels: [{labels}]}}
bar: {{correct: 0.9, format: 0.95}}
split: {{dev: 0.3}}
max_tokens: 16
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="four labels and fewer messages")
    parser.add_argument("--labels", type=int, default=8)
    chosen = parser.parse_args()
    if not DATA.is_dir():
        raise SystemExit(f"{DATA} is absent: set SUFFICE_DATA to the folder with banking77")
    labels = 4 if chosen.quick else chosen.labels
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write_study(folder, labels, cases=160 if chosen.quick else 320)
        verdict = Study.load(folder).run(rungs=["prompt", "fewshot", "tune"])
        curve = _curve(folder)
    rows = list(_rows(verdict))
    found = Found()
    _claims(found, verdict, curve)
    print_table(rows, title=f"BANKING77, {labels} labels")
    print_claims(found.claims)
    for gain in (curve.gain(curve.points[-1].examples), curve.gain(1000)):
        print(gain or "beyond the curve's reach")
    if not chosen.quick:
        write("intents", [*rows, *_points(curve)], found.claims, ("torch", "peft"))


def write_study(folder: Path, labels: int, *, cases: int) -> None:
    """The messages of the most frequent labels, as a user would hand them over."""
    train, test = _read("train"), _read("test")
    kept = [label for label, _ in Counter(row["category"] for row in train).most_common(labels)]
    rng = random.Random(0)
    _write(
        folder / "examples.jsonl",
        [
            {"instruction": row["text"], "input": "", "output": row["category"]}
            for row in train
            if row["category"] in kept
        ],
    )
    asked = [row for row in test if row["category"] in kept]
    rng.shuffle(asked)
    _write(
        folder / "cases.jsonl",
        [
            {"id": f"case-{n}", "question": row["text"], "expected": row["category"]}
            for n, row in enumerate(asked[:cases])
        ],
    )
    named = ", ".join(kept)
    (folder / "prompt.md").write_text(
        f"Label the customer's message. Answer with one of these labels and nothing else: {named}."
    )
    (folder / "suffice.yaml").write_text(_SETTINGS.format(labels=named))


def _read(part: str) -> list[dict[str, str]]:
    with (DATA / f"{part}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _write(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


def _curve(folder: Path) -> Curve:
    study = Study.load(folder)
    with Journal(study.store / "journal.db") as journal:
        workshop = Climb(study, journal, ("tune",), None, None, Silence()).workshop()

        def measured(examples: Sequence[Example]) -> list[float]:
            trials = workshop.measure(tuned_on(examples, "nano", study.tuning, workshop))
            return [float(usable([trial]) >= 1) for trial in trials]

        return learning_curve(study.examples, measured, seed=0)


def _rows(verdict: Verdict) -> list[Row]:
    rows: list[Row] = []
    for standing in verdict.standings:
        row: dict[str, object] = {"rung": standing.rung, "built": standing.built}
        for name in MEASURES:
            found = standing.estimate(name)
            if found is not None and found.value is not None:
                row[name] = found.value
                if found.interval:
                    row[f"{name}, interval"] = f"{found.interval.low:.3f}-{found.interval.high:.3f}"
        rows.append(row)
    return rows


def _points(curve: Curve) -> list[Row]:
    return [
        {"rung": f"tune on {point.examples} examples, dev", "correct": point.share}
        for point in curve.points
    ]


def _claims(found: Found, verdict: Verdict, curve: Curve) -> None:
    shares = {each.rung: each.estimate("correct") for each in verdict.standings}
    for rung, goal in (("prompt", ""), ("fewshot", ""), ("tune", ">= 0.9")):
        estimate = shares.get(rung)
        if estimate is not None and estimate.value is not None and estimate.interval is not None:
            between = (estimate.interval.low, estimate.interval.high)
            found.number(
                f"right labels, {rung}", "share", estimate.value, goal, between=between,
                count=estimate.cases,
            )  # fmt: skip
    found.number("points on the learning curve", "count", len(curve.points))


if __name__ == "__main__":
    main()
