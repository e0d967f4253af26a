"""Which fact a prompt asks about, from its words alone.

First an index of the normalised questions, looked up with the whole message, with what follows
its last "Question:", and with each paragraph and line; then the question that shares most of its
words, weighted by how rare they are. Knows nothing of case ids or of what a good answer is.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from math import log

_NOT_WORDS = re.compile(r"[\W_]+")
_ASKED = re.compile(r"^\s*(?:question|ticket|message|q)\s*:\s*", re.IGNORECASE | re.MULTILINE)
_CANDIDATES = 500  # questions that are weighed: common words would bring in all of them
_ENOUGH = 0.6  # share of a question's weight that a text must hold to be asking it


def normal(text: str) -> str:
    """Words in lower case with single spaces between them."""
    return _NOT_WORDS.sub(" ", text.casefold()).strip()


class Lookup:
    """An index of questions; `find` gives the position of the one that a text asks."""

    def __init__(self, questions: Sequence[str], owners: Sequence[int]) -> None:
        self._questions = [normal(question) for question in questions]
        self._owners = owners
        self._exact = dict(zip(self._questions, owners, strict=True))
        # Rungs and replicates ask the same texts again; lru_cache is safe between threads.
        self.find = lru_cache(maxsize=65_536)(self._find)

    def _find(self, text: str) -> int | None:
        found = self._exact.get(normal(text))
        if found is not None:
            return found
        parts = list(_parts(text))
        for part in parts:
            found = self._exact.get(normal(part))
            if found is not None:
                return found
        return self._nearest(parts[0] if parts else text)

    def _nearest(self, text: str) -> int | None:
        words = set(normal(text).split())
        known = sorted(
            (word for word in words if word in self._postings),
            key=lambda word: (len(self._postings[word]), word),
        )
        candidates: set[int] = set()
        for word in known:
            if candidates and len(candidates) + len(self._postings[word]) > _CANDIDATES:
                break
            candidates.update(self._postings[word])
        best, best_cover = None, _ENOUGH
        for at in sorted(candidates):
            weights = self._weights(at)
            cover = sum(weights[word] for word in weights if word in words) / sum(weights.values())
            if cover > best_cover:
                best, best_cover = self._owners[at], cover
        return best

    def _weights(self, at: int) -> dict[str, float]:
        total = len(self._questions)
        words = set(self._questions[at].split())
        return {word: log(1 + total / len(self._postings[word])) for word in words}

    @cached_property
    def _postings(self) -> dict[str, list[int]]:
        """Built at the first text that is no known question word for word."""
        postings: dict[str, list[int]] = defaultdict(list)
        for at, question in enumerate(self._questions):
            for word in Counter(question.split()):
                postings[word].append(at)
        return dict(postings)


def _parts(text: str) -> Iterator[str]:
    """Where the question may stand in a message, the likeliest place first."""
    marked = list(_ASKED.finditer(text))
    if marked:
        yield text[marked[-1].end() :]
    paragraphs = [part for part in re.split(r"\n\s*\n", text) if part.strip()]
    if not marked and paragraphs:
        yield paragraphs[-1] if len(paragraphs) > 1 and "[1]" in text else text
    yield from reversed(paragraphs)
    yield from (_ASKED.sub("", line) for line in reversed(text.splitlines()))
