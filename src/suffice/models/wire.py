"""JSON over HTTP/1.1, as fast as Python's own http.client goes.

One connection a thread, kept alive; a deadline for the WHOLE call, so that an answer that drips is
cut as surely as one that never comes; no redirects, since a key must not follow them. Everything
that goes wrong is a `ProviderError`. Why not a provider's SDK:
docs/decisions/2026-11-21-own-wire.md. This file knows nothing of chats.
"""

import io
import os
import socket
import ssl
import threading
import time
import weakref
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection, IncompleteRead
from typing import cast

import truststore

from suffice import __version__
from suffice.errors import ProviderError
from suffice.models.addresses import find_proxy, host_and_port, proxy_headers, split_url
from suffice.models.failures import Endpoint, refused
from suffice.records import FailureKind

CONNECT_SECONDS = 10.0
MOST_BYTES = 64 * 2**20  # of one answer; the longest that models write are some hundred kB
_PIECE_BYTES = 2**16

# A kept connection that the server closed meanwhile shows as one of these before any byte.
_STALE = (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError)


class Wire:
    """Posts JSON to one URL. Shared by threads; safe across fork."""

    def __init__(self, endpoint: Endpoint, headers: Mapping[str, str] | None = None) -> None:
        self.endpoint = endpoint
        self._parts = split_url(endpoint.url)
        self._proxy = find_proxy(self._parts)
        self._tls = (
            truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            if self._parts.scheme == "https"
            else None
        )
        self._local = threading.local()
        self._headers = _lines(headers or {})

    def __repr__(self) -> str:
        return f"Wire({self.endpoint.place!r})"

    def post(self, body: bytes, seconds: float) -> bytes:
        """The body of a 200 answer. Anything else raises ProviderError."""
        reply = self.send(body, time.monotonic() + seconds)
        if reply.status != 200:
            raise self.refusal(reply)
        return reply.read()

    def stream(self, body: bytes, seconds: float) -> "Reply":
        """A 200 answer whose pieces are yet to come."""
        reply = self.send(body, time.monotonic() + seconds)
        if reply.status != 200:
            raise self.refusal(reply)
        return reply

    def refusal(self, reply: "Reply") -> ProviderError:
        return refused(self.endpoint, reply.status, reply.header, reply.read(), time.time())

    def send(
        self, body: bytes, deadline: float, headers: Mapping[str, str] | None = None
    ) -> "Reply":
        """Sends a request and reads the head of its answer.

        Once, and a second time at once where a kept connection turned out to have been closed
        by the server before it gave any byte of an answer.
        """
        data = self._head(len(body), headers) + body
        line = self._kept()
        try:
            if line is not None:
                try:
                    return line.ask(self, data, deadline)
                except _STALE:
                    if line.received:
                        raise
            return self._connect(deadline).ask(self, data, deadline)
        except (OSError, HTTPException) as error:
            raise self._trouble(error) from error

    def keep(self, line: "_Line") -> None:
        """Takes a connection back for this thread's next call."""
        self._local.line = line

    def _kept(self) -> "_Line | None":
        line: _Line | None = getattr(self._local, "line", None)
        self._local.line = None
        return line if line is not None and line.process == os.getpid() else None

    def _connect(self, deadline: float) -> "_Line":
        left = min(CONNECT_SECONDS, deadline - time.monotonic())
        if left <= 0:
            raise TimeoutError
        host, port = host_and_port(self._proxy or self._parts)
        if self._tls is None:
            connection = HTTPConnection(host, port, timeout=left)
        else:
            connection = HTTPSConnection(host, port, timeout=left, context=self._tls)
            if self._proxy:
                connection.set_tunnel(
                    *host_and_port(self._parts), headers=proxy_headers(self._proxy)
                )
        connection.connect()
        return _Line(connection)

    def _head(self, length: int, headers: Mapping[str, str] | None) -> bytes:
        own = self._headers if headers is None else _lines(headers)
        through = self._proxy if self._tls is None else None
        path = self._parts.path or "/"
        target = f"{path}?{self._parts.query}" if self._parts.query else path
        prefix = f"{self._parts.scheme}://{self._parts.netloc}" if through else ""
        extra = _lines(proxy_headers(through)) if through else ""
        return (
            f"POST {prefix}{target} HTTP/1.1\r\nHost: {self._parts.netloc}\r\n"
            f"Accept-Encoding: identity\r\nContent-Length: {length}\r\n{own}{extra}\r\n"
        ).encode("latin-1")

    def _trouble(self, error: OSError | HTTPException) -> ProviderError:
        """What a failed connection means, before an answer has begun."""
        if isinstance(error, TimeoutError):
            return self.endpoint.error(
                FailureKind.TIMEOUT, "no answer within the time limit", retryable=True
            )
        if isinstance(error, ssl.SSLCertVerificationError):
            advice = f"its certificate is not trusted ({error.verify_message}); see SSL_CERT_FILE"
            return self.endpoint.error(FailureKind.CONNECTION, advice)
        if isinstance(error, OSError):
            return self.endpoint.error(
                FailureKind.CONNECTION, f"cannot be reached: {_words(error)}", retryable=True
            )
        return self.endpoint.error(
            FailureKind.MALFORMED, f"no HTTP answer: {_words(error)}", retryable=True
        )


