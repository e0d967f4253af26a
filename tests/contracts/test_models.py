"""What every model plug-in must do, whoever wrote it."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import jsonschema
import pytest

from suffice import plugins
from suffice.errors import ProviderError
from suffice.records import Message, Request, fingerprint
from tests.models.starts import PRICE, STARTS, Started

MODELS = plugins.names("model")
KEY = "sk-contract-0123456789abcdef"
REQUESTS = [
    Request(messages=(Message("system", "Be brief."), Message("user", text)), max_tokens=24, seed=1)
    for text in ("How long is the guarantee?", "Who?", "What is the capital of France? " * 3)
]
SCHEMA = {
    "type": "object",
    "properties": {"sure": {"type": "boolean"}, "city": {"enum": ["Paris", "Rome"]}},
    "required": ["sure", "city"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module", params=MODELS)
def started(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Started]:
    name: str = request.param
    assert name in STARTS, (
        f"the model {name!r} cannot be started in tests: add an entry to tests/models/starts.py"
    )
    with pytest.MonkeyPatch.context() as environment, ExitStack() as stack:
        environment.setenv("OPENAI_API_KEY", KEY)
        environment.setenv("ANTHROPIC_API_KEY", KEY)
        yield STARTS[name](tmp_path_factory.mktemp(name), stack)


def test_every_start_has_its_model() -> None:
    """A start that no plug-in answers to is a plug-in that got lost."""
    assert set(STARTS) <= set(MODELS)


@pytest.mark.parametrize("name", MODELS)
def test_a_model_lists_itself_in_one_line(name: str) -> None:
    """`suffice list` shows a sentence about it."""
    summary = next(each.summary for each in plugins.plugins("model") if each.name == name)
    assert 20 < len(summary) < 120


def test_its_name_is_provider_and_name(started: Started) -> None:
    """As the study writes it; the provider is the plug-in's own name."""
    provider, colon, name = started.model.name.partition(":")
    assert provider in MODELS
    assert colon
    assert name
    assert started.model.endpoint


def test_answers_come_one_a_request_in_order(started: Started) -> None:
    """Asked together or alone, each request gets its own answer."""
    alone = [started.model.ask([request])[0].text for request in REQUESTS]
    assert [answer.text for answer in started.model.ask(REQUESTS)] == alone
    assert len(set(alone)) > 1


def test_nothing_asked_is_nothing_answered(started: Started) -> None:
    """An empty batch is no error."""
    assert list(started.model.ask([])) == []


def test_it_is_deterministic_at_temperature_0(started: Started) -> None:
    """The same request gets the same answer."""
    first, second = ([each.text for each in started.model.ask(REQUESTS)] for _ in range(2))
    assert first == second


def test_an_answer_is_complete(started: Started) -> None:
    """It has its tokens, its time, its price and its end, and no failure."""
    for answer in started.model.ask(REQUESTS):
        assert answer.failure is None
        assert answer.usage.input_tokens > 0
        assert 0 < answer.usage.output_tokens <= 24
        assert answer.seconds > 0
        assert answer.usd == pytest.approx(PRICE.usd(answer.usage))
        assert answer.finish in ("stop", "length")


def test_a_longer_prompt_has_more_tokens(started: Started) -> None:
    """In the usage as in the count made beforehand."""
    short, long = REQUESTS[1], REQUESTS[2]
    answers = started.model.ask([short, long])
    assert answers[0].usage.input_tokens < answers[1].usage.input_tokens
    count = started.model.count_tokens
    assert 0 < count(short.messages[-1].content) < count(long.messages[-1].content)


def test_the_token_limit_is_kept(started: Started) -> None:
    """And an answer that it cut says so."""
    whole, cut = (
        started.model.ask([replace(REQUESTS[0], max_tokens=limit)])[0] for limit in (24, 2)
    )
    assert cut.usage.output_tokens <= 2
    if cut.text != whole.text:
        assert cut.finish == "length"


def test_a_schema_is_respected(started: Started) -> None:
    """Whatever the model would have said, the answer fits the schema."""
    request = replace(REQUESTS[0], schema=SCHEMA, max_tokens=80)
    for answer in started.model.ask([request, request]):
        jsonschema.validate(json.loads(answer.text), SCHEMA)


def test_it_says_how_many_requests_a_call_takes(started: Started) -> None:
    """The study's batch, or 1 where each request is a call anyway; more are answered too."""
    assert started.model.batch in (1, 2)
    assert len(started.model.ask(REQUESTS * 2)) == 6


def test_its_identity_is_stable_json(started: Started) -> None:
    """It is part of the journal's key, so it may not change while the model is used."""
    before = fingerprint(started.model.identity())
    started.model.ask(REQUESTS[:1])
    assert fingerprint(started.model.identity()) == before
    assert json.loads(json.dumps(started.model.identity())) == started.model.identity()


def test_nothing_that_is_shown_or_kept_holds_a_key(started: Started) -> None:
    """Not its repr, not its identity, not its errors."""
    with pytest.raises(ProviderError) as caught:
        started.model.ask([started.spoil()])
    shown = repr(started.model) + json.dumps(started.model.identity()) + str(caught.value)
    assert KEY not in shown + started.model.endpoint


def test_a_call_that_fails_is_a_provider_error(started: Started) -> None:
    """It names the endpoint, and the next call works again."""
    with pytest.raises(ProviderError) as caught:
        started.model.ask([started.spoil()])
    assert caught.value.endpoint == started.model.endpoint
    assert started.model.endpoint in str(caught.value)
    assert started.model.ask(REQUESTS[:1])[0].failure is None
