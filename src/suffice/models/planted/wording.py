"""Puts a value into words: in the right shape, or in one of the wrong ones that models write.

Knows no laws. A wrong shape keeps the value, so that content and format can be seen apart; only
`missing_key` and `other_keys` cost a strict reader the fields that they touch.
"""

import json
from collections.abc import Callable, Mapping
from functools import lru_cache

import msgspec

from suffice.records import Json

Shape = tuple[str, ...]  # the keys of an object, or the labels to choose from, or nothing

_LONGEST_BARE_ANSWER = 120  # characters; longer replies than this are prose


def in_shape(value: Json) -> str:
    """The reply as it was asked for: JSON for an object, the bare value else."""
    if isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()


@lru_cache(maxsize=8192)
def has_shape(reply: str, keys: Shape, labels: Shape) -> bool:
    """Whether a worked example's reply shows the right shape."""
    if keys:
        try:
            found = json.loads(reply)
        except ValueError:
            return False
        return isinstance(found, dict) and set(found) == set(keys)
    if labels:
        return reply in labels
    bare = 0 < len(reply) <= _LONGEST_BARE_ANSWER and "\n" not in reply
    return bare and not reply.startswith(("{", "[", "```"))


def out_of_shape(value: Json, shape: str, uniform: float) -> str:
    """The same value in a wrong shape; `uniform` varies the words."""
    return WRONG_SHAPES[shape](value, uniform)


def cited(value: Json, numbers: tuple[int, ...]) -> Json:
    """The value with [n] after its first text, or in its own field for citations."""
    marks = "".join(f"[{number}]" for number in numbers)
    if isinstance(value, str):
        return f"{value} {marks}"
    if not isinstance(value, Mapping):
        return value
    for key in ("citations", "sources"):
        if key in value:
            return {**value, key: list(numbers)}
    first = next((key for key, each in value.items() if isinstance(each, str)), None)
    return value if first is None else {**value, first: f"{value[first]} {marks}"}


_OPENINGS = (
    "Sure! Here is the answer:",
    "Thanks for getting in touch.",
    "Of course, happy to help.",
    "Based on what I know:",
)
_CLOSINGS = (
    "Let me know if there is anything else.",
    "I hope that helps!",
    "Please reach out if you need more.",
)


def _pick(options: tuple[str, ...], uniform: float) -> str:
    return options[int(uniform * len(options))]


def _pretty(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)


def _fence(value: Json, _: float) -> str:
    return f"```{'' if isinstance(value, str) else 'json'}\n{_pretty(value)}\n```"


def _prose(value: Json, uniform: float) -> str:
    return f"{_pick(_OPENINGS, uniform)}\n\n{in_shape(value)}\n\n{_pick(_CLOSINGS, uniform)}"


def _chatty_fence(value: Json, uniform: float) -> str:
    return f"{_pick(_OPENINGS, uniform)}\n\n{_fence(value, uniform)}"


def _sentence(value: Json, uniform: float) -> str:
    if isinstance(value, Mapping):
        told = "; ".join(f"the {key.replace('_', ' ')} is {each}" for key, each in value.items())
        return f"{_pick(_OPENINGS, uniform)} {told[0].upper()}{told[1:]}."
    return f'I would say that this is "{in_shape(value)}".'


def _missing_key(value: Json, uniform: float) -> str:
    """Leaves out any key but the first, which carries the answer."""
    if not isinstance(value, Mapping) or len(value) < 2:
        return _fence(value, uniform)
    keys = list(value)
    gone = keys[1 + int(uniform * (len(keys) - 1))]
    return in_shape({key: each for key, each in value.items() if key != gone})


def _other_keys(value: Json, _: float) -> str:
    if not isinstance(value, Mapping):
        return f"Answer: {in_shape(value)}"
    return in_shape({_camel(key): each for key, each in value.items()})


def _camel(key: str) -> str:
    return "".join(word.capitalize() for word in key.split("_"))


def _explained(value: Json, uniform: float) -> str:
    return f"{in_shape(value)}\n\n{_pick(_CLOSINGS, uniform)}"


WRONG_SHAPES: dict[str, Callable[[Json, float], str]] = {
    "fence": _fence,
    "prose": _prose,
    "chatty_fence": _chatty_fence,
    "explained": _explained,
    "sentence": _sentence,
    "missing_key": _missing_key,
    "other_keys": _other_keys,
}

# Fences and chatter are what models do most; a key lost or renamed is rarer.
USUAL_FOR_OBJECTS = (
    "fence",
    "fence",
    "prose",
    "chatty_fence",
    "chatty_fence",
    "explained",
    "missing_key",
    "other_keys",
)
USUAL_FOR_TEXTS = ("sentence", "fence", "prose", "explained", "other_keys")
