"""OpenAI and every server that speaks its chat completions: vLLM, Ollama, llama.cpp, gateways.

The key, the organisation and the project come from OPENAI_API_KEY, OPENAI_ORG_ID and
OPENAI_PROJECT_ID; the server from the study's `extra.base_url` or OPENAI_BASE_URL. A server on this
machine needs no key. What else stands in `extra` goes into the request's body as it is.

`wire` knows HTTP, `completions` the shapes that come back, `dialect` where servers differ.
"""

import os
import time
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import msgspec

from suffice.errors import ProviderError, UsageError
from suffice.models.addresses import below, is_loopback, split_url
from suffice.models.completions import Completion, Counted, read_completion, usage_of
from suffice.models.dialect import Dialect
from suffice.models.events import data_events
from suffice.models.failures import Endpoint, HttpError, no_header, refused
from suffice.models.keys import key_from
from suffice.models.prices import price_of
from suffice.models.strict import response_format
from suffice.models.tokens import estimate_tokens
from suffice.models.wire import Reply, Wire, client_headers
from suffice.ports import ModelOptions, Price
from suffice.records import Answer, FailureKind, Json, Request, Usage

OFFICIAL = "https://api.openai.com/v1"
_LONGEST_TAIL_SECONDS = 0.5  # between [DONE] and the end of the body
_MOST_FORMATS = 1000  # encoded schemas that are kept; a study rarely has more than one
_OURS = frozenset({"messages", "model", "stream"})  # `extra` may not set these

_encode = msgspec.json.Encoder().encode


