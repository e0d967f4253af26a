"""What every embedder must do, run on each that is found.

A new embedder needs one entry in NAMES: a model that it can open here. The remote one is asked
over a real local server.
"""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from suffice import plugins
from suffice.errors import ProviderError, UsageError
from suffice.ports import Embedder, ModelOptions
from suffice.records import FailureKind, as_json
from suffice.retrieve.embedders.minilm_weights import packaged
from suffice.retrieve.embedders.openai import RemoteEmbedder
from tests.evaluate.metrics.contexts import HOSTILE

NAMES = {
    "minilm": "",
    "openai": "letters",
    "sentence-transformers": str(packaged().folder),
    "static": "",
}
KEY = "sk-test-secret"
LOCAL = {"minilm", "sentence-transformers", "static"}  # opening a model takes a second or more
every_embedder = pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.slow if name in LOCAL else ())
        for name in plugins.names("embedder")
    ],
)


class EmbeddingServer(ThreadingHTTPServer):
    """Speaks POST /v1/embeddings; a vector is how often a text has each byte. `faults` go first:
    a status with headers and a body."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.faults: list[tuple[int, dict[str, str], bytes]] = []
        self.asked: list[dict[str, object]] = []
        self.keys: list[str] = []
        self.paths: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: EmbeddingServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.paths.append(self.path)
        self.server.asked.append(body)
        self.server.keys.append(self.headers["Authorization"])
        if self.server.faults:
            self._reply(*self.server.faults.pop(0))
        elif self.path.partition("?")[0] != "/v1/embeddings":
            self._reply(404, {}, b"{}")
        else:
            rows = [
                {"index": place, "embedding": _bytes_of(text)}
                for place, text in enumerate(body["input"])
            ]
            self._reply(200, {}, json.dumps({"data": rows[::-1]}).encode())

    def do_GET(self) -> None:
        self.server.keys.append(self.headers["Authorization"])
        self._reply(200, {}, b'{"data": [{"index": 0, "embedding": [1]}]}')

    def _reply(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Tests are quiet."""


def _bytes_of(text: str) -> list[float]:
    counts = np.bincount(np.frombuffer(text.lower().encode(), dtype=np.uint8), minlength=256)
    return [float(count) for count in counts]


@pytest.fixture
def server() -> Iterator[EmbeddingServer]:
    with EmbeddingServer() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def opened(server: EmbeddingServer, monkeypatch: pytest.MonkeyPatch) -> EmbeddingServer:
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    return server


def embedder(name: str) -> Embedder:
    assert name in NAMES, f"embedder {name!r} has no entry in NAMES in {__file__}: add one"
    made: Embedder = plugins.load("embedder", name)(NAMES[name], ModelOptions(timeout_seconds=5))
    return made


@every_embedder
def test_vectors_are_unit_float32_rows_in_order(name: str, opened: EmbeddingServer) -> None:
    """One row a text, each of length 1, whatever stands beside it in the batch."""
    texts = ["the cat sat", "x " * 400, "", "\u6771\u4eac \U0001f600", "the cat sat"]
    made = embedder(name)
    vectors = made.embed(texts)
    assert vectors.dtype == np.float32
    assert vectors.shape[0] == len(texts)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.allclose(vectors[0], vectors[4], atol=1e-6)
    assert np.allclose(vectors[:1], made.embed(texts[:1]), atol=1e-5)


@every_embedder
def test_what_is_alike_is_nearer(name: str, opened: EmbeddingServer) -> None:
    """Or it would be no embedder."""
    one, same, other = embedder(name).embed(["a small cat", "the small cats", "xyz quick vow"])
    assert one @ same > one @ other


@every_embedder
def test_no_texts_are_no_rows(name: str, opened: EmbeddingServer) -> None:
    """An empty batch is not an error, and nothing is asked for it."""
    assert len(embedder(name).embed([])) == 0
    assert opened.asked == []


@every_embedder
def test_only_an_embedder_that_asks_nobody_is_local(name: str, opened: EmbeddingServer) -> None:
    """Questions to one that is not are kept on disk, so that none is paid for twice."""
    made = embedder(name)
    made.embed(["a small cat"])
    assert getattr(made, "local", False) == (not opened.asked)


