"""Takes an answer apart into claims and the citations that each carries.

A claim is a sentence with at least one word of content. Citations stand in brackets, [1], [1, 3],
[2-4] or [chunk-id], in or right after the sentence; or in a list beside the answer, where the
answer is a JSON object with `citations` (or `sources`, `references`): those speak for all of it.
"""

import re
from collections.abc import Set
from dataclasses import dataclass

from suffice.evaluate.reading import MISSING, answer_of, as_text, find_json, plain, words_of
from suffice.records import Json

STOP_WORDS = frozenset(
    re.findall(
        r"\w+",
        """a about after all also am an and any are as at be because been before being but by can
        could did do does doing each for from had has have he her his how i if in into is it its may
        more most must no nor not of on only or other our out over s she should so some such t than
        that the their them then there these they this those to too under up very was we were what
        when where which while who will with would you your yes according based answer following""",
    )
)

_LISTS = ("citations", "sources", "references", "cited", "chunks")
_IDS = ("id", "chunk_id", "chunk", "passage", "passage_id", "source", "citation")
_BRACKETS = re.compile(r"[\[\u3010]([^\[\]\u3010\u3011]{1,120})[\]\u3011](?!\()")
_RANGE = re.compile(r"(\d{1,3})\s?[-\u2013]\s?(\d{1,3})")
# A sentence ends before white space and a capital, a digit or a quote; a citation that follows
# the full stop belongs to the sentence before it.
_END = re.compile(r"(?<=[.!?])(?<!\b[A-Z]\.)\s+(?=[\"'(A-Z0-9\u00c0-\u024f])|\n(?!\[)")
_ABBREVIATED = re.compile(r"(?:\b(?:Dr|Mr|Mrs|Ms|Prof|No|Fig|St|vs|etc|e\.g|i\.e|approx)\.)$")
_AFTER = re.compile(r"([.!?])\s*((?:\[[^\[\]]{1,120}\]\s*)+)")


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence without its citations, and what it cites, as written."""

    text: str
    cited: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Claims:
    """An answer's claims; `shared` are the citations that speak for all that carry none."""

    claims: tuple[Claim, ...]
    shared: tuple[str, ...] = ()


def claims_of(text: str, ids: Set[str]) -> Claims:
    """The claims of an answer. `ids` are those of the passages that were given."""
    value, _ = find_json(text)
    shared: tuple[str, ...] = ()
    said = plain(text)
    if isinstance(value, dict):
        shared, said = _listed(value, said)
    found = (_claim(sentence, ids) for sentence in _sentences(said))
    return Claims(tuple(claim for claim in found if content_words(claim.text)), shared)


def content_words(text: str) -> list[str]:
    """The words that carry a claim: no articles, pronouns or auxiliaries."""
    return [word for word in words_of(text) if word not in STOP_WORDS]


def _listed(value: dict[str, Json], said: str) -> tuple[tuple[str, ...], str]:
    """The citations beside a JSON answer, and the answer without them."""
    names = {str(key).lower(): key for key in value}
    key = next((names[each] for each in _LISTS if each in names), None)
    if key is None or not isinstance(value[key], list):
        return (), said
    rest = {name: each for name, each in value.items() if name != key}
    words = answer_of(rest)
    cited = dict.fromkeys(name for each in value[key] if (name := _name(each)))
    return tuple(cited), said if words is MISSING else as_text(words)


def _name(item: Json) -> str:
    if isinstance(item, dict):
        return next((_name(item[key]) for key in _IDS if key in item), "")
    if isinstance(item, str | int) and not isinstance(item, bool):
        return str(item).strip().strip("[]")
    return ""


def _sentences(text: str) -> list[str]:
    """Sentences with the citations that follow them."""
    lines = "\n".join(line.strip() for line in text.splitlines() if line.strip())
    moved = _AFTER.sub(r" \2\1 ", lines)
    sentences: list[str] = []
    for part in _END.split(moved):
        if sentences and _ABBREVIATED.search(sentences[-1]):
            sentences[-1] += f" {part}"
        else:
            sentences.append(part)
    return sentences


def _claim(sentence: str, ids: Set[str]) -> Claim:
    cited: dict[str, None] = {}

    def take(match: re.Match[str]) -> str:
        names = _names(match.group(1), ids)
        cited.update(dict.fromkeys(names))
        return " " if names else match.group()

    return Claim(_BRACKETS.sub(take, sentence).strip(), tuple(cited))


def _names(inside: str, ids: Set[str]) -> list[str]:
    """What a bracket cites: numbers, ids, or what looks like an id and is none of those given."""
    if inside.strip() in ids:
        return [inside.strip()]
    names: list[str] = []
    for piece in re.split(r"[,;]", inside):
        part = piece.strip().removeprefix("^")
        span = _RANGE.fullmatch(part)
        if span and 0 <= int(span[2]) - int(span[1]) <= 20:
            names += map(str, range(int(span[1]), int(span[2]) + 1))
        elif part in ids or re.fullmatch(r"\d{1,4}|(?=\S*\d)[\w.:#/-]{2,}", part):
            names.append(part)
    return names
