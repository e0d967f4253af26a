"""What the simulated model takes in of a prompt: instructions, passages, worked examples.

Reads the text of the messages and nothing else of a request. Every rule here is plain and stated
in docs/planted.md, so that the writer of a prompt can tell what the model will make of it.

- A numbered passage begins on a line with `[n]`, `Passage n`, `Document n` or `Source n`.
- "only ... passages/documents/context/sources" tells it to answer only from the passages.
- "do not know", "cannot answer", "not in the documents", "decline", ... lets it say so.
- "cite", "citation" or "[n]" asks for citations.
- A worked example is an assistant turn of the right shape before the last user turn.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from suffice.records import Message

_PASSAGE = re.compile(r"^\s*(?:\[(\d+)\]|(?:passage|document|source)\s+(\d+)\b)[.:]?", re.I | re.M)
_ONLY = re.compile(
    r"\b(?:only|solely|nothing but)\b[^.\n]{0,60}"
    r"\b(?:passages?|documents?|context|sources?|excerpts?)\b",
    re.I,
)
_MAY_DECLINE = re.compile(
    r"(?:do not|don't|don\u2019t|not) know|unknown|cannot (?:be )?answer|can't answer|unanswerable"
    r"|\bdecline\b|not (?:be )?(?:in|found|covered|contained|answered)",
    re.I,
)
_CITE = re.compile(r"\bcit(?:e|es|ed|ing|ation|ations)\b|\[n\]", re.I)


@dataclass(frozen=True, slots=True)
class Piece:
    """One message, read: its passages by number, what stands around them, what it tells."""

    text: str
    passages: tuple[tuple[int, str], ...] = ()
    only_passages: bool = False
    may_decline: bool = False
    cite: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """Where a fact's evidence stands in the prompt, and how many passages only distract."""

    present: bool
    numbers: tuple[int, ...]
    distractors: int


@dataclass(frozen=True, slots=True)
class Prompt:
    """All that one request's messages say to the model."""

    system: tuple[Piece, ...]
    user: Piece
    question: str
    replies: tuple[str, ...]

    @property
    def only_passages(self) -> bool:
        pieces = (*self.system, self.user)
        return _any(pieces, "passages") and _any(pieces, "only_passages")

    @property
    def may_decline(self) -> bool:
        return _any((*self.system, self.user), "may_decline")

    @property
    def cite(self) -> bool:
        return _any((*self.system, self.user), "cite")

    def spells_out(self, words: Sequence[str]) -> bool:
        """Whether the system prompt names every key or label of the format."""
        return bool(words) and any(
            all(word in piece.text for word in words) for piece in self.system
        )

    def find(self, sentences: Sequence[str]) -> Found:
        """Looks for every sentence of a fact's evidence."""
        pieces = (*self.system, self.user)
        passages = [passage for piece in pieces for passage in piece.passages]
        if not sentences:
            return Found(False, (), len(passages))
        everywhere = "\n".join([piece.text for piece in pieces])
        present = all(sentence in everywhere for sentence in sentences)
        numbers = [
            number for number, text in passages if any(sentence in text for sentence in sentences)
        ]
        return Found(present, tuple(numbers), len(passages) - len(numbers))


def _any(pieces: Sequence[Piece], quality: str) -> bool:
    return any(getattr(piece, quality) for piece in pieces)


def read_prompt(messages: Sequence[Message]) -> Prompt:
    """Splits a chat into instructions, examples and the question. The last user turn asks."""
    system, replies, question, waiting = [], [], "", []
    for message in messages:
        if message.role == "system":
            system.append(read_piece(message.content))
        elif message.role == "assistant":
            waiting.append(message.content)
        else:
            replies += waiting  # what is said after the question is no example
            question, waiting = message.content, []
    return Prompt(tuple(system), _read_question(question), question, tuple(replies))


@lru_cache(maxsize=256)
def read_piece(content: str) -> Piece:
    """A system message: the same for many requests, so it is read once."""
    return Piece(
        text=" ".join(content.split()),
        passages=_passages(content),
        only_passages=bool(_ONLY.search(content)),
        may_decline=bool(_MAY_DECLINE.search(content)),
        cite=bool(_CITE.search(content)),
    )


def _read_question(content: str) -> Piece:
    """The asking message. Without passages it holds the user's words only, no instructions."""
    squeezed = " ".join(content.split())
    if "\n" not in content.strip():  # one line holds a question, no passages
        return Piece(squeezed)
    passages = _passages(content)
    if not passages:
        return Piece(squeezed)
    told = _around_passages(content)
    return Piece(
        text=squeezed,
        passages=passages,
        only_passages=bool(_ONLY.search(told)),
        may_decline=bool(_MAY_DECLINE.search(told)),
        cite=bool(_CITE.search(told)),
    )


def _around_passages(content: str) -> str:
    """What stands before the first passage, and the last paragraph: documents tell us nothing."""
    first = _PASSAGE.search(content)
    head = content[: first.start()] if first else content
    return f"{head}\n{content.rstrip().rpartition(chr(10) * 2)[2]}"


def _passages(content: str) -> tuple[tuple[int, str], ...]:
    marks = list(_PASSAGE.finditer(content))
    if not marks:
        return ()
    ends = [*(mark.start() for mark in marks[1:]), len(content)]
    return tuple(
        (int(mark[1] or mark[2]), " ".join(content[mark.end() : end].split()))
        for mark, end in zip(marks, ends, strict=True)
    )
