"""The ways of single providers, seen by our own model and by the official client."""

import json
from typing import Any

import pytest
from openai import BadRequestError, OpenAI

from suffice.models.anthropic import create as create_anthropic
from suffice.models.openai import create
from suffice.ports import ModelOptions
from suffice.records import Message, Request
from tests.servers.chat_server import ChatServer
from tests.servers.houses import HOUSES

HELLO = Request((Message("user", "Hello there"),))
LOOSE = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
OPTIONAL = {"type": "object", "properties": {"city": {"type": "string"}}}


@pytest.mark.parametrize("name", HOUSES)
def test_each_lists_its_models(name: str) -> None:
    """As the official client reads it."""
    house = HOUSES[name]
    with ChatServer(house=house) as server, OpenAI(base_url=server.url, api_key="sk-x") as client:
        assert [each.id for each in client.models.list()] == list(house.models)


def test_vllm_s_null_chunks_cost_no_word() -> None:
    """Chunks without choices stand between the others, and the answer is whole."""
    with ChatServer(house=HOUSES["vllm"]) as server:
        options = ModelOptions(stream=True, extra={"base_url": server.url})
        answer = create("Qwen/Qwen3-8B", options).ask([HELLO])[0]
    assert answer.text == "You said: Hello there"
    assert answer.usage.output_tokens == 4


def test_a_reasoning_model_is_asked_again_without_what_it_refuses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Once for the limit's name, once for the temperature; the second question goes straight in."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-x")
    with ChatServer(house=HOUSES["openai"]) as server:
        model = create("gpt-5-mini", ModelOptions(extra={"base_url": server.url}))
        assert model.ask([HELLO])[0].text == "You said: Hello there"
        assert len(server.received) == 3
        model.ask([HELLO])
        assert len(server.received) == 4


@pytest.mark.parametrize("schema", [LOOSE, OPTIONAL])
def test_openai_takes_our_schemas(schema: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """A loose one is closed, one with optional properties goes without strict mode."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-x")
    with ChatServer(house=HOUSES["openai"]) as server:
        model = create("gpt-4.1-mini", ModelOptions(extra={"base_url": server.url}))
        answer = model.ask([Request(HELLO.messages, schema=schema)])[0]
        assert len(server.received) == 1
    assert json.loads(answer.text) == {"city": "text"}


def test_openai_refuses_a_loose_schema_in_strict_mode() -> None:
    """Sent as it stands it would not have been taken: the house can tell."""
    answer = {"name": "answer", "strict": True, "schema": LOOSE}
    wanted: Any = {"type": "json_schema", "json_schema": answer}
    with (
        ChatServer(house=HOUSES["openai"]) as server,
        OpenAI(base_url=server.url, api_key="sk-x", max_retries=0) as client,
        pytest.raises(BadRequestError, match="additionalProperties"),
    ):
        client.chat.completions.create(
            model="gpt-4.1-mini",
            messages=[{"role": "user", "content": "x"}],
            response_format=wanted,
        )


def test_anthropic_s_key_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever header the SDK sends it in."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-x")
    with ChatServer(house=HOUSES["anthropic"]) as server:
        model = create_anthropic("claude-haiku-4-5", ModelOptions(extra={"base_url": server.root}))
        assert model.ask([HELLO])[0].text == "You said: Hello there"
