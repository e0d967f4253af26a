"""Whether two JSON values mean the same, read leniently: what `exact` and `fields` compare by."""

import math

from suffice.evaluate.metrics.quantity import quantity
from suffice.evaluate.reading import MISSING, Missing, answer_of, normalise
from suffice.records import Json

_RELATIVE = 1e-6  # numbers that differ by less are the same written differently
_DEEPEST = 100  # levels; nothing that a person expects is deeper


def same(expected: Json, found: Json | Missing, depth: int = 0) -> bool:
    """Objects by field, lists in order, words normalised, numbers as numbers: "12" is 12.

    null is the same as null, as an empty text, and as an answer object that holds null.
    """
    if found is MISSING or depth > _DEEPEST:
        return False
    if isinstance(expected, dict):
        return (
            isinstance(found, dict)
            and expected.keys() == found.keys()
            and all(same(value, found[key], depth + 1) for key, value in expected.items())
        )
    if isinstance(expected, list):
        return (
            isinstance(found, list)
            and len(expected) == len(found)
            and all(same(*pair, depth + 1) for pair in zip(expected, found, strict=True))
        )
    return _same_value(expected, answer_of(found) if depth == 0 else found)


def _same_value(expected: Json, found: Json | Missing) -> bool:
    if found is MISSING or isinstance(found, dict | list):
        return False
    if expected is None:
        return found is None or found == ""
    if isinstance(expected, bool) or isinstance(found, bool) or found is None:
        return str(expected).casefold() == str(found).casefold() and found is not None
    return normalise(str(expected)) == normalise(str(found)) or _same_number(expected, found)


def _same_number(expected: Json, found: Json) -> bool:
    one, other = quantity(str(expected)), quantity(str(found))
    if one is None or other is None or one.unit != other.unit:
        return False
    return math.isclose(one.value, other.value, rel_tol=_RELATIVE)
