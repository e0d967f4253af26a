"""The verdict as JSON."""

import json
from pathlib import Path

import jsonschema
import msgspec

from suffice.records import Verdict
from suffice.report.json import VERSION, create, verdict_schema
from tests.report.verdicts import a_support_desk, a_verdict

SCHEMA = Path(__file__).parents[2] / "src/suffice/schemas/verdict.schema.json"


def test_the_record_comes_back_as_it_was() -> None:
    """What was written can be read as a Verdict, every number at full precision."""
    text = create().render(a_support_desk())
    assert msgspec.json.decode(text, type=Verdict) == a_support_desk()


def test_the_version_comes_first() -> None:
    """A reader meets the version of the shape before the shape."""
    assert next(iter(json.loads(create().render(a_verdict())).items())) == ("schema", VERSION)


def test_what_is_written_is_valid_under_the_published_schema() -> None:
    """The published schema accepts real verdicts and asks for the version."""
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))
    body = json.loads(create().render(a_support_desk()))
    validator.validate(body)
    assert not validator.is_valid(body | {"schema": VERSION + 1})
    assert not validator.is_valid(body | {"standings": [{"rung": 1}]})


def test_the_published_schema_is_fresh() -> None:
    """The schema file says what the records say; `make docs` writes it anew."""
    assert json.loads(SCHEMA.read_text("utf-8")) == verdict_schema()
