"""Finds plug-ins by name: a file in the kind's folder, or an entry point of another package.

Listing reads files as text and imports none of them, so that a plug-in may import heavy packages
at its top. A plug-in called `json-schema` lives in `json_schema.py` and defines `create`; files in
the same folder that do not are neighbours, not plug-ins.
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module, metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from suffice.errors import MissingExtra, UsageError, suggest

FOLDERS = {
    "model": "suffice.models",
    "embedder": "suffice.retrieve.embedders",
    "parser": "suffice.retrieve.parsers",
    "store": "suffice.retrieve.stores",
    "reranker": "suffice.retrieve.rerankers",
    "metric": "suffice.evaluate.metrics",
    "format": "suffice.evaluate.formats",
    "executor": "suffice.executors",
    "rung": "suffice.rungs",
    "trainer": "suffice.tune.trainers",
    "report": "suffice.report",
}


@dataclass(frozen=True)
class Plugin:
    """One plug-in that could be loaded: its name, and the first sentence of its docstring."""

    kind: str
    name: str
    module: str
    summary: str
    package: str = "suffice"


def names(kind: str) -> list[str]:
    """The names of all plug-ins of a kind, sorted."""
    return sorted(_found(kind))


def plugins(kind: str) -> list[Plugin]:
    """All plug-ins of a kind, sorted by name, none of them imported."""
    return [plugin for _, plugin in sorted(_found(kind).items())]


def load(kind: str, name: str) -> Callable[..., Any]:
    """The `create` of a plug-in. The caller knows its kind's signature from ports.py."""
    found = _found(kind)
    if name not in found:
        known = ", ".join(sorted(found))
        raise UsageError(f"there is no {kind} {name!r}{suggest(name, found)}; known: {known}")
    plugin = found[name]
    try:
        module = import_module(plugin.module)
    except ModuleNotFoundError as error:
        raise _missing(f"the {plugin.kind} {plugin.name!r}", error) from error
    create: Callable[..., Any] = module.create
    return create


@cache
def _found(kind: str) -> dict[str, Plugin]:
    own = {plugin.name: plugin for plugin in _own(kind)}
    foreign = {
        point.name: Plugin(kind, point.name, point.value, _docstring(point.value), _package(point))
        for point in metadata.entry_points(group=f"suffice.{kind}")
    }
    return foreign | own  # a name of ours cannot be taken over by another package


def _own(kind: str) -> Iterator[Plugin]:
    package = FOLDERS[kind]
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise UsageError(f"the installation is damaged: {package} is missing; reinstall suffice")
    folder = Path(next(iter(spec.submodule_search_locations)))
    for path in [*folder.glob("*.py"), *folder.glob("*/__init__.py")]:
        stem = path.parent.name if path.name == "__init__.py" else path.stem
        tree = ast.parse(path.read_text("utf-8"))
        if any(_defines_create(node) for node in tree.body):
            yield Plugin(kind, stem.replace("_", "-"), f"{package}.{stem}", _summary(tree))


def _defines_create(node: ast.stmt) -> bool:
    if isinstance(node, ast.FunctionDef):
        return node.name == "create"
    return isinstance(node, ast.Assign) and any(
        isinstance(target, ast.Name) and target.id == "create" for target in node.targets
    )


def _summary(tree: ast.Module) -> str:
    """The first paragraph of a module's docstring on one line."""
    paragraph = (ast.get_docstring(tree) or "").split("\n\n")[0]
    return " ".join(paragraph.split())


def _docstring(module: str) -> str:
    """Of a module of another package. One that is half removed is listed without a sentence, and
    says what is missing when it is loaded: it must not take the others with it."""
    try:
        spec = find_spec(module)
    except ImportError:
        return ""
    if spec is None or spec.origin is None:
        return ""
    return _summary(ast.parse(Path(spec.origin).read_text("utf-8")))


def _package(point: metadata.EntryPoint) -> str:
    return point.dist.name if point.dist else ""


def part(module: str, what: str) -> Any:
    """A module of ours that needs packages of an extra; `what` is what a user wanted of it."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise _missing(what, error) from error


def _missing(what: str, error: ModuleNotFoundError) -> MissingExtra:
    """Names the extra that brings the missing package, read from our own metadata."""
    missing = (error.name or "").partition(".")[0].replace("_", "-")
    for requirement in metadata.requires("suffice") or []:
        wanted, _, marker = requirement.partition(";")
        if wanted.lower().startswith(missing) and "extra ==" in marker:
            extra = marker.rpartition("==")[2].strip().strip("'\"")
            return MissingExtra(
                f"{what} needs {missing}, which is not installed.\n"
                f"Run: pip install 'suffice[{extra}]'"
            )
    return MissingExtra(
        f"{what} needs {missing}, which is not installed.\nRun: pip install {missing}"
    )
