"""Constrained decoding on top of the better of the cheaper rungs."""

from pathlib import Path

import pytest

from suffice.errors import UsageError
from suffice.rungs.schema import SchemaRung
from tests.rungs.workshops import (
    SCHEMA,
    always,
    ask_for,
    knowing,
    open_workshop,
    scripted,
    shots_of,
    some_cases,
    some_examples,
)


def test_without_a_schema_it_says_what_is_missing(tmp_path: Path) -> None:
    """And where to put it; nothing is asked."""
    model = scripted(str)
    with (
        open_workshop(tmp_path, model, some_cases(10)) as workshop,
        pytest.raises(UsageError, match=r"set `schema:` in suffice\.yaml, or give the cases"),
    ):
        SchemaRung().build(workshop)
    assert model.asked == []


def test_every_question_with_a_schema_is_constrained_to_it(tmp_path: Path) -> None:
    """Its own schema goes with the request; a question without one stays free."""
    dev = some_cases(10, schema=True)
    with open_workshop(tmp_path, scripted(knowing(dev, always)), dev) as workshop:
        system = SchemaRung().build(workshop)
    assert system.rung == "schema"
    assert system.prepare(ask_for("Is it red?", schema=True)).schema == SCHEMA
    assert system.prepare(ask_for("Is it red?")).schema is None


def test_a_tie_stands_on_the_prompt_alone(tmp_path: Path) -> None:
    """Examples that add nothing to a constrained prompt are not paid for."""
    dev = some_cases(10, schema=True)
    model = scripted(knowing(dev, lambda request: request.schema is not None))
    with open_workshop(tmp_path, model, dev, some_examples(5)) as workshop:
        assert SchemaRung().build(workshop).built == "schema on: as given"


def test_it_stands_on_examples_where_they_help(tmp_path: Path) -> None:
    """Content that examples teach is kept under the constraint."""
    dev = some_cases(10, schema=True)
    model = scripted(knowing(dev, lambda each: bool(each.schema) and bool(shots_of(each))))
    with open_workshop(tmp_path, model, dev, some_examples(5)) as workshop:
        assert SchemaRung().build(workshop).built == "schema on: 2 examples, spread"


def test_without_examples_the_prompt_is_its_base(tmp_path: Path) -> None:
    """One dev case is too few to show; that hinders no schema."""
    dev = some_cases(1, schema=True)
    with open_workshop(tmp_path, scripted(knowing(dev, always)), dev) as workshop:
        assert SchemaRung().build(workshop).built == "schema on: as given"


def test_examples_that_are_hopeless_without_the_form_are_tried_with_it(tmp_path: Path) -> None:
    """Written freely nothing is right; held to the form, what eight examples show is."""
    dev = some_cases(40, schema=True)
    model = scripted(knowing(dev, lambda each: bool(each.schema) and len(shots_of(each)) == 8))
    with open_workshop(tmp_path, model, dev, some_examples(20), bars={"correct": 0.8}) as workshop:
        assert SchemaRung().build(workshop).built.startswith("schema on: 8 examples")
