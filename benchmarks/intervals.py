"""How often each interval and test errs, by simulation, at a nominal 5%.

    python -m benchmarks.intervals [--quick]

Draws studies whose truth is known and counts: intervals that miss it, tests that name a winner of
two equal systems, systems worse by the margin that pass as not worse. Beside each of our methods
stand the naive ones, on the same studies. Each rate carries its own Monte-Carlo error.

The goal is 3.5% to 6.5% wherever a verdict is given. Below 3.5% is safe and costs power; above
6.5% is a danger. The two are claimed apart, and a goal that is missed is written down as missed.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict

import numpy as np

from benchmarks import simulated_intervals, simulated_verdicts
from benchmarks.error_rates import HIGH, LOW, Row
from benchmarks.results_file import Claim, print_claims, print_table, write

SEED = 20261121
# Each part with its number of studies: as many as keep the whole within minutes.
PARTS: dict[str, tuple[Callable[[np.random.Generator, int], Iterator[Row]], int]] = {
    "rates": (simulated_intervals.rates, 10_000),
    "means": (simulated_intervals.means, 10_000),
    "pairs": (simulated_intervals.pairs, 9_000),
    "non-inferiority": (simulated_intervals.noninferiority, 10_000),
    "looks": (simulated_verdicts.looks, 2_000),
    "families": (simulated_verdicts.families, 2_000),
    "judges": (simulated_verdicts.judges, 4_000),
    "quantiles": (simulated_verdicts.quantiles, 2_000),
    "ratios": (simulated_verdicts.ratios, 1_000),
    "refusals": (simulated_verdicts.refusals, 50),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="a tenth of the studies, no file")
    quick = parser.parse_args().quick
    rows: list[Row] = []
    for number, (name, (simulate, studies)) in enumerate(PARTS.items()):
        started = time.monotonic()
        generator = np.random.default_rng([SEED, number])
        rows += simulate(generator, studies // 10 if quick else studies)
        print(f"{name}: {time.monotonic() - started:.0f} s", file=sys.stderr)
    found = claims(rows)
    print_table([_shown(each) for each in rows], title="errors at a nominal 5%")
    print_claims(found)
    if not quick:
        print(write("intervals", [asdict(each) for each in rows], found, ["ppi-python"]))


def claims(rows: Sequence[Row]) -> list[Claim]:
    """Two for each of our methods: its boldest cell and its most cautious one."""
    ours = [each for each in rows if each.ours and each.error is not None]
    found = []
    for part, method in dict.fromkeys((each.part, each.method) for each in ours):
        cells = [each for each in ours if (each.part, each.method) == (part, method)]
        boldest = max(cells, key=lambda each: each.error or 0.0)
        cautious = min(cells, key=lambda each: each.error or 0.0)
        found.append(_claim(f"{part}, {method}: errs at most", f"<= {HIGH:.1%}", boldest))
        found.append(_claim(f"{part}, {method}: errs at least", f">= {LOW:.1%}", cautious))
    return found


def _claim(name: str, goal: str, cell: Row) -> Claim:
    rate = cell.error or 0.0
    where = f"{cell.data}, {cell.clusters} x {cell.cluster_size}"
    met = rate <= HIGH if goal.startswith("<") else rate >= LOW
    return Claim(f"{name} ({where})", "share of studies", goal, rate, cell.low, cell.high, met)


def _shown(each: Row) -> dict[str, object]:
    return {
        "part": each.part,
        "method": each.method if each.ours else f"({each.method})",
        "data": each.data,
        "clusters": f"{each.clusters} x {each.cluster_size}",
        "error %": _percent(each.error),
        "low": _percent(each.low),
        "high": _percent(each.high),
        "studies": each.studies or "exact",
        "refused": f"{each.refused:.0%}" if each.refused else "",
        "reading": each.reading,
    }


def _percent(rate: float | None) -> str:
    return "" if rate is None else f"{100 * rate:.1f}"


if __name__ == "__main__":
    main()
