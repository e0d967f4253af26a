"""json-schema for the shape, fields for the content: a right answer in the wrong shape is both."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from suffice.evaluate.metrics.fields import Fields
from suffice.evaluate.metrics.json_schema import JsonSchema
from suffice.records import Json
from tests.evaluate.metrics.contexts import context

SCHEMA = {
    "type": "object",
    "required": ["city"],
    "additionalProperties": False,
    "properties": {"city": {"type": "string"}, "km": {"type": "number"}},
}


@pytest.mark.parametrize(
    ("text", "value", "detail"),
    [
        ('{"city": "Paris"}', 1, ""),
        (' {"city": "Paris", "km": 1.5}\n', 1, ""),
        ('```json\n{"city": "Paris"}\n```', 0, "code fence"),
        ('Here: {"city": "Paris"}', 0, "around the JSON"),
        ("Paris", 0, "not JSON"),
        ("{'city': 'Paris'}", 0, "not JSON"),
        ("{}", 0, "'city' is a required property"),
        ('{"city": 5}', 0, "['city']: 5 is not of type 'string'"),
        ('{"city": "Paris", "x": 1}', 0, "'x' was unexpected"),
        ('{"city": NaN}', 0, "not JSON"),
        ("[" * 100_000, 0, "not JSON"),
    ],
)
def test_the_whole_answer_must_be_valid_json(text: str, value: float, detail: str) -> None:
    """As a program would parse it: no fence, no prose, nothing missing, nothing more."""
    score = JsonSchema().score(context(text, schema=SCHEMA))
    assert score.value == value
    assert detail in score.detail


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        (None, "no schema"),
        ({"type": "sting"}, "the schema itself is not valid"),
        ({"$ref": "#/$defs/gone"}, "points at what is not in it"),
    ],
)
def test_a_schema_at_fault_leaves_the_answer_unscored(schema: Json, why: str) -> None:
    """The case is to be mended; the answer may be right."""
    score = JsonSchema().score(context("{}", schema=schema))
    assert score.value is None
    assert why in str(score.unscored)


def test_nothing_is_fetched_for_a_schema() -> None:
    """jsonschema alone would get a remote `$ref` from wherever a case points."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            """Tests are quiet."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        schema = {"$ref": f"http://127.0.0.1:{server.server_port}/x.json"}
        score = JsonSchema().score(context("{}", schema=schema))
        server.shutdown()
        thread.join()
    assert asked == []
    assert "points at what is not in it" in str(score.unscored)


PERSON = {"name": "Ada", "age": 36, "address": {"city": "London", "zip": "SW1"}}


@pytest.mark.parametrize(
    ("text", "value", "detail"),
    [
        ('{"name":"ada","age":"36","address":{"city":"london","zip":"SW1"}}', 1, ""),
        ('{"name":"Ada","age":36.0,"address":{"city":"X","zip":"SW1"}}', 0.75, "wrong: address"),
        ('{"name":"Ada","age":36}', 0.5, "missing: address.city, address.zip"),
        ('{"name":"Ada","age":36,"address":{"city":"London","zip":"SW1"},"x":1}', 0.8, "extra: x"),
        ('```json\n{"name":"Ada","age":36,"address":{"city":"London","zip":"SW1"}}\n```', 1, ""),
        ("no JSON", 0, "no JSON object"),
        ("[]", 0, "no JSON object"),
    ],
)  # fmt: skip
def test_fields_are_counted_one_by_one(text: str, value: float, detail: str) -> None:
    """Right fields of all expected and extra ones; the detail names the rest."""
    score = Fields().score(context(text, PERSON))
    assert score.value == pytest.approx(value)
    assert detail in score.detail


@pytest.mark.parametrize(
    ("expected", "found", "value"),
    [
        ({"a": None}, '{"a": null}', 1),
        ({"a": None}, '{"a": "x"}', 0),
        ({"a": True}, '{"a": "true"}', 1),
        ({"a": True}, '{"a": 1}', 0),
        ({"a": 1250.5}, '{"a": "1,250.50"}', 1),
        ({"a": "5 km"}, '{"a": "5 kg"}', 0),
        ({"a": [1, 2]}, '{"a": [1, 2]}', 1),
        ({"a": [1, 2]}, '{"a": [2, 1]}', 0),
        ({"a": "x"}, '{"a": {"b": "x"}}', 0),
        ({"a": {}}, '{"a": {}}', 1),
        ({}, "{}", 1),
    ],
)
def test_fields_compare_by_meaning(expected: Json, found: str, value: float) -> None:
    """Numbers as numbers, words normalised, null as null, lists in order."""
    assert Fields().score(context(found, expected)).value == value


def test_fields_can_be_left_out() -> None:
    """`ignore` drops a field with all below it; `extra` False lets more pass."""
    text = '{"name":"Ada","age":36,"address":{"city":"Paris"},"x":1}'
    assert Fields(ignore=("address",), extra=False).score(context(text, PERSON)).value == 1


def test_the_best_of_several_expected_objects_counts() -> None:
    """Any acceptable object will do."""
    assert Fields().score(context('{"a": 2}', {"a": 1}, {"a": 2})).value == 1


def test_a_right_answer_in_the_wrong_shape_is_seen_as_that() -> None:
    """Content 1, format 0."""
    seen = context('Sure!\n```json\n{"city": "Paris"}\n```', {"city": "Paris"}, schema=SCHEMA)
    assert (Fields().score(seen).value, JsonSchema().score(seen).value) == (1, 0)
