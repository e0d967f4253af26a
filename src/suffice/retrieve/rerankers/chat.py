"""A chat model reads the best passages side by side and orders them: chat:PROVIDER:NAME.

One call a question. What the model leaves out keeps its place behind what it names; an answer that
names no passage leaves the order as it was, which is told by `score` being absent.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from suffice.errors import UsageError
from suffice.plugins import load
from suffice.ports import ChatModel, ModelOptions
from suffice.records import Message, Request
from suffice.retrieve.records import Hit

MOST = 20  # passages that one prompt shows
_CHARACTERS = 1500  # of each: enough to judge it by
_INSTRUCTION = (
    "Which passages help to answer the question? Write the numbers of those that help, the most "
    "helpful first, separated by commas, and nothing else. If none helps, write: none."
)


class ChatReranker:
    def __init__(self, model: ChatModel) -> None:
        self.name = f"chat:{model.name}"
        self._model = model

    def rank(self, question: str, hits: Sequence[Hit]) -> list[Hit]:
        if not hits:
            return []
        shown = hits[:MOST]
        listed = "\n\n".join(
            f"[{number}] {hit.passage.title}\n{hit.passage.text[:_CHARACTERS]}"
            for number, hit in enumerate(shown, start=1)
        )
        [answer] = self._model.ask(
            [
                Request(
                    messages=(
                        Message("system", _INSTRUCTION),
                        Message("user", f"{listed}\n\nQuestion: {question}"),
                    ),
                    max_tokens=128,
                )
            ]
        )
        named = [
            int(number) - 1
            for number in re.findall(r"\d+", answer.text)
            if 1 <= int(number) <= len(shown)
        ]
        order = list(dict.fromkeys(named))
        rest = [place for place in range(len(hits)) if place not in order]
        return [_scored(hits[place], self.name, rank) for rank, place in enumerate(order)] + [
            hits[place] for place in rest
        ]


def _scored(hit: Hit, name: str, rank: int) -> Hit:
    return replace(hit, scores={**hit.scores, name: 1 / (1 + rank)})


def create(name: str, options: ModelOptions) -> ChatReranker:
    """NAME is a chat model as in `model:`, PROVIDER:NAME."""
    if not name:
        raise UsageError("chat reranks with a chat model: write chat:PROVIDER:NAME")
    provider, _, rest = name.partition(":")
    model: ChatModel = load("model", provider)(rest, options)
    return ChatReranker(model)
