"""Finds the kinds of things that the files in domains/ describe."""

import importlib
import pkgutil
from types import ModuleType

import nano.domains
import nano.domains.unseen
from nano.grammar import Kind


def trained_kinds() -> tuple[Kind, ...]:
    return _kinds(nano.domains)


def unseen_kinds() -> tuple[Kind, ...]:
    """The kinds that only the evaluation meets."""
    return _kinds(nano.domains.unseen)


def _kinds(package: ModuleType) -> tuple[Kind, ...]:
    found: list[Kind] = []
    for module in pkgutil.iter_modules(package.__path__):
        if not module.ispkg:
            loaded = importlib.import_module(f"{package.__name__}.{module.name}")
            found += getattr(loaded, "KINDS", ())
    return tuple(found)
