"""Text to tokens and back, and chats to text, from the files that transformers reads too.

llguidance brings the tokenizer: it reads tokenizer.json with the code of the tokenizers package,
which needs the hub's client beside it, and this one needs nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import jinja2
import msgspec
from jinja2.sandbox import ImmutableSandboxedEnvironment
from llguidance import LLTokenizer

from suffice.models.chat_template import encode_chat
from suffice.records import Message


class Vocabulary:
    """A tokenizer.json and a chat template. Holds nothing that changes; threads may share it."""

    def __init__(self, tokenizer: str, template: str, ends: frozenset[int]) -> None:
        settings: dict[str, Any] = msgspec.json.decode(tokenizer)
        added = settings.get("added_tokens", [])
        self._specials = {each["content"]: int(each["id"]) for each in added if each["special"]}
        self.grammars = LLTokenizer(tokenizer, eos_token=sorted(ends))
        # llguidance takes every special token in a text for one, so letters need a tokenizer that
        # knows none.
        settings["added_tokens"] = [each for each in added if not each["special"]]
        letters = msgspec.json.encode(settings).decode()
        self._letters = LLTokenizer(letters, eos_token=sorted(ends))
        self._bytes = [self._said(token) for token in range(self.size)]
        self._template = _environment().from_string(template)

    @property
    def size(self) -> int:
        return int(self.grammars.vocab_size)

    def specials(self) -> list[str]:
        return list(self._specials)

    def render(self, messages: Sequence[Mapping[str, str]], *, ask: bool = True) -> str:
        return self._template.render(messages=messages, add_generation_prompt=ask)

    def encode(self, text: str) -> list[int]:
        tokens: list[int] = self.grammars.tokenize_str(text, parse_special=True)
        return tokens

    def encode_letters(self, text: str) -> list[int]:
        tokens: list[int] = self._letters.tokenize_str(text)
        return tokens

    def encode_messages(self, messages: Sequence[Message]) -> list[int]:
        return encode_chat(self, messages)

    def decode(self, tokens: Sequence[int]) -> str:
        """Without special tokens. What is no UTF-8, as half a character, is shown as U+FFFD."""
        return b"".join(self._bytes[each] for each in tokens).decode("utf-8", errors="replace")

    def _said(self, token: int) -> bytes:
        """What a token adds to a text. llguidance keeps the byte 255 for itself and says nothing
        for the token that stands for it."""
        if token in self._specials.values():
            return b""
        return self.grammars.decode_bytes([token]) or b"\xff"


def _environment() -> ImmutableSandboxedEnvironment:
    """As transformers fills templates: a template is data, and runs in a sandbox."""
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.loopcontrols"],
        autoescape=False,  # a chat is no HTML
    )
    environment.globals["raise_exception"] = _raise
    return environment


def _raise(message: str) -> NoReturn:
    raise jinja2.TemplateError(message)
