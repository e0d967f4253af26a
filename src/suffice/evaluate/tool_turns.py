"""Chats that use tools, as text, without losing any of it.

A call is taught as the JSON text that it is, after what was said with it. What a tool answered
stands there as a user's turn; answers to several calls of one turn are one, since templates want
the sides to take turns. The declarations are not put into the chat, as serving does not put them
there: the names are kept, so that the linter can say where.
"""

import json
from collections.abc import Iterator, Mapping, Sequence

from suffice.errors import DataError
from suffice.records import Json, Source

_TOOLS = ("tool", "function")


def as_text(messages: Sequence[Json], source: Source) -> list[Json]:
    """The same turns, with calls and tools' answers as text. Raises where a call is none."""
    turns: list[Json] = []
    answering = False
    for turn in messages:
        role = turn.get("role") if isinstance(turn, dict) else None
        told = _turn(turn, source)
        if role in _TOOLS and answering and _texts(told, turns[-1]):
            turns[-1] = {**turns[-1], "content": f"{turns[-1]['content']}\n{told['content']}"}
        else:
            turns.append(told)
        answering = role in _TOOLS
    return turns


def named(row: Mapping[str, Json]) -> tuple[str, ...]:
    """The tools that a row declares or calls, by name, in order."""
    declared = [each for key in ("tools", "functions") for each in _listed(row.get(key))]
    called = [call for turn in _listed(row.get("messages")) for call in _calls(turn)]
    names = (_inner(each).get("name") for each in [*declared, *called] if isinstance(each, dict))
    return tuple(dict.fromkeys(name for name in names if isinstance(name, str)))


def _turn(turn: Json, source: Source) -> Json:
    if not isinstance(turn, dict):
        return turn
    if turn.get("role") in _TOOLS:
        return {"role": "user", "content": turn.get("content")}
    calls = _calls(turn)
    if not calls:
        return turn
    content = turn.get("content") or ""
    if not isinstance(content, str):
        raise DataError("beside a tool's call `content` must be a text or null", source)
    return {"role": turn.get("role"), "content": "\n".join(_said(content, calls, source))}


def _said(content: str, calls: Sequence[Json], source: Source) -> Iterator[str]:
    if content:
        yield content
    for call in calls:
        inner = _inner(call) if isinstance(call, dict) else {}
        if not isinstance(inner.get("name"), str):
            raise DataError(f"this tool's call names no function: {json.dumps(call)[:80]}", source)
        yield json.dumps(inner, ensure_ascii=False)


def _calls(turn: Json) -> list[Json]:
    """Of a turn: OpenAI's `tool_calls`, or the one `function_call` of before."""
    if not isinstance(turn, dict):
        return []
    return _listed(turn.get("tool_calls")) or (
        [turn["function_call"]] if turn.get("function_call") else []
    )


def _inner(call: Mapping[str, Json]) -> Mapping[str, Json]:
    inner = call.get("function", call)
    return inner if isinstance(inner, dict) else {}


def _listed(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _texts(*turns: Json) -> bool:
    return all(isinstance(each.get("content"), str) for each in turns)
