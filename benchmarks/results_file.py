"""How every benchmark says what it found: a table to read and a JSON file to keep.

Knows nothing of what was measured. A goal that was missed is written down as missed.
"""

import json
import math
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any, TypeAlias

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).parent / "results"
Row: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True)
class Claim:
    """One promise with what was measured; `low` and `high` bound the measurement's own error."""

    name: str
    unit: str
    goal: str
    measured: float
    low: float | None
    high: float | None
    met: bool


def write(
    name: str, rows: Sequence[Row], claims: Sequence[Claim], packages: Sequence[str] = ()
) -> Path:
    """Writes benchmarks/results/NAME.json. `packages` are measured here beside our own stack."""
    result = {
        "benchmark": name,
        "command": " ".join(["python -m", f"benchmarks.{name}", *sys.argv[1:]]),
        "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "machine": machine(),
        "versions": versions(("suffice", "numpy", "scipy", "statsmodels", *packages)),
        "claims": [asdict(claim) for claim in claims],
        "rows": [dict(row) for row in rows],
    }
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(_finite(result), indent=1, ensure_ascii=False) + "\n", "utf-8")
    return path


def machine() -> dict[str, Any]:
    """What a reader needs to compare a figure with their own."""
    return {
        "cpu": _cpu(),
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "memory_gib": _memory_gib(),
        "system": platform.platform(),
        "python": platform.python_version(),
    }


def versions(packages: Sequence[str]) -> dict[str, str]:
    """The installed version of each package that is installed."""
    found = {}
    for package in packages:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "not installed"
    return found


def print_table(rows: Sequence[Row], title: str = "") -> None:
    """Rows as a terminal table; the columns are the keys, in order of first appearance."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    table = Table(*columns, title=title or None)
    for row in rows:
        table.add_row(*(_text(row.get(column)) for column in columns))
    # A pipe has no width: a table that wraps at 80 columns cannot be read or searched.
    Console(width=None if sys.stdout.isatty() else 200).print(table)


def print_claims(claims: Sequence[Claim]) -> None:
    print_table(
        [
            {
                "claim": claim.name,
                "goal": claim.goal,
                "measured": claim.measured,
                "low": claim.low,
                "high": claim.high,
                "unit": claim.unit,
                "": "met" if claim.met else "MISSED",
            }
            for claim in claims
        ],
        title="claims",
    )


def _text(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _finite(value: Any) -> Any:
    """JSON has no NaN and no infinity: they become null."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return value


def _cpu() -> str:
    described = Path("/proc/cpuinfo")
    if described.exists():
        for line in described.read_text("utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _memory_gib() -> float | None:
    described = Path("/proc/meminfo")
    if not described.exists():
        return None
    kilobytes = int(described.read_text("ascii").split(maxsplit=2)[1])
    return round(kilobytes / 1024**2, 1)
