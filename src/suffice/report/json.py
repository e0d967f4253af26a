"""The verdict as JSON, every number at full precision, for programs.

It is the `Verdict` record by its field names with one more field, `schema`: the version of the
shape. It can be read back with `msgspec.json.decode(text, type=Verdict)`. The JSON Schema is
published as schemas/verdict.schema.json, generated here from the records themselves.
"""

import json
from dataclasses import dataclass
from inspect import cleandoc

import msgspec

from suffice.records import Details, Json, Verdict, as_json

VERSION = 1  # goes up when a field is taken away or changes its meaning, not when one is added


@dataclass(frozen=True, slots=True)
class JsonReport:
    suffix: str = ".json"

    def render(self, verdict: Verdict, details: Details | None = None) -> str:  # noqa: ARG002
        body = {"schema": VERSION} | json.loads(as_json(verdict))
        return json.dumps(body, indent=2, ensure_ascii=False) + "\n"


def create() -> JsonReport:
    return JsonReport()


def verdict_schema() -> dict[str, Json]:
    """The JSON Schema of what `render` writes."""
    generated = json.loads(msgspec.json.encode(msgspec.json.schema(Verdict)))
    shapes = {name: _tidy(shape) for name, shape in generated["$defs"].items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A verdict of Suffice",
        "description": "What `suffice report -o verdict.json` and `--json` write.",
        "$ref": "#/$defs/Verdict",
        "properties": {"schema": {"const": VERSION, "description": "The version of this shape."}},
        "required": ["schema"],
        "$defs": shapes,
    }


def _tidy(shape: dict[str, Json]) -> dict[str, Json]:
    """A record's docstring without its indentation."""
    if "description" in shape:
        shape = shape | {"description": cleandoc(shape["description"])}
    return shape
