"""Which schemas are sent in OpenAI's strict mode, and how they are tightened."""

from typing import Any

import jsonschema
import pytest

from suffice.models.strict import response_format


def sent(schema: dict[str, Any]) -> tuple[bool, Any]:
    wanted = response_format(schema)["json_schema"]
    return wanted["strict"], wanted["schema"]


def thing(required: list[str] | None = None, **properties: Any) -> dict[str, Any]:
    names = list(properties) if required is None else required
    return {"type": "object", "properties": properties, "required": names}


def test_open_objects_are_closed_all_the_way_down() -> None:
    """In properties, items, definitions and alternatives; the user's schema is left alone."""
    inner = thing(name={"type": "string"})
    schema = thing(
        one=inner,
        many={"type": "array", "items": inner},
        either={"anyOf": [inner, {"type": "null"}]},
        named={"$ref": "#/$defs/inner"},
    ) | {"$defs": {"inner": inner}}
    strict, tight = sent(schema)
    closed = inner | {"additionalProperties": False}
    assert strict
    assert tight["additionalProperties"] is False
    assert tight["properties"]["one"] == closed
    assert tight["properties"]["many"]["items"] == closed
    assert tight["properties"]["either"]["anyOf"][0] == closed
    assert tight["$defs"]["inner"] == closed
    assert "additionalProperties" not in inner


def test_what_fits_the_tightened_schema_fits_the_original() -> None:
    """Tightening may not make an answer wrong that the study calls right, or the other way."""
    schema = thing(city={"enum": ["Paris", "Rome"]}, sure={"type": "boolean"})
    _, tight = sent(schema)
    answer = {"city": "Rome", "sure": True}
    jsonschema.validate(answer, tight)
    jsonschema.validate(answer, schema)


@pytest.mark.parametrize(
    "schema",
    [
        thing(required=["a"], a={"type": "string"}, b={"type": "string"}),
        thing(a=thing(required=[], b={"type": "string"})),
        thing(a={"type": "object", "additionalProperties": {"type": "string"}}),
        thing(a={"allOf": [{"type": "string"}]}),
        thing(a={"type": "array", "items": {"oneOf": [{"type": "string"}]}}),
        {"anyOf": [thing(a={"type": "string"})]},
        {"type": "array", "items": {"type": "string"}},
        {"type": "string"},
    ],
)
def test_what_strict_mode_cannot_take_is_sent_as_it_is(schema: dict[str, Any]) -> None:
    """Optional properties above all: forced, the model would invent a value for them."""
    assert sent(schema) == (False, schema)
