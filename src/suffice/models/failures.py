"""What went wrong at a provider, told the same way for all of them.

Turns an HTTP status with its headers and body into a `ProviderError` of the right kind: whether the
same call may go through later, how long the endpoint asked to wait, and what to do next. Keys never
get into a message. This file knows HTTP's numbers and providers' words, no connection.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import TypeAlias

import msgspec

from suffice.errors import ProviderError
from suffice.models.addresses import secrets_in, shown
from suffice.records import FailureKind, Json

Header: TypeAlias = Callable[[str], str | None]  # looks a header up, whatever its case

LONGEST_EXCERPT = 300  # characters of a provider's message that an error shows

# The words of OpenAI, vLLM, llama.cpp, Anthropic and TGI for a prompt that does not fit.
_TOO_LONG = re.compile(
    r"context[ _](length|window|size)|prompt is too long|input is too long|too many tokens"
    r"|must have less than \d+ tokens|maximum context|request_too_large",
    re.IGNORECASE,
)
_QUOTA = re.compile(r"insufficient_quota|billing|credit balance", re.IGNORECASE)
_KEYLIKE = re.compile(r"\b(sk|key|hf|gsk|xai)[-_][\w*.-]{8,}")


@dataclass(frozen=True)
class Endpoint:
    """What an error says of where it happened. `key_name` is the variable that holds the key.

    `url` is what is asked, and its query may hold a key: what is shown is `place`.
    """

    url: str = field(repr=False)
    key_name: str = ""
    secrets: tuple[str, ...] = field(default=(), repr=False)
    place: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "place", shown(self.url))
        object.__setattr__(self, "secrets", (*self.secrets, *secrets_in(self.url)))

    def error(self, kind: FailureKind, message: str, *, retryable: bool = False) -> ProviderError:
        return ProviderError(
            self.mask(message), kind=kind, endpoint=self.place, retryable=retryable
        )

    def mask(self, text: str) -> str:
        """The text without any key: ours by its value, others by their look."""
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return _KEYLIKE.sub(r"\1-***", text)


class HttpError(ProviderError):
    """The endpoint answered, with another status than 200. `body` is what it said, unmasked."""

    status = 0
    body = ""


def refused(endpoint: Endpoint, status: int, header: Header, body: bytes, now: float) -> HttpError:
    """The error for a status. `now` is the time of day in seconds, for dates in Retry-After."""
    said = body.decode("utf-8", "replace")
    kind, retryable, advice = _meaning(status, said, endpoint, header)
    error = HttpError(
        endpoint.mask(f"HTTP {status}: {excerpt(said)}{advice}"),
        kind=kind,
        endpoint=endpoint.place,
        retryable=retryable and header("x-should-retry") != "false",
        retry_after=retry_after(header, now) if retryable else None,
    )
    error.status, error.body = status, said
    return error


def excerpt(said: str) -> str:
    """The human part of an error body, short and on one line."""
    text = " ".join(_message(said).split())
    return text if len(text) <= LONGEST_EXCERPT else f"{text[:LONGEST_EXCERPT]}..."


def retry_after(header: Header, now: float) -> float | None:
    """The wait in seconds that the endpoint asks for: a number, or the time until a date."""
    if (milliseconds := _number(header("retry-after-ms"))) is not None:
        return milliseconds / 1000
    said = header("retry-after")
    if said is None or (seconds := _number(said)) is not None:
        return seconds if said is not None else None
    try:
        return max(0.0, parsedate_to_datetime(said).timestamp() - now)
    except ValueError:
        return None


def _meaning(
    status: int, said: str, endpoint: Endpoint, header: Header
) -> tuple[FailureKind, bool, str]:
    """The kind of a failure, whether it may pass, and what the user can do."""
    if status in (401, 403):
        where = f"; check {endpoint.key_name}" if endpoint.key_name else ""
        return FailureKind.AUTHENTICATION, False, where
    if 300 <= status < 400:
        target = shown(header("location") or "nowhere")
        advice = f"; redirected to {target}, which is not followed: set base_url to where it leads"
        return FailureKind.NOT_FOUND, False, advice
    if status == 404:
        return FailureKind.NOT_FOUND, False, "; check the model's name and base_url"
    if status == 408:
        return FailureKind.TIMEOUT, True, ""
    if status == 402 or (status == 429 and _QUOTA.search(said)):
        return FailureKind.RATE_LIMIT, False, "; the account's quota is used up"
    if status == 429:
        return FailureKind.RATE_LIMIT, True, ""
    if status >= 500 or status in (409, 425):
        return FailureKind.SERVER, True, ""
    if status == 413 or _TOO_LONG.search(said):
        return FailureKind.TOO_LONG, False, ""
    return FailureKind.REFUSED_REQUEST, False, ""


def _message(said: str) -> str:
    """Providers nest it differently: error.message, error, message, detail."""
    try:
        body: Json = msgspec.json.decode(said)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return said
    for name in ("error", "message", "detail"):
        if isinstance(body, dict) and body.get(name):
            body = body[name]
    return body if isinstance(body, str) else said


def _number(said: str | None) -> float | None:
    try:
        number = float(said) if said else None
    except ValueError:
        return None
    return max(0.0, number) if number is not None and isfinite(number) else None


def no_header(_name: str) -> None:
    """Headers of an error that came without any of its own."""
