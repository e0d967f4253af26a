"""Worked examples for few-shot prompts and for tuning, from the formats that tools write them in.

OpenAI chat rows {"messages": [...]}, ShareGPT {"conversations": [{from, value}]}, Alpaca
{"instruction", "input", "output"} and {"prompt", "completion"}, as JSONL or, the last two, as CSV.
A turn of `weight` 0 is read and not learned.
The first row tells the format; a row of another one is refused with its line, as files that were
pasted together are a common accident. Tools are taken over as text, as tool_turns.py says.
`synthetic` and `reviewed` may be true in a row.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from suffice.errors import DataError
from suffice.evaluate.formats.csv import table
from suffice.evaluate.formats.openai_chat import chat_of
from suffice.evaluate.lines import read_jsonl
from suffice.evaluate.tool_turns import as_text, named
from suffice.records import Example, Json, Message, Role, Source

_SPEAKERS: Mapping[str, Role] = {
    "system": "system",
    "human": "user",
    "user": "user",
    "gpt": "assistant",
    "assistant": "assistant",
    "model": "assistant",
}

Row = Mapping[str, Json]


def load_examples(path: Path) -> tuple[Example, ...]:
    """Every example of a file, in order."""
    return tuple(_examples(path))


def _examples(path: Path) -> Iterator[Example]:
    name = ""
    first_line = 0
    for source, row in _rows(path):
        number = source.line or 0
        found = _format(row, source)
        if not name:
            name, first_line = found, number
        if found != name:
            raise DataError(
                f"this row is {found}, line {first_line} is {name}; keep one format a file", source
            )
        messages, reply = _READERS[found](row, source)
        if not reply.strip():
            raise DataError("the reply is empty; drop the row or write the reply", source)
        yield Example(
            _name(row, number),
            messages,
            reply,
            _cluster(row),
            source,
            synthetic=_is_set(row, "synthetic"),
            reviewed=_is_set(row, "reviewed"),
            tools=named(row),
            unlearned=_unlearned(row, source),
        )


def _rows(path: Path) -> Iterator[tuple[Source, Row]]:
    if path.suffix.lower() in (".csv", ".tsv"):
        yield from table(path)
    else:
        yield from ((Source(str(path), number), row) for number, row in read_jsonl(path))


def _is_set(row: Row, key: str) -> bool:
    return row.get(key) in (True, 1, "true", "True", "yes", "1")


def _format(row: Row, source: Source) -> str:
    for key, name in (("messages", "OpenAI chat"), ("conversations", "ShareGPT")):
        if key in row:
            return name
    if "instruction" in row and "output" in row:
        return "Alpaca"
    if "prompt" in row and "completion" in row:
        return "prompt and completion"
    raise DataError(
        "not an example; a row has `messages` (OpenAI chat), `conversations` (ShareGPT), "
        "`instruction` and `output` (Alpaca), or `prompt` and `completion`, and this one has "
        f"{', '.join(row) or 'nothing'}",
        source,
    )


def _sharegpt(row: Row, source: Source) -> tuple[tuple[Message, ...], str]:
    turns = row["conversations"]
    if not isinstance(turns, list):
        raise DataError("`conversations` must be a list of {from, value}", source)
    messages = [{"role": _speaker(turn, source), "content": turn.get("value")} for turn in turns]
    return chat_of({"messages": messages, "system": row.get("system")}, source)


def _speaker(turn: Json, source: Source) -> Role:
    name = turn.get("from") if isinstance(turn, dict) else None
    if not isinstance(name, str) or name not in _SPEAKERS:
        raise DataError(
            f"unknown speaker {name!r}; a turn is from one of {', '.join(_SPEAKERS)}", source
        )
    return _SPEAKERS[name]


def _alpaca(row: Row, source: Source) -> tuple[tuple[Message, ...], str]:
    instruction, extra, output = row["instruction"], row.get("input") or "", row["output"]
    if not all(isinstance(value, str) for value in (instruction, extra, output)):
        raise DataError("`instruction`, `input` and `output` must be texts", source)
    question = f"{instruction}\n\n{extra}" if extra.strip() else instruction
    return (Message("user", question),), output


def _completion(row: Row, source: Source) -> tuple[tuple[Message, ...], str]:
    """Texts, or lists of messages, as TRL writes them."""
    prompt, completion = row["prompt"], row["completion"]
    if isinstance(prompt, str) and isinstance(completion, str):
        return (Message("user", prompt),), completion
    if isinstance(prompt, list) and isinstance(completion, list):
        return chat_of({"messages": [*prompt, *completion]}, source)
    raise DataError("`prompt` and `completion` must both be texts, or both lists", source)


def _openai(row: Row, source: Source) -> tuple[tuple[Message, ...], str]:
    messages = row["messages"]
    if not isinstance(messages, list):
        return chat_of(dict(row), source)
    return chat_of({**row, "messages": as_text(messages, source)}, source)


def _unlearned(row: Row, source: Source) -> tuple[int, ...]:
    """The assistant's turns of `weight` 0, as OpenAI's fine-tuning has it."""
    turns = row.get("messages")
    said = [
        turn
        for turn in (turns if isinstance(turns, list) else [])
        if isinstance(turn, dict) and turn.get("role") == "assistant"
    ]
    weights = [1 if (weight := turn.get("weight")) is None else weight for turn in said]
    for weight in weights:
        if weight not in (0, 1):
            raise DataError(f"a turn's `weight` is 0 or 1, not {weight!r}", source)
    if weights and not weights[-1]:
        raise DataError(
            "the last reply has `weight` 0, so nothing of it would be learned; take that turn off "
            "the row, or drop the row",
            source,
        )
    return tuple(place for place, weight in enumerate(weights) if not weight)


def _name(row: Row, number: int) -> str:
    name = row.get("id")
    return str(name) if isinstance(name, (str, int)) else f"line-{number}"


def _cluster(row: Row) -> str | None:
    cluster = row.get("cluster")
    return str(cluster) if isinstance(cluster, (str, int)) else None


_READERS: Mapping[str, Callable[[Row, Source], tuple[tuple[Message, ...], str]]] = {
    "OpenAI chat": _openai,
    "ShareGPT": _sharegpt,
    "Alpaca": _alpaca,
    "prompt and completion": _completion,
}
