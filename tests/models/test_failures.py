"""What HTTP statuses, headers and error bodies are taken to mean."""

import json

import pytest

from suffice.models.failures import LONGEST_EXCERPT, Endpoint, HttpError, refused, retry_after
from suffice.records import FailureKind

NOW = 1_700_000_000.0  # Tue, 14 Nov 2023 22:13:20 GMT
ENDPOINT = Endpoint("http://x/v1", "OPENAI_API_KEY", secrets=("very-secret",))


def error(status: int, body: object = "", **headers: str) -> HttpError:
    data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return refused(ENDPOINT, status, named.get, data, NOW)


@pytest.mark.parametrize(
    ("status", "body", "kind", "retryable"),
    [
        (400, "bad", FailureKind.REFUSED_REQUEST, False),
        (400, "maximum context length is 8192 tokens", FailureKind.TOO_LONG, False),
        (400, "prompt is too long: 9 tokens > 8 maximum", FailureKind.TOO_LONG, False),
        (400, "exceed_context_size_error", FailureKind.TOO_LONG, False),
        (401, "", FailureKind.AUTHENTICATION, False),
        (402, "", FailureKind.RATE_LIMIT, False),
        (403, "", FailureKind.AUTHENTICATION, False),
        (404, "", FailureKind.NOT_FOUND, False),
        (408, "", FailureKind.TIMEOUT, True),
        (409, "", FailureKind.SERVER, True),
        (413, "", FailureKind.TOO_LONG, False),
        (422, "bad", FailureKind.REFUSED_REQUEST, False),
        (429, "slow down", FailureKind.RATE_LIMIT, True),
        (429, '{"error": {"code": "insufficient_quota"}}', FailureKind.RATE_LIMIT, False),
        (500, "", FailureKind.SERVER, True),
        (503, "", FailureKind.SERVER, True),
        (529, "", FailureKind.SERVER, True),
    ],
)
def test_every_status_has_a_kind(
    status: int, body: str, kind: FailureKind, retryable: bool
) -> None:
    """The kind says what is wrong, `retryable` whether waiting can mend it."""
    found = error(status, body)
    assert (found.kind, found.retryable) == (kind, retryable)
    assert str(status) in str(found)
    assert "http://x/v1" in str(found)


def test_a_refused_key_names_the_variable_that_holds_it() -> None:
    """The user is told what to check."""
    assert "OPENAI_API_KEY" in str(error(401, "no"))


def test_the_server_may_forbid_a_retry() -> None:
    """`x-should-retry: false` is how OpenAI and Anthropic say that trying again is in vain."""
    assert not error(500, "", x_should_retry="false").retryable


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "-5"}, 0.0),
        ({"retry-after": "Tue, 14 Nov 2023 22:13:50 GMT"}, 30.0),
        ({"retry-after": "Tue, 14 Nov 2023 22:13:00 GMT"}, 0.0),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "inf"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_seconds_milliseconds_or_a_date(
    headers: dict[str, str], seconds: float | None
) -> None:
    """All three spellings become seconds from now; nonsense becomes nothing."""
    assert retry_after(headers.get, NOW) == seconds


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"message": "it is full"}},
        {"error": "it is full"},
        {"message": "it is full"},
        {"detail": "it is full"},
        "it is full",
    ],
)
def test_the_human_part_of_a_body_is_shown(body: object) -> None:
    """Providers nest their message differently; the user sees the message alone."""
    assert str(error(400, body)) == "http://x/v1: HTTP 400: it is full"


def test_a_long_body_is_cut() -> None:
    """An error page does not fill the terminal."""
    assert len(str(error(500, "<html>" * 1000))) < LONGEST_EXCERPT + 50


@pytest.mark.parametrize(
    "key", ["very-secret", "sk-proj-abcdefgh12345678", "sk-abcd***********wxyz"]
)
def test_no_key_gets_into_a_message(key: str) -> None:
    """Neither ours nor one that the server repeats, whole or in part."""
    assert key not in str(error(401, {"error": {"message": f"Incorrect key: {key}."}}))


def test_an_endpoint_shows_no_secret() -> None:
    """Printing it is safe."""
    assert "very-secret" not in repr(ENDPOINT)


def test_a_redirect_is_told_without_what_it_carries() -> None:
    """A login page's address may hold a token that is none of ours to print."""
    told = str(error(302, "moved", location="https://me:pass-word@x.example/login?token=abc"))
    assert "redirected to https://x.example/login, which" in told
    assert "abc" not in told
    assert "pass-word" not in told
