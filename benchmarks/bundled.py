"""The bundled studies over nano, each with another gap: do they end in their verdicts? How soon?

    python -m benchmarks.bundled [--only enough handbook triage support] [--whole]

`suffice demo` as its users run it, in a process of its own and a fresh folder: starting, reading,
training, asking, deciding, writing the page. `--quick` is measured beside each, unless `--whole`
says not to.

    enough     what is asked for stands in the message        prompt
    handbook   it stands in papers that nano never saw        retrieve
    triage     labels and a form, shown by examples           schema
    support    facts from papers, and a house's own labels    hybrid
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from typing import Any

from benchmarks.nano_claims import Found
from benchmarks.results_file import Row, print_claims, print_table, write

WINNERS = {"enough": "prompt", "handbook": "retrieve", "triage": "schema", "support": "hybrid"}
_GOALS = {("support", False): "< 180", ("support", True): "< 60"}  # seconds


def demo(name: str, *, quick: bool) -> tuple[dict[str, Any], float, float]:
    """What it printed as JSON, the seconds it took, and those until its first line."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "suffice", "demo", "--study", name, "--json"]
        started = time.perf_counter()
        running = subprocess.Popen(
            [*command, *(["--quick"] if quick else [])],
            cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert running.stdout is not None
        assert running.stderr is not None
        running.stderr.readline()
        first = time.perf_counter() - started
        out, err = running.communicate()
        seconds = time.perf_counter() - started
    if running.returncode != 0:
        raise SystemExit(f"demo --study {name} failed:\n{err}")
    return json.loads(out), seconds, first


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=WINNERS, default=list(WINNERS))
    parser.add_argument("--whole", action="store_true", help="leave the quick ones out")
    chosen = parser.parse_args()
    found, rows = Found(), list[Row]()
    for name in chosen.only:
        for quick in (False,) if chosen.whole else (False, True):
            told, seconds, first = demo(name, quick=quick)
            title = f"{name}, quick" if quick else name
            verdict = told["verdict"]
            rows += _rows(title, verdict, seconds)
            print_table([row for row in rows if row["study"] == title], title=verdict["reason"])
            if not quick:
                right = verdict["winner"] == WINNERS[name]
                found.number(f"{title} ends in {WINNERS[name]}", "yes", float(right), ">= 1")
            found.number(f"{title}: all of it", "s", seconds, _GOALS.get((name, quick), ""))
            found.number(f"{title}: until something is said", "s", first, "< 2")
    print_claims(found.claims)
    if set(chosen.only) == set(WINNERS) and not chosen.whole:
        write("bundled", rows, found.claims, ("torch", "peft", "onnxruntime", "lancedb"))


def _rows(title: str, verdict: dict[str, Any], seconds: float) -> Iterator[Row]:
    leading = (verdict["leading"] or {}).get("rung")
    for standing in verdict["standings"]:
        told = {each["measure"]: each for each in standing["estimates"]}
        interval = told["correct"]["interval"] or {}
        yield {
            "study": title,
            "rung": standing["rung"],
            "correct": told["correct"]["value"],
            "low": interval.get("low"),
            "high": interval.get("high"),
            "built": standing["built"],
            "winner": verdict["winner"] or f"none ({leading} leads)",
            "s": seconds,
        }


if __name__ == "__main__":
    main()
