"""docs/metrics.md says what the code does: every metric, every option, its type and default."""

import inspect
import json
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from suffice import plugins

PAGE = Path(__file__).parents[3] / "docs" / "metrics.md"
TYPES = {str: "text", bool: "true or false", float: "number", int: "whole number"}


def a_type(annotation: Any) -> str:
    """A type as a writer of suffice.yaml would call it."""
    if get_origin(annotation) is Literal:
        return " or ".join(f"`{each}`" for each in get_args(annotation))
    if get_origin(annotation) is tuple:
        return "list of texts"
    inner = [each for each in get_args(annotation) if each is not type(None)]
    return TYPES[inner[0] if inner else annotation]


def a_default(value: Any) -> str:
    if value is inspect.Parameter.empty:
        return "needed"
    return "none" if value in (None, ()) else f"`{json.dumps(value)}`"


def rows() -> list[str]:
    """The table as the code has it."""
    found = []
    for name in plugins.names("metric"):
        create = plugins.load("metric", name)
        aspect = create.aspect  # type: ignore[attr-defined]
        options = list(inspect.signature(create).parameters.values())
        for each in options:
            found.append(
                f"| {name} | {aspect} | `{each.name}` | {a_type(each.annotation)} "
                f"| {a_default(each.default)} |"
            )
        if not options:
            found.append(f"| {name} | {aspect} | | | |")
    return found


def test_the_table_of_options_is_that_of_the_code() -> None:
    """Documentation must not say another default than the code."""
    page = PAGE.read_text("utf-8")
    table = page.partition("<!-- options:")[2].partition("<!-- /options -->")[0]
    assert [line for line in table.splitlines() if line.startswith("|")][2:] == rows()


def test_every_metric_has_its_paragraph() -> None:
    """In bold at the beginning, by the name that checks use."""
    page = PAGE.read_text("utf-8")
    missing = [name for name in plugins.names("metric") if f"\n**{name}.** " not in page]
    assert missing == []
