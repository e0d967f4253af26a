"""OpenAI's chat rows, {"messages": [...]}: the last assistant turn is what is expected."""

from pathlib import Path

from suffice.errors import DataError
from suffice.evaluate.formats.chat import object_or_text, turns, unfit
from suffice.evaluate.lines import first_row, read_jsonl
from suffice.ports import Cases
from suffice.records import Case, Json, Message, Source

# What a row may carry beside its messages; `system` is how some write the system turn.
_BESIDE = {"system", "tools", "functions", "parallel_tool_calls", "metadata", "id"}


class OpenaiChat:
    """A reply that is a JSON object is expected as that object, whatever its spaces."""

    def recognises(self, path: Path) -> bool:
        if path.suffix.lower() not in (".jsonl", ".ndjson"):
            return False
        row = first_row(path) or {}
        messages = row.get("messages")
        if not set(row) <= _BESIDE | {"messages"} or not isinstance(messages, list):
            return False
        return bool(messages) and isinstance(messages[-1], dict) and _said(messages[-1])

    def read(self, path: Path) -> Cases:
        cases, warnings = [], []
        for number, row in read_jsonl(path):
            source = Source(str(path), number)
            if reason := unfit(row.get("messages")):
                warnings.append(f"{source}: left out: {reason}, and a case is text alone")
            else:
                cases.append(_case(row, source))
        if not cases:
            raise DataError("no row could be taken over; see the rows' tools", Source(str(path)))
        return Cases(tuple(cases), (), tuple(warnings))


def create() -> OpenaiChat:
    return OpenaiChat()


def chat_of(row: dict[str, Json], source: Source) -> tuple[tuple[Message, ...], str]:
    """The chat up to its last assistant turn, and that turn."""
    chat = turns(row.get("messages"), source)
    if isinstance(row.get("system"), str):
        chat = (Message("system", row["system"]), *chat)
    if chat[-1].role != "assistant":
        raise DataError(
            f"the last message is the {chat[-1].role}'s; a row ends with the assistant's reply",
            source,
        )
    if len(chat) < 2 or chat[-2].role != "user":
        raise DataError("the assistant's reply follows no user's message", source)
    return chat[:-1], chat[-1].content


def _case(row: dict[str, Json], source: Source) -> Case:
    messages, reply = chat_of(row, source)
    name = row.get("id")
    return Case(
        id=str(name) if isinstance(name, (str, int)) else f"line-{source.line}",
        messages=messages,
        expected=(object_or_text(reply),),
        source=source,
    )


def _said(message: dict[str, Json]) -> bool:
    return message.get("role") in ("assistant", "tool", "function")
