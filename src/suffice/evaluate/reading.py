"""Reads what an answer says apart from how it says it, so that content and shape score apart.

A right answer in a code fence, in prose or in a JSON object is still a right answer; whether the
shape was asked for is another metric's business. Nothing here knows a case, a score or a model.
Every function takes time in proportion to the text: answers are hostile input.
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from enum import Enum
from typing import Final, Literal, TypeAlias

from suffice.records import Json


class _Missing(Enum):
    MISSING = "missing"


MISSING: Final = _Missing.MISSING
Missing: TypeAlias = Literal[_Missing.MISSING]

# The field of a JSON answer that is the answer, the likeliest first.
ANSWER_FIELDS = ("answer", "final_answer", "result", "response", "value", "label", "output")

_TRIES = 64  # places in a text where JSON may begin; more is no answer but an attack
_LABELLED = re.compile(r"(?:\*\*)?(?:the )?(?:final )?answer(?:\*\*)?\s*:\s*(?:\*\*)?\s*", re.I)


# ---------------------------------------------------------------- JSON


def _refuse(constant: str) -> Json:
    raise ValueError(f"{constant} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse)


def find_json(text: str) -> tuple[Json | Missing, bool]:
    """The JSON value in a text, and whether the text is that value and nothing else.

    Out of fences and prose the last object is taken, else the last array: models think aloud
    first and answer at the end.
    """
    stripped = text.strip()
    try:
        return _DECODER.decode(stripped), True
    except (ValueError, RecursionError):
        pass
    for fenced in reversed(_fences(stripped)):
        try:
            return _DECODER.decode(fenced), False
        except (ValueError, RecursionError):
            continue
    for opening in "{[":
        found = list(_embedded(stripped, opening))
        if found:
            return found[-1], False
    return MISSING, False


def _fences(text: str) -> list[str]:
    """What stands between pairs of ```, without the word that names the language."""
    if "```" not in text:
        return []
    return [re.sub(r"\A[\w+-]*\s", "", part).strip() for part in text.split("```")[1::2]]


def _embedded(text: str, opening: str) -> Iterator[Json]:
    """The outermost JSON values that begin with a bracket, in order."""
    position = 0
    for _ in range(_TRIES):
        position = text.find(opening, position)
        if position < 0:
            return
        try:
            value, position = _DECODER.raw_decode(text, position)
        except (ValueError, RecursionError):
            position += 1
        else:
            yield value


# ---------------------------------------------------------------- the answer in a text


def plain(text: str) -> str:
    """The answer as words: out of fences, out of a JSON object with one obvious answer field.

    A JSON null, alone or in that field, is the empty string.
    """
    stripped = text.strip()
    if "{" in stripped or "```" in stripped or stripped[:1] in ('"', "[") or stripped == "null":
        value, strict = find_json(stripped)
        if strict or isinstance(value, dict):
            words = answer_of(value)
            if words is not MISSING:
                return as_text(words).strip()
        fences = _fences(stripped)
        if len(fences) == 1 and stripped.startswith("```"):
            stripped = fences[0]
    label = _LABELLED.match(stripped)
    return stripped[label.end() :].strip("* \n") if label else stripped


def answer_of(value: Json | Missing) -> Json | Missing:
    """The one obvious answer in a JSON value: itself, its answer field, its only field."""
    if isinstance(value, dict):
        fields = {str(key).lower(): each for key, each in value.items()}
        for name in ANSWER_FIELDS:
            if name in fields:
                value = fields[name]
                break
        else:
            value = next(iter(fields.values())) if len(fields) == 1 else MISSING
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return MISSING if isinstance(value, dict | list) else value


def as_text(value: Json) -> str:
    """A JSON value as it would be written in an answer. null is written by saying nothing."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


# ---------------------------------------------------------------- words

_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"))
# Dropped without a trace: quotes, apostrophes, and points that are not decimal points.
_SILENT = re.compile("['\"`\u00b4\u2018-\u201e\u00ab\u00bb]|\\.(?!\\d)")
# A gap between words, but not inside numbers: 1,250 and 10:30 and 1/2 stay, as does the minus
# of -5. Signs that carry meaning stay too: C++ is not C, 5% is not 5, <5 is not >5.
_GAP = re.compile(
    r"[;!?()\[\]{}_*~|\\]|[\u2026\u00b7\u00bf\u00a1\u3001\u3002\u300c-\u3011]"
    r"|[,:/](?!\d)|(?<!\d)[,:/]|(?<=\w)-|-(?!\d)"
)
# Not at the end: in "vitamin A" it is no article.
_ARTICLE = re.compile(r"\b(?:an?|the)\s+(?=\S)")


def normalise(
    text: str, *, case: bool = True, punctuation: bool = True, articles: bool = True
) -> str:
    """A text without the differences that do not matter. Each switch is one kind of them.

    Unicode is brought to NFKC and runs of white space to one space in any event. Never empties a
    text that holds something: the answer "the" stays "the", and "+" stays "+".
    """
    words = " ".join(unicodedata.normalize("NFKC", text).split())
    if case:
        words = words.casefold()
    if punctuation and not words.replace(" ", "").isalnum():
        spaced = _GAP.sub(" ", _SILENT.sub("", words.translate(_DASHES)))
        words = " ".join(spaced.split()) or words
    if articles:
        words = _ARTICLE.sub("", words) if case else re.sub(_ARTICLE.pattern, "", words, flags=re.I)
    return words


_HAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def words_of(text: str) -> list[str]:
    """The normalised words; in scripts that set no spaces, each character is one (as in MLQA)."""
    normal = normalise(text)
    if not normal.isascii():
        normal = _HAN.sub(lambda match: f" {match.group()} ", normal)
    return normal.split()
