"""How many fields of the expected JSON object the answer has right, whatever stands around it.

Nested objects count by their innermost fields (`address.city`), lists as one field. Words compare
as in `exact`, numbers as numbers. A field too many counts as one wrong.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from suffice.evaluate.metrics.sameness import same
from suffice.evaluate.metrics.scoring import changed, excuse, scored, unscored
from suffice.evaluate.reading import find_json
from suffice.ports import Context
from suffice.records import Aspect, Json, Score

_DEEPEST = 50  # levels of nesting that are taken apart


@dataclass(frozen=True, slots=True)
class Fields:
    """`ignore` names fields that do not matter; `extra` False lets additional fields pass."""

    name: ClassVar[str] = "fields"
    aspect: ClassVar[Aspect] = Aspect.CONTENT

    ignore: tuple[str, ...] = ()
    extra: bool = True

    def score(self, context: Context) -> Score:
        if reason := excuse(context):
            return unscored(self, reason)
        wanted = [each for each in context.case.expected if isinstance(each, Mapping)]
        if not wanted:
            return unscored(self, "no expected answer is a JSON object")
        value, strict = find_json(context.answer.text)
        if not isinstance(value, dict):
            return scored(self, 0.0, "the answer holds no JSON object")
        best, detail = max(
            (self._compare(each, value) for each in wanted), key=lambda result: result[0]
        )
        reading = None if strict else changed(_brief(value), context)
        return scored(self, best, detail, reading)

    def _compare(
        self, expected: Mapping[str, Json], found: Mapping[str, Json]
    ) -> tuple[float, str]:
        """The share of right fields, and which are not."""
        wanted, got = self._flat(expected), self._flat(found)
        missing = [name for name in wanted if name not in got]
        wrong = [name for name in wanted if name in got and not _equal(wanted[name], got[name])]
        extra = [name for name in got if name not in wanted] if self.extra else []
        total = len(wanted) + len(extra)
        right = len(wanted) - len(missing) - len(wrong)
        parts = {"wrong": wrong, "missing": missing, "extra": extra}
        detail = "; ".join(f"{what}: {_list(names)}" for what, names in parts.items() if names)
        return (right / total if total else 1.0), detail

    def _flat(self, value: Mapping[str, Json]) -> dict[str, Json]:
        return {
            name: leaf
            for name, leaf in _leaves(value)
            if not any(name == each or name.startswith(f"{each}.") for each in self.ignore)
        }


def _leaves(
    value: Mapping[str, Any], prefix: str = "", depth: int = 0
) -> Iterator[tuple[str, Json]]:
    for key, each in value.items():
        if isinstance(each, Mapping) and each and depth < _DEEPEST:
            yield from _leaves(each, f"{prefix}{key}.", depth + 1)
        else:
            yield f"{prefix}{key}", each


def _equal(expected: Json, found: Json) -> bool:
    return same(expected, found, depth=1)


def _list(names: list[str]) -> str:
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""
    return ", ".join(names[:10]) + more


def _brief(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)[:2000]


create = Fields
