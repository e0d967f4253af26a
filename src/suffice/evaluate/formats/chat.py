"""Chats as other programs write them, as Messages.

Text alone is taken over: a turn with an image, a sound or a tool call cannot be asked here, and
saying so is better than asking half of it.
"""

from collections.abc import Mapping

import msgspec

from suffice.errors import DataError
from suffice.records import Json, Message, Role, Source

_ROLES: Mapping[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
}


def turns(value: Json, source: Source | None) -> tuple[Message, ...]:
    """A list of {role, content} as messages. Raises where a turn is not text."""
    if not isinstance(value, list) or not value:
        raise DataError(f"`messages` must be a list of messages, not {_short(value)}", source)
    return tuple(_turn(item, source) for item in value)


def unfit(value: Json) -> str | None:
    """Why a chat cannot be asked as text, or None: it uses tools, images or sound."""
    for item in value if isinstance(value, list) else []:
        if not isinstance(item, dict):
            continue
        if item.get("tool_calls") or item.get("function_call"):
            return "it calls tools"
        if item.get("role") in ("tool", "function"):
            return "it holds what a tool answered"
        content = item.get("content")
        if isinstance(content, list) and any(_piece(part) is None for part in content):
            return "it holds more than text"
    return None


def text_of(content: Json) -> str | None:
    """The text of a message's content: a text, or a list of text parts."""
    if isinstance(content, str):
        return content
    if isinstance(content, dict):
        return _piece(content)
    if isinstance(content, list):
        pieces = [_piece(part) for part in content]
        return None if None in pieces else "\n".join(piece for piece in pieces if piece)
    return None


def object_or_text(reply: str) -> Json:
    """A JSON object or list as such: two spellings of it are one answer."""
    if not reply.lstrip().startswith(("{", "[")):
        return reply
    try:
        return msgspec.json.decode(reply)
    except (msgspec.DecodeError, RecursionError):
        return reply


def _turn(item: Json, source: Source | None) -> Message:
    if not isinstance(item, dict):
        raise DataError(f"a message must be {{role, content}}, not {_short(item)}", source)
    role = item.get("role")
    if not isinstance(role, str) or role not in _ROLES:
        raise DataError(
            f"unknown role {_short(role)}; a message is the system's, the user's or the "
            "assistant's",
            source,
        )
    text = text_of(item.get("content"))
    if text is None:
        raise DataError(
            f"the content of a message must be text, not {_short(item.get('content'))}", source
        )
    return Message(_ROLES[role], text)


def _piece(part: Json) -> str | None:
    """OpenAI names text parts text, input_text or output_text."""
    if isinstance(part, str):
        return part
    if isinstance(part, dict) and isinstance(part.get("text"), str):
        return str(part["text"])
    return None


def _short(value: Json) -> str:
    shown = repr(value)
    return shown if len(shown) <= 80 else f"{shown[:77]}..."
