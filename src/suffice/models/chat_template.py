"""A chat to tokens, as the model's own template writes it.

A special token that someone typed stays text. It is taken out before the template is filled and
put back as the tokens of its letters; else a user could end the system prompt by typing what ends
a turn.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from suffice.records import Message

_PRIVATE_USE = range(0xE000, 0xF8FF)  # characters that Unicode gives no meaning


def encode_chat(tokenizer: Any, messages: Sequence[Message]) -> list[int]:
    """The tokens of a chat that asks for the assistant's next turn."""
    typed = [
        word for word in _specials(tokenizer) if any(word in each.content for each in messages)
    ]
    mark = _unused(messages)
    marks = {word: f"{mark}{number}{mark}" for number, word in enumerate(typed)}
    rendered: str = tokenizer.apply_chat_template(
        [_replaced(message, marks) for message in messages],
        tokenize=False,
        add_generation_prompt=True,
    )
    tokens: list[int] = []
    for number, part in enumerate(rendered.split(mark)):
        is_word = number % 2 == 1
        tokens += tokenizer.encode(
            typed[int(part)] if is_word else part,
            add_special_tokens=False,
            split_special_tokens=is_word,
            verbose=False,  # too long is an error of ours, with both counts
        )
    return tokens


def _specials(tokenizer: Any) -> list[str]:
    """Every special token, the longest first: one may hold another."""
    added = tokenizer.added_tokens_decoder.values()
    words = {str(token) for token in added if token.special}
    return sorted(words | set(tokenizer.all_special_tokens), key=len, reverse=True)


def _unused(messages: Sequence[Message]) -> str:
    """A character that nobody typed."""
    said = "".join(message.content for message in messages)
    return next(chr(code) for code in _PRIVATE_USE if chr(code) not in said)


def _replaced(message: Message, marks: Mapping[str, str]) -> dict[str, str]:
    content = message.content
    for word, mark in marks.items():
        content = content.replace(word, mark)
    return {"role": message.role, "content": content}
