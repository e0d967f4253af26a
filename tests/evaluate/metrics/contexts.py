"""Contexts for metrics, in one line each, and texts that no metric may stumble over."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from suffice.ports import Context, Embedder
from suffice.records import Answer, Case, Json, Message, Passage, Request

HOSTILE = {
    "empty": "",
    "white space": " \n\t ",
    "huge": "word " * 40_000,
    "one huge word": "a" * 200_000,
    "many digits": "9" * 50_000,
    "deep arrays": "[" * 100_000,
    "deep objects": '{"a":' * 20_000,
    "deep and closed": "[" * 5_000 + "]" * 5_000,
    "fences": "```" * 10_000,
    "quotes": '"' * 20_000,
    "brackets": "[1]" * 10_000,
    "line breaks": "\n" * 20_000 + "[1]",
    "minus signs": "-" * 50_000,
    "NUL": "a\0b",
    "lone surrogate": "a\ud800b",
    "right to left": "\u202eabc\u202c",
    "combining": "e" + "\u0301" * 5_000,
    "infinity": '{"answer": Infinity}',
    "overflow": '{"answer": 1e999}',
    "NaN": "NaN",
    "null": "null",
    "emoji": "👩‍👩‍👧‍👦" * 500,
    "null answer": '{"answer": null}',
}

FAQ = (
    Passage("faq-1", "faq", "Refunds take 14 days after we receive the parcel.", "Refunds"),
    Passage("faq-2", "faq", "Shipping to Norway costs 12.50 euros.", "Shipping"),
)


def context(
    text: str,
    *expected: Json,
    answerable: bool = True,
    schema: Mapping[str, Json] | None = None,
    passages: tuple[Passage, ...] = (),
    judge: Callable[[Request], Answer] | None = None,
    embedder: Embedder | None = None,
    seconds: float = 0.5,
    usd: float | None = 0.001,
) -> Context:
    case = Case(
        id="c1",
        messages=(Message("user", "What is the capital of France?"),),
        expected=expected,
        answerable=answerable,
        schema=schema,
    )
    answer = Answer(text, seconds=seconds, usd=usd)
    return Context(case, answer, passages, judge, embedder)


def says(reply: str) -> Callable[[Request], Answer]:
    """A judge that always replies the same."""
    return lambda _: Answer(reply)


class LetterEmbedder:
    """Real, tiny and deterministic: a text is how often it has each letter."""

    name = "letters"
    dimensions = 27
    tokens = None

    def identity(self) -> Json:
        return {"embedder": "letters"}

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        counts = np.zeros((len(texts), 27), dtype=np.float32)
        for row, text in enumerate(texts):
            for letter in text.lower():
                place = ord(letter) - ord("a")
                counts[row, place if 0 <= place < 26 else 26] += 1
            counts[row, 26] += 1e-3
        return np.asarray(counts / np.linalg.norm(counts, axis=1, keepdims=True), dtype=np.float32)
