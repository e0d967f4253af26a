"""A chat as training sees it: turns, of which the assistant's are learned."""

from collections.abc import Iterator
from dataclasses import dataclass

from tokenizers import Tokenizer

START, END, PAD = "<|im_start|>", "<|im_end|>", "<|pad|>"
TEMPLATE = (
    "{% for message in messages %}"
    "{% if message.role not in ['system', 'user', 'assistant'] %}"
    "{{ raise_exception('nano knows the roles system, user and assistant, not ' ~ message.role) }}"
    "{% endif %}"
    "{{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)


@dataclass(frozen=True)
class Chat:
    """(role, content) turns. `learned` is the role whose words the model learns to say."""

    messages: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Row:
    """Tokens, and for each whether the model is to learn to say it."""

    tokens: list[int]
    learned: list[bool]


def row_of(chat: Chat, tokenizer: Tokenizer) -> Row:
    """A chat as tokens, written as TEMPLATE writes it; what ends an answer is learned too."""
    tokens: list[int] = []
    learned: list[bool] = []
    for text, learn in _pieces(chat):
        piece = tokenizer.encode(text, add_special_tokens=False).ids
        tokens += piece
        learned += [learn] * len(piece)
    return Row(tokens, learned)


def _pieces(chat: Chat) -> Iterator[tuple[str, bool]]:
    for role, content in chat.messages:
        yield f"{START}{role}\n", False
        yield f"{content}{END}", role == "assistant"
        yield "\n", False
