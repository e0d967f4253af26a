"""The simulated model behind the OpenAI-compatible test server.

    with ChatServer(reply=reply_from(model)) as server: ...

As a process, for tests that kill its client:

    python -m tests.servers.planted_server --world support-desk --port 0 --log FILE --delay 0.2

It prints its port as the first line; every answered request becomes a line of the log.
"""

import argparse
import json
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from suffice.models.planted import create
from suffice.ports import ChatModel, ModelOptions
from suffice.records import Message, Request
from tests.servers.chat_server import ChatServer
from tests.servers.chat_shapes import wanted_schema


def reply_from(model: ChatModel) -> Callable[[dict[str, Any]], str]:
    """What the server says to a request's body: what the model says to the same request."""
    return lambda body: model.ask([request_of(body)])[0].text


def request_of(body: Mapping[str, Any]) -> Request:
    """A body of OpenAI's chat completions or of Anthropic's messages as a Request."""
    system = [Message("system", _text(body["system"]))] if body.get("system") else []
    turns = [Message(each["role"], _text(each["content"])) for each in body["messages"]]
    return Request(
        messages=(*system, *turns),
        schema=wanted_schema(dict(body)),
        max_tokens=body.get("max_completion_tokens") or body.get("max_tokens") or 512,
        temperature=body.get("temperature") or 0.0,
        seed=body.get("seed"),
    )


def _text(content: str | list[dict[str, Any]]) -> str:
    if isinstance(content, str):
        return content
    return "\n".join(part["text"] for part in content if part.get("type") == "text")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--world", default="support-desk", help="as after planted:")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--log", type=Path)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each answer")
    given = parser.parse_args()
    model = create(given.world, ModelOptions())
    with ChatServer(
        reply_from(model), port=given.port, latency_seconds=given.delay, log=given.log
    ) as server:
        sys.stdout.write(json.dumps(server.port) + "\n")
        sys.stdout.flush()
        threading.Event().wait()  # until it is killed


if __name__ == "__main__":
    main()
