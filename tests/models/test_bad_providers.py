"""Providers that misbehave: each fault over real HTTP, for each provider, streamed or whole."""

import time
from collections.abc import Callable
from types import ModuleType

import pytest

from suffice.errors import ProviderError
from suffice.models import anthropic, openai
from suffice.ports import ChatModel, ModelOptions
from suffice.records import FailureKind, Message, Request
from tests.servers.chat_server import ChatServer, Fault, rate_limited

Connect = Callable[[ChatServer, float], ChatModel]
QUESTION = Request(messages=(Message("system", "Be brief."), Message("user", "hello")))


def _openai(server: ChatServer, seconds: float) -> ChatModel:
    options = ModelOptions(timeout_seconds=seconds, extra={"base_url": server.url})
    return openai.create("m", options)


def _streamed(server: ChatServer, seconds: float) -> ChatModel:
    options = ModelOptions(timeout_seconds=seconds, stream=True, extra={"base_url": server.url})
    return openai.create("m", options)


def _anthropic(server: ChatServer, seconds: float) -> ChatModel:
    options = ModelOptions(timeout_seconds=seconds, extra={"base_url": server.root})
    return anthropic.create("m", options)


@pytest.fixture(params=[_openai, _streamed, _anthropic], ids=["openai", "streamed", "anthropic"])
def connect(request: pytest.FixtureRequest) -> Connect:
    found: Connect = request.param
    return found


def fail(model: ChatModel) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        model.ask([QUESTION])
    return caught.value


SECRET = "SECRET/123"  # in a query it is written SECRET%2F123


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("provider", "path"), [(openai, "chat/completions"), (anthropic, "messages")]
)
def test_a_key_in_a_query_is_sent_and_never_shown(
    provider: ModuleType, path: str, stream: bool
) -> None:
    """Gateways take keys there. No repr, endpoint or error tells one, whoever repeats it."""
    told = f"no key {SECRET} at /v1/{path}?api-key=SECRET%2F123"
    with ChatServer() as server:
        url, place = f"{server.url}/?api-key=SECRET%2F123", f"{server.url}/{path}"
        model = provider.create("m", ModelOptions(stream=stream, extra={"base_url": url}))
        server.script(None, Fault(401, told), Fault(307, headers={"location": f"{url}&again=1"}))
        model.ask([QUESTION])
        asked = server.received[0]
        assert (asked.path, asked.query) == (f"/v1/{path}", "api-key=SECRET%2F123")
        errors = [fail(model), fail(model)]
    errors.append(fail(model))
    assert str(errors[2]).startswith(f"{place}: ")
    assert model.endpoint == place
    for shown in (*map(str, errors), *(each.endpoint for each in errors), repr(model)):
        assert "SECRET" not in shown


@pytest.mark.parametrize(
    ("fault", "kind", "retryable"),
    [
        ("401", FailureKind.AUTHENTICATION, False),
        ("404", FailureKind.NOT_FOUND, False),
        ("400", FailureKind.REFUSED_REQUEST, False),
        ("too-long", FailureKind.TOO_LONG, False),
        ("429", FailureKind.RATE_LIMIT, True),
        ("500", FailureKind.SERVER, True),
        ("529", FailureKind.SERVER, True),
        ("wrong-json", FailureKind.MALFORMED, True),
        ("no-json", FailureKind.MALFORMED, True),
        ("wrong-shape", FailureKind.MALFORMED, True),
        ("cut-body", FailureKind.CUT_OFF, True),
        ("no-answer", FailureKind.CONNECTION, True),
        ("redirect", FailureKind.NOT_FOUND, False),
    ],
)
def test_a_fault_is_an_error_of_its_kind(
    server: ChatServer, connect: Connect, fault: str, kind: FailureKind, retryable: bool
) -> None:
    """Never an answer, asked once only, and the message names the endpoint."""
    model = connect(server, 5.0)
    server.script(fault)
    error = fail(model)
    assert (error.kind, error.retryable) == (kind, retryable)
    assert str(error).startswith(f"{model.endpoint}: ")
    assert len(server.received) == 1


@pytest.mark.parametrize("fault", ["401", "500", "wrong-json", "cut-body", "no-answer"])
def test_a_model_recovers_from_a_fault(server: ChatServer, connect: Connect, fault: str) -> None:
    """The next call works: nothing of the broken answer is left behind."""
    model = connect(server, 5.0)
    server.script(fault)
    fail(model)
    assert model.ask([QUESTION])[0].text == "You said: hello"


@pytest.mark.parametrize("fault", ["hang", "drip"])
def test_silence_and_dripping_are_cut_at_the_time_limit(
    server: ChatServer, connect: Connect, fault: str
) -> None:
    """The limit is for the whole answer, streamed or not."""
    model = connect(server, 5.0)
    model.ask([QUESTION])  # what the first call loads is not the server's fault
    slow = connect(server, 0.3)
    server.script(fault)
    started = time.monotonic()
    error = fail(slow)
    assert (error.kind, error.retryable) == (FailureKind.TIMEOUT, True)
    assert time.monotonic() - started < 5  # the server would go on far longer


def test_a_stream_that_drips_its_events_is_cut(server: ChatServer) -> None:
    """Every event comes in time, the answer does not."""
    for connect in (_streamed, _anthropic):
        model = connect(server, 0.4)
        server.script(Fault(drip_seconds=0.004, events=(b": still here\n\n",) * 1000))
        assert fail(model).kind is FailureKind.TIMEOUT


@pytest.mark.parametrize("make", [_streamed, _anthropic])
def test_a_stream_that_stays_open_after_its_end_is_not_waited_for(
    server: ChatServer, make: Connect
) -> None:
    """The answer is whole; the connection is given up, and the next call has another."""
    model = make(server, 30.0)
    server.script(Fault(linger_seconds=3600))
    answer = model.ask([QUESTION])[0]
    assert answer.text == "You said: hello"
    assert answer.seconds < 0.4
    assert model.ask([QUESTION])[0].text == "You said: hello"
    assert server.connections == 2


def test_the_wait_that_a_server_asks_for_is_handed_on(server: ChatServer, connect: Connect) -> None:
    """Retry-After reaches whoever decides about the next try."""
    server.script(rate_limited(7))
    assert fail(connect(server, 5.0)).retry_after == 7.0


def test_a_body_shorter_than_announced_is_cut_off(server: ChatServer) -> None:
    """A wrong content-length is not taken for a whole answer."""
    server.script("wrong-length")
    assert fail(_openai(server, 5.0)).kind is FailureKind.CUT_OFF


@pytest.mark.parametrize("fault", ["empty-choices", "null-choices"])
@pytest.mark.parametrize("make", [_openai, _streamed])
def test_no_choices_are_no_answer(server: ChatServer, fault: str, make: Connect) -> None:
    """An answer without choices is a failure, not an empty text that would be graded."""
    server.script(fault)
    error = fail(make(server, 5.0))
    assert (error.kind, error.retryable) == (FailureKind.EMPTY, True)


def test_a_key_that_the_server_repeats_is_masked(
    server: ChatServer, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No error shows the key, whoever wrote it there."""
    monkeypatch.setenv("OPENAI_API_KEY", "my-own-secret")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "my-own-secret")
    server.script(Fault(401, "Incorrect API key provided: my-own-secret"))
    model = connect(server, 5.0)
    assert "my-own-secret" not in str(fail(model)) + repr(model) + str(model.identity())
