"""What a harness adds to each case: time, processor and memory, beside its peers in the same run.

    python -m benchmarks.harness [--quick] [--repetitions N]

Three questions. What does a case cost where the model costs nothing (an endpoint without latency,
and a simulated model within the process)? How much of an endpoint's throughput is used with 500
requests in flight and 200 ms each? What does a case cost that was answered before? Every run is
checked: all cases asked once, the right share the same for all. docs/benchmarks.md explains it.
"""

import argparse
import os
import statistics
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.harness_peers.harnesses import (
    FLOOR,
    PEER_HARNESSES,
    PEERS,
    SUFFICE,
    Harness,
)
from benchmarks.harness_peers.material import Material, write_material, write_planted
from benchmarks.harness_peers.measure import CommandError, Endpoint, Taken, endpoint, taken_by
from benchmarks.results_file import Claim, print_claims, print_table, write

FEW, MANY = 1_000, 10_000
CONCURRENCY = 32
IN_FLIGHT, LATENCY_SECONDS = 500, 0.2
IDEAL_PER_SECOND = IN_FLIGHT / LATENCY_SECONDS
_FASTER, _SHARE = 5.0, 0.9  # the goals
_TRIES = 3


@dataclass(frozen=True)
class Run:
    """One run of one harness, checked."""

    scenario: str
    harness: str
    cases: int
    taken: Taken
    right_share: float
    asked: int
    asking_seconds: float
    crashes: int = 0

    @property
    def ms_per_case(self) -> float:
        return 1000 * self.taken.wall_seconds / self.cases

    @property
    def share_of_ideal(self) -> float:
        return self.cases / self.asking_seconds / IDEAL_PER_SECOND


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="1,000 cases, one repetition")
    parser.add_argument("--repetitions", type=int, default=3)
    given = parser.parse_args()
    most, repetitions = (FEW, 1) if given.quick else (MANY, given.repetitions)
    peers = _installed_peers()
    with tempfile.TemporaryDirectory(prefix="harness-") as folder:
        runs = [
            *_without_latency(Path(folder) / "fast", peers, most, repetitions),
            *_within_the_process(Path(folder) / "planted", most, repetitions),
            *_with_latency(Path(folder) / "slow", peers, most, repetitions),
        ]
    rows, claims = _rows(runs), _claims(runs, most)
    print_table(rows, title=f"{repetitions} repetitions, medians (lowest - highest)")
    print_claims(claims)
    if not given.quick:
        print(write("harness", rows, claims, ("msgspec", "openai")))


def _installed_peers() -> list[Harness]:
    for peer in PEER_HARNESSES:
        if not peer.installed:
            print(f"{peer.name} is absent and not measured; `make bench` installs it ({PEERS})")
    return [peer for peer in PEER_HARNESSES if peer.installed]


# ---------------------------------------------------------------- the three questions


def _without_latency(
    folder: Path, peers: Sequence[Harness], most: int, repetitions: int
) -> Iterator[Run]:
    """Few cases first, which show what starting costs; then many; and ours once more, resumed."""
    with endpoint() as server:
        few = write_material(folder / "few", FEW, server.port, CONCURRENCY)
        for each in (SUFFICE, FLOOR, *peers):
            yield _run("no latency", each, few, server)
        if most == FEW:
            yield _resumed(few, server)
            return
        materials = _materials(folder, peers, most, server, CONCURRENCY)
        for _ in range(repetitions):
            for each in (SUFFICE, FLOOR, *peers):
                yield _run("no latency", each, materials[min(most, each.most_cases)], server)
                if each is SUFFICE:
                    yield _resumed(materials[most], server)


def _within_the_process(folder: Path, cases: int, repetitions: int) -> Iterator[Run]:
    """The simulated model: no HTTP, so that nothing but ourselves is measured."""
    material = write_planted(folder, cases, CONCURRENCY)
    for _ in range(repetitions):
        SUFFICE.forget(material)
        taken = taken_by(SUFFICE.command(material), folder=folder)
        share = SUFFICE.right_share(taken.output)
        yield Run("planted, in process", SUFFICE.name, cases, taken, share, cases, float("nan"))


def _with_latency(
    folder: Path, peers: Sequence[Harness], most: int, repetitions: int
) -> Iterator[Run]:
    """The peers once: against 200 ms they spread little."""
    scenario = f"{IN_FLIGHT} in flight, {LATENCY_SECONDS * 1000:.0f} ms"
    with endpoint(LATENCY_SECONDS) as server:
        materials = _materials(folder, peers, most, server, IN_FLIGHT)
        for repetition in range(repetitions):
            yield _run(scenario, SUFFICE, materials[most], server)
            if repetition == 0:
                for each in (FLOOR, *peers):
                    yield _run(scenario, each, materials[min(most, each.most_cases)], server)


def _materials(
    folder: Path, peers: Sequence[Harness], most: int, server: Endpoint, concurrency: int
) -> dict[int, Material]:
    """The cases in every number that some harness is given."""
    return {
        cases: write_material(folder / str(cases), cases, server.port, concurrency)
        for cases in {most, *(min(most, peer.most_cases) for peer in peers)}
    }


def _resumed(material: Material, server: Endpoint) -> Run:
    return _run("resumed, all known", SUFFICE, material, server, asked=0)


