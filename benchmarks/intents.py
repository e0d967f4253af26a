"""Real behaviour data: intents of bank customers by nano as it is, with examples, and tuned.

    python -m benchmarks.intents [--quick] [--labels 8] [--a-label 100] [--folder FOLDER]

BANKING77's most frequent labels: so many drawn messages of each from its training part as worked
examples, drawn ones of its test part as cases. The product itself is run (`Study.run`): prompt,
few-shot and tuning on the same held-out messages, with its own intervals, its learning curve on dev
and its own check of what was forgotten. All of it on one core: that is why neither all labels nor
all messages are taken. Nano is small, so this says what tuning does for it, and nothing of what
larger models do.
"""

import argparse
import csv
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.nano_claims import Found
from benchmarks.results_file import Row, print_claims, print_table, write
from suffice.ladder import Silence, Study
from suffice.records import LearningCurve, Verdict

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
tuning: {{curve: true}}
split: {{dev: 0.3}}
max_tokens: 32
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="four labels and fewer messages")
    parser.add_argument("--labels", type=int, default=8)
    parser.add_argument("--a-label", type=int, default=100, help="examples of each")
    parser.add_argument("--folder", type=Path, help="keep the study there, and go on in it")
    chosen = parser.parse_args()
    if not DATA.is_dir():
        raise SystemExit(f"{DATA} is absent: set SUFFICE_DATA to the folder with banking77")
    labels, each, cases = (4, 20, 80) if chosen.quick else (chosen.labels, chosen.a_label, 320)
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as scratch:
        folder = chosen.folder or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        write_study(folder, labels, each, cases)
        verdict = Study.load(folder).run(rungs=["prompt", "fewshot", "tune"], progress=Told())
    found = Found()
    _claims(found, verdict)
    found.number("the whole study", "minutes", (time.perf_counter() - started) / 60)
    rows = [*_rows(verdict), *_points(verdict)]
    print_table(rows, title=f"BANKING77, {labels} labels, {labels * each} examples")
    print_claims(found.claims)
    for standing in verdict.standings:
        print(f"{standing.rung}: {standing.built}", *standing.notes, sep="\n  ")
    print(*verdict.next_steps, sep="\n")
    if not chosen.quick:
        write("intents", rows, found.claims, ("torch", "peft"))


class Told(Silence):
    """What is being done now: it takes minutes."""

    def start(self, title: str, total: int) -> None:
        print(f"{title} ({total})", file=sys.stderr, flush=True)


def write_study(folder: Path, labels: int, each: int, cases: int) -> None:
    """The messages of the most frequent labels, as a user would hand them over."""
    train, test = _read("train"), _read("test")
    kept = [label for label, _ in Counter(row["category"] for row in train).most_common(labels)]
    rng = random.Random(0)
    rng.shuffle(train)
    learned = [row for label in kept for row in _of(train, label)[:each]]
    rng.shuffle(learned)
    _write(
        folder / "examples.jsonl",
        [{"instruction": row["text"], "input": "", "output": row["category"]} for row in learned],
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


def _of(rows: Sequence[dict[str, str]], label: str) -> list[dict[str, str]]:
    return [row for row in rows if row["category"] == label]


def _read(part: str) -> list[dict[str, str]]:
    with (DATA / f"{part}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _write(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


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


def _points(verdict: Verdict) -> list[Row]:
    curve = _curve(verdict)
    return [
        {
            "rung": f"tune on {point.examples} examples, dev",
            "correct": point.share,
            "correct, interval": f"{point.interval.low:.3f}-{point.interval.high:.3f}",
        }
        for point in curve.points
    ]


def _curve(verdict: Verdict) -> LearningCurve:
    [curve] = [each.curve for each in verdict.standings if each.curve]
    return curve


def _claims(found: Found, verdict: Verdict) -> None:
    shares = {each.rung: each.estimate("correct") for each in verdict.standings}
    for rung, goal in (("prompt", ""), ("fewshot", ""), ("tune", ">= 0.9")):
        estimate = shares.get(rung)
        if estimate is not None and estimate.value is not None and estimate.interval is not None:
            between = (estimate.interval.low, estimate.interval.high)
            found.number(
                f"right labels, {rung}", "share", estimate.value, goal, between=between,
                count=estimate.cases,
            )  # fmt: skip
    doubled = _curve(verdict).doubled
    if doubled is not None:
        found.number(
            f"foretold of {doubled.more} more examples", "points", doubled.points,
            between=(doubled.low, doubled.high),
        )  # fmt: skip


if __name__ == "__main__":
    main()
