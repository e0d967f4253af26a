"""Which texts of many say the same: exactly after normalising, or nearly.

Two texts are near-duplicates when, without letter case, punctuation and the small words of
English, they are equal, or share at least 80% of their shingles and differ in nothing that carries
meaning. A number, a name or another content word in the same place makes them two texts: "What
does plan A cost?" and "What does plan B cost?" are a template, not a duplicate.

Candidates come from MinHash (datasketch) cut into bands, and each is confirmed exactly. The bands
are cut here, because the library's own index cannot tell how full a bucket is before it answers,
and a template's bucket holds every row. Knows texts and answers; nothing of cases.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from operator import index
from typing import TypeAlias
from zlib import crc32

import numpy as np
from datasketch import MinHash
from numpy.typing import NDArray

from suffice.records import Json

THRESHOLD = 0.8
# 16 bands of 4: a pair of similarity 0.8 becomes a candidate with a probability of 0.9998.
_BANDS, _BAND = 16, 4
_SEED = 1  # of the permutations: any, but always the same
_CHARACTERS = 5  # a shingle of a short text
_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # Fibonacci hashing: five bytes to 32 well-mixed bits
_WORDS = 3  # a shingle of a long one
_LONG = 60  # content words from which on a text is long
_NEAR_LONG = range(48, 75)  # texts of about that length are hashed both ways
# More texts than this in one band's bucket are rows of a template: they are hashed again without
# the shingles that they share. It keeps 10,000 such rows from being 50 million candidates.
_CROWD = 50
_DOUBT = 0.3  # how far below the threshold an estimate may lie and the pair be worth a look
_PAIRS_AT_ONCE = 1 << 15  # signatures compared in one go: some 16 MB
_SPELLING = 0.8  # how alike two words are that are one word, misspelt or inflected
_SPELLING_LENGTH = 5
_MOST_WORDS = 2000  # beyond it words are not aligned: shingles alone decide

Shingles: TypeAlias = NDArray[np.uint32]  # hashes, sorted, each once
Signatures: TypeAlias = NDArray[np.uint32]  # a row a text
Rows: TypeAlias = NDArray[np.int64]

# Words that a question may gain, lose or swap and stay the same question. None of them asks,
# negates, or gives a direction or a quantity.
_SMALL_WORDS = """
an the this that these those is are was were be been am do does did can could will would shall
should may might i me my mine we us our ours you your yours it its of for please have has had and
s d ll ve re m there here just so hi hello hey thanks thank still very really also too
"""
_SMALL = frozenset(_SMALL_WORDS.split())
_TURNING = frozenset(("not", "no", "never", "none", "without", "cannot", "t", "nor", "neither"))
_SENTENCE_ENDS = frozenset(".!?\n")
_WORD = re.compile(r"[^\W_]+(?:[.,][0-9]+)*")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts by their places, and the share of shingles that they have in common."""

    first: int
    second: int
    similarity: float


@dataclass(frozen=True, slots=True)
class Content:
    """A text's words that carry meaning, normalised, and those among them written as names."""

    words: tuple[str, ...]
    names: frozenset[str]

    @property
    def long(self) -> bool:
        return len(self.words) >= _LONG


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Places of texts that are the same, and pairs of such groups' first texts nearly so."""

    groups: tuple[tuple[int, ...], ...]
    near: tuple[Pair, ...]

    def pairs(self) -> tuple[Pair, ...]:
        """Enough pairs to join what belongs together: each text with the first of its group."""
        same = [Pair(group[0], other, 1.0) for group in self.groups for other in group[1:]]
        return tuple(sorted((*same, *self.near), key=lambda pair: (pair.first, pair.second)))


def find(
    texts: Sequence[str], answers: Sequence[Json] | None = None, *, threshold: float = THRESHOLD
) -> Duplicates:
    """All duplicates among texts. `answers` are the expected ones, None where unknown."""
    contents = [content_of(text) for text in texts]
    by_words: dict[tuple[str, ...], list[int]] = {}
    for place, content in enumerate(contents):
        if content.words:  # a text of small words alone says nothing to compare
            by_words.setdefault(content.words, []).append(place)
    groups = tuple(tuple(group) for group in by_words.values())
    firsts = [group[0] for group in groups]
    near = []
    for first, second in _candidates(contents, firsts, threshold):
        one, other = contents[first], contents[second]
        similarity = _jaccard(one, other)
        differ = answers is not None and _differ(answers[first], answers[second])
        if similarity >= threshold and same_meaning(one, other, answers_differ=differ):
            near.append(Pair(first, second, similarity))
    return Duplicates(groups, tuple(near))


