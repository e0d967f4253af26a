"""Decoding constrained to a JSON Schema: any value, pressed into a shape that the schema allows.

Honours the keywords below and refuses a schema with others, as hosted models do, rather than
break its promise. Whatever the value lacks is filled with the plainest instance of the schema.
"""

from collections.abc import Mapping, Sequence

import msgspec

from suffice.errors import ProviderError
from suffice.records import FailureKind, Json

_SHAPE = {"type", "properties", "required", "items", "additionalProperties"}
_CHOICE = {"enum", "const", "anyOf", "oneOf", "$ref"}
_LIMITS = {"minItems", "maxItems", "minLength", "maxLength", "minimum", "maximum"}
_NOTES = {"title", "description", "default", "examples", "$comment"}
_PLACES = {"$schema", "$id", "$defs", "definitions"}
_HONOURED = _SHAPE | _CHOICE | _LIMITS | _NOTES | _PLACES
_TEXT_KEYS = ("answer", "label", "category", "value", "text", "response")


class Constraint:
    """One schema, read once and applied to many values."""

    def __init__(self, schema: Mapping[str, Json], endpoint: str) -> None:
        self._root = schema
        self._endpoint = endpoint
        self._check(schema, "$")

    def write(self, value: Json) -> str:
        """The value as JSON text that is valid under the schema."""
        if not isinstance(value, Mapping) and self._kind(self._root) == "object":
            value = self._wrapped(value)
        return msgspec.json.encode(self._press(value, self._root)).decode()

    def _wrapped(self, value: Json) -> dict[str, Json]:
        """A bare value goes into the first property that can hold it as it is."""
        properties: Mapping[str, Json] = self._resolved(self._root).get("properties", {})
        likely = sorted(properties, key=lambda key: key not in _TEXT_KEYS)
        fitting = (key for key in likely if self._press(value, properties[key]) == value)
        key = next(fitting, None)
        return {} if key is None else {key: value}

    def _press(self, value: Json, schema: Mapping[str, Json]) -> Json:
        schema = self._resolved(schema)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return _member(value, schema["enum"])
        choices = schema.get("anyOf") or schema.get("oneOf")
        if choices:
            return self._chosen(value, choices)
        return self._typed(value, self._kind(schema, value), schema)

    def _chosen(self, value: Json, choices: Sequence[Mapping[str, Json]]) -> Json:
        pressed = [self._press(value, choice) for choice in choices]
        return next((each for each in pressed if _same(each, value)), pressed[0])

    def _typed(self, value: Json, kind: str, schema: Mapping[str, Json]) -> Json:
        if kind == "object":
            return self._object(value if isinstance(value, Mapping) else {}, schema)
        if kind == "array":
            return self._array(value, schema)
        if kind == "string":
            return _string(value, schema)
        if kind in ("integer", "number"):
            return _number(value, kind, schema)
        if kind == "boolean":
            return value if isinstance(value, bool) else False
        return None

    def _object(self, value: Mapping[str, Json], schema: Mapping[str, Json]) -> dict[str, Json]:
        properties: Mapping[str, Json] = schema.get("properties", {})
        required = schema.get("required", ())
        keys = [key for key in properties if key in required or key in value]
        keys += [key for key in required if key not in properties]
        extra = schema.get("additionalProperties", True)
        if extra is not False:
            keys += [key for key in value if key not in keys]
        free = extra if isinstance(extra, Mapping) else {}
        return {key: self._press(value.get(key), properties.get(key, free)) for key in keys}

    def _array(self, value: Json, schema: Mapping[str, Json]) -> list[Json]:
        items = schema.get("items", {})
        given = value if isinstance(value, list | tuple) else [] if value is None else [value]
        least, most = schema.get("minItems", 0), schema.get("maxItems", len(given))
        padded = [*given, *[None] * (least - len(given))][: max(least, most)]
        return [self._press(each, items) for each in padded]

    def _kind(self, schema: Mapping[str, Json], value: Json = None) -> str:
        """The JSON type to write: the value's own where the schema allows it."""
        schema = self._resolved(schema)
        own = _type_of(value)
        allowed = schema.get("type", ("object" if "properties" in schema else own))
        if isinstance(allowed, str):
            return allowed
        if own in allowed or (own == "integer" and "number" in allowed):
            return own if own in allowed else "number"
        return str(allowed[0])

    def _resolved(self, schema: Mapping[str, Json]) -> Mapping[str, Json]:
        if "$ref" not in schema:
            return schema
        found: Json = self._root
        for part in schema["$ref"].removeprefix("#").strip("/").split("/"):
            found = found[part] if part else found
        resolved: Mapping[str, Json] = found
        return self._resolved(resolved)

    def _check(self, schema: Json, where: str) -> None:
        if not isinstance(schema, Mapping):
            if schema in (True, None):
                return
            raise self._refused(f"{schema!r} at {where} is no schema")
        unknown = sorted(set(schema) - _HONOURED)
        if unknown:
            raise self._refused(f"{unknown[0]!r} at {where} is not supported")
        self._check_reference(schema, where)
        for key in ("properties", "$defs", "definitions"):
            for name, inner in schema.get(key, {}).items():
                self._check(inner, f"{where}.{key}.{name}")
        for key in ("anyOf", "oneOf"):
            for at, inner in enumerate(schema.get(key, ())):
                self._check(inner, f"{where}.{key}[{at}]")
        self._check(schema.get("items"), f"{where}.items")

    def _check_reference(self, schema: Mapping[str, Json], where: str) -> None:
        try:
            self._resolved(schema)
        except (KeyError, TypeError, AttributeError, RecursionError) as error:
            raise self._refused(f"{schema['$ref']!r} at {where} leads nowhere") from error

    def _refused(self, reason: str) -> ProviderError:
        return ProviderError(
            f"the response schema was refused: {reason}; simplify the study's schema",
            kind=FailureKind.REFUSED_REQUEST,
            endpoint=self._endpoint,
        )


def _member(value: Json, members: Sequence[Json]) -> Json:
    return next((each for each in members if _same(each, value)), members[0])


def _same(one: Json, other: Json) -> bool:
    """JSON equality: Python's own calls 1 and true the same."""
    return type(one) is type(other) and bool(one == other)


def _type_of(value: Json) -> str:
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null"}
    return kinds.get(type(value), "object" if isinstance(value, Mapping) else "array")


def _string(value: Json, schema: Mapping[str, Json]) -> str:
    text = "" if value is None else value if isinstance(value, str) else str(value)
    return text.ljust(schema.get("minLength", 0), ".")[: schema.get("maxLength")]


def _number(value: Json, kind: str, schema: Mapping[str, Json]) -> int | float:
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else 0
    number = max(number, schema.get("minimum", number))
    number = min(number, schema.get("maximum", number))
    return int(number) if kind == "integer" else number
