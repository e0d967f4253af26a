"""What sets one provider's server apart from another's: keys, names, refusals, streams.

    with ChatServer(house=HOUSES["ollama"]) as server: ...

Each house refuses what the real one refuses, in its own words, and lists its models in its own way.
The words are those of the services and servers as of November 2026.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from tests.servers import chat_shapes as shapes

if TYPE_CHECKING:
    from tests.servers.chat_server import Received

Body: TypeAlias = dict[str, Any]
Refusal: TypeAlias = tuple[int, Body]

_NO_CHUNK = {"choices": None, "object": "chat.completion.chunk", "id": "chatcmpl-1", "model": ""}


@dataclass(frozen=True)
class House:
    """One server's ways. `window` is in words, as the servers of the tests count tokens."""

    models: tuple[str, ...]
    refuse: Callable[["House", "Received"], Refusal | None]
    window: int | None = None
    null_chunks: bool = False  # streams have chunks whose choices are null, and an empty last one

    def listing(self) -> Body:
        """What GET /v1/models answers."""
        rows = [{"id": name, "object": "model", "created": 1_700_000_000} for name in self.models]
        return {"object": "list", "data": rows}

    def refusal(self, request: "Received") -> Refusal | None:
        return self.refuse(self, request)

    def dressed(self, events: Iterable[bytes]) -> Iterator[bytes]:
        """A stream's events as this house sends them."""
        for event in events:
            if self.null_chunks:
                yield b"data: " + json.dumps(_NO_CHUNK).encode() + b"\n\n"
            yield event

    def too_long(self, body: Mapping[str, Any]) -> bool:
        wanted = len(shapes.prompt(dict(body)).split()) + (body.get("max_tokens") or 0)
        return self.window is not None and wanted > self.window

    def knows(self, body: Mapping[str, Any]) -> bool:
        return body.get("model") in self.models


# ---------------------------------------------------------------- OpenAI


def _openai(house: House, request: "Received") -> Refusal | None:
    body = request.body
    model = str(body.get("model"))
    if not request.headers.get("authorization", "").startswith("Bearer sk-"):
        message = "You didn't provide an API key. You need to provide your API key in a header."
        return 401, _openai_error(message, "invalid_request_error")
    if not house.knows(body):
        message = f"The model `{model}` does not exist or you do not have access to it."
        return 404, _openai_error(message, "invalid_request_error", code="model_not_found")
    if model.startswith(("gpt-5", "o")) and (refused := _reasoning(body)):
        return refused
    wanted = (body.get("response_format") or {}).get("json_schema") or {}
    if wanted.get("strict") and (lacking := _loose(wanted["schema"])):
        message = f"Invalid schema for response_format '{wanted['name']}': {lacking}"
        return 400, _openai_error(message, "invalid_request_error", "response_format")
    return None


def _reasoning(body: Body) -> Refusal | None:
    """Reasoning models take neither the old limit nor a temperature."""
    if "max_tokens" in body:
        message = (
            "Unsupported parameter: 'max_tokens' is not supported with this model. "
            "Use 'max_completion_tokens' instead."
        )
        return 400, _unsupported(message, "max_tokens", "unsupported_parameter")
    if body.get("temperature", 1) != 1:
        message = (
            f"Unsupported value: 'temperature' does not support {body['temperature']} with this "
            "model. Only the default (1) value is supported."
        )
        return 400, _unsupported(message, "temperature", "unsupported_value")
    return None


def _loose(schema: Body) -> str:
    """What strict mode finds missing in a schema."""
    if schema.get("additionalProperties") is not False:
        return "'additionalProperties' is required to be supplied and to be false."
    if set(schema.get("required", ())) != set(schema.get("properties", {})):
        return "'required' is required to be supplied and to include every key in properties."
    return ""


def _unsupported(message: str, param: str, code: str) -> Body:
    return _openai_error(message, "invalid_request_error", param, code)


def _openai_error(
    message: str, kind: str, param: str | None = None, code: str | int | None = None
) -> Body:
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


# ---------------------------------------------------------------- servers of one's own


def _ollama(house: House, request: "Received") -> Refusal | None:
    """Needs no key and never calls a prompt too long: it cuts it and says nothing."""
    if house.knows(request.body):
        return None
    return 404, _openai_error(f"model '{request.body.get('model')}' not found", "not_found_error")


def _vllm(house: House, request: "Received") -> Refusal | None:
    body = request.body
    if not house.knows(body):
        message = f"The model `{body.get('model')}` does not exist."
        return 404, _openai_error(message, "NotFoundError", "model", 404)
    if house.too_long(body):
        message = (
            f"This model's maximum context length is {house.window} tokens. However, you requested "
            "more. Please reduce the length of the messages or completion."
        )
        return 400, _openai_error(message, "BadRequestError", None, 400)
    return None


def _llamacpp(house: House, request: "Received") -> Refusal | None:
    """Answers to any model's name, with the one that it has loaded."""
    if not house.too_long(request.body):
        return None
    message = (
        f"request exceeds the available context size ({house.window} tokens), try increasing it"
    )
    error = {"code": 400, "message": message, "type": "exceed_context_size_error"}
    return 400, {"error": error | {"n_ctx": house.window}}


# ---------------------------------------------------------------- Anthropic


def _anthropic(house: House, request: "Received") -> Refusal | None:
    body = request.body
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
    if not (request.headers.get("x-api-key") or bearer).startswith("sk-ant-"):
        return 401, shapes.anthropic_error(401, "invalid x-api-key")
    if "anthropic-version" not in request.headers:
        return 400, shapes.anthropic_error(400, "anthropic-version: header is required")
    if not house.knows(body):
        return 404, shapes.anthropic_error(404, f"model: {body.get('model')}")
    if "max_tokens" not in body:
        return 400, shapes.anthropic_error(400, "max_tokens: Field required")
    return None


HOUSES = {
    "openai": House(("gpt-4.1-mini", "gpt-5-mini"), _openai),
    "anthropic": House(("claude-haiku-4-5",), _anthropic),
    "ollama": House(("qwen3:4b",), _ollama),
    "vllm": House(("Qwen/Qwen3-8B",), _vllm, window=8192, null_chunks=True),
    "llamacpp": House(("model.gguf",), _llamacpp, window=8192),
}