def content_of(text: str) -> Content:
    """A lower-case `a` is an article, but plan A and the IT department have names."""
    words, names, end = [], set(), 0
    text = unicodedata.normalize("NFKC", text)
    shouted = text.isupper()
    for match in _WORD.finditer(text):
        raw, between = match[0], text[end : match.start()]
        opening = end == 0 or not _SENTENCE_ENDS.isdisjoint(between)
        end = match.end()
        word = raw.casefold()
        if raw == "a" or (raw == "A" and opening):
            continue
        if word in _SMALL and (shouted or len(raw) == 1 or not raw.isupper()):
            continue
        words.append(word)
        if raw[0].isupper() and not opening:
            names.add(word)
    return Content(tuple(words), frozenset(names))


def same_meaning(one: Content, other: Content, *, answers_differ: bool) -> bool:
    """Whether what two texts of many common shingles differ in carries no meaning."""
    if max(len(one.words), len(other.words)) > _MOST_WORDS:
        return not answers_differ
    if answers_differ:
        return False
    names = one.names | other.names
    matcher = SequenceMatcher(None, one.words, other.words, autojunk=False)
    for kind, start, end, other_start, other_end in matcher.get_opcodes():
        left, right = one.words[start:end], other.words[other_start:other_end]
        if kind == "replace":
            pairs = zip(left, right, strict=False)
            if len(left) != len(right) or not all(_spelt(a, b, names) for a, b in pairs):
                return False
        elif kind != "equal" and any(_weighs(word, names) for word in (*left, *right)):
            return False
    return True


def _spelt(one: str, other: str, names: frozenset[str]) -> bool:
    """Whether two words are one, misspelt or inflected. Numbers and names never are."""
    if min(len(one), len(other)) < _SPELLING_LENGTH or {one, other} & names:
        return False
    if not (one.isalpha() and other.isalpha()):
        return False
    return SequenceMatcher(None, one, other).ratio() >= _SPELLING


def _weighs(word: str, names: frozenset[str]) -> bool:
    """Whether a word that only one text has makes it another question."""
    has_digit = any(character.isdigit() for character in word)
    return has_digit or len(word) == 1 or word in names or word in _TURNING


def _differ(one: Json, other: Json) -> bool:
    return one is not None and other is not None and one != other


# ---------------------------------------------------------------- shingles


def _by_characters(content: Content) -> Shingles:
    text = " ".join(content.words).encode()
    padded = np.frombuffer(text.ljust(_CHARACTERS, b"\0"), np.uint8).astype(np.uint64)
    count = len(padded) - _CHARACTERS + 1
    rolled = np.zeros(count, np.uint64)
    for place in range(_CHARACTERS):
        rolled = (rolled << np.uint64(8)) | padded[place : place + count]
    return np.unique((rolled * _SPREAD >> np.uint64(32)).astype(np.uint32))


def _by_words(content: Content) -> Shingles:
    words = content.words
    count = max(1, len(words) - _WORDS + 1)
    shingles = (" ".join(words[place : place + _WORDS]) for place in range(count))
    return np.unique(np.array([crc32(shingle.encode()) for shingle in shingles], np.uint32))


def _jaccard(one: Content, other: Content) -> float:
    shingles = _by_words if one.long and other.long else _by_characters
    left, right = shingles(one), shingles(other)
    shared = np.intersect1d(left, right, assume_unique=True).size
    return shared / (left.size + right.size - shared)


# ---------------------------------------------------------------- candidates


def _candidates(
    contents: Sequence[Content], places: Sequence[int], threshold: float
) -> list[tuple[int, int]]:
    """Pairs of places that may be near-duplicates, each once, in order."""
    short = [p for p in places if not contents[p].long or len(contents[p].words) in _NEAR_LONG]
    long = [p for p in places if contents[p].long or len(contents[p].words) in _NEAR_LONG]
    return sorted(
        {
            (hashed[first], hashed[second])
            for hashed, shingles in ((short, _by_characters), (long, _by_words))
            for first, second in _alike([shingles(contents[p]) for p in hashed], threshold)
        }
    )


