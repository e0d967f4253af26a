"""Holds the house together: a package imports only from floors below it.

Reads every import of every file under src/suffice, those inside functions too, without importing
anything. DESIGN in one line: records and errors carry everything, the ladder and the command line
see everything, and nothing flows back up.
"""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "src" / "suffice"

FLOORS = {
    "records": 1,
    "errors": 1,
    "ports": 2,
    "plugins": 2,
    "sqlite": 2,
    "stats": 2,
    "report": 2,
    "models": 3,
    "executors": 3,
    "retrieve": 3,
    "evaluate": 3,
    "settings": 3,
    "studies": 3,
    "tune": 4,
    "decide": 4,
    "study": 4,
    "rungs": 5,
    "ladder": 5,
    "winner": 5,
    "forget": 5,
    "contexts": 5,
    "begin": 5,
    "drafting": 5,
    "planned": 5,
    "kit": 5,
    "climbed": 5,
    "steering": 5,
    "serve": 5,
    "cli": 6,
    "pytest_plugin": 6,
    "__init__": 7,
    "__main__": 7,
}

# The plumbing of floor 2: shapes and finding files, which its neighbours may use.
SHARED_ON_FLOOR_2 = {"ports", "plugins"}

# The ladder climbs the rungs; who asks a winner needs both; erasing knows where rungs keep things.
WITHIN_FLOOR_5 = {
    ("ladder", "rungs"),
    ("ladder", "planned"),
    ("ladder", "steering"),
    ("ladder", "kit"),
    ("ladder", "climbed"),
    ("kit", "planned"),
    ("climbed", "planned"),
    ("climbed", "steering"),
    ("winner", "kit"),
    ("winner", "planned"),
    ("steering", "rungs"),
    ("winner", "ladder"),
    ("winner", "rungs"),
    ("forget", "rungs"),
}


def room(module: str) -> str:
    """`suffice.models.openai` stands in the room `models`; `suffice` itself in `__init__`."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Every module of ours that a file imports, with the line, TYPE_CHECKING or not."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: write imports in full"
            module = node.module or ""
            if module == "suffice":  # `from suffice import records` names a room
                yield from ((node.lineno, f"suffice.{name.name}") for name in node.names)
            else:
                yield node.lineno, module


def files() -> list[Path]:
    return sorted(ROOT.rglob("*.py"))


def allowed(own: str, other: str) -> bool:
    if own == other or other not in FLOORS:
        return other in (own, "__version__")
    if FLOORS[other] < FLOORS[own]:
        return True
    if FLOORS[other] == FLOORS[own] == 2:
        return other in SHARED_ON_FLOOR_2
    if FLOORS[other] == FLOORS[own] == 5:
        return (own, other) in WITHIN_FLOOR_5
    return own == "pytest_plugin" and other == "cli"


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_imports_only_from_floors_below(path: Path) -> None:
    relative = path.relative_to(ROOT)
    own = relative.parts[0].removesuffix(".py")
    assert own in FLOORS, f"{relative}: no floor is named for it; see DESIGN"
    for line, module in imports(path):
        if module.split(".")[0] == "suffice" and own not in ("__init__", "errors"):
            other = room(module)
            assert allowed(own, other), f"{relative}:{line}: {own} may not import {other}"


def test_errors_know_records_by_type_only() -> None:
    """errors.py names record types in its signatures and must not import them when it runs."""
    for node in ast.parse((ROOT / "errors.py").read_text("utf-8")).body:
        if isinstance(node, ast.ImportFrom):
            assert not (node.module or "").startswith("suffice")


def loaded_modules(statement: str) -> list[str]:
    code = f"import sys, json; {statement}; print(json.dumps(sorted(sys.modules)))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    modules: list[str] = json.loads(out.stdout.splitlines()[-1])
    return modules


def test_importing_suffice_loads_nearly_nothing() -> None:
    """`import suffice` adds two modules of its own and none of its dependencies."""
    before, after = loaded_modules("pass"), loaded_modules("import suffice")
    new = set(after) - set(before)
    assert not {"numpy", "scipy", "msgspec", "typer", "rich", "yaml"} & new
    assert len(new) < 40, sorted(new)
