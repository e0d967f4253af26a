"""Whether the whole answer is one JSON value that is valid under the case's schema.

A code fence or a word around the JSON is a miss: a program that parses the answer would fail.
What the JSON says is another metric's business; see `fields`.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

import msgspec
from jsonschema.exceptions import SchemaError, best_match
from jsonschema.validators import Draft202012Validator, validator_for
from referencing import Registry
from referencing.exceptions import Unresolvable

from suffice.evaluate.metrics.scoring import scored, unscored
from suffice.evaluate.reading import MISSING, find_json
from suffice.ports import Context
from suffice.records import Aspect, Score, as_json


@dataclass(frozen=True, slots=True)
class JsonSchema:
    """No options: the schema is the case's or the study's."""

    name: ClassVar[str] = "json-schema"
    aspect: ClassVar[Aspect] = Aspect.FORMAT

    def score(self, context: Context) -> Score:
        if context.case.schema is None:
            return unscored(self, "the case has no schema to hold the answer against")
        value, strict = find_json(context.answer.text)
        if not strict:
            found = "not JSON" if value is MISSING else "text or a code fence around the JSON"
            return scored(self, 0.0, found)
        try:
            wrong = _wrong(as_json(context.case.schema), value)
        except SchemaError as error:
            return unscored(self, f"the schema itself is not valid: {error.message}")
        except Unresolvable as error:
            return unscored(self, f"the schema points at what is not in it: {error}")
        return scored(self, float(not wrong), wrong)


def _wrong(schema: bytes, value: Any) -> str:
    """Where the value breaks the schema, or an empty string."""
    try:
        error = best_match(_validator(schema).iter_errors(value))
    except RecursionError:
        return "nested too deeply"
    if error is None:
        return ""
    where = "".join(f"[{step!r}]" for step in error.absolute_path)
    return f"{where or 'the answer'}: {error.message[:300]}"


@lru_cache(maxsize=256)
def _validator(schema: bytes) -> Any:
    """An own, empty registry: without it, a `$ref` in a schema could fetch from the network."""
    read = msgspec.json.decode(schema)
    kind = validator_for(read, default=Draft202012Validator)
    kind.check_schema(read)
    return kind(read, registry=Registry())


create = JsonSchema
