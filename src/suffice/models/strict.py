"""JSON Schemas as OpenAI's strict mode wants them.

Strict mode guarantees the shape, but takes only schemas whose root is an object, whose objects
list every property as required and forbid others, and that use no combining keywords. A schema
that merely forgets to forbid others is tightened: what fits the tight one fits the loose one too.
Any other is sent as it is with `strict: false`: to force an optional property would make the model
invent a value for it. Rules: platform.openai.com/docs/guides/structured-outputs, "Supported
schemas", read 2025-11.
"""

from collections.abc import Mapping

from suffice.records import Json

_UNSUPPORTED = frozenset(
    (
        *("allOf", "oneOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas"),
        *("patternProperties", "propertyNames", "unevaluatedProperties"),
        *("contains", "uniqueItems", "prefixItems"),
    )
)
_NESTED = ("properties", "$defs", "definitions")  # mappings of names to schemas


def response_format(schema: Mapping[str, Json], *, strict: bool = True) -> Json:
    """The `response_format` that asks for a schema, strictly where it can be and is wished."""
    tight = _tightened(schema) if strict and schema.get("type") == "object" else None
    return {
        "type": "json_schema",
        "json_schema": {
            "name": "answer",
            "schema": dict(schema) if tight is None else tight,
            "strict": tight is not None,
        },
    }


def _tightened(schema: Json) -> Json:
    """The schema with every object closed, or None where strict mode cannot take it."""
    if not isinstance(schema, Mapping) or _UNSUPPORTED & schema.keys():
        return None
    tight = dict(schema)
    if "properties" in schema or schema.get("type") == "object":
        properties = schema.get("properties") or {}
        if set(schema.get("required", ())) != set(properties):
            return None
        if isinstance(schema.get("additionalProperties"), Mapping):
            return None
        tight["additionalProperties"] = False
    return _with_parts(tight)


def _with_parts(tight: dict[str, Json]) -> Json:
    """Tightens the schemas inside a schema; None where one of them cannot be."""
    for name in _NESTED:
        if name in tight:
            tight[name] = {key: _tightened(part) for key, part in tight[name].items()}
            if None in tight[name].values():
                return None
    if "items" in tight:
        tight["items"] = _tightened(tight["items"])
        if tight["items"] is None:
            return None
    if "anyOf" in tight:
        tight["anyOf"] = [_tightened(part) for part in tight["anyOf"]]
        if None in tight["anyOf"]:
            return None
    return tight
