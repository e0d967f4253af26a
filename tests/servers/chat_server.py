"""A real local HTTP server that speaks OpenAI chat completions and Anthropic messages.

In a test:

    from tests.servers.chat_server import ChatServer, rate_limited

    with ChatServer(reply=lambda body: "Paris") as server:
        server.script("500", rate_limited(2), None, "hang")  # one a request, then all is well
        model = create("any", ModelOptions(extra={"base_url": server.url}))
        ...
        assert len(server.received) == 3                     # Received(path, headers, body)

`house` gives the server one provider's own ways (`houses`): its keys, refusals and models.

`server.url` ends in /v1 (what OpenAI clients want), `server.root` does not (what Anthropic's
want). Names of faults: see FAULTS. `reply` gets the request's JSON body and returns the text;
without one the server echoes, or follows the schema that was sent (`chat_shapes.echo`).

As a process, which can outlive a `kill -9` of its client:

    python -m tests.servers.chat_server --port 0 --log FILE [--latency 0.2]
        [--reply module:function] [--faults 500,none,hang]

It prints its port as the first line. Every request that it FINISHED answering, and answered well,
becomes one line of JSON in the log: {"path": ..., "body": ...}.

One thread a connection and no http.server: at 500 connections that one costs more than its client.
"""

import argparse
import json
import socket
import ssl
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from io import BufferedReader
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from tests.servers import chat_shapes as shapes
from tests.servers.houses import House

Body = dict[str, Any]

_LAST_CHUNK = b"0\r\n\r\n"
CERTIFICATE = Path(__file__).parent / "tls" / "certificate.pem"


@dataclass(frozen=True)
class Fault:
    """One way in which an answer goes wrong. What is not said stays as it should be."""

    status: int = 200
    message: str = "it went wrong"
    code: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    change: Callable[[Body], Body] | None = None  # of the answer's body
    raw: bytes | None = None  # in place of the body
    hang_seconds: float = 0.0  # before the first byte
    drip_seconds: float = 0.0  # after every byte
    linger_seconds: float = 0.0  # before the end of a stream, after its last event
    keep: float = 1.0  # share of the bytes or events that is sent before the connection closes
    length_error: int = 0  # what content-length says too much
    events: tuple[bytes, ...] | None = None  # in place of a stream's events


def rate_limited(seconds: float | str) -> Fault:
    """429 with a Retry-After of so many seconds, or of a given HTTP date."""
    return Fault(429, "slow down", headers={"retry-after": str(seconds)})


FAULTS = {
    "401": Fault(401, "Incorrect API key provided"),
    "404": Fault(404, "The model does not exist"),
    "400": Fault(400, "Invalid request"),
    "too-long": Fault(
        400, "This model's maximum context length is 8 tokens", "context_length_exceeded"
    ),
    "429": rate_limited(1),
    "quota": Fault(429, "You exceeded your current quota", "insufficient_quota"),
    "500": Fault(500),
    "529": Fault(529, "Overloaded"),
    "hang": Fault(hang_seconds=3600),
    "drip": Fault(drip_seconds=0.05),
    "wrong-json": Fault(raw=b'{"choices": [{"message": {"content": "half'),
    "no-json": Fault(raw=b"<html>Bad gateway</html>"),
    "wrong-shape": Fault(raw=b'["not", "an", "object"]'),
    "cut-body": Fault(keep=0.5),
    "cut-stream": Fault(keep=0.5),
    "wrong-length": Fault(length_error=1000),
    "no-answer": Fault(keep=0.0),
    "empty-choices": Fault(change=lambda body: body | {"choices": [], "content": []}),
    "null-choices": Fault(change=lambda body: body | {"choices": None, "content": None}),
    "redirect": Fault(307, headers={"location": "http://127.0.0.1:9/v1/chat/completions"}),
}


