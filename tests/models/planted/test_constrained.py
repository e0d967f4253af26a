"""Constrained output is valid under the schema, whatever the value was."""

import json
from typing import Any

import hypothesis
import jsonschema
import pytest
from hypothesis import strategies as st

from suffice.errors import ProviderError
from suffice.models.planted.constrained import Constraint
from suffice.records import FailureKind
from tests.models.planted.asking import facts, model, request

_LEAVES: list[dict[str, Any]] = [
    {"type": "string"},
    {"type": "string", "minLength": 3, "maxLength": 5},
    {"type": "integer", "minimum": 2, "maximum": 9},
    {"type": "number"},
    {"type": "boolean"},
    {"type": "null"},
    {"type": ["string", "null"]},
    {"enum": ["red", "green", 3, None, True]},
    {"const": "always"},
    {"anyOf": [{"type": "integer"}, {"type": "string"}]},
    {"$ref": "#/$defs/colour"},
    {},
]


def _inner(children: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    objects = st.builds(
        lambda properties, required, extra: {
            "type": "object",
            "properties": properties,
            "required": sorted(set(properties) & required),
            "additionalProperties": extra,
        },
        st.dictionaries(st.sampled_from(["answer", "label", "why", "parts"]), children, max_size=4),
        st.sets(st.sampled_from(["answer", "label", "why", "parts"])),
        st.booleans(),
    )
    arrays = st.builds(
        lambda items, least: {"type": "array", "items": items, "minItems": least, "maxItems": 3},
        children,
        st.integers(0, 3),
    )
    return objects | arrays


SCHEMAS = st.recursive(st.sampled_from(_LEAVES), _inner, max_leaves=6).map(
    lambda schema: schema | {"$defs": {"colour": {"enum": ["red", "blue"]}}}
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 20) | st.floats(-3, 3) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["answer", "label", "why", "other"]), inner, max_size=4)
    ),
    max_leaves=6,
)


@hypothesis.settings(max_examples=200, deadline=None)
@hypothesis.given(SCHEMAS, VALUES)
def test_every_value_becomes_valid(schema: dict[str, Any], value: Any) -> None:
    """Any value under any schema that is honoured is written as a valid instance."""
    written = json.loads(Constraint(schema, "here").write(value))
    jsonschema.Draft202012Validator(schema).validate(written)


@hypothesis.settings(max_examples=100, deadline=None)
@hypothesis.given(SCHEMAS)
def test_the_models_answers_are_valid(schema: dict[str, Any]) -> None:
    """The same through the model, with right, wrong and declined answers."""
    for known in (0.0, 1.0):
        made = model(told_of=facts(4), abstain_unknown=0.5, skill=0.5, world={"known": known})
        for at in range(4):
            (answer,) = made.ask([request(f"What is the mass of body {at}?", schema=schema)])
            jsonschema.Draft202012Validator(schema).validate(json.loads(answer.text))


@pytest.mark.parametrize("key", ["answer", "label", "colour"])
def test_a_bare_value_goes_into_the_field_that_fits(key: str) -> None:
    """A label under an object schema stands where it is allowed."""
    schema = {
        "type": "object",
        "properties": {"sure": {"type": "boolean"}, key: {"enum": ["red", "blue"]}},
        "required": ["sure", key],
    }
    assert json.loads(Constraint(schema, "here").write("blue")) == {"sure": False, key: "blue"}


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "string", "pattern": "^a"}, "'pattern' at \\$"),
        ({"type": "object", "properties": {"a": {"not": {}}}}, "'not' at \\$.properties.a"),
        ({"type": "object", "properties": {"a": {"$ref": "#/$defs/b"}}}, "leads nowhere"),
        ({"$ref": "#"}, "leads nowhere"),
    ],
)
def test_a_schema_that_cannot_be_kept_is_refused(schema: dict[str, Any], words: str) -> None:
    """Rather a refusal that names the keyword than an answer that breaks the schema."""
    with pytest.raises(ProviderError, match=words) as caught:
        model().ask([request("What is the mass of body 1?", schema=schema)])
    assert caught.value.kind is FailureKind.REFUSED_REQUEST
