"""What providers send: answers as OpenAI and Anthropic shape them, whole or as a stream of events.

Tokens are counted as words, which makes usage easy to foretell in a test.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Body = dict[str, Any]


@dataclass(frozen=True)
class Said:
    """An answer before it takes a provider's shape."""

    text: str
    model: str
    input_tokens: int
    output_tokens: int
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    cut: bool = False


def say(body: Body, text: str, cached_tokens: int = 0, reasoning_tokens: int = 0) -> Said:
    """Cuts a reply at the stop strings and at the token limit, as a provider does."""
    stops = body.get("stop") or body.get("stop_sequences") or []
    for stop in [stops] if isinstance(stops, str) else stops:
        text = text.partition(stop)[0]
    words = text.split(" ")
    limit = body.get("max_completion_tokens") or body.get("max_tokens") or len(words)
    return Said(
        text=" ".join(words[:limit]),
        model=str(body.get("model", "")),
        input_tokens=len(prompt(body).split()),
        output_tokens=min(len(words), limit) + reasoning_tokens,
        cached_tokens=cached_tokens,
        reasoning_tokens=reasoning_tokens,
        cut=len(words) > limit,
    )


def echo(body: Body) -> str:
    """The default reply: JSON after the schema where one is sent, else the last message."""
    schema = wanted_schema(body)
    return json.dumps(example_of(schema)) if schema else f"You said: {last_text(body)}"


def last_text(body: Body) -> str:
    """What the user said last."""
    return _flat(body["messages"][-1]["content"])


def prompt(body: Body) -> str:
    """Everything that the model reads, as one text."""
    parts = [_flat(body.get("system") or "")]
    return " ".join(parts + [_flat(message["content"]) for message in body["messages"]])


def wanted_schema(body: Body) -> Body | None:
    """The JSON Schema that the answer must follow, in either provider's spelling."""
    openai = (body.get("response_format") or {}).get("json_schema") or {}
    anthropic = (body.get("output_config") or {}).get("format") or {}
    return openai.get("schema") or anthropic.get("schema")


def example_of(schema: Body) -> Any:
    """A small value that a simple schema accepts."""
    if "enum" in schema:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    if schema.get("type") == "object" or "properties" in schema:
        return {name: example_of(part) for name, part in schema.get("properties", {}).items()}
    if schema.get("type") == "array":
        return [example_of(schema.get("items", {"type": "string"}))]
    kind = schema.get("type", "")
    first = kind[0] if isinstance(kind, list) else kind
    return {"integer": 1, "number": 1.5, "boolean": True, "null": None}.get(first, "text")


def _flat(content: Any) -> str:
    if isinstance(content, str):
        return content
    return " ".join(part.get("text", "") for part in content)


# ---------------------------------------------------------------- OpenAI


def openai_answer(said: Said) -> Body:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": said.model,
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": said.text},
                "finish_reason": "length" if said.cut else "stop",
            }
        ],
        "usage": _openai_usage(said),
    }


def openai_events(said: Said, *, usage: bool) -> Iterator[bytes]:
    """One word an event, then the reason of the end, then (where asked for) the usage."""
    yield _event(_openai_chunk(said, {"role": "assistant", "content": ""}))
    for piece in _pieces(said.text):
        yield _event(_openai_chunk(said, {"content": piece}))
    yield _event(_openai_chunk(said, {}, "length" if said.cut else "stop"))
    if usage:
        last = _openai_chunk(said, {})
        yield _event(last | {"choices": [], "usage": _openai_usage(said)})
    yield b"data: [DONE]\n\n"


def openai_error(status: int, message: str, code: str | None = None) -> Body:
    return {"error": {"message": message, "type": f"error_{status}", "param": None, "code": code}}


def _openai_chunk(said: Said, delta: Body, finish: str | None = None) -> Body:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1_700_000_000,
        "model": said.model,
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }


def _openai_usage(said: Said) -> Body:
    return {
        "prompt_tokens": said.input_tokens,
        "completion_tokens": said.output_tokens,
        "total_tokens": said.input_tokens + said.output_tokens,
        "prompt_tokens_details": {"cached_tokens": said.cached_tokens},
        "completion_tokens_details": {"reasoning_tokens": said.reasoning_tokens},
    }


# ---------------------------------------------------------------- Anthropic


def anthropic_answer(said: Said) -> Body:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": said.model,
        "content": [{"type": "text", "text": said.text}],
        "stop_reason": "max_tokens" if said.cut else "end_turn",
        "stop_sequence": None,
        "usage": _anthropic_usage(said),
    }


def anthropic_events(said: Said) -> Iterator[bytes]:
    started = anthropic_answer(said) | {"content": [], "stop_reason": None}
    started["usage"] = _anthropic_usage(said) | {"output_tokens": 1}
    block = {"type": "text", "text": ""}
    yield _named("message_start", {"message": started})
    yield _named("content_block_start", {"index": 0, "content_block": block})
    for piece in _pieces(said.text):
        delta = {"type": "text_delta", "text": piece}
        yield _named("content_block_delta", {"index": 0, "delta": delta})
    yield _named("content_block_stop", {"index": 0})
    end = {"stop_reason": "max_tokens" if said.cut else "end_turn", "stop_sequence": None}
    yield _named("message_delta", {"delta": end, "usage": {"output_tokens": said.output_tokens}})
    yield _named("message_stop", {})


def anthropic_error(status: int, message: str) -> Body:
    kinds = {401: "authentication_error", 404: "not_found_error", 429: "rate_limit_error"}
    kind = kinds.get(status, "invalid_request_error" if status < 500 else "api_error")
    return {"type": "error", "error": {"type": kind, "message": message}}


def _anthropic_usage(said: Said) -> Body:
    """Unlike OpenAI, Anthropic does not count cached tokens among the input tokens."""
    return {
        "input_tokens": said.input_tokens - said.cached_tokens,
        "output_tokens": said.output_tokens,
        "cache_read_input_tokens": said.cached_tokens,
        "cache_creation_input_tokens": 0,
    }


def _pieces(text: str) -> Iterator[str]:
    head, *rest = text.split(" ")
    yield head
    yield from (f" {word}" for word in rest)


def _event(body: Body) -> bytes:
    return b"data: " + json.dumps(body).encode() + b"\n\n"


def _named(name: str, body: Body) -> bytes:
    return f"event: {name}\n".encode() + _event({"type": name} | body)
