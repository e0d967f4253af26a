"""A chat to tokens, as the model's own template writes it.

A special token that someone typed stays text. It is taken out before the template is filled and
put back as the tokens of its letters; else a user could end the system prompt by typing what ends
a turn.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from suffice.records import Message

_PRIVATE_USE = range(0xE000, 0xF8FF)  # characters that Unicode gives no meaning


class ChatTokenizer(Protocol):
    """What a chat is written and cut into tokens with."""

    def specials(self) -> Iterable[str]:
        """Every special token, as it is typed."""

    def render(self, messages: Sequence[Mapping[str, str]]) -> str:
        """The chat as text that asks for the assistant's turn. Raises jinja2.TemplateError."""

    def encode(self, text: str) -> list[int]:
        """Tokens of a text in which special tokens count as such."""

    def encode_letters(self, text: str) -> list[int]:
        """Tokens of a text in which special tokens are letters like others."""


def encode_chat(tokenizer: ChatTokenizer, messages: Sequence[Message]) -> list[int]:
    """The tokens of a chat that asks for the assistant's next turn."""
    specials = sorted(tokenizer.specials(), key=len, reverse=True)  # one may hold another
    typed = [word for word in specials if any(word in each.content for each in messages)]
    mark = _unused(messages)
    marks = {word: f"{mark}{number}{mark}" for number, word in enumerate(typed)}
    rendered = tokenizer.render([_replaced(message, marks) for message in messages])
    tokens: list[int] = []
    for number, part in enumerate(rendered.split(mark)):
        if number % 2 == 1:
            tokens += tokenizer.encode_letters(typed[int(part)])
        else:
            tokens += tokenizer.encode(part)
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
