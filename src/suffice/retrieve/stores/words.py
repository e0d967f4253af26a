"""From text to the terms that BM25 counts: small letters, stems, no stop words, codes kept whole.

A term is stored as a number of 32 bits, so that a row's terms are a short array and no list of
words lies anywhere on disk: what is deleted with its row is gone. Two of 500,000 words share a
number with probability 1 in 10,000 for any one of them, which a ranking does not feel.

A word with a sign inside (`QX-204`, `max_tokens`) is found by its parts, and, where it holds a
digit or an underscore, also whole, however it is written (`qx204`). Scripts that put no spaces
between words are cut into single signs and pairs.
"""

import threading
from collections import Counter
from functools import lru_cache
from itertools import pairwise
from unicodedata import normalize
from zlib import crc32

import regex
import Stemmer

# Lucene's English list: short, because a longer one loses questions such as "who is it for".
STOP_WORDS = frozenset(
    "a an and are as at be but by for if in into is it no not of on or such that the their then "  # noqa: SIM905
    "there these they this to was will with".split()
)
_PART = r"[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}]|['\u2019](?=\p{L}))*"
_WORD = regex.compile(rf"{_PART}(?:[-_./:]{_PART})*")
_SIGN = regex.compile(r"[-_./:]")
_SCRIPTS = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_UNSPACED = regex.compile(rf"[{_SCRIPTS}][{_SCRIPTS}\p{{M}}\u30fc]*")
_TELLING = regex.compile(r"[\p{N}_]")
_stemmers = threading.local()  # a Stemmer is not for two threads at once


def terms(text: str) -> Counter[int]:
    """How often each term stands in a text. Their sum is the text's length for BM25."""
    found: Counter[int] = Counter()
    for word in _WORD.findall(normalize("NFKC", text).lower()):
        for number in _numbers(word):
            found[number] += 1
    return found


def stems(text: str) -> list[str]:
    """What is counted of a text, to be read by people."""
    return [
        stem for word in _WORD.findall(normalize("NFKC", text).lower()) for stem in _stems(word)
    ]


@lru_cache(maxsize=1 << 17)
def _numbers(word: str) -> tuple[int, ...]:
    """The terms of one word; none for a stop word."""
    return tuple(crc32(stem.encode()) for stem in _stems(word))


def _stems(word: str) -> list[str]:
    parts = _SIGN.split(word)
    pieces = [piece for part in parts for piece in _pieces(part) if piece not in STOP_WORDS]
    if len(parts) > 1 and _TELLING.search(word):
        pieces.append("".join(parts))
    return [_stem(piece) for piece in pieces]


def _pieces(part: str) -> list[str]:
    if part.isascii() or not _UNSPACED.search(part):
        return [part]
    pieces: list[str] = []
    end = 0
    for run in _UNSPACED.finditer(part):
        if run.start() > end:
            pieces.append(part[end : run.start()])
        signs = run.group()
        pieces += [
            *signs,
            *(first + second for first, second in pairwise(signs)),
        ]
        end = run.end()
    return [*pieces, part[end:]] if end < len(part) else pieces


def _stem(word: str) -> str:
    if not hasattr(_stemmers, "english"):
        _stemmers.english = Stemmer.Stemmer("english")
    stemmed: str = _stemmers.english.stemWord(word.replace("\u2019", "'"))
    return stemmed
