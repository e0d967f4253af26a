"""Anthropic's Messages API, through its own SDK.

The key comes from ANTHROPIC_API_KEY, the server from the study's `extra.base_url` or
ANTHROPIC_BASE_URL. What else stands in `extra` goes into the request's body as it is. The system
prompt is marked for caching, so that every case after the first reads it at a tenth of the price.
Answers are always streamed: that gives the time to the first token, and long answers need it.

The SDK shapes the calls; its connections are those of `wire`, whose deadline holds for the whole
call, while the SDK's own holds for each read and lets a drip go on for ever. Citations are never
asked for: together with a schema the API answers 400.
"""

import os
import time
from collections.abc import Mapping, Sequence
from typing import Any, cast

import anthropic
import httpx2
import msgspec
from anthropic.types import (
    MessageParam,
    OutputConfigParam,
    RawMessageStreamEvent,
    TextBlockParam,
)

from suffice.errors import ProviderError, UsageError
from suffice.models.addresses import below, is_loopback, shown, split_url
from suffice.models.dialect import Dialect
from suffice.models.failures import Endpoint, HttpError, refused
from suffice.models.keys import key_from
from suffice.models.message_stream import Heard, Transport
from suffice.models.prices import price_of
from suffice.models.tokens import estimate_tokens
from suffice.models.wire import Reply, Wire
from suffice.ports import ModelOptions, Price
from suffice.records import Answer, FailureKind, Json, Message, Request

OFFICIAL = "https://api.anthropic.com"
_LONGEST_TAIL_SECONDS = 0.5  # between message_stop and the end of the body
_OURS = frozenset({"messages", "model", "stream", "system", "max_tokens"})

# Errors inside a stream come with status 200; the API's documentation gives each type a status.
_STATUS = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "timeout_error": 504,
    "overloaded_error": 529,
}


class AnthropicModel:
    """One model of Anthropic's. Shared by threads."""

    def __init__(self, model: str, options: ModelOptions, base_url: str, key: str) -> None:
        official = base_url == OFFICIAL
        endpoint = Endpoint(
            below(base_url, "/v1/messages"), "ANTHROPIC_API_KEY", secrets=(key,) if key else ()
        )
        self.name = f"anthropic:{model}"
        self.endpoint = endpoint.place
        self.batch = 1
        self.price: Price | None = options.price
        self.window: int | None = None  # the API does not tell
        if self.price is None and official:
            self.price = price_of("anthropic", model)
        self._model, self._base_url, self._where = model, base_url, endpoint
        self._extra = {key: value for key, value in options.extra.items() if key != "base_url"}
        self._dialect = Dialect()
        self._client = anthropic.Anthropic(
            api_key=key or "none",
            base_url=shown(base_url),  # the wire asks the endpoint, with its query
            max_retries=0,  # the asker retries, at the pace of all calls together
            timeout=options.timeout_seconds,
            http_client=httpx2.Client(
                trust_env=False,  # the wire reads the proxies
                transport=Transport(Wire(endpoint), options.timeout_seconds),
            ),
        )

    def __repr__(self) -> str:
        return f"AnthropicModel({self.name!r}, endpoint={self.endpoint!r})"

    def identity(self) -> Json:
        return {
            "provider": "anthropic",
            "base_url": self._base_url,
            "model": self._model,
            "extra": self._extra,
        }

    def count_tokens(self, text: str) -> int:
        return estimate_tokens(text)

    def ask(self, requests: Sequence[Request]) -> list[Answer]:
        return [self._answer(request) for request in requests]

    def _answer(self, request: Request) -> Answer:
        """Asks; newer models refuse a temperature and are then asked without."""
        while True:
            dialect = self._dialect
            try:
                return self._streamed(request, dialect)
            except HttpError as error:
                better = dialect.after(error)
                if better is None or better.swapped:  # there is only one name for the limit here
                    raise
                self._dialect = better

    def _streamed(self, request: Request, dialect: Dialect) -> Answer:
        started = time.perf_counter()
        heard = Heard()
        try:
            with self._open(request, dialect) as stream:
                if "event-stream" not in stream.response.headers.get("content-type", ""):
                    raise self._error(FailureKind.MALFORMED, "the answer is not a stream of events")
                for event in stream:
                    heard.add(event)
                    if event.type == "message_stop":
                        reply: Reply = stream.response.extensions["reply"]
                        reply.hurry(_LONGEST_TAIL_SECONDS)
        except (anthropic.APIError, ProviderError, ValueError, AttributeError, TypeError) as error:
            if heard.ended is None:  # after message_stop it costs the connection, not the answer
                raise self._meaning(error) from error
        return self._made(heard, started)

    def _open(self, request: Request, dialect: Dialect) -> anthropic.Stream[RawMessageStreamEvent]:
        rest = dict(self._extra)
        config = dict(rest.pop("output_config", {}))
        if request.schema is not None:
            config["format"] = {"type": "json_schema", "schema": _accepted(request.schema)}
        if "temperature" not in dialect.without:
            # Not among the SDK's arguments any more, because new models take none.
            rest.setdefault("temperature", min(request.temperature, 1.0))
        return self._client.messages.create(
            model=self._model,
            max_tokens=request.max_tokens,
            system=_system(request.messages) or anthropic.omit,
            messages=_turns(request.messages),
            stop_sequences=list(request.stop) or anthropic.omit,
            output_config=cast("OutputConfigParam", config) if config else anthropic.omit,
            extra_body=rest,
            stream=True,
        )

    def _meaning(self, error: Exception) -> ProviderError:
        """What an exception of the SDK, of our wire below it, or of our reading above it means."""
        below = error.__cause__ if isinstance(error, anthropic.APIConnectionError) else error
        if isinstance(below, ProviderError):
            return below
        if isinstance(error, anthropic.APIStatusError):
            said = error.body
            status = error.status_code
            if status < 300:
                status = _STATUS.get(str(error.type), 500)
            data = said.encode() if isinstance(said, str) else msgspec.json.encode(said)
            return refused(self._where, status, error.response.headers.get, data, time.time())
        if isinstance(error, UnicodeEncodeError):
            message = f"the prompt holds a lone surrogate, which is not text: {error}"
            return self._where.error(FailureKind.REFUSED_REQUEST, message)
        return self._error(FailureKind.MALFORMED, f"not a stream of the Messages API: {error!r}")

    def _made(self, heard: "Heard", started: float) -> Answer:
        if heard.ended is None:
            message = "the stream stopped before the answer's end"
            raise self._error(FailureKind.CUT_OFF, message)
        if not heard.blocks:
            raise self._error(FailureKind.EMPTY, "the answer holds no content")
        usage = heard.usage()
        return Answer(
            text="".join(heard.texts),
            usage=usage,
            seconds=heard.ended - started,
            first_token_seconds=heard.first - started if heard.first else None,
            usd=self.price.usd(usage) if self.price else None,
            finish="length" if heard.finish == "max_tokens" else "stop",
        )

    def _error(self, kind: FailureKind, message: str) -> ProviderError:
        return self._where.error(kind, message, retryable=True)