class OpenAIModel:
    """One model at one server. Shared by threads."""

    def __init__(self, model: str, options: ModelOptions, wire: Wire, base_url: str) -> None:
        official = urlsplit(base_url).hostname == urlsplit(OFFICIAL).hostname
        self.name = f"openai:{model}"
        self.endpoint = wire.endpoint.place
        self.batch = 1
        self.price: Price | None = options.price
        self.window: int | None = None  # the API does not tell
        if self.price is None and official:
            self.price = price_of("openai", model)
        self._model, self._base_url, self._wire = model, base_url, wire
        self._seconds, self._stream = options.timeout_seconds, options.stream
        self._extra = {key: value for key, value in options.extra.items() if key != "base_url"}
        # OpenAI's reasoning models refuse max_tokens; most other servers know nothing else.
        self._dialect = Dialect("max_completion_tokens" if official else "max_tokens")
        self._formats: dict[tuple[int, bool], tuple[Mapping[str, Json], msgspec.Raw]] = {}

    def __repr__(self) -> str:
        return f"OpenAIModel({self.name!r}, endpoint={self.endpoint!r})"

    def identity(self) -> Json:
        return {
            "provider": "openai",
            "base_url": self._base_url,
            "model": self._model,
            "extra": self._extra,
        }

    def count_tokens(self, text: str) -> int:
        return estimate_tokens(text)

    def ask(self, requests: Sequence[Request]) -> list[Answer]:
        return [self._answer(request) for request in requests]

    def _answer(self, request: Request) -> Answer:
        """Asks; where the server names a parameter that it does not take, asks without it."""
        while True:
            dialect = self._dialect
            body = self._body(request, dialect)
            try:
                return self._streamed(body) if self._stream else self._whole(body)
            except HttpError as error:
                better = dialect.after(error)
                if better is None:
                    raise
                self._dialect = better

    def _body(self, request: Request, dialect: Dialect) -> bytes:
        without = dialect.without
        body: dict[str, Json] = {
            "model": self._model,
            "messages": request.messages,
            dialect.limit: request.max_tokens,
        }
        if "temperature" not in without:
            body["temperature"] = request.temperature
        if request.seed is not None and "seed" not in without:
            body["seed"] = request.seed
        if request.stop:
            body["stop"] = request.stop
        if request.schema is not None:
            body["response_format"] = self._format(request.schema, dialect)
        if self._stream:
            body["stream"] = True
            if "stream_options" not in without:
                body["stream_options"] = {"include_usage": True}
        try:
            return _encode(body | self._extra if self._extra else body)
        except UnicodeEncodeError as error:
            message = f"the prompt holds a lone surrogate, which is not text: {error}"
            raise self._error(FailureKind.REFUSED_REQUEST, message, retryable=False) from error

    def _format(self, schema: Mapping[str, Json], dialect: Dialect) -> msgspec.Raw:
        """The encoded response_format. Kept with its schema, so that the id stays taken."""
        strict = "response_format" not in dialect.without
        key = (id(schema), strict)
        if key not in self._formats:
            if len(self._formats) >= _MOST_FORMATS:
                self._formats.clear()
            raw = msgspec.Raw(_encode(response_format(schema, strict=strict)))
            self._formats[key] = (schema, raw)
            return raw
        return self._formats[key][1]

    def _whole(self, body: bytes) -> Answer:
        started = time.perf_counter()
        data = self._wire.post(body, self._seconds)
        return self._finished(data, time.perf_counter() - started)

    def _finished(self, data: bytes, seconds: float) -> Answer:
        completion = self._read(data)
        choice = completion.choices[0] if completion.choices else None
        if choice is None or choice.message is None:
            raise self._error(FailureKind.EMPTY, "the answer holds no choices")
        return self._made(
            choice.message.text, completion.usage, choice.finish_reason, seconds, None
        )

    def _streamed(self, body: bytes) -> Answer:
        started = time.perf_counter()
        chunks = _Chunks()
        reply = self._wire.stream(body, self._seconds)
        if "event-stream" not in (reply.header("content-type") or ""):
            data = reply.read()  # a gateway that does not stream, or an error page
            return self._finished(data, time.perf_counter() - started)
        try:
            for data in data_events(reply.pieces()):
                self._take(chunks, data, reply)
        except ProviderError:
            if chunks.done is None:  # after [DONE] it costs the connection, not the answer
                raise
        if chunks.done is None and chunks.finish is None:
            message = "the stream stopped before the answer's end"
            raise self._error(FailureKind.CUT_OFF, message)
        if not chunks.seen:
            raise self._error(FailureKind.EMPTY, "the stream holds no choices")
        seconds = (chunks.done or time.perf_counter()) - started
        first = chunks.first - started if chunks.first else None
        return self._made("".join(chunks.texts), chunks.usage, chunks.finish, seconds, first)

    def _take(self, chunks: "_Chunks", data: bytes, reply: Reply) -> None:
        if chunks.done is not None:
            return
        if data == b"[DONE]":
            chunks.done = time.perf_counter()
            reply.hurry(_LONGEST_TAIL_SECONDS)
        else:
            chunks.add(self._read(data))

    def _read(self, data: bytes) -> Completion:
        try:
            completion = read_completion(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            said = data[:200].decode("utf-8", "replace")
            message = f"not a chat completion ({error}): {said}"
            raise self._error(FailureKind.MALFORMED, message) from error
        if completion.error and not completion.choices:
            # Gateways send errors with status 200 and the real one, or nothing, in `code`.
            code = completion.error.get("code") if isinstance(completion.error, dict) else None
            status = code if isinstance(code, int) and 400 <= code < 600 else 500
            raise refused(self._wire.endpoint, status, no_header, data, time.time())
        return completion

    def _made(
        self,
        text: str,
        counted: Counted | None,
        finish: str | None,
        seconds: float,
        first_token_seconds: float | None,
    ) -> Answer:
        usage = usage_of(counted) if counted else Usage()
        return Answer(
            text=text,
            usage=usage,
            seconds=seconds,
            first_token_seconds=first_token_seconds,
            usd=self.price.usd(usage) if self.price and counted else None,
            finish="length" if finish == "length" else "stop",
        )

    def _error(self, kind: FailureKind, message: str, *, retryable: bool = True) -> ProviderError:
        return self._wire.endpoint.error(kind, message, retryable=retryable)


class _Chunks:
    """What has come of a streamed answer. `done` and `first` are times of the clock."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.usage: Counted | None = None
        self.finish: str | None = None
        self.first: float | None = None
        self.done: float | None = None
        self.seen = False

    def add(self, chunk: Completion) -> None:
        self.usage = chunk.usage or self.usage
        for choice in chunk.choices or ():
            if choice is None:
                continue
            self.seen = True
            self.finish = choice.finish_reason or self.finish
            if choice.delta and (text := choice.delta.text):
                self.first = self.first or time.perf_counter()
                self.texts.append(text)


def create(name: str, options: ModelOptions) -> OpenAIModel:
    """NAME is the model's name at the server."""
    if not name:
        raise UsageError("openai: needs a model's name, as in openai:gpt-4.1-mini")
    if taken := sorted(_OURS & options.extra.keys()):
        raise UsageError(f"extra may not set {taken[0]!r}, which the study sets itself")
    base_url = options.extra.get("base_url") or os.environ.get("OPENAI_BASE_URL") or OFFICIAL
    base_url = str(base_url).strip().rstrip("/")
    split_url(base_url)
    url = below(base_url, "/chat/completions")
    key = key_from("OPENAI_API_KEY", needed_by="" if is_loopback(base_url) else f"openai:{name}")
    headers = client_headers() | _headers(key)
    endpoint = Endpoint(url, "OPENAI_API_KEY", secrets=(key,) if key else ())
    return OpenAIModel(name, options, Wire(endpoint, headers), base_url)


def _headers(key: str) -> dict[str, str]:
    headers = {
        "OpenAI-Organization": key_from("OPENAI_ORG_ID"),
        "OpenAI-Project": key_from("OPENAI_PROJECT_ID"),
        "Authorization": f"Bearer {key}" if key else "",
    }
    return {name: value for name, value in headers.items() if value}
