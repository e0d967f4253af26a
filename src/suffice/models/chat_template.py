"""A chat to tokens, as the model's own template writes it.

A special token that someone typed stays text. It is taken out before the template is filled and
put back as the tokens of its letters; else a user could end the system prompt by typing what ends
a turn.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import jinja2

from suffice.records import Message

_PRIVATE_USE = range(0xE000, 0xF8FF)  # characters that Unicode gives no meaning


class ChatTokenizer(Protocol):
    """What a chat is written and cut into tokens with."""

    def specials(self) -> Iterable[str]:
        """Every special token, as it is typed."""

    def render(self, messages: Sequence[Mapping[str, str]], *, ask: bool = True) -> str:
        """The chat as text, which asks for the assistant's turn or ends where the chat ends.
        Raises jinja2.TemplateError."""

    def encode(self, text: str) -> list[int]:
        """Tokens of a text in which special tokens count as such."""

    def encode_letters(self, text: str) -> list[int]:
        """Tokens of a text in which special tokens are letters like others."""


def encode_chat(tokenizer: ChatTokenizer, messages: Sequence[Message]) -> list[int]:
    """The tokens of a chat that asks for the assistant's next turn."""
    typed = _Typed(tokenizer, messages)
    return typed.encode(tokenizer.render(typed.messages))


def encode_turns(
    tokenizer: ChatTokenizer, messages: Sequence[Message]
) -> list[tuple[list[int], bool]]:
    """A whole chat in pieces, each with whether the assistant says it: what a model learns from.

    What stands before the assistant's words is what serving puts there, token for token. Some
    templates write a turn otherwise once another follows; of such a chat only the last reply is
    the assistant's.
    """
    typed = _Typed(tokenizer, messages)
    turns = [place for place, each in enumerate(messages) if each.role == "assistant"]
    pieces = _pieces(tokenizer, typed, turns) or _pieces(tokenizer, typed, turns[-1:])
    if pieces is None:
        raise jinja2.TemplateError(
            "a chat with its reply does not begin with what asks for the reply"
        )
    return [(typed.encode(text), said) for text, said in pieces]


def _pieces(
    tokenizer: ChatTokenizer, typed: "_Typed", turns: Sequence[int]
) -> list[tuple[str, bool]] | None:
    """None where the template writes the chat otherwise as it goes on."""
    done = ""
    pieces = []
    for place in turns:
        asked = tokenizer.render(typed.messages[:place])
        told = tokenizer.render(typed.messages[: place + 1], ask=False)
        if not asked.startswith(done) or not told.startswith(asked):
            return None
        pieces += [(asked[len(done) :], False), (told[len(asked) :], True)]
        done = told
    return pieces


class _Typed:
    """The messages with marks in place of what is special and was typed."""

    def __init__(self, tokenizer: ChatTokenizer, messages: Sequence[Message]) -> None:
        specials = sorted(tokenizer.specials(), key=len, reverse=True)  # one may hold another
        self._tokenizer = tokenizer
        self._words = [word for word in specials if any(word in each.content for each in messages)]
        self._mark = _unused(messages)
        marks = {word: f"{self._mark}{place}{self._mark}" for place, word in enumerate(self._words)}
        self.messages = [_replaced(message, marks) for message in messages]

    def encode(self, rendered: str) -> list[int]:
        tokens: list[int] = []
        for number, part in enumerate(rendered.split(self._mark)):
            if number % 2 == 1:
                tokens += self._tokenizer.encode_letters(self._words[int(part)])
            else:
                tokens += self._tokenizer.encode(part)
        return tokens


def _unused(messages: Sequence[Message]) -> str:
    """A character that nobody typed."""
    said = "".join(message.content for message in messages)
    return next(chr(code) for code in _PRIVATE_USE if chr(code) not in said)


def _replaced(message: Message, marks: Mapping[str, str]) -> dict[str, str]:
    content = message.content
    for word, mark in marks.items():
        content = content.replace(word, mark)
    return {"role": message.role, "content": content}
