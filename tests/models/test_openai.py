"""The openai provider: what it sends and what it makes of answers, beside the official SDK."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import openai as official
import pytest

from suffice.errors import ProviderError, UsageError
from suffice.models.openai import OpenAIModel, create
from suffice.ports import ModelOptions, Price
from suffice.records import Answer, FailureKind, Message, Request, Usage
from tests.servers.chat_server import ChatServer, Fault

SYSTEM = Message("system", "Be brief.")
QUESTION = Request(messages=(SYSTEM, Message("user", "hello out there")))
SCHEMA = {"type": "object", "properties": {"sure": {"type": "boolean"}}, "required": ["sure"]}


def model_at(server: ChatServer, *, stream: bool = False, **extra: Any) -> OpenAIModel:
    options = ModelOptions(stream=stream, timeout_seconds=5, extra={"base_url": server.url} | extra)
    return create("gpt-x", options)


def ask(model: OpenAIModel, request: Request = QUESTION) -> Answer:
    return model.ask([request])[0]


def sent(server: ChatServer) -> dict[str, Any]:
    return server.received[-1].body


# ---------------------------------------------------------------- what is sent


def test_a_request_becomes_a_body(server: ChatServer) -> None:
    """Everything that a request says is sent, in the API's words."""
    request = replace(QUESTION, max_tokens=7, temperature=0.5, seed=3, stop=("END",))
    ask(model_at(server), request)
    assert sent(server) == {
        "model": "gpt-x",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "hello out there"},
        ],
        "max_tokens": 7,
        "temperature": 0.5,
        "seed": 3,
        "stop": ["END"],
    }


def test_extra_goes_into_the_body(server: ChatServer) -> None:
    """What a study adds is passed through; base_url is the address and stays out."""
    ask(model_at(server, top_k=5, temperature=0.9))
    assert sent(server)["top_k"] == 5
    assert sent(server)["temperature"] == 0.9
    assert "base_url" not in sent(server)


@pytest.mark.parametrize("name", ["messages", "model", "stream"])
def test_extra_may_not_replace_what_the_study_says(name: str) -> None:
    """Else the journal would keep answers to another question."""
    with pytest.raises(UsageError, match=name):
        create("m", ModelOptions(extra={"base_url": "http://127.0.0.1:1/v1", name: "x"}))


def test_a_schema_is_asked_for_strictly(server: ChatServer) -> None:
    """The provider's own feature holds the answer to the schema."""
    answer = ask(model_at(server), replace(QUESTION, schema=SCHEMA))
    wanted = sent(server)["response_format"]
    assert wanted["type"] == "json_schema"
    assert wanted["json_schema"]["strict"] is True
    assert wanted["json_schema"]["schema"] == {**SCHEMA, "additionalProperties": False}
    assert json.loads(answer.text) == {"sure": True}


