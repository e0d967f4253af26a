"""The anthropic provider: what it sends through the SDK, and what it makes of the events."""

import json
from dataclasses import replace
from typing import Any

import pytest

from suffice.errors import ProviderError, UsageError
from suffice.models.anthropic import AnthropicModel, create
from suffice.ports import ModelOptions, Price
from suffice.records import Answer, FailureKind, Message, Request, Usage
from tests.servers.chat_server import ChatServer, Fault

QUESTION = Request(messages=(Message("system", "Be brief."), Message("user", "hello out there")))
SCHEMA = {"type": "object", "properties": {"sure": {"type": "boolean"}}, "required": ["sure"]}


def model_at(server: ChatServer, **extra: Any) -> AnthropicModel:
    return create(
        "claude-x", ModelOptions(timeout_seconds=5, extra={"base_url": server.root} | extra)
    )


def ask(model: AnthropicModel, request: Request = QUESTION) -> Answer:
    return model.ask([request])[0]


def sent(server: ChatServer) -> dict[str, Any]:
    return server.received[-1].body


def event(kind: str, **body: Any) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind} | body)}\n\n".encode()


def test_a_request_becomes_a_body(server: ChatServer) -> None:
    """The system prompt stands apart and is marked for caching; stop strings have their name."""
    ask(model_at(server), replace(QUESTION, max_tokens=7, stop=("END",)))
    assert sent(server) == {
        "model": "claude-x",
        "max_tokens": 7,
        "system": [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}],
        "messages": [{"role": "user", "content": "hello out there"}],
        "stop_sequences": ["END"],
        "temperature": 0.0,
        "stream": True,
    }


def test_what_one_side_says_in_a_row_becomes_one_turn(server: ChatServer) -> None:
    """The API wants user and assistant to take turns, and no system message among them."""
    turns = [
        *[("system", "a"), ("user", "b"), ("user", "c"), ("assistant", "d")],
        *[("system", "e"), ("assistant", "f"), ("user", "g")],
    ]
    ask(model_at(server), Request(messages=tuple(Message(role, text) for role, text in turns)))  # type: ignore[arg-type]  # roles as words
    assert sent(server)["system"][0]["text"] == "a\n\ne"
    assert sent(server)["messages"] == [
        {"role": "user", "content": "b\n\nc"},
        {"role": "assistant", "content": "d\n\nf"},
        {"role": "user", "content": "g"},
    ]


def test_no_system_prompt_is_sent_where_there_is_none(server: ChatServer) -> None:
    """An empty one would be refused."""
    ask(model_at(server), Request(messages=(Message("user", "hello"),)))
    assert "system" not in sent(server)


def test_a_schema_is_asked_for_in_the_apis_own_way(server: ChatServer) -> None:
    """Structured outputs, next to what the study sets of the output's configuration."""
    answer = ask(
        model_at(server, output_config={"effort": "low"}), replace(QUESTION, schema=SCHEMA)
    )
    config = sent(server)["output_config"]
    assert config["effort"] == "low"
    assert config["format"]["type"] == "json_schema"
    assert config["format"]["schema"]["additionalProperties"] is False
    assert json.loads(answer.text) == {"sure": True}


def test_a_schema_that_the_sdk_cannot_transform_is_sent_as_it_is(server: ChatServer) -> None:
    """The API judges it then."""
    schema = {"type": "object", "properties": {"name": {"type": ["string", "null"]}}}
    ask(model_at(server), replace(QUESTION, schema=schema))
    assert sent(server)["output_config"]["format"]["schema"] == schema


def test_a_refused_temperature_is_left_out_and_remembered(server: ChatServer) -> None:
    """New models take none."""
    model = model_at(server)
    server.script(Fault(400, "`temperature` is deprecated for this model."))
    ask(model)
    ask(model)
    assert ["temperature" in each.body for each in server.received] == [True, False, False]