def _alike(shingles: Sequence[Shingles], threshold: float) -> Iterator[tuple[int, int]]:
    """Pairs that collide in a band and whose signatures agree nearly as much as they should.

    Most rows of a template collide, few are alike: at a true similarity of 0.8, the signatures'
    agreement is below 0.5 once in 10^8 pairs.
    """
    if not shingles:
        return
    signatures = _signatures(shingles)
    found = [one * len(shingles) + other for one, other in _colliding(shingles, signatures)]
    pairs = np.unique(np.concatenate([np.empty(0, np.int64), *found]))
    for start in range(0, len(pairs), _PAIRS_AT_ONCE):
        first, second = np.divmod(pairs[start : start + _PAIRS_AT_ONCE], len(shingles))
        agreement = (signatures[first] == signatures[second]).mean(axis=1)
        near = agreement >= threshold - _DOUBT
        yield from zip(first[near].tolist(), second[near].tolist(), strict=True)


def _colliding(shingles: Sequence[Shingles], signatures: Signatures) -> Iterator[tuple[Rows, Rows]]:
    """Pairs of rows that share a bucket, the earlier one first, some of them more than once."""
    crowded = np.zeros(len(shingles), bool)
    for rows, bucket in _buckets(signatures):
        crowd = np.bincount(bucket)[bucket] > _CROWD
        crowded[rows[crowd]] = True
        yield from _within(rows[~crowd], bucket[~crowd], reach=_CROWD)
    kept, apart = _without_common(shingles, np.flatnonzero(crowded))
    for rows, bucket in _buckets(_signatures(apart)):
        crowd = np.bincount(bucket)[bucket] > _CROWD
        yield from _within(kept[rows[~crowd]], bucket[~crowd], reach=_CROWD)
        # What is still a crowd is joined as a chain, which is enough to keep it together.
        yield from _within(kept[rows[crowd]], bucket[crowd], reach=1)


def _within(rows: Rows, bucket: Rows, reach: int) -> Iterator[tuple[Rows, Rows]]:
    """Pairs within buckets whose rows stand up to `reach` places apart."""
    for places in range(1, reach + 1):
        same = bucket[places:] == bucket[:-places]
        if not same.any():
            return
        yield rows[:-places][same], rows[places:][same]


def _without_common(shingles: Sequence[Shingles], rows: Rows) -> tuple[Rows, list[Shingles]]:
    """The shingles that tell rows of a template apart; rows that have none are left out."""
    if not rows.size:
        return rows, []
    whole = [shingles[row] for row in rows.tolist()]
    _, kind, counts = np.unique(np.concatenate(whole), return_inverse=True, return_counts=True)
    rare = np.split(counts[kind] <= _CROWD, np.cumsum([each.size for each in whole])[:-1])
    apart = [each[kept] for each, kept in zip(whole, rare, strict=True)]
    return rows[[each.size > 0 for each in apart]], [each for each in apart if each.size]


def _signatures(shingles: Sequence[Shingles]) -> Signatures:
    """A MinHash of each text: two of them agree in a place as often as the texts are alike."""
    # Plain numbers that `index` passes on are what datasketch hashes fastest.
    plain = (each.tolist() for each in shingles)
    hashes = MinHash.bulk(plain, num_perm=_BANDS * _BAND, seed=_SEED, hashfunc=index)
    return np.array([each.hashvalues for each in hashes], np.uint32).reshape(-1, _BANDS * _BAND)


def _buckets(signatures: Signatures) -> Iterator[tuple[Rows, Rows]]:
    """For each band: the rows, those of a bucket side by side and in order, and their buckets.

    datasketch's own MinHashLSH cannot tell how full a bucket is before it answers, and a
    template's bucket holds every row.
    """
    if not signatures.size:
        return
    for band in range(_BANDS):
        part = signatures[:, band * _BAND : (band + 1) * _BAND]
        rows = np.lexsort(part.T)
        another = np.any(part[rows[1:]] != part[rows[:-1]], axis=1)
        yield rows, np.cumsum(np.concatenate([[0], another]))