def test_the_key_and_the_account_are_sent(
    server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They come from the environment, without the line break that copying adds."""
    monkeypatch.setenv("OPENAI_API_KEY", "my-own-secret\n")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-1")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-1")
    ask(model_at(server))
    headers = server.received[0].headers
    assert headers["authorization"] == "Bearer my-own-secret"
    assert headers["openai-organization"] == "org-1"
    assert headers["openai-project"] == "proj-1"


def test_the_environment_may_name_the_server(
    server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OPENAI_BASE_URL is honoured, as the official SDK does."""
    monkeypatch.setenv("OPENAI_BASE_URL", server.url + "/")
    model = create("m", ModelOptions())
    assert ask(model).text == "You said: hello out there"
    assert model.endpoint == f"{server.url}/chat/completions"


def test_a_server_elsewhere_needs_a_key() -> None:
    """Said before anything is asked, with the variable's name."""
    with pytest.raises(UsageError, match="OPENAI_API_KEY"):
        create("gpt-x", ModelOptions())


def test_a_key_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key with a line break inside would end up in an error of the HTTP library."""
    monkeypatch.setenv("OPENAI_API_KEY", "half\nother-half")
    with pytest.raises(UsageError) as caught:
        create("gpt-x", ModelOptions())
    assert "half" not in str(caught.value)


def test_a_lone_surrogate_is_refused_before_it_is_sent(server: ChatServer) -> None:
    """Text that is not Unicode cannot be asked; the request is at fault, not the server."""
    with pytest.raises(ProviderError) as caught:
        ask(model_at(server), Request(messages=(Message("user", "\ud800"),)))
    assert caught.value.kind is FailureKind.REFUSED_REQUEST
    assert not server.received


# ---------------------------------------------------------------- what servers do not take


def refusal(name: str) -> Fault:
    return Fault(400, f"Unsupported parameter: '{name}' is not supported with this model.")


def test_the_official_server_gets_max_completion_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its reasoning models refuse max_tokens."""
    monkeypatch.setenv("OPENAI_API_KEY", "key")
    model = create("gpt-5", ModelOptions())
    body = json.loads(model._body(QUESTION, model._dialect))
    assert body["max_completion_tokens"] == 512
    assert "max_tokens" not in body


def test_the_other_name_of_the_token_limit_is_found_and_remembered(server: ChatServer) -> None:
    """One refused call, then all go through."""
    model = model_at(server)
    server.script(refusal("max_tokens"))
    for _ in range(2):
        ask(model)
    limits = [[name for name in each.body if "max_" in name] for each in server.received]
    assert limits == [["max_tokens"], ["max_completion_tokens"], ["max_completion_tokens"]]


def test_unsupported_parameters_are_left_out_and_remembered(server: ChatServer) -> None:
    """Temperature and seed go, one by one, as the server names them."""
    model = model_at(server)
    server.script(refusal("temperature"), refusal("seed"))
    request = replace(QUESTION, seed=1)
    ask(model, request)
    ask(model, request)
    assert len(server.received) == 4
    assert {"temperature", "seed"}.isdisjoint(sent(server))


def test_a_refused_value_is_an_error(server: ChatServer) -> None:
    """Only what the server does not know is left out; a wrong value is the study's to mend."""
    server.script(Fault(400, "temperature must be between 0 and 2"))
    with pytest.raises(ProviderError, match="between 0 and 2"):
        ask(model_at(server))
    assert len(server.received) == 1


def test_a_server_that_goes_on_refusing_ends_in_an_error(server: ChatServer) -> None:
    """Both names of the limit are tried, and no third time."""
    server.script(refusal("max_tokens"), refusal("max_completion_tokens"))
    with pytest.raises(ProviderError, match="max_completion_tokens"):
        ask(model_at(server))
    assert len(server.received) == 2


def test_a_schema_that_strict_mode_refuses_is_sent_loosely(server: ChatServer) -> None:
    """The server's word on a schema goes before our reading of its rules."""
    server.script(Fault(400, "Invalid schema for response_format 'answer': unsupported keyword"))
    ask(model_at(server), replace(QUESTION, schema=SCHEMA))
    strict = [each.body["response_format"]["json_schema"]["strict"] for each in server.received]
    assert strict == [True, False]


# ---------------------------------------------------------------- what comes back


@pytest.mark.parametrize("stream", [False, True])
def test_usage_counts_cached_and_reasoning_tokens(server: ChatServer, stream: bool) -> None:
    """In our terms: cached ones among those read, reasoning ones among those written."""
    server.cached_tokens, server.reasoning_tokens = 2, 4
    answer = ask(model_at(server, stream=stream))
    assert answer.usage == Usage(
        input_tokens=5, output_tokens=9, cached_tokens=2, reasoning_tokens=4
    )


def test_the_price_is_that_of_the_usage(server: ChatServer) -> None:
    """Dollars follow from the study's price and the tokens that the server counted."""
    price = Price(input=1.0, output=10.0)
    model = create("m", ModelOptions(price=price, extra={"base_url": server.url}))
    assert ask(model).usd == pytest.approx((5 * 1.0 + 5 * 10.0) / 1e6)


def test_without_a_count_there_is_no_price(server: ChatServer) -> None:
    """An answer whose tokens nobody counted did not cost nothing."""
    server.script(Fault(change=lambda body: body | {"usage": None}))
    model = create("m", ModelOptions(price=Price(1, 1), extra={"base_url": server.url}))
    assert ask(model).usd is None


def test_a_model_of_another_server_has_no_list_price(server: ChatServer) -> None:
    """A local server may call its model gpt-4o; OpenAI's price is not its own."""
    assert create("gpt-4o", ModelOptions(extra={"base_url": server.url})).price is None


def test_the_official_server_has_list_prices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the study names none."""
    monkeypatch.setenv("OPENAI_API_KEY", "key")
    listed = create("gpt-4o", ModelOptions()).price
    assert listed is not None
    assert listed.input == 2.5


@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_cut_by_the_limit_says_so(server: ChatServer, stream: bool) -> None:
    """`finish` tells a short answer from a shortened one."""
    model = model_at(server, stream=stream)
    assert ask(model).finish == "stop"
    cut = ask(model, replace(QUESTION, max_tokens=2))
    assert (cut.finish, cut.text) == ("length", "You said:")


def test_a_refusal_in_words_is_an_answer(server: ChatServer) -> None:
    """The model declined: that is to be graded, not retried."""
    message = {"role": "assistant", "content": None, "refusal": "I cannot help with that."}
    server.script(Fault(change=lambda body: body | {"choices": [{"index": 0, "message": message}]}))
    answer = ask(model_at(server))
    assert answer.text == "I cannot help with that."
    assert answer.failure is None


def test_content_in_parts_is_put_together(server: ChatServer) -> None:
    """Some servers send a list of parts, thinking among them."""
    parts = [{"type": "thinking", "thinking": []}, {"type": "text", "text": "Paris"}]
    choice = {"message": {"role": "assistant", "content": parts}, "finish_reason": "stop"}
    server.script(Fault(change=lambda body: body | {"choices": [choice]}))
    assert ask(model_at(server)).text == "Paris"


def test_an_error_with_status_200_is_an_error(server: ChatServer) -> None:
    """Gateways hide the status in the body."""
    server.script(Fault(raw=b'{"error": {"message": "Rate limited upstream", "code": 429}}'))
    with pytest.raises(ProviderError, match="Rate limited upstream") as caught:
        ask(model_at(server))
    assert caught.value.kind is FailureKind.RATE_LIMIT


# ---------------------------------------------------------------- streams


def test_a_stream_gives_the_same_answer_and_the_first_token(server: ChatServer) -> None:
    """Streaming changes what is measured, nothing else; and the connection is kept."""
    whole = ask(model_at(server))
    model = model_at(server, stream=True)
    streamed = [ask(model) for _ in range(3)]
    for answer in streamed:
        assert (answer.text, answer.usage) == (whole.text, whole.usage)
        assert answer.first_token_seconds is not None
        assert 0 < answer.first_token_seconds <= answer.seconds
    assert whole.first_token_seconds is None
    assert server.connections == 2


def chunk(**body: Any) -> bytes:
    return b"data: " + json.dumps(body).encode() + b"\n\n"


HELLO = chunk(choices=[{"delta": {"content": "hello"}}])
END = chunk(choices=[{"delta": {}, "finish_reason": "stop"}])
DONE = b"data: [DONE]\n\n"


@pytest.mark.parametrize(
    "events",
    [
        (chunk(choices=None), chunk(choices=[]), HELLO, END, DONE),
        (chunk(choices=[None]), b": a comment\n\n", HELLO, END, DONE),
        (HELLO, END),  # no [DONE], but the reason of the end
        (HELLO, DONE),  # no reason, but [DONE]
        (HELLO.replace(b"\n", b"\r\n"), END.replace(b"\n", b"\r\n"), DONE),
        (HELLO[:9], HELLO[9:], END, DONE),  # an event in two pieces
    ],
)
def test_streams_may_be_untidy(server: ChatServer, events: tuple[bytes, ...]) -> None:
    """Chunks without choices, comments, other line ends: servers send them all."""
    server.script(Fault(events=events))
    assert ask(model_at(server, stream=True)).text == "hello"


def test_a_stream_that_stops_early_is_cut_off(server: ChatServer) -> None:
    """A connection that ends politely in mid-answer has not given an answer."""
    server.script(Fault(events=(HELLO,)), "cut-stream")
    for _ in range(2):
        with pytest.raises(ProviderError) as caught:
            ask(model_at(server, stream=True))
        assert caught.value.kind is FailureKind.CUT_OFF


def test_a_stream_without_choices_is_empty(server: ChatServer) -> None:
    """It ended as it should and said nothing."""
    server.script(Fault(events=(chunk(choices=None), DONE)))
    with pytest.raises(ProviderError) as caught:
        ask(model_at(server, stream=True))
    assert caught.value.kind is FailureKind.EMPTY


def test_an_error_in_a_stream_is_an_error(server: ChatServer) -> None:
    """It comes with status 200, when the answer has begun."""
    server.script(Fault(events=(HELLO, chunk(error={"message": "the engine died"}))))
    with pytest.raises(ProviderError, match="the engine died") as caught:
        ask(model_at(server, stream=True))
    assert caught.value.kind is FailureKind.SERVER


# ---------------------------------------------------------------- threads, and the official SDK


def test_threads_get_their_own_answers(server: ChatServer) -> None:
    """One model object serves many threads at once."""
    model = model_at(server)
    said = [f"number {number}" for number in range(200)]
    requests = [Request(messages=(Message("user", text),)) for text in said]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda request: ask(model, request).text, requests))
    assert answers == [f"You said: {text}" for text in said]


def test_the_official_sdk_sees_the_same(server: ChatServer) -> None:
    """Text, usage and the end of an answer are what OpenAI's own client reads, streamed or not."""
    server.cached_tokens, server.reasoning_tokens = 1, 3
    ours = [ask(model_at(server, stream=stream)) for stream in (False, True)]
    with official.OpenAI(base_url=server.url, api_key="none") as client:
        theirs = client.chat.completions.create(
            model="gpt-x",
            messages=[
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "hello out there"},
            ],
            max_tokens=512,
            temperature=0,
        )
    assert server.received[0].body == server.received[-1].body
    assert theirs.usage is not None
    assert theirs.usage.prompt_tokens_details is not None
    assert theirs.usage.completion_tokens_details is not None
    for answer in ours:
        assert answer.text == theirs.choices[0].message.content
        assert answer.finish == theirs.choices[0].finish_reason
        assert answer.usage == Usage(
            input_tokens=theirs.usage.prompt_tokens,
            output_tokens=theirs.usage.completion_tokens,
            cached_tokens=theirs.usage.prompt_tokens_details.cached_tokens or 0,
            reasoning_tokens=theirs.usage.completion_tokens_details.reasoning_tokens or 0,
        )