def test_usage_is_counted_in_our_terms(server: ChatServer) -> None:
    """The API leaves cached tokens out of the input tokens; we count them among them."""
    server.cached_tokens = 2
    answer = ask(model_at(server))
    assert answer.usage == Usage(input_tokens=5, output_tokens=5, cached_tokens=2)


def test_the_price_counts_what_the_cache_cost(server: ChatServer) -> None:
    """Reads at their own price, the rest at the full one."""
    server.cached_tokens = 2
    price = Price(input=10.0, output=0.0, cached_input=1.0)
    model = create("m", ModelOptions(price=price, extra={"base_url": server.root}))
    assert ask(model).usd == pytest.approx((3 * 10.0 + 2 * 1.0) / 1e6)


def test_an_answer_has_its_times_and_its_end(server: ChatServer) -> None:
    """Answers are always streamed, so the first token's time is known."""
    model = model_at(server)
    answer = ask(model)
    assert answer.first_token_seconds is not None
    assert 0 < answer.first_token_seconds <= answer.seconds
    assert answer.finish == "stop"
    assert ask(model, replace(QUESTION, max_tokens=2)).finish == "length"
    assert server.connections == 1


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("overloaded_error", FailureKind.SERVER),
        ("rate_limit_error", FailureKind.RATE_LIMIT),
        ("api_error", FailureKind.SERVER),
        ("invalid_request_error", FailureKind.REFUSED_REQUEST),
    ],
)
def test_an_error_in_a_stream_has_its_kind(
    server: ChatServer, kind: str, found: FailureKind
) -> None:
    """It comes with status 200; its type says which status it would have had."""
    server.script(Fault(events=(event("error", error={"type": kind, "message": "sorry"}),)))
    with pytest.raises(ProviderError, match="sorry") as caught:
        ask(model_at(server))
    assert caught.value.kind is found


START = event("message_start", message={"usage": {"input_tokens": 1, "output_tokens": 1}})
BLOCK = event("content_block_start", index=0, content_block={"type": "text", "text": ""})
STOP = event("message_stop")


@pytest.mark.parametrize(
    ("events", "kind"),
    [
        ((START, BLOCK), FailureKind.CUT_OFF),
        ((START, STOP), FailureKind.EMPTY),
        ((event("message_start", message=None),), FailureKind.MALFORMED),
        ((b"event: message_start\ndata: {half\n\n",), FailureKind.MALFORMED),
    ],
)
def test_a_stream_that_is_no_answer_is_a_failure(
    server: ChatServer, events: tuple[bytes, ...], kind: FailureKind
) -> None:
    """Cut, empty and unreadable streams are told apart; all may be tried again."""
    server.script(Fault(events=events))
    with pytest.raises(ProviderError) as caught:
        ask(model_at(server))
    assert (caught.value.kind, caught.value.retryable) == (kind, True)


def test_a_lone_surrogate_is_refused(server: ChatServer) -> None:
    """Text that is not Unicode cannot be asked."""
    with pytest.raises(ProviderError) as caught:
        ask(model_at(server), Request(messages=(Message("user", "\ud800"),)))
    assert caught.value.kind is FailureKind.REFUSED_REQUEST


def test_the_real_server_needs_a_key() -> None:
    """Said before anything is asked, with the variable's name."""
    with pytest.raises(UsageError, match="ANTHROPIC_API_KEY"):
        create("claude-x", ModelOptions())


def test_the_environment_names_key_and_server(
    server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ANTHROPIC_API_KEY and ANTHROPIC_BASE_URL are honoured, with and without /v1."""
    server.key = "my-own-secret"
    monkeypatch.setenv("ANTHROPIC_API_KEY", "my-own-secret")
    for url in (server.root, server.url):
        monkeypatch.setenv("ANTHROPIC_BASE_URL", url)
        assert ask(create("claude-x", ModelOptions())).text == "You said: hello out there"
