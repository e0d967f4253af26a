"""Fills foreign templates: `{{name}}` and `{{item.name}}` are replaced, and nothing else is run.

Nunjucks and Jinja can call and compute; a template from a file that somebody sent must not. What
was not filled is told to the caller, who warns of it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from suffice.records import Json

# Bounded, so that a file full of braces cannot make the search quadratic.
_PLACE = re.compile(r"\{\{-?(.{0,1000}?)-?\}\}|\{%.{0,1000}?%\}|\{#.{0,1000}?#\}", re.DOTALL)
_NAME = re.compile(r"[A-Za-z_][\w-]*(?:\.[\w-]+)*")
_QUOTES = re.compile(r"""\[\s*["']([\w-]+)["']\s*\]""")
_UNKNOWN = object()


@dataclass(frozen=True, slots=True)
class Filled:
    """A template with its places filled, and the places that could not be."""

    text: str
    left: tuple[str, ...] = ()


def fill(template: str, values: Mapping[str, Json]) -> Filled:
    """Replaces every place once. What a value holds is text, never a template again."""
    left: list[str] = []

    def put(match: re.Match[str]) -> str:
        value = lookup((match[1] or "").strip(), values)
        if value is _UNKNOWN:
            left.append(match[0])
            return match[0]
        return shown(value)

    return Filled(_PLACE.sub(put, template), tuple(left))


def lookup(name: str, values: Mapping[str, Json]) -> Json:
    """The value that a plain or dotted name stands for."""
    name = _QUOTES.sub(r".\1", name)
    if not _NAME.fullmatch(name):
        return _UNKNOWN
    value: Json = values
    for part in name.split("."):
        if isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        elif isinstance(value, Mapping) and part in value:
            value = value[part]
        else:
            return _UNKNOWN
    return value


def known(value: Json) -> bool:
    """Whether `lookup` found something."""
    return value is not _UNKNOWN


def shown(value: Json) -> str:
    """A value as a template shows it: texts as they are, the rest as JSON."""
    if isinstance(value, str):
        return value
    return "" if value is None else msgspec.json.encode(value).decode()
