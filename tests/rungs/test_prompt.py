"""The prompt as it is, or with the format spelled out."""

from pathlib import Path

from suffice.records import Message, Question
from suffice.rungs.prompt import PromptRung
from tests.rungs.workshops import (
    PROMPT,
    SCHEMA,
    always,
    ask_for,
    knowing,
    never,
    open_workshop,
    scripted,
    some_cases,
    system_of,
)

SPELLED = "JSON Schema"


def test_without_a_schema_it_costs_nothing_to_build(tmp_path: Path) -> None:
    """There is nothing to choose, so nothing is asked."""
    model = scripted(str)
    with open_workshop(tmp_path, model, some_cases(10)) as workshop:
        system = PromptRung().build(workshop)
    assert model.asked == []
    assert system.built == "as given"


def test_the_request_is_the_study_s(tmp_path: Path) -> None:
    """Prompt, question, temperature and token limit; no schema, no example."""
    with open_workshop(tmp_path, scripted(str), some_cases(10)) as workshop:
        request = PromptRung().build(workshop).prepare(ask_for("Is it red?"))
    assert request.messages == (Message("system", PROMPT), Message("user", "Is it red?"))
    assert (request.temperature, request.max_tokens, request.schema) == (0.3, 64, None)


def test_a_system_turn_of_the_case_follows_the_prompt(tmp_path: Path) -> None:
    """One system message, the study's words first; earlier turns stay in their order."""
    turns = (
        Message("system", "The customer is angry."),
        Message("user", "Hello?"),
        Message("assistant", "Yes?"),
        Message("user", "Where is it?"),
    )
    with open_workshop(tmp_path, scripted(str), some_cases(10)) as workshop:
        request = PromptRung().build(workshop).prepare(Question("q", turns))
    assert request.messages == (
        Message("system", f"{PROMPT}\n\nThe customer is angry."),
        *turns[1:],
    )


def test_spells_the_format_out_where_that_does_better(tmp_path: Path) -> None:
    """A model that needs to be told the schema is told it."""
    dev = some_cases(10, schema=True)
    model = scripted(knowing(dev, lambda request: SPELLED in system_of(request)))
    with open_workshop(tmp_path, model, dev) as workshop:
        system = PromptRung().build(workshop)
    assert system.built == "format spelled out"
    request = system.prepare(ask_for("Is it red?", schema=True))
    assert SPELLED in system_of(request)
    assert '"required": ["answer"]' in system_of(request)
    assert request.schema is None, "the prompt alone does not constrain"


def test_leaves_the_prompt_alone_where_that_does_better(tmp_path: Path) -> None:
    """A prompt that says it better than we can stays as it is."""
    dev = some_cases(10, schema=True)
    model = scripted(knowing(dev, lambda request: SPELLED not in system_of(request)))
    with open_workshop(tmp_path, model, dev) as workshop:
        assert PromptRung().build(workshop).built == "as given"


def test_where_no_form_is_wrong_nothing_is_spelled_out(tmp_path: Path) -> None:
    """It could mend nothing, so it is not even asked."""
    dev = some_cases(10, schema=True)
    model = scripted(knowing(dev, always))
    with open_workshop(tmp_path, model, dev) as workshop:
        assert PromptRung().build(workshop).built == "as given"
    assert len(model.asked) == len(dev)
    assert not any(SPELLED in system_of(request) for request in model.asked)


def test_a_tie_keeps_the_prompt_as_it_was(tmp_path: Path) -> None:
    """More words must earn their tokens, both where all is right and where nothing is."""
    dev = some_cases(10, schema=True)
    for number, when in enumerate((always, never)):
        folder = tmp_path / str(number)
        with open_workshop(folder, scripted(knowing(dev, when)), dev) as workshop:
            assert PromptRung().build(workshop).built == "as given"


def test_a_question_without_a_schema_is_not_told_of_one(tmp_path: Path) -> None:
    """Cases with and without a format may stand in one study."""
    dev = some_cases(10, schema=True)
    model = scripted(knowing(dev, lambda request: SPELLED in system_of(request)))
    with open_workshop(tmp_path, model, dev) as workshop:
        request = PromptRung().build(workshop).prepare(ask_for("Is it red?"))
    assert system_of(request) == PROMPT
    assert SCHEMA["type"] == "object"