@dataclass(frozen=True)
class Received:
    """One request as it arrived, header names in lower case."""

    path: str
    headers: Mapping[str, str]
    body: Body
    query: str = ""


class ChatServer:
    """Serves from `with` to its end. All settings may be changed while it runs."""

    def __init__(
        self,
        reply: Callable[[Body], str] = shapes.echo,
        *,
        port: int = 0,
        latency_seconds: float = 0.0,
        key: str | None = None,
        log: Path | None = None,
        keep_alive: bool = True,
        tls: bool = False,
        house: House | None = None,
    ) -> None:
        self.reply = reply
        self.house = house
        self.latency_seconds = latency_seconds
        self.key = key  # where set, any other key is answered with 401
        self.keep_alive = keep_alive
        self._tls = _tls() if tls else None
        self.cached_tokens = 0
        self.reasoning_tokens = 0
        self.received: list[Received] = []
        self.connections = 0
        self._faults: deque[Fault | None] = deque()
        self._log = log.open("ab", buffering=0) if log else None
        self._stopping = threading.Event()
        self._open: dict[socket.socket, threading.Thread] = {}
        self._listener = socket.create_server(("127.0.0.1", port), backlog=1024)
        self._accepting = threading.Thread(target=self._accept, daemon=True)

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    @property
    def root(self) -> str:
        return f"http{'s' if self._tls else ''}://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.root}/v1"

    @property
    def open_connections(self) -> int:
        return len(self._open)

    def script(self, *faults: Fault | str | None) -> None:
        """What the next requests meet, one each; None is an answer as it should be."""
        self._faults.extend(FAULTS[each] if isinstance(each, str) else each for each in faults)

    def hang_up(self) -> None:
        """Closes every open connection, as a server does with idle ones."""
        for connection in list(self._open):
            _shut(connection)

    def __enter__(self) -> Self:
        self._accepting.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        _shut(self._listener)
        self._accepting.join()
        self._listener.close()
        self.hang_up()
        for thread in list(self._open.values()):
            thread.join()
        if self._log:
            self._log.close()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            thread = threading.Thread(target=self._converse, args=(connection,), daemon=True)
            self._open[connection] = thread
            thread.start()

    def _converse(self, connection: socket.socket) -> None:
        try:
            with self._secured(connection) as secured, secured.makefile("rb") as reader:
                while (request := _read(reader)) and self._answer(request, secured):
                    pass
        except OSError:
            return  # the client left, or does not trust us
        finally:
            self._open.pop(connection, None)

    def _secured(self, connection: socket.socket) -> socket.socket:
        if self._tls is None:
            return connection
        with connection:  # where the handshake fails; else the socket has been taken over
            return self._tls.wrap_socket(connection, server_side=True)

    def _answer(self, request: Received, connection: socket.socket) -> bool:
        """Answers one request; False where the connection is to be closed after it."""
        self.received.append(request)
        fault = (self._faults.popleft() if self._faults else None) or Fault()
        self._stopping.wait(fault.hang_seconds or self.latency_seconds)
        if self._stopping.is_set():
            return False
        status, body, events = self._content(request, fault)
        parts = list(self._parts(status, body, events, fault))
        for part in parts[: max(1, int(len(parts) * fault.keep))] if fault.keep else []:
            if part == _LAST_CHUNK:
                self._stopping.wait(fault.linger_seconds)
            self._send(connection, part, fault)
        if fault.keep < 1:
            return False
        if self._log and status == 200 and fault == Fault():
            line = {"path": request.path, "body": request.body}
            self._log.write(json.dumps(line).encode() + b"\n")
        return self.keep_alive and not fault.length_error

    def _parts(
        self, status: int, body: Body | None, events: Iterable[bytes] | None, fault: Fault
    ) -> Iterator[bytes]:
        """What goes out, piece by piece: a head with its body, or a head and then events."""
        if events is None:
            data = fault.raw if fault.raw is not None else json.dumps(body).encode()
            length = {"content-length": str(len(data) + fault.length_error)}
            whole = _head(status, "application/json", {**length, **fault.headers}) + data
            half = len(whole) - len(data) // 2  # so that a cut falls into the body
            yield from (whole[:half], whole[half:]) if fault.keep < 1 else (whole,)
        else:
            yield _head(status, "text/event-stream", {"transfer-encoding": "chunked"})
            for event in events:
                yield b"%x\r\n%b\r\n" % (len(event), event)
            yield _LAST_CHUNK

    def _content(
        self, request: Received, fault: Fault
    ) -> tuple[int, Body | None, Iterable[bytes] | None]:
        anthropic = request.path.endswith("/messages")
        if self.house and request.path == "/v1/models":
            return 200, self.house.listing(), None
        if not anthropic and not request.path.endswith("/chat/completions"):
            return 404, shapes.openai_error(404, f"unknown path {request.path}"), None
        if self.key and self.key not in _keys(request):
            fault = FAULTS["401"]
        if fault.status != 200 and anthropic:
            return fault.status, shapes.anthropic_error(fault.status, fault.message), None
        if fault.status != 200:
            error = shapes.openai_error(fault.status, fault.message, fault.code)
            return fault.status, error, None
        if self.house and (refused := self.house.refusal(request)):
            return *refused, None
        said = shapes.say(
            request.body, self.reply(request.body), self.cached_tokens, self.reasoning_tokens
        )
        if request.body.get("stream") and fault.raw is None and fault.change is None:
            events = _events(request.body, said, anthropic)
            return 200, None, fault.events or (self.house.dressed(events) if self.house else events)
        body = shapes.anthropic_answer(said) if anthropic else shapes.openai_answer(said)
        return 200, fault.change(body) if fault.change else body, None

    def _send(self, connection: socket.socket, data: bytes, fault: Fault) -> None:
        if not fault.drip_seconds:
            connection.sendall(data)
            return
        for byte in data:
            connection.sendall(bytes([byte]))
            if self._stopping.wait(fault.drip_seconds):
                return


