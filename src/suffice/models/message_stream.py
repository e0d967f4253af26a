"""What lies on both sides of Anthropic's SDK: its connections below, its events above."""

import time
from collections.abc import Iterator
from typing import Any

import httpx2
from anthropic.types import RawMessageStreamEvent

from suffice.models.wire import Reply, Wire
from suffice.records import Usage

_COUNTED = (
    "input_tokens",
    "output_tokens",
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
)


class Heard:
    """What has come of a streamed answer. `first` and `ended` are times of the clock."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.blocks = 0
        self.finish: str | None = None
        self.first: float | None = None
        self.ended: float | None = None
        self._counts: dict[str, int] = {}
        self._thought = 0

    def add(self, event: RawMessageStreamEvent) -> None:
        if event.type == "message_start":
            self._count(event.message.usage)
        elif event.type == "content_block_start":
            self.blocks += 1
        elif event.type == "content_block_delta" and event.delta.type == "text_delta":
            self.first = self.first or time.perf_counter()
            self.texts.append(event.delta.text)
        elif event.type == "message_delta":
            self.finish = event.delta.stop_reason
            self._count(event.usage)
        elif event.type == "message_stop":
            self.ended = time.perf_counter()

    def _count(self, usage: Any) -> None:
        """Counts are cumulative: the last one that is given holds."""
        for name in _COUNTED:
            if (count := getattr(usage, name, None)) is not None:
                self._counts[name] = count
        if details := getattr(usage, "output_tokens_details", None):
            self._thought = details.thinking_tokens

    def usage(self) -> Usage:
        """In our terms: here `input_tokens` leaves out what was read from or put into the cache."""
        fresh, output, read, written = (self._counts.get(name, 0) for name in _COUNTED)
        return Usage(
            input_tokens=fresh + read + written,
            output_tokens=output,
            cached_tokens=read,
            cache_write_tokens=written,
            reasoning_tokens=self._thought,
        )


class Transport(httpx2.BaseTransport):
    """Carries the SDK's requests over our wire."""

    def __init__(self, wire: Wire, seconds: float) -> None:
        self._wire, self._seconds = wire, seconds

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        own = {"host", "connection", "content-length", "accept-encoding"}
        headers = {name: value for name, value in request.headers.items() if name not in own}
        deadline = time.monotonic() + self._seconds
        reply = self._wire.send(request.read(), deadline, headers)
        return httpx2.Response(
            reply.status, headers=reply.headers, stream=_Body(reply), extensions={"reply": reply}
        )


class _Body(httpx2.SyncByteStream):
    def __init__(self, reply: Reply) -> None:
        self._reply = reply

    def __iter__(self) -> Iterator[bytes]:
        return self._reply.pieces()

    def close(self) -> None:
        self._reply.close()
