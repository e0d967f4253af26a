"""The shapes that nano's invented worlds are written in, and the little grammar of their sentences.

A pattern is English with choices in square brackets, which nest: "[Orders|Parcels] [leave|are sent
out] [|each morning] on {value}." An empty choice leaves the words out. `{it}` stands for the thing
that is spoken of and `{value}` for the fact. A domain is a file of patterns and nothing else.
"""

import random
import re
from dataclasses import dataclass

_INNERMOST = re.compile(r"\[([^\[\]]*)\]")


@dataclass(frozen=True)
class Attribute:
    """One kind of fact: how it is called in a table, said in a sentence and asked about.

    `value` names a maker in values.py, or lists phrases (patterns too) of which one is taken.
    """

    name: str
    value: str | tuple[str, ...]
    says: tuple[str, ...]
    asks: tuple[str, ...]


@dataclass(frozen=True)
class Kind:
    """A kind of thing that has facts. `named` is a maker of names in words.py; `nouns` are what
    such a thing is called without its name; `asides` are sentences that state no fact."""

    nouns: tuple[str, ...]
    named: str
    attributes: tuple[Attribute, ...]
    asides: tuple[str, ...]


def expand(pattern: str, rng: random.Random) -> str:
    """One sentence of a pattern: each choice made at random, the innermost first."""
    while found := _INNERMOST.search(pattern):
        chosen = rng.choice(found.group(1).split("|"))
        pattern = pattern[: found.start()] + chosen + pattern[found.end() :]
    return tidy(pattern)


def tidy(text: str) -> str:
    """Left-out words leave no double spaces behind, nor a space before a comma or a full stop."""
    return re.sub(r" +([,.;:?!])", r"\1", re.sub(r" {2,}", " ", text)).strip()


def opened(sentence: str) -> str:
    """The sentence with a capital letter at its start."""
    return sentence[:1].upper() + sentence[1:]