def _events(body: Body, said: shapes.Said, anthropic: bool) -> Iterable[bytes]:
    if anthropic:
        return shapes.anthropic_events(said)
    return shapes.openai_events(
        said, usage=bool((body.get("stream_options") or {}).get("include_usage"))
    )


def _read(reader: BufferedReader) -> Received | None:
    """The next request, or None where the client closed the connection."""
    first = reader.readline()
    if not first:
        return None
    headers: dict[str, str] = {}
    while (line := reader.readline()) not in (b"\r\n", b""):
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.lower()] = value.strip()
    data = reader.read(int(headers.get("content-length", 0)))
    target = first.split()[1].decode()
    parts = urlsplit(target)
    return Received(parts.path, headers, json.loads(data or b"{}"), parts.query)


def _head(status: int, content_type: str, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} Status", f"content-type: {content_type}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _keys(request: Received) -> tuple[str, ...]:
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
    return bearer, request.headers.get("x-api-key", "")


def _tls() -> ssl.SSLContext:
    """Speaks for localhost, 127.0.0.1 and model.example; trusted where CERTIFICATE is."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE, CERTIFICATE.with_name("key.pem"))
    return context


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it is closed already


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.servers.chat_server")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--log", type=Path)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before every answer")
    parser.add_argument("--reply", default="tests.servers.chat_shapes:echo")
    parser.add_argument("--faults", default="", help="one a request: 500,none,hang")
    options = parser.parse_args()
    module, _, function = options.reply.partition(":")
    reply = getattr(import_module(module), function)
    server = ChatServer(reply, port=options.port, latency_seconds=options.latency, log=options.log)
    named = [name for name in options.faults.split(",") if name]
    server.script(*(None if name == "none" else name for name in named))
    with server:
        sys.stdout.write(f"{server.port}\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main()