class Reply:
    """An answer whose head has come. Read to its end it gives its connection back."""

    def __init__(
        self, wire: Wire, line: "_Line", response: HTTPResponse, reader: "_Clocked"
    ) -> None:
        self.status = response.status
        self._wire, self._line, self._response, self._reader = wire, line, response, reader
        self._ended = False

    def header(self, name: str) -> str | None:
        return self._response.headers.get(name)

    @property
    def headers(self) -> list[tuple[str, str]]:
        return self._response.headers.items()

    def read(self) -> bytes:
        """The whole body."""
        length = self._response.length
        if length is None or length > MOST_BYTES:
            return b"".join(self.pieces())
        try:
            body = self._response.read()
        except (OSError, HTTPException) as error:
            self.close()
            raise self._trouble(error) from error
        self._end()
        return body

    def pieces(self) -> Iterator[bytes]:
        """The body as it comes. Whoever stops early loses the connection, nothing else."""
        total = 0
        try:
            while piece := self._response.read1(_PIECE_BYTES):
                total += len(piece)
                if total > MOST_BYTES:
                    raise self._wire.endpoint.error(
                        FailureKind.MALFORMED, f"an answer of more than {MOST_BYTES >> 20} MiB"
                    )
                yield piece
            if self._response.length:  # read1 takes an early end for the end
                raise IncompleteRead(b"", self._response.length)
            self._end()
        except (OSError, HTTPException) as error:
            raise self._trouble(error) from error
        finally:
            self.close()

    def hurry(self, seconds: float) -> None:
        """Whatever is still to come must come within so many seconds."""
        self._reader.deadline = min(self._reader.deadline, time.monotonic() + seconds)

    def close(self) -> None:
        """Gives up on the rest of the answer. After its end there is nothing to give up."""
        if not self._ended:
            self._ended = True
            self._response.close()
            self._line.close()

    def _end(self) -> None:
        if self._response.will_close:
            self.close()
        elif not self._ended:
            self._ended = True
            self._wire.keep(self._line)

    def _trouble(self, error: OSError | HTTPException) -> ProviderError:
        """What a failure means after the answer has begun."""
        if isinstance(error, TimeoutError):
            message = "the answer was not complete within the time limit"
            return self._wire.endpoint.error(FailureKind.TIMEOUT, message, retryable=True)
        return self._wire.endpoint.error(
            FailureKind.CUT_OFF, "the connection closed before the answer's end", retryable=True
        )


class _Line:
    """One open connection. Closed when its thread ends and drops it, at the latest at exit.

    A finalizer, not `__del__`: in a reference cycle, as a raised error makes one, the socket could
    be collected before us and would complain that nobody closed it.
    """

    def __init__(self, connection: HTTPConnection) -> None:
        self.connection = connection
        self.process = os.getpid()
        self.received = 0
        self.close = weakref.finalize(self, connection.close)

    def ask(self, wire: Wire, data: bytes, deadline: float) -> Reply:
        """Sends a request and reads the head of its answer. Closed where that fails."""
        sock: socket.socket = self.connection.sock
        reader = _Clocked(sock, deadline)
        response = HTTPResponse(cast("socket.socket", reader), method="POST")
        try:
            reader.arm()
            sock.sendall(data)
            response.begin()
        except BaseException:
            self.received = reader.received
            response.close()
            self.close()
            raise
        return Reply(wire, self, response, reader)


class _Clocked(io.RawIOBase):
    """A socket's bytes; every read is held to the call's deadline, not to a limit of its own."""

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self._sock = sock
        self.deadline = deadline
        self.received = 0

    def makefile(self, _mode: str) -> io.BufferedReader:
        """What HTTPResponse asks of a socket."""
        return io.BufferedReader(self, _PIECE_BYTES)

    def readable(self) -> bool:
        return True

    def left(self) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def arm(self) -> None:
        """Lets the socket wait as long as is left. Each setting is a system call that hands the
        interpreter to another thread, so a limit that is off by a thousandth may stand."""
        left = self.left()
        if abs((self._sock.gettimeout() or 0.0) - left) > left / 1000:
            self._sock.settimeout(left)

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        self.arm()
        count = self._sock.recv_into(buffer)
        self.received += count
        return count


def client_headers() -> dict[str, str]:
    """What every request of ours says of itself."""
    return {"Content-Type": "application/json", "User-Agent": f"suffice/{__version__}"}


def _lines(headers: Mapping[str, str]) -> str:
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items())


def _words(error: BaseException) -> str:
    """An exception in words: http.client leaves some of them without any."""
    return str(error) or type(error).__name__
