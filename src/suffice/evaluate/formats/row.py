"""One row of ours as a Case: shared by the formats that use our keys.

Knows the keys and what each may hold; knows nothing of files, of other rows or of the study. What
it accepts is published as schemas/case.schema.json, and a test holds the two together.
"""

from collections.abc import Mapping, Sequence

import msgspec
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from suffice.errors import DataError, suggest
from suffice.evaluate.formats.chat import turns
from suffice.records import Case, Check, Json, Message, Source

KEYS = (
    "id",
    "question",
    "messages",
    "expected",
    "any_of",
    "checks",
    "gold",
    "answerable",
    "cluster",
    "tags",
    "schema",
)

# Schemas repeat on every row of a file: each is checked once. Bounded, as files are many.
_sound_schemas: set[bytes] = set()
_MOST_SCHEMAS = 10_000


def case_of(row: Mapping[str, Json], source: Source) -> Case:
    """A row as a case, with nothing inferred yet."""
    for key in row:
        if key not in KEYS:
            known = ", ".join(KEYS)
            raise DataError(f"unknown key {key!r}{suggest(key, KEYS)}. Known: {known}", source)
    answerable = _flag(row, source)
    return Case(
        id=_id(row, source),
        messages=_messages(row, source),
        expected=_expected(row, answerable, source),
        checks=_checks(row.get("checks"), source),
        gold=_texts(row, "gold", source),
        answerable=answerable,
        cluster=_name(row, "cluster", source),
        tags=_texts(row, "tags", source),
        schema=schema_of(row.get("schema"), source),
        source=source,
    )


def _id(row: Mapping[str, Json], source: Source) -> str:
    return _name(row, "id", source) or f"line-{source.line}"


def _messages(row: Mapping[str, Json], source: Source) -> tuple[Message, ...]:
    question, messages = row.get("question"), row.get("messages")
    if (question is None) == (messages is None):
        have = "both `question` and `messages`" if question is not None else "no `question`"
        raise DataError(f"{have}; give one of `question` and `messages`", source)
    if messages is not None:
        chat = turns(messages, source)
        if chat[-1].role != "user":
            raise DataError(
                f"the last message is the {chat[-1].role}'s; a case ends with what the user says. "
                "Put the good answer into `expected`",
                source,
            )
        return chat
    if not isinstance(question, str) or not question.strip():
        raise DataError(f"`question` must be a text that is not empty, not {question!r}", source)
    return (Message("user", question),)


def _expected(row: Mapping[str, Json], answerable: bool, source: Source) -> tuple[Json, ...]:
    one, several = row.get("expected"), row.get("any_of")
    if one is not None and several is not None:
        raise DataError(
            "both `expected` and `any_of`; `expected` is the one good answer, "
            "`any_of` lists several of which each is good",
            source,
        )
    if not answerable and (one is not None or several is not None):
        raise DataError(
            "`answerable` is false and yet an answer is expected; drop one of the two", source
        )
    if several is None:
        return () if one is None else (one,)
    if not isinstance(several, list) or not several or None in several:
        raise DataError(f"`any_of` must be a list of good answers, not {several!r}", source)
    return tuple(several)


def _checks(value: Json, source: Source) -> tuple[Check, ...]:
    if value is None:
        return ()
    items = value if isinstance(value, list) else [value]
    return tuple(check_of(item, source) for item in items)


def check_of(value: Json, source: Source | None = None) -> Check:
    """A check from its name, or from {metric, ...options}."""
    if isinstance(value, str) and value:
        return Check(value)
    if isinstance(value, dict) and isinstance(value.get("metric"), str) and value["metric"]:
        options = {key: option for key, option in value.items() if key != "metric"}
        return Check(value["metric"], options)
    raise DataError(
        f"a check is a metric's name or {{metric: name, option: value}}, not {value!r}", source
    )


def schema_of(value: Json, source: Source | None) -> Mapping[str, Json] | None:
    """A JSON Schema that is one, and that refers to nothing outside itself."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise DataError(f"`schema` must be a JSON Schema object, not {value!r}", source)
    key = msgspec.json.encode(value, order="deterministic")
    if key not in _sound_schemas:
        _refuse_unsound(value, source)
        if len(_sound_schemas) < _MOST_SCHEMAS:
            _sound_schemas.add(key)
    return value


def _refuse_unsound(schema: Mapping[str, Json], source: Source | None) -> None:
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        where = "/".join(str(part) for part in error.absolute_path) or "its top"
        raise DataError(
            f"`schema` is no JSON Schema: at {where}: {error.message}", source
        ) from None
    for reference in _references(schema):
        if not reference.startswith("#"):
            raise DataError(
                f"`schema` refers to {reference!r}; write what it refers to under $defs, "
                "nothing is fetched",
                source,
            )


def _references(value: Json) -> Sequence[str]:
    if isinstance(value, list):
        return [found for item in value for found in _references(item)]
    if not isinstance(value, dict):
        return []
    own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
    return own + [found for item in value.values() for found in _references(item)]


def _flag(row: Mapping[str, Json], source: Source) -> bool:
    value = row.get("answerable")
    if value is None:
        return True
    if not isinstance(value, bool):
        raise DataError(f"`answerable` must be true or false, not {value!r}", source)
    return value


def _name(row: Mapping[str, Json], key: str, source: Source) -> str | None:
    """A text, or a whole number that is used as one."""
    value = row.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (str, int)) or not str(value).strip():
        raise DataError(f"`{key}` must be a text that is not empty, not {value!r}", source)
    return str(value)


def _texts(row: Mapping[str, Json], key: str, source: Source) -> tuple[str, ...]:
    """A list of texts, or one text alone."""
    value = row.get(key)
    if value is None:
        return ()
    items = value if isinstance(value, list) else [value]
    if any(not isinstance(item, str) or not item for item in items):
        raise DataError(f"`{key}` must be a list of texts, not {value!r}", source)
    return tuple(dict.fromkeys(items))
