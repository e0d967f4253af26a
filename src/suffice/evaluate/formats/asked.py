"""Which field of a foreign row is the question, where its prompt is not at hand."""

from collections.abc import Mapping

from suffice.errors import DataError
from suffice.evaluate.formats.chat import turns
from suffice.records import Json, Message, Source

NAMES = ("messages", "prompt", "question", "query", "input", "user_input", "text", "message")


def asked(fields: Mapping[str, Json], source: Source, *, missing: str) -> tuple[Message, ...]:
    """The field that is called like a question, or the only text there is."""
    texts = [name for name, value in fields.items() if isinstance(value, str) and value.strip()]
    named = [name for name in NAMES if fields.get(name)]
    name = named[0] if named else texts[0] if len(texts) == 1 else None
    value = fields[name] if name else None
    if isinstance(value, str):
        return (Message("user", value),)
    if isinstance(value, list):
        return turns(value, source)
    raise DataError(
        f"which of {', '.join(fields) or 'no fields'} is the question? {missing}", source
    )
