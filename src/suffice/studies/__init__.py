"""The studies that come with Suffice: which there are, and a copy of one to work in.

A study is a folder with a `suffice.yaml`; adding one is adding a folder. Knows nothing of what is
in the files but that cases and examples stand one a line.
"""

import json
import shutil
from collections import Counter
from pathlib import Path

from suffice.errors import UsageError, suggest
from suffice.records import fingerprint

HERE = Path(__file__).parent
FILE = "suffice.yaml"
QUICK_CASES, QUICK_EXAMPLES = 96, 160


def names() -> list[str]:
    return sorted(each.parent.name for each in HERE.glob(f"*/{FILE}"))


def copy(name: str, folder: Path, *, quick: bool = False) -> bool:
    """Puts a study where its user may change it. False where it stood already, which stays."""
    if name not in names():
        near = suggest(name, names())
        raise UsageError(f"there is no bundled study {name!r}{near}: take {', '.join(names())}")
    if (folder / FILE).exists():
        return False
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise UsageError(f"{folder} exists and holds something else; name another folder")
    shutil.copytree(
        HERE / name, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".suffice")
    )
    if quick:
        _thin(folder / "cases.jsonl", QUICK_CASES)
        _thin(folder / "examples.jsonl", QUICK_EXAMPLES)
    return True


def _thin(path: Path, most: int) -> None:
    """Keeps `most` lines in their order: the first of every source before the second of any, since
    an interval rests on how many sources there are. Which ones says nothing of what is in them."""
    if not path.exists():
        return
    lines = path.read_text("utf-8").splitlines(keepends=True)
    rows = [json.loads(line) for line in lines]
    order = sorted(range(len(rows)), key=lambda place: fingerprint("quick", rows[place]))
    seen = Counter[str]()
    rank = dict[int, int]()
    for place in order:
        source = str(rows[place].get("cluster", place))
        rank[place] = seen[source]
        seen[source] += 1
    kept = set(sorted(order, key=lambda place: rank[place])[:most])
    path.write_text("".join(lines[place] for place in sorted(kept)), "utf-8")