def create(name: str, options: ModelOptions) -> AnthropicModel:
    """NAME is the model's name, as in anthropic:claude-haiku-4-5."""
    if not name:
        raise UsageError("anthropic: needs a model's name, as in anthropic:claude-haiku-4-5")
    if taken := sorted(_OURS & options.extra.keys()):
        raise UsageError(f"extra may not set {taken[0]!r}, which the study sets itself")
    said = options.extra.get("base_url") or os.environ.get("ANTHROPIC_BASE_URL") or OFFICIAL
    parts = split_url(str(said).strip())
    base_url = parts._replace(path=parts.path.rstrip("/").removesuffix("/v1")).geturl()
    needed_by = "" if is_loopback(base_url) else f"anthropic:{name}"
    return AnthropicModel(
        name, options, base_url, key_from("ANTHROPIC_API_KEY", needed_by=needed_by)
    )


# ---------------------------------------------------------------- what is sent


def _system(messages: Sequence[Message]) -> list[TextBlockParam]:
    """The system messages as one block, marked as the end of what is worth caching."""
    said = [message.content for message in messages if message.role == "system"]
    if not said:
        return []
    return [{"type": "text", "text": "\n\n".join(said), "cache_control": {"type": "ephemeral"}}]


def _turns(messages: Sequence[Message]) -> list[MessageParam]:
    """The turns of user and assistant; what one of them said in a row becomes one turn."""
    turns: list[dict[str, str]] = []
    for message in messages:
        if message.role == "system":
            continue
        if turns and turns[-1]["role"] == message.role:
            turns[-1]["content"] += f"\n\n{message.content}"
        else:
            turns.append({"role": message.role, "content": message.content})
    return cast("list[MessageParam]", turns)


def _accepted(schema: Mapping[str, Json]) -> dict[str, Any]:
    """The schema as the SDK makes it acceptable: what the API cannot hold becomes description.

    Where the SDK knows no way (a list of types, say) the API is to judge, and says what is wrong.
    """
    try:
        return anthropic.transform_schema(dict(schema))
    except (ValueError, TypeError, AssertionError):
        return dict(schema)
