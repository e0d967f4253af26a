"""Examples as a model sees them while it learns: tokens, and which of them it is to say.

The tokens are those of serving: the same chat template, the same system prompt, what a user typed
as letters. Only the assistant's words are learned, and the token that ends them, or the model would
never stop.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import jinja2

from suffice.errors import DataError
from suffice.models.chat_template import ChatTokenizer, encode_turns
from suffice.records import Example, Message


@dataclass(frozen=True, slots=True)
class Row:
    """One example. `learned` has a flag for each token."""

    example: str
    tokens: tuple[int, ...]
    learned: tuple[bool, ...]


@dataclass(frozen=True)
class Writer:
    """Turns examples into rows for one model. `prompt` is the system prompt of serving."""

    tokenizer: ChatTokenizer
    ends: frozenset[int]
    window: int
    prompt: str = ""

    def rows(self, examples: Sequence[Example]) -> list[Row]:
        """Raises DataError that names the line of the first example that cannot be learned from."""
        return [self.row(each) for each in examples]

    def row_that_fits(self, example: Example) -> Row | None:
        """None where the model could not learn from it."""
        try:
            return self.row(example)
        except DataError:
            return None

    def row(self, example: Example) -> Row:
        chat = (*self._asked(example.messages), Message("assistant", example.reply))
        try:
            pieces = encode_turns(self.tokenizer, chat)
        except jinja2.TemplateError as error:
            raise DataError(
                f"the model's chat template refuses this example: {error}", example.source
            ) from error
        tokens: list[int] = []
        learned: list[bool] = []
        # Some templates show the last reply alone, which is always learned.
        turn = sum(each.role == "assistant" for each in chat) - sum(said for _, said in pieces)
        for piece, said in pieces:
            wanted = said and turn not in example.unlearned
            tokens += piece
            learned += self._until_the_end(piece, example) if wanted else [False] * len(piece)
            turn += said
        if len(tokens) > self.window:
            raise DataError(
                f"this example has {len(tokens)} tokens and the model's window is {self.window}; "
                "shorten it or leave it out",
                example.source,
            )
        return Row(example.id, tuple(tokens), tuple(learned))

    def _asked(self, messages: Sequence[Message]) -> list[Message]:
        """With the system prompt that serving puts there, before what the example's own says."""
        own = [each.content for each in messages if each.role == "system"]
        parts = dict.fromkeys(part for part in (self.prompt, *own) if part)
        system = [Message("system", "\n\n".join(parts))] if parts else []
        return [*system, *(each for each in messages if each.role != "system")]

    def _until_the_end(self, piece: Sequence[int], example: Example) -> list[bool]:
        """What the assistant says, with what ends it; what the template puts behind is not said."""
        last = next((place for place, token in enumerate(piece) if token in self.ends), None)
        if last is None:
            raise DataError(
                "the model's chat template ends a reply with no token that ends an answer, so the "
                "model would not learn to stop; mend its chat_template or its eos_token",
                example.source,
            )
        return [place <= last for place in range(len(piece))]