@every_embedder
def test_an_embedder_says_its_name(name: str, opened: EmbeddingServer) -> None:
    """As a study would call it: the plug-in, then the model."""
    assert embedder(name).name.startswith(name)


@every_embedder
def test_an_embedder_says_what_its_vectors_hang_on(name: str, opened: EmbeddingServer) -> None:
    """As JSON that is the same each time, with no key in it."""
    said = as_json(embedder(name).identity())
    assert said == as_json(embedder(name).identity())
    assert json.loads(said)["embedder"] == name
    assert KEY.encode() not in said


@every_embedder
def test_an_embedder_says_how_wide_its_vectors_are(name: str, opened: EmbeddingServer) -> None:
    """Before it is given a text to embed, and of no texts at all."""
    made = embedder(name)
    wide = made.dimensions
    assert made.embed(["cat"]).shape == (1, wide)


@every_embedder
def test_tokens_grow_with_the_text(name: str, opened: EmbeddingServer) -> None:
    """Nothing is no token; the limit, where there is one, counts in the same way."""
    made = embedder(name)
    few, many = made.count_tokens("a small cat"), made.count_tokens("a small cat " * 10)
    assert made.count_tokens("") == 0
    assert 0 < few < many
    limit = made.tokens
    if limit is not None:
        assert made.count_tokens("cat " * limit) == limit
        inside, beyond = "cat " * (limit - 1), "cat " * limit
        whole, cut, more = made.embed([inside + "reactor", beyond, beyond + "reactor"])
        assert cut @ more == pytest.approx(1, abs=1e-5)
        assert cut @ whole < 1 - 1e-5


@every_embedder
def test_no_text_breaks_an_embedder(name: str, opened: EmbeddingServer) -> None:
    """Whatever is in it, it has a direction and a length in tokens."""
    made = embedder(name)
    for title, text in HOSTILE.items():
        [vector] = made.embed([text])
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-4), title
        assert made.count_tokens(text) >= 0


@pytest.mark.slow
def test_minilm_sees_256_tokens() -> None:
    """The tokenizer's file says 128; what lies between must still count, what lies beyond not."""
    made = embedder("minilm")
    start = "elephant " * 200
    plain, inside, beyond, edge = made.embed(
        [start, start + "reactor " * 20, "elephant " * 254 + "reactor", "elephant " * 254]
    )
    assert plain @ inside < 0.99
    assert beyond @ edge == pytest.approx(1, abs=1e-5)


@pytest.mark.slow
def test_minilm_takes_no_name() -> None:
    """It is one model."""
    with pytest.raises(UsageError, match="takes no name"):
        plugins.load("embedder", "minilm")("large", ModelOptions())


@pytest.mark.slow
def test_a_missing_local_model_says_what_to_do(tmp_path: Path) -> None:
    """Without reaching for the network: the folder is there, and holds no model."""
    (tmp_path / "weights").mkdir()
    create = plugins.load("embedder", "sentence-transformers")
    with pytest.raises(UsageError, match="cannot be loaded"):
        create("weights", ModelOptions(folder=tmp_path))


def remote(server: EmbeddingServer, waited: list[float]) -> RemoteEmbedder:
    return RemoteEmbedder(
        name="openai:m",
        model="m",
        endpoint=f"{server.url}/embeddings",
        key=KEY,
        timeout_seconds=5,
        sleep=waited.append,
    )


def test_the_endpoint_gets_model_key_and_texts(opened: EmbeddingServer) -> None:
    """In batches of 128; a space stands for an empty text, which OpenAI refuses."""
    create = plugins.load("embedder", "openai")
    made = create("m", ModelOptions(extra={"dimensions": 256}))
    assert made.embed([""] + ["a"] * 129).shape == (130, 256)
    assert [len(str(body["input"])) > 0 for body in opened.asked] == [True, True]
    assert opened.asked[0]["model"] == "m"
    assert opened.asked[0]["dimensions"] == 256
    assert opened.asked[0]["input"][0] == " "  # type: ignore[index]
    assert opened.keys == [f"Bearer {KEY}"] * 2
    assert KEY not in repr(made)


