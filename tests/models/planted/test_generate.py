"""Generated worlds have the gap that was planted, and material that fits them."""

import json

import numpy as np
import pytest

from suffice.errors import UsageError
from suffice.models.planted import PlantedModel, create
from suffice.models.planted.generate import COMPLIANT, KNOWN, Gap, make_world
from suffice.ports import ModelOptions
from suffice.records import Request
from tests.models.planted.asking import close, share


@pytest.mark.parametrize("gap", ["none", "knowledge", "format", "both"])
def test_the_gap_is_the_one_that_was_planted(gap: Gap) -> None:
    """Right content and right shape come in the shares that the gap names, closed book."""
    made = make_world(np.random.default_rng(1), cases=2000, gap=gap, unanswerable=0.0)
    answers = PlantedModel(made.world).ask([Request(case.messages) for case in made.cases])
    texts = [answer.text for answer in answers]
    right = [
        case.expected[0]["answer"] in text for case, text in zip(made.cases, texts, strict=True)
    ]
    shaped = [text.startswith("{") and text.endswith("}") for text in texts]
    assert close(share(right), KNOWN[gap], 2000)
    assert close(share(shaped), COMPLIANT[gap], 2000)


def test_evidence_cures_the_knowledge_gap() -> None:
    """With its passage before it, every answerable case is right."""
    made = make_world(np.random.default_rng(2), cases=200, gap="knowledge")
    text = {passage.document: passage.text for passage in made.passages}
    model = PlantedModel(made.world)
    for case in made.cases:
        if case.answerable:
            shown = f"[1] {text[case.gold[0]]}\n\nQuestion: {case.messages[0].content}"
            message = case.messages[0].__class__("user", shown)
            answer = model.ask([Request((message,), schema=made.schema)])[0]
            assert json.loads(answer.text) == case.expected[0]


def test_the_same_generator_makes_the_same_world() -> None:
    """A world is told by its generator's state alone."""
    one, two = (make_world(np.random.default_rng(5), cases=50) for _ in range(2))
    assert one == two
    assert make_world(np.random.default_rng(6), cases=50).world != one.world


def test_documents_are_known_as_a_whole_on_request() -> None:
    """`known_by` document puts the gap into clusters."""
    made = make_world(np.random.default_rng(7), cases=400, gap="knowledge", known_by="document")
    by_document: dict[str, set[bool]] = {}
    for fact in made.world.facts:
        by_document.setdefault(fact.document, set()).add(made.world.knows(fact))
    assert all(len(known) == 1 for known in by_document.values())
    assert {known.copy().pop() for known in by_document.values()} == {True, False}


def test_examples_ask_about_nothing_in_the_cases() -> None:
    """No worked example leaks a case."""
    made = make_world(np.random.default_rng(8), cases=100)
    asked = {case.messages[0].content for case in made.cases}
    assert len(made.examples) == 60
    assert not asked & {example.messages[0].content for example in made.examples}
    assert not {case.cluster for case in made.cases} & {each.cluster for each in made.examples}


def test_a_world_is_generated_from_its_name() -> None:
    """`planted:generate?cases=...` needs no file."""
    made = create("generate?cases=30&gap=format&seed=4", ModelOptions())
    assert len(made.world.facts) == 30
    assert made.world.laws.format == COMPLIANT["format"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("case=3", "did you mean 'cases'"),
        ("cases=many", "whole number"),
        ("gap=knowlege", "did you mean 'knowledge'"),
        ("known=2", "between 0 and 1"),
    ],
)
def test_a_bad_request_for_a_world_is_refused(query: str, words: str) -> None:
    """Each mistake in the name is a UsageError with the near word."""
    with pytest.raises(UsageError, match=words):
        create(f"generate?{query}", ModelOptions())
