"""A chat model that says what a function says, for tests of everything above the models."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from suffice.ports import Price
from suffice.records import Answer, Json, Request, Usage


@dataclass
class ScriptedModel:
    """Implements ports.ChatModel. `reply` gives the text of an answer, or raises."""

    reply: Callable[[Request], str]
    name: str = "scripted:model"
    endpoint: str = "scripted"
    batch: int = 1
    price: Price | None = None
    window: int | None = None
    asked: list[Request] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def identity(self) -> Json:
        return {"model": self.name}

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def ask(self, requests: Sequence[Request]) -> list[Answer]:
        with self.lock:
            self.asked.extend(requests)
        return [self._answer(request) for request in requests]

    def _answer(self, request: Request) -> Answer:
        text = self.reply(request)
        usage = Usage(self.count_tokens(request.messages[-1].content), len(text.split()))
        return Answer(
            text=text,
            usage=usage,
            seconds=0.1,
            usd=self.price.usd(usage) if self.price else None,
        )
