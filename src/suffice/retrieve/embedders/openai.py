"""Any embedding model behind an OpenAI-compatible endpoint: OpenAI, vLLM, Ollama, a gateway.

OPENAI_API_KEY and OPENAI_BASE_URL say where and as whom. Sent with the standard library: one POST
needs no client package. What goes wrong is a ProviderError that names the endpoint, never a vector.
"""

import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from http.client import HTTPException
from typing import Any, NoReturn
from urllib.parse import unquote_plus, urlsplit

import numpy as np
from numpy.typing import NDArray

from suffice.errors import ProviderError, UsageError
from suffice.ports import Embedder, ModelOptions
from suffice.records import FailureKind, Json
from suffice.retrieve.embedders.surrogates import readable

_BATCH = 128  # texts a call; OpenAI takes 2,048, small servers far fewer
_BYTES_PER_TOKEN = 4
_TRIES = 4
_LONGEST_WAIT_SECONDS = 20.0
_KINDS = {
    401: FailureKind.AUTHENTICATION,
    403: FailureKind.AUTHENTICATION,
    404: FailureKind.NOT_FOUND,
    408: FailureKind.TIMEOUT,
    413: FailureKind.TOO_LONG,
    429: FailureKind.RATE_LIMIT,
}
_RETRYABLE = frozenset({FailureKind.RATE_LIMIT, FailureKind.SERVER, FailureKind.CONNECTION})


@dataclass(frozen=True)
class RemoteEmbedder:
    """Texts to unit vectors by POST. `sleep` waits between tries.

    The query of `endpoint` may hold a key: errors show the rest of it.
    """

    name: str
    model: str
    endpoint: str = field(repr=False)
    key: str = field(repr=False)
    timeout_seconds: float = 120.0
    extra: Mapping[str, Json] = field(default_factory=dict)
    sleep: Callable[[float], None] = time.sleep

    @property
    def tokens(self) -> int | None:
        """The protocol does not tell; a text that is too long is the endpoint's to refuse."""
        return None

    @cached_property
    def dimensions(self) -> int:
        asked = self.extra.get("dimensions")
        return asked if isinstance(asked, int) else self._persist([" "]).shape[1]

    def identity(self) -> Json:
        """An endpoint's place is part of it: two may serve different weights by one name."""
        return {
            "embedder": "openai",
            "model": self.model,
            "endpoint": self._place,
            "extra": dict(self.extra),
        }

    def count_tokens(self, text: str) -> int:
        """An estimate: English text has 4 bytes a token."""
        return -(-len(text.encode("utf-8", "surrogatepass")) // _BYTES_PER_TOKEN)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if not texts:
            return np.empty((0, 0), dtype=np.float32)
        batches = (texts[start : start + _BATCH] for start in range(0, len(texts), _BATCH))
        return np.concatenate([self._persist(batch) for batch in batches])

    def _persist(self, texts: Sequence[str]) -> NDArray[np.float32]:
        for wait in _waits():
            try:
                return self._vectors(self._post(texts), len(texts))
            except ProviderError as error:
                if not error.retryable or wait is None:
                    raise
                self.sleep(min(error.retry_after or wait, _LONGEST_WAIT_SECONDS))
        raise AssertionError("the last wait is None")

    def _post(self, texts: Sequence[str]) -> bytes:
        # The endpoint refuses an empty text; a space means as little.
        body = {
            "model": self.model,
            "input": [readable(text) or " " for text in texts],
            **self.extra,
        }
        request = urllib.request.Request(  # noqa: S310 (http and https only: checked in create)
            self.endpoint,
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {self.key}"},
        )
        try:
            with _OPENER.open(request, timeout=self.timeout_seconds) as reply:
                content: bytes = reply.read()
                return content
        except urllib.error.HTTPError as error:
            with error:
                self._refused(error)
        except TimeoutError as error:
            raise self._error(f"no reply in {self.timeout_seconds:g} s", "timeout") from error
        except (OSError, HTTPException) as error:
            reason = getattr(error, "reason", error)
            raise self._error(f"the connection failed: {reason}", "connection") from error

    def _refused(self, error: urllib.error.HTTPError) -> NoReturn:
        usual = FailureKind.SERVER if error.code >= 500 else FailureKind.REFUSED_REQUEST
        kind = _KINDS.get(error.code, usual)
        said = self._mask(error.read(2000).decode("utf-8", "replace"))
        wait = error.headers.get("Retry-After", "")
        after = float(wait) if wait.isdigit() else None
        raise self._error(f"HTTP {error.code}: {' '.join(said.split())[:300]}", kind, after)

    def _vectors(self, reply: bytes, count: int) -> NDArray[np.float32]:
        """Rows in the order of the texts, each brought to length 1."""
        try:
            rows = sorted(json.loads(reply)["data"], key=lambda row: int(row["index"]))
            vectors = np.array([row["embedding"] for row in rows], dtype=np.float32)
        except (ValueError, KeyError, TypeError) as error:
            raise self._error(f"not a list of embeddings: {error!r}", "malformed answer") from error
        lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
        if vectors.ndim != 2 or len(vectors) != count:
            raise self._error(f"{len(rows)} embeddings for {count} texts", "malformed answer")
        if not np.isfinite(lengths).all() or not (lengths > 0).all():
            raise self._error("an embedding without a direction", "malformed answer")
        return np.asarray(vectors / lengths, dtype=np.float32)

    def _error(self, message: str, kind: str, after: float | None = None) -> ProviderError:
        which = FailureKind(kind)
        return ProviderError(
            self._mask(message),
            kind=which,
            endpoint=self._place,
            retryable=which in _RETRYABLE,
            retry_after=after,
        )

    @property
    def _place(self) -> str:
        return urlsplit(self.endpoint)._replace(query="").geturl()

    def _mask(self, text: str) -> str:
        """The text without the key, wherever it stands; what is short is no key."""
        values = [pair.partition("=")[2] for pair in urlsplit(self.endpoint).query.split("&")]
        secrets = {self.key, *(each for each in values if len(each) >= 8)}
        for secret in filter(None, secrets | {unquote_plus(each) for each in secrets}):
            text = text.replace(secret, "***")
        return text


def create(name: str, options: ModelOptions) -> Embedder:
    """`name` is the model's name at the endpoint."""
    if not name:
        raise UsageError("name the model, for example openai:text-embedding-3-small")
    root = (os.environ.get("OPENAI_BASE_URL") or "https://api.openai.com/v1").strip()
    return RemoteEmbedder(
        name=f"openai:{name}",
        model=name,
        endpoint=_embeddings_below(root),
        key=os.environ.get("OPENAI_API_KEY", ""),
        timeout_seconds=options.timeout_seconds,
        extra=options.extra,
    )


def _embeddings_below(root: str) -> str:
    """Where embeddings are asked for: a query of the root stays at the end."""
    if not root.startswith(("http://", "https://")):
        start = root.partition("?")[0].rpartition("@")[2]
        raise UsageError(f"OPENAI_BASE_URL is {start!r}; it must begin with http:// or https://")
    parts = urlsplit(root)
    if "@" in parts.netloc:
        raise UsageError("OPENAI_BASE_URL holds a name or password; set OPENAI_API_KEY instead")
    return parts._replace(path=f"{parts.path.rstrip('/')}/embeddings", fragment="").geturl()


class _StayHere(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the key to another host."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_StayHere)


def _waits() -> Iterator[float | None]:
    """Seconds before each further try, then None."""
    yield from (2.0**number for number in range(_TRIES - 1))
    yield None