def _run(
    scenario: str,
    harness: Harness,
    material: Material,
    server: Endpoint,
    asked: int | None = None,
) -> Run:
    """One run, with proof that it asked what it should and found what is there."""
    print(f"{scenario}: {harness.name}, {material.cases} cases ...", flush=True)
    asked = material.cases if asked is None else asked
    taken, crashes = _survived(harness, material, server, fresh=asked > 0)
    count, share = server.count(), harness.right_share(taken.output)
    planned = material.right / material.cases
    if count["answered"] != asked:
        raise RuntimeError(f"{harness.name} asked {count['answered']} times, planned were {asked}")
    if abs(share - planned) > 0.0006:  # some print three digits
        raise RuntimeError(f"{harness.name} found {share} right where {planned} are")
    seconds = count["seconds"]
    return Run(scenario, harness.name, material.cases, taken, share, asked, seconds, crashes)


def _survived(
    harness: Harness, material: Material, server: Endpoint, *, fresh: bool
) -> tuple[Taken, int]:
    """What a run took that came to its end, and how many did not before it. A peer may crash now
    and then (promptfoo's logger does, at the end of large runs); ours may not."""
    for crashes in range(_TRIES):
        if fresh:
            harness.forget(material)
        server.reset()
        try:
            environment = _environment(harness)
            command = harness.command(material)
            return taken_by(command, folder=material.folder, environment=environment), crashes
        except CommandError as error:
            if not harness.is_peer or crashes + 1 == _TRIES:
                raise
            print(f"{harness.name} crashed and is run again: {error}", flush=True)
    raise AssertionError("the last try returns or raises")


def _environment(harness: Harness) -> dict[str, str]:
    if not harness.is_peer:
        return {}
    return {**harness.environment, "PATH": f"{PEERS / 'bin'}{os.pathsep}{os.environ['PATH']}"}


# ---------------------------------------------------------------- what is said of them


def _groups(runs: Iterable[Run]) -> dict[tuple[str, str, int], list[Run]]:
    groups: dict[tuple[str, str, int], list[Run]] = {}
    for run in runs:
        groups.setdefault((run.scenario, run.harness, run.cases), []).append(run)
    return groups


def _rows(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """One row a scenario, harness and number of cases."""
    rows = []
    for (scenario, harness, cases), group in sorted(_groups(runs).items()):
        walls = sorted(run.ms_per_case for run in group)
        row: dict[str, Any] = {
            "scenario": scenario,
            "harness": harness,
            "cases": cases,
            "runs": len(group),
            "ms_per_case": statistics.median(walls),
            "lowest": walls[0],
            "highest": walls[-1],
            "cpu_ms_per_case": _median(1000 * run.taken.cpu_seconds / cases for run in group),
            "seconds": _median(run.taken.wall_seconds for run in group),
            "peak_mib": round(_median(run.taken.peak_mib for run in group)),
            "right": group[0].right_share,
            "asked": group[0].asked,
            "crashes": sum(run.crashes for run in group),
        }
        if "in flight" in scenario:
            row["asking_share_of_ideal"] = _median(run.share_of_ideal for run in group)
            row["whole_share_of_ideal"] = _median(
                cases / run.taken.wall_seconds / IDEAL_PER_SECOND for run in group
            )
        rows.append(row)
    return rows


def _claims(runs: Sequence[Run], most: int) -> list[Claim]:
    names = {peer.name for peer in PEER_HARNESSES}
    groups = _groups(run for run in runs if run.scenario == "no latency")
    ours = [run.ms_per_case for run in groups["no latency", SUFFICE.name, most]]
    # A peer counts with the number of cases that suits it best.
    theirs = [
        [run.ms_per_case for run in group]
        for (_, harness, _), group in groups.items()
        if harness in names
    ]
    claims = []
    if theirs:
        best = min(theirs, key=statistics.median)
        ratio = statistics.median(best) / statistics.median(ours)
        claims.append(
            Claim(
                name="overhead per case: best peer against ours, whole run",
                unit="times",
                goal=f">= {_FASTER:g}",
                measured=ratio,
                low=min(best) / max(ours),
                high=max(best) / min(ours),
                met=ratio >= _FASTER,
            )
        )
    shares = [
        run.share_of_ideal
        for run in runs
        if run.harness == SUFFICE.name and "in flight" in run.scenario
    ]
    claims.append(
        Claim(
            name=f"asking with {IN_FLIGHT} in flight at {LATENCY_SECONDS * 1000:.0f} ms",
            unit=f"share of {IDEAL_PER_SECOND:g}/s",
            goal=f">= {_SHARE:g}",
            measured=statistics.median(shares),
            low=min(shares),
            high=max(shares),
            met=statistics.median(shares) >= _SHARE,
        )
    )
    resumed = [run for run in runs if run.scenario.startswith("resumed")]
    claims.append(
        Claim(
            name="questions asked by a run of which every answer is known",
            unit="questions",
            goal="0",
            measured=max(run.asked for run in resumed),
            low=None,
            high=None,
            met=all(run.asked == 0 for run in resumed),
        )
    )
    return claims


def _median(values: Iterable[float]) -> float:
    return statistics.median(values)


if __name__ == "__main__":
    main()
