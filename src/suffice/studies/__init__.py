"""The studies that come with Suffice: which there are, and a copy of one to work in.

A study is a folder with a `suffice.yaml`; adding one is adding a folder. Knows nothing of what is
in the files but that cases and examples stand one a line.
"""

import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from suffice.errors import UsageError, suggest
from suffice.records import Json, fingerprint

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
        _thin(folder / "cases.jsonl", QUICK_CASES, _source)
        _thin(folder / "examples.jsonl", QUICK_EXAMPLES, fingerprint)
    return True


def _source(row: Json) -> str:
    """Cases of one source stay together: an interval knows clusters, not rows."""
    return str(row.get("cluster") or row.get("id")) if isinstance(row, dict) else ""


def _thin(path: Path, most: int, group: Callable[[Json], str]) -> None:
    """Keeps whole groups of lines, in their order, until there are about `most`; which ones says
    nothing of what is in them."""
    if not path.exists():
        return
    lines = path.read_text("utf-8").splitlines(keepends=True)
    groups = [group(json.loads(line)) for line in lines]
    sizes, kept, count = Counter(groups), set[str](), 0
    for each in sorted(sizes, key=lambda one: fingerprint("quick", one)):
        if count >= most:
            break
        kept.add(each)
        count += sizes[each]
    path.write_text(
        "".join(line for line, each in zip(lines, groups, strict=True) if each in kept), "utf-8"
    )
