"""How to start each model plug-in in a test: an entry here, and the contract holds for it.

An entry gets an empty folder and an ExitStack for what has to be stopped afterwards, and gives a
model with a batch of 2 where it can, and a way to make its next call fail.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from suffice.models import anthropic, huggingface, nano, openai, planted
from suffice.ports import ChatModel, ModelOptions, Price
from suffice.records import Message, Request
from tests.servers.chat_server import ChatServer
from tests.servers.tiny_llama import WINDOW, write_tiny_llama
from tests.servers.tiny_nano import write_tiny_nano

PRICE = Price(input=1.0, output=2.0)


@dataclass(frozen=True)
class Started:
    """A model, and `spoil`: a request that will fail when it is asked next."""

    model: ChatModel
    spoil: Callable[[], Request]


def _openai(folder: Path, stack: ExitStack, *, stream: bool = False) -> Started:
    server = stack.enter_context(ChatServer())
    options = ModelOptions(
        folder=folder, price=PRICE, batch=2, stream=stream, extra={"base_url": server.url}
    )
    return Started(openai.create("gpt-x", options), lambda: _failing_at(server))


def _anthropic(folder: Path, stack: ExitStack) -> Started:
    server = stack.enter_context(ChatServer())
    options = ModelOptions(folder=folder, price=PRICE, batch=2, extra={"base_url": server.root})
    return Started(anthropic.create("claude-x", options), lambda: _failing_at(server))


def _huggingface(folder: Path, stack: ExitStack) -> Started:
    write_tiny_llama(folder / "tiny")
    options = ModelOptions(folder=folder, price=PRICE, batch=2, extra={"threads": 1})
    return Started(huggingface.create("tiny", options), lambda: _saying("word " * WINDOW))


def _nano(folder: Path, stack: ExitStack) -> Started:
    write_tiny_nano(folder / "tiny")
    options = ModelOptions(folder=folder, price=PRICE, batch=2)
    return Started(nano.create("tiny", options), lambda: _saying("word " * WINDOW))


def _planted(folder: Path, stack: ExitStack) -> Started:
    options = ModelOptions(folder=folder, price=PRICE, batch=2)
    model = planted.create("support-desk", options)
    return Started(model, lambda: Request(messages=(Message("system", "No question."),)))


STARTS: dict[str, Callable[[Path, ExitStack], Started]] = {
    "anthropic": _anthropic,
    "huggingface": _huggingface,
    "nano": _nano,
    "openai": _openai,
    "planted": _planted,
}


def _failing_at(server: ChatServer) -> Request:
    server.script("500")
    return _saying("hello")


def _saying(text: str) -> Request:
    return Request(messages=(Message("user", text),))
