"""The files that a promptfoo configuration names, and the tests in them.

Nothing outside the configuration's folder is read, and nothing is run: what a script would have
generated is told as missing.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from suffice.errors import DataError
from suffice.evaluate.formats.csv import table
from suffice.evaluate.formats.grading import Notices
from suffice.evaluate.formats.promptfoo_asserts import KINDS
from suffice.evaluate.formats.yaml_file import load_yaml
from suffice.evaluate.lines import read_jsonl, whole_json, whole_text
from suffice.records import Json, Source

CONFIG_NAMES = tuple(f"promptfooconfig.{ending}" for ending in ("yaml", "yml", "json"))
YAML = (".yaml", ".yml")
_TEXT = (".txt", ".md", ".j2", ".njk")
_EXPECTED = re.compile(r"__expected(\d*)")
_ASSERTION = re.compile(
    r"(?P<kind>[a-z][a-z-]*)(?:\((?P<threshold>[\d.]+)\))?\s*(?::(?P<value>.*))?", re.S
)
_ALIASES = {"grade": "llm-rubric", "fn": "javascript", "eval": "javascript"}

Test = tuple[Source, dict[str, Json]]


def find(folder: Path, reference: str, source: Source) -> list[Path]:
    """The files that `file://...` names, wildcards too, none of them outside the folder."""
    name = reference.removeprefix("file://")
    root = folder.resolve()
    if "*" in name:
        if Path(name).is_absolute() or ".." in Path(name).parts:
            raise _outside(reference, source)
        return [_inside(path, root, reference, source) for path in sorted(root.glob(name))]
    path = _inside(folder / name, root, reference, source)
    if not path.is_file():
        raise DataError(f"{reference} names no file", source)
    return [folder / name]


def content(path: Path, source: Source) -> Json:
    """A file's text or value, by its ending. Raises where it would have to be run."""
    ending = path.suffix.lower()
    if ending in _TEXT:
        return whole_text(path)
    if ending in YAML:
        return load_yaml(path)
    if ending == ".json":
        return whole_json(path)
    raise DataError(f"{path.name} cannot be read as text, YAML or JSON", source)


def tests_in(value: Json, folder: Path, source: Source, notices: Notices) -> Iterator[Test]:
    """Every test that a `tests:` key stands for, with the place it stands at."""
    for item in value if isinstance(value, list) else [value]:
        at = Source(source.path, getattr(item, "line", source.line))
        reference = item.get("path") if isinstance(item, dict) and "vars" not in item else item
        if isinstance(reference, str):
            yield from _referenced(reference, folder, at, notices)
        elif isinstance(item, dict):
            yield at, item
        elif item is not None:
            raise DataError(f"a test must be a mapping or file://..., not {item!r}", at)


def tests_of_file(path: Path, notices: Notices) -> Iterator[Test]:
    """The tests of one file of tests."""
    ending, source = path.suffix.lower(), Source(str(path))
    if ending == ".csv":
        yield from ((at, _row(cells)) for at, cells in table(path))
    elif ending in (".jsonl", ".ndjson"):
        yield from ((Source(str(path), line), row) for line, row in read_jsonl(path))
    else:
        value = content(path, source)
        if isinstance(value, dict):
            value = value.get("tests", [value])
        yield from tests_in(value, path.parent, source, notices)


def _referenced(reference: str, folder: Path, at: Source, notices: Notices) -> Iterator[Test]:
    ending = Path(reference.partition("#")[0]).suffix.lower()
    if ending not in (*YAML, ".json", ".jsonl", ".ndjson", ".csv"):
        notices.say(
            at, f"tests of {reference!r} are not taken over: only tables, YAML and JSON are"
        )
        return
    for path in find(folder, reference, at):
        yield from tests_of_file(path, notices)


def _row(cells: dict[str, str]) -> dict[str, Json]:
    """A CSV row as a test: `__expected` columns are assertions, other columns variables."""
    test: dict[str, Json] = {"vars": {}, "assert": [], "metadata": {}, "options": {}}
    for name, cell in cells.items():
        if match := _EXPECTED.fullmatch(name):
            test["assert"].append(_assertion(cell, cells, match[1]))
        elif name == "__description":
            test["description"] = cell
        elif name in ("__prefix", "__suffix"):
            test["options"][name.strip("_")] = cell
        elif name.startswith("__metadata:"):
            key = name.removeprefix("__metadata:")
            parts = [part.strip() for part in re.split(r"(?<!\\),", cell)]
            test["metadata"][key.removesuffix("[]")] = parts if key.endswith("[]") else cell
        elif not name.startswith("__"):
            test["vars"][name] = cell
    return test


def _assertion(cell: str, cells: dict[str, str], number: str) -> dict[str, Json]:
    """`contains: Paris`, `similar(0.8): Hello`, or an answer that must be equal."""
    match = _ASSERTION.fullmatch(cell.strip())
    kind = _ALIASES.get(match["kind"], match["kind"]) if match else ""
    if (
        not match
        or kind.removeprefix("not-") not in KINDS
        or cell.strip() == match["kind"] in _ALIASES
    ):
        return {"type": "equals", "value": cell}
    threshold = match["threshold"] or next(
        (
            cells[name]
            for name in (
                f"__config:__expected{number}:threshold",
                "__config:__expected:threshold",
            )
            if name in cells
        ),
        None,
    )
    value = match["value"].strip() if match["value"] else None
    found: dict[str, Json] = {"type": kind, "value": value}
    return found if threshold is None else found | {"threshold": threshold}


def _inside(path: Path, root: Path, reference: str, source: Source) -> Path:
    if not path.resolve().is_relative_to(root):
        raise _outside(reference, source)
    return path


def _outside(reference: str, source: Source) -> DataError:
    return DataError(
        f"{reference} lies outside the folder of the configuration; copy it inside", source
    )


def looks_like_tests(value: Json) -> bool:
    """Whether a value is a configuration or a list of tests, by its keys."""
    if isinstance(value, dict):
        return "tests" in value and bool({"prompts", "providers", "defaultTest"} & set(value))
    return bool(value) and isinstance(value, list) and looks_like_test(value[0])


def looks_like_test(value: Json) -> bool:
    return isinstance(value, dict) and ("vars" in value or "assert" in value)
