"""The wire against a real local server: connections, deadlines, proxies, certificates."""

import os
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from suffice.errors import ProviderError, UsageError
from suffice.models.addresses import below, find_proxy, is_loopback, shown, split_url
from suffice.models.failures import Endpoint
from suffice.models.wire import MOST_BYTES, Wire, client_headers
from suffice.records import FailureKind
from tests.servers.chat_server import CERTIFICATE, ChatServer, Fault

BODY = b'{"model": "m", "messages": [{"role": "user", "content": "hello"}]}'


def wire_to(url: str) -> Wire:
    return Wire(Endpoint(f"{url}/chat/completions"), client_headers())


def failure(wire: Wire, seconds: float = 5.0) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        wire.post(BODY, seconds)
    return caught.value


def eventually(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + 2.0
    while not condition() and time.monotonic() < end:
        time.sleep(0.005)
    return condition()


def test_one_connection_serves_many_calls(server: ChatServer) -> None:
    """A thread's calls to one endpoint share a connection."""
    wire = wire_to(server.url)
    for _ in range(3):
        assert b"You said: hello" in wire.post(BODY, 5.0)
    assert server.connections == 1


def test_each_thread_has_a_connection_that_ends_with_it(server: ChatServer) -> None:
    """Connections are not shared between threads, and close when their thread ends."""
    wire = wire_to(server.url)
    threads = [threading.Thread(target=wire.post, args=(BODY, 5.0)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert server.connections == 3
    assert eventually(lambda: server.open_connections == 0)


def test_a_kept_connection_that_was_closed_is_replaced(server: ChatServer) -> None:
    """Where the server closed an idle connection, the call goes through on a new one."""
    wire = wire_to(server.url)
    wire.post(BODY, 5.0)
    server.hang_up()
    assert b"hello" in wire.post(BODY, 5.0)
    assert len(server.received) == 2


def test_a_kept_connection_is_replaced_once_only(server: ChatServer) -> None:
    """A server that closes twice in a row is not asked a third time."""
    wire = wire_to(server.url)
    wire.post(BODY, 5.0)
    server.script("no-answer", "no-answer")
    assert failure(wire).kind is FailureKind.CONNECTION
    assert len(server.received) == 3


def test_a_fresh_connection_is_not_tried_again(server: ChatServer) -> None:
    """Only a kept connection can be stale; on a new one the asker decides about another try."""
    server.script("no-answer")
    assert failure(wire_to(server.url)).kind is FailureKind.CONNECTION
    assert len(server.received) == 1


def test_nothing_is_sent_twice_once_an_answer_has_begun(server: ChatServer) -> None:
    """A body that is cut on a kept connection is an error: the answer was paid for."""
    wire = wire_to(server.url)
    wire.post(BODY, 5.0)
    server.script("cut-body")
    assert failure(wire).kind is FailureKind.CUT_OFF
    assert len(server.received) == 2


def test_a_short_body_is_noticed_piece_by_piece_too(server: ChatServer) -> None:
    """http.client takes the early end of a body that is read in pieces for its end."""
    server.script("wrong-length")
    with pytest.raises(ProviderError) as caught:
        list(wire_to(server.url).stream(BODY, 5.0).pieces())
    assert caught.value.kind is FailureKind.CUT_OFF


def test_a_server_without_keep_alive_is_served(server: ChatServer) -> None:
    """A server that closes after each answer costs connections, not answers."""
    server.keep_alive = False
    wire = wire_to(server.url)
    for _ in range(3):
        assert b"hello" in wire.post(BODY, 5.0)


@pytest.mark.parametrize("fault", ["hang", "drip"])
def test_the_deadline_holds_for_the_whole_call(server: ChatServer, fault: str) -> None:
    """Silence is cut, and so is an answer that drips: each byte of it comes in time."""
    server.script(fault)
    started = time.monotonic()
    error = failure(wire_to(server.url), seconds=0.3)
    assert error.kind is FailureKind.TIMEOUT
    assert error.retryable
    assert 0.25 < time.monotonic() - started < 5  # the server would go on far longer


def test_a_body_that_drips_is_cut(server: ChatServer) -> None:
    """The deadline holds after the head of the answer has come, too."""
    server.script(Fault(drip_seconds=0.002, raw=b" " * 100_000))
    error = failure(wire_to(server.url), seconds=0.5)
    assert error.kind is FailureKind.TIMEOUT
    assert "not complete" in str(error)


def test_nobody_listening_is_a_connection_error() -> None:
    """A refused connection names the endpoint and may be tried again."""
    with ChatServer() as gone:
        url = gone.url
    error = failure(wire_to(url))
    assert error.kind is FailureKind.CONNECTION
    assert error.retryable
    assert url in str(error)


def test_an_endless_answer_is_refused(server: ChatServer) -> None:
    """An answer larger than any model writes is not read into memory."""
    server.script(Fault(raw=b" " * (MOST_BYTES + 1)))
    error = failure(wire_to(server.url), seconds=20.0)
    assert error.kind is FailureKind.MALFORMED
    assert "64 MiB" in str(error)


def test_no_redirect_is_followed(server: ChatServer) -> None:
    """A key must not travel to where a redirect points; the message says where that is."""
    with ChatServer() as elsewhere:
        server.script(Fault(307, headers={"location": elsewhere.url}))
        error = failure(wire_to(server.url))
        assert error.kind is FailureKind.NOT_FOUND
        assert elsewhere.url in str(error)
        assert not elsewhere.received


@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_a_forked_child_opens_its_own_connection(server: ChatServer) -> None:
    """Parent and child would otherwise read each other's answers."""
    wire = wire_to(server.url)
    wire.post(BODY, 5.0)
    child = os.fork()
    if child == 0:
        try:
            ok = b"hello" in wire.post(BODY, 5.0)
        finally:
            os._exit(0 if ok else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert server.connections == 2
    wire.post(BODY, 5.0)
    assert server.connections == 2


# ---------------------------------------------------------------- certificates


@pytest.fixture
def secure() -> Iterator[ChatServer]:
    with ChatServer(tls=True) as server:
        yield server


def test_a_certificate_that_the_system_does_not_trust_is_refused(secure: ChatServer) -> None:
    """No retry can help, and the message says what can."""
    error = failure(wire_to(secure.url))
    assert error.kind is FailureKind.CONNECTION
    assert not error.retryable
    assert "certificate" in str(error)
    assert not secure.received


def test_a_trusted_certificate_is_accepted(
    secure: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SSL_CERT_FILE, which names the system's certificates, is honoured."""
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    assert b"hello" in wire_to(secure.url).post(BODY, 5.0)


# ---------------------------------------------------------------- proxies


def test_a_call_goes_through_the_proxy(server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """HTTP_PROXY is honoured, with its login; the host that is meant is told to it."""
    monkeypatch.setenv("http_proxy", f"http://me:secret@127.0.0.1:{server.port}")
    assert b"hello" in wire_to("http://model.example/v1").post(BODY, 5.0)
    headers = server.received[0].headers
    assert headers["host"] == "model.example"
    assert headers["proxy-authorization"] == "Basic bWU6c2VjcmV0"


@pytest.mark.parametrize(
    ("url", "proxied"),
    [
        ("http://model.example/v1", True),
        ("http://internal.example/v1", False),
        ("http://127.0.0.1:8000/v1", False),
        ("http://localhost:8000/v1", False),
        ("https://model.example/v1", False),
    ],
)
def test_which_hosts_are_reached_through_the_proxy(
    url: str, proxied: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each scheme has its proxy; NO_PROXY and this machine are reached directly."""
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", "internal.example")
    assert (find_proxy(split_url(url)) is not None) is proxied


def test_a_proxy_that_we_cannot_speak_to_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A SOCKS proxy is refused when the model is made, not call by call."""
    monkeypatch.setenv("https_proxy", "socks5://proxy.example:1080")
    with pytest.raises(UsageError, match=r"socks5://proxy\.example"):
        wire_to("https://model.example/v1")


# ---------------------------------------------------------------- addresses


@pytest.mark.parametrize("url", ["ftp://x/v1", "api.example/v1", "http://", "http://me:key@x/v1"])
def test_urls_that_cannot_work_or_would_leak_are_refused(url: str) -> None:
    """A base_url is http or https, has a host, and holds no key."""
    with pytest.raises(UsageError, match="base_url"):
        split_url(url)


@pytest.mark.parametrize(
    "url",
    ["htp://x/v1?key=SECRET123", "x/v1?key=SECRET123", "http://[x?SECRET123", "a:SECRET123@x"],
)
def test_a_refused_url_is_shown_without_its_secret(url: str) -> None:
    """A typing error in the scheme must not print the key at the other end."""
    with pytest.raises(UsageError) as caught:
        split_url(url)
    assert "SECRET123" not in str(caught.value)


@pytest.mark.parametrize("url", ["http://x:port/v1", "http://x:0/v1", "http://[::1/v1"])
def test_a_url_that_cannot_be_read_is_refused(url: str) -> None:
    """A port that is no port is told like any other mistake."""
    with pytest.raises(UsageError, match="is not an http"):
        split_url(url)


@pytest.mark.parametrize(
    ("url", "seen"),
    [
        ("https://x.example/v1/chat?api-key=S&v=1#part", "https://x.example/v1/chat"),
        ("https://me:pass@x.example:1/v1", "https://x.example:1/v1"),
        ("https://x.example?S/@", "https://x.example"),
        ("http://x/a@b", "http://x/a@b"),
    ],
)
def test_what_is_shown_of_a_url(url: str, seen: str) -> None:
    """Scheme, host, port and path: no query, fragment, name or password."""
    assert shown(url) == seen


def test_a_query_stays_behind_the_path() -> None:
    """What is added to a base goes before the query, not into it."""
    assert below("http://x/v1/?api-version=2#a", "/chat") == "http://x/v1/chat?api-version=2"


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://127.0.0.1:1/v1", True),
        ("http://[::1]:1/v1", True),
        ("http://localhost/v1", True),
        ("http://localhost.example/v1", False),
        ("http://10.0.0.1/v1", False),
    ],
)
def test_what_counts_as_this_machine(url: str, loopback: bool) -> None:
    """Only loopback addresses do."""
    assert is_loopback(url) is loopback
