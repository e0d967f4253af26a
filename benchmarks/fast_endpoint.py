"""A chat endpoint that costs next to nothing, for measuring what asks it.

    python -m benchmarks.fast_endpoint [--delay SECONDS]

A process of its own, so that it takes no time from the client's interpreter. It speaks as much of
HTTP/1.1 and of OpenAI's chat completions as clients need, answers every question by `answer_to`
after a fixed delay, and prints its port as the first line. `GET /count` says how many questions it
has answered since the last `GET /reset`, how many were in flight at most, and how many seconds lie
between the first question's coming and the last answer's going.
"""

import argparse
import asyncio
import json
import time
from zlib import crc32

_WORDS = (
    *("amber", "basalt", "cedar", "dune", "ember", "fjord", "garnet", "harbour"),
    *("indigo", "juniper", "kelp", "lagoon", "maple", "nectar", "onyx", "prairie"),
)


def answer_to(question: str) -> str:
    """Two words and a number that only the question decides, on every machine."""
    drawn = crc32(question.encode())
    return f"{_WORDS[drawn % 16]} {_WORDS[drawn // 16 % 16]} {drawn % 97}"


class Tally:
    """What has been asked of the endpoint, and between when and when."""

    def __init__(self) -> None:
        self.in_flight = 0
        self.reset()

    def reset(self) -> None:
        self.answered, self.most_in_flight = 0, self.in_flight
        self.first = self.last = time.monotonic()

    def begin(self) -> None:
        if not self.answered and not self.in_flight:
            self.first = time.monotonic()
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)

    def end(self) -> None:
        self.in_flight -= 1
        self.answered += 1
        self.last = time.monotonic()

    def as_json(self) -> bytes:
        seconds = self.last - self.first
        counts = {"answered": self.answered, "most_in_flight": self.most_in_flight}
        return json.dumps({**counts, "seconds": seconds}).encode()


class Connection(asyncio.Protocol):
    """One kept-alive connection: requests in, answers out, in order."""

    def __init__(self, tally: Tally, delay_seconds: float) -> None:
        self._tally, self._delay = tally, delay_seconds
        self._loop = asyncio.get_running_loop()
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            head = self._received[:end]
            length = _content_length(head)
            if len(self._received) < end + 4 + length:
                return
            body = self._received[end + 4 : end + 4 + length]
            self._received = self._received[end + 4 + length :]
            self._take(head, body)

    def _take(self, head: bytes, body: bytes) -> None:
        if head.startswith(b"GET /count"):
            self._send(self._tally.as_json())
        elif head.startswith(b"GET /reset"):
            self._tally.reset()
            self._send(b"{}")
        else:
            self._tally.begin()
            if self._delay:
                self._loop.call_later(self._delay, self._answer, body)
            else:
                self._answer(body)

    def _answer(self, body: bytes) -> None:
        self._tally.end()
        self._send(_completion(body))

    def _send(self, body: bytes) -> None:
        if not self._transport.is_closing():
            head = (
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
            )
            self._transport.write(head % len(body) + body)


def _content_length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"\r\ncontent-length:")
    return int(rest.partition(b"\r\n")[0]) if found else 0


def _completion(body: bytes) -> bytes:
    """A chat completion with everything in it that clients look at."""
    request = json.loads(body)
    content = request["messages"][-1]["content"]
    question = content if isinstance(content, str) else "".join(part["text"] for part in content)
    answer = answer_to(question)
    return (
        b'{"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"fast",'
        b'"choices":[{"index":0,"message":{"role":"assistant","content":"%b"},"logprobs":null,'
        b'"finish_reason":"stop"}],'
        b'"usage":{"prompt_tokens":40,"completion_tokens":4,"total_tokens":44}}' % answer.encode()
    )


async def serve(delay_seconds: float) -> None:
    """Serves until the process is ended."""
    tally = Tally()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Connection(tally, delay_seconds), "127.0.0.1", 0, backlog=2048
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each answer")
    asyncio.run(serve(parser.parse_args().delay))


if __name__ == "__main__":
    main()