def test_a_busy_endpoint_is_asked_again(server: EmbeddingServer) -> None:
    """After the wait that it asks for, or a growing one of ours."""
    waited: list[float] = []
    server.faults = [(429, {"Retry-After": "3"}, b"{}"), (503, {}, b"{}")]
    assert remote(server, waited).embed(["a"]).shape == (1, 256)
    assert waited == [3, 2]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ((401, {}, f"wrong key {KEY}".encode()), FailureKind.AUTHENTICATION),
        ((404, {}, b"no such model"), FailureKind.NOT_FOUND),
        ((400, {}, b"too long"), FailureKind.REFUSED_REQUEST),
        ((307, {"Location": "http://127.0.0.1:1/"}, b""), FailureKind.REFUSED_REQUEST),
        ((200, {}, b"not JSON"), FailureKind.MALFORMED),
        ((200, {}, b'{"data": []}'), FailureKind.MALFORMED),
        ((200, {}, b'{"data": [{"index": 0, "embedding": [0, 0]}]}'), FailureKind.MALFORMED),
        ((200, {}, b'{"data": [{"index": 0, "embedding": ["x"]}]}'), FailureKind.MALFORMED),
        ((200, {}, b'{"data": [{"index": 0, "embedding": [NaN]}]}'), FailureKind.MALFORMED),
    ],
)
def test_a_bad_reply_is_an_error_and_no_vector(
    server: EmbeddingServer, fault: tuple[int, dict[str, str], bytes], kind: FailureKind
) -> None:
    """It names the endpoint, hides the key, and is not tried again."""
    server.faults = [fault]
    with pytest.raises(ProviderError) as error:
        remote(server, []).embed(["a"])
    assert error.value.kind is kind
    assert str(error.value).startswith(f"{server.url}/embeddings: ")
    assert KEY not in str(error.value)
    assert len(server.asked) == 1


def test_a_redirect_is_not_followed(server: EmbeddingServer) -> None:
    """It would take the key along to wherever it points."""
    server.faults = [(302, {"Location": f"{server.url}/elsewhere"}, b"")]
    with pytest.raises(ProviderError, match="HTTP 302"):
        remote(server, []).embed(["a"])
    assert len(server.keys) == 1


def test_an_endpoint_that_is_down_is_given_up_on() -> None:
    """After four tries, with the waits between them."""
    waited: list[float] = []
    gone = RemoteEmbedder(
        "openai:m", "m", "http://127.0.0.1:1/v1/embeddings", KEY, sleep=waited.append
    )
    with pytest.raises(ProviderError, match="the connection failed"):
        gone.embed(["a"])
    assert waited == [1, 2, 4]


def test_a_key_in_the_query_is_sent_and_never_shown(
    server: EmbeddingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Gateways take keys there; neither a repr nor an error repeats one."""
    secret = "SECRET+123"
    monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/?api-key={secret.replace('+', '%2B')}")
    made = plugins.load("embedder", "openai")("m", ModelOptions(timeout_seconds=5))
    made.embed(["a"])
    assert server.paths == ["/v1/embeddings?api-key=SECRET%2B123"]
    server.faults = [(400, {}, f"no deployment at {server.paths[0]} for {secret}".encode())]
    with pytest.raises(ProviderError) as error:
        made.embed(["a"])
    assert str(error.value).startswith(f"{server.url}/embeddings: HTTP 400: no deployment")
    for shown in (str(error.value), error.value.endpoint, repr(made)):
        assert "SECRET" not in shown


@pytest.mark.parametrize("url", ["http://me:SECRET@x/v1", "x.example/v1?key=SECRET", "SECRET@x"])
def test_a_base_url_that_is_refused_is_not_repeated_whole(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names the variable, which is enough."""
    monkeypatch.setenv("OPENAI_BASE_URL", url)
    with pytest.raises(UsageError, match="OPENAI_BASE_URL") as error:
        plugins.load("embedder", "openai")("m", ModelOptions())
    assert "SECRET" not in str(error.value)
