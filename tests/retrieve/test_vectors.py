"""Nothing is embedded twice, nothing is lost to a kill, and what is forgotten is gone."""

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from suffice.errors import DataError, ProviderError
from suffice.records import FailureKind, Json
from suffice.retrieve.vectors import Vectors, cut, identity_digest, text_digest
from tests.evaluate.metrics.contexts import LetterEmbedder


class Counting(LetterEmbedder):
    """Keeps what it was asked for. `kind` makes it another model."""

    def __init__(self, kind: str = "a") -> None:
        self.kind = kind
        self.asked: list[str] = []

    def identity(self) -> Json:
        return {"embedder": "letters", "kind": self.kind}

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked += texts
        return super().embed(texts)


def words(count: int) -> list[str]:
    return [f"{'abcdefghij'[number % 10]}{number}" for number in range(count)]


def test_nothing_is_embedded_twice(tmp_path: Path) -> None:
    """Neither within a call, nor over calls, nor over processes that come later."""
    embedder = Counting()
    first = Vectors(embedder, tmp_path / "v.sqlite").embed(["cat", "dog", "cat"])
    again = Vectors(embedder, tmp_path / "v.sqlite").embed(["dog", "eel", "cat"])
    assert sorted(embedder.asked) == ["cat", "dog", "eel"]
    assert np.array_equal(first[[1, 0]], again[[0, 2]])


def test_rows_are_in_the_order_of_the_texts(tmp_path: Path) -> None:
    """Though long ones are embedded first, and some come from the file."""
    texts = ["a", "bbb bbb", "cc", "\ud800", "", "dddddddd"]
    vectors = Vectors(Counting(), tmp_path / "v.sqlite")
    vectors.embed(texts[::2])
    assert np.array_equal(vectors.embed(texts), LetterEmbedder().embed(texts))


def test_long_texts_go_first(tmp_path: Path) -> None:
    """So that those in one batch are alike in length."""
    embedder = Counting()
    Vectors(embedder, tmp_path / "v.sqlite").embed(["a", "ccc", "bb"])
    assert embedder.asked == ["ccc", "bb", "a"]


def test_another_model_has_vectors_of_its_own(tmp_path: Path) -> None:
    """The identity is half of the key."""
    one, two = Counting("a"), Counting("b")
    assert identity_digest(one) != identity_digest(two)
    for embedder in (one, two):
        Vectors(embedder, tmp_path / "v.sqlite").embed(["cat"])
    assert two.asked == ["cat"]


def test_progress_counts_texts_from_the_file_at_once(tmp_path: Path) -> None:
    """And the rest as they are committed; a text that comes twice counts twice."""
    vectors = Vectors(Counting(), tmp_path / "v.sqlite")
    vectors.embed(words(100))
    told: list[tuple[int, int]] = []
    vectors.embed([*words(400), "a0"], lambda done, total: told.append((done, total)))
    assert told == [(101, 401), (357, 401), (401, 401)]


def test_no_texts_are_no_rows(tmp_path: Path) -> None:
    """Of the right width."""
    assert Vectors(Counting(), tmp_path / "v.sqlite").embed([]).shape == (0, 27)


def test_a_failure_keeps_what_was_embedded_before(tmp_path: Path) -> None:
    """The next run goes on from there."""

    class Failing(Counting):
        def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
            if len(self.asked) >= 256:
                raise ProviderError("busy", kind=FailureKind.SERVER, endpoint="http://x")
            return super().embed(texts)

    with pytest.raises(ProviderError, match="busy"):
        Vectors(Failing(), tmp_path / "v.sqlite").embed(words(600))
    embedder = Counting()
    assert len(Vectors(embedder, tmp_path / "v.sqlite")) == 256
    Vectors(embedder, tmp_path / "v.sqlite").embed(words(600))
    assert len(embedder.asked) == 344


_KILLED = """
import os, signal, sys
from pathlib import Path
from suffice.retrieve.vectors import Vectors
from tests.retrieve.test_vectors import Counting, words

def told(done, total):
    if done >= 512:
        os.kill(os.getpid(), signal.SIGKILL)

Vectors(Counting(), Path(sys.argv[1])).embed(words(1000), told)
"""


def test_a_kill_loses_only_what_is_under_way(tmp_path: Path) -> None:
    """What was told of is there, and the file is whole."""
    path = tmp_path / "v.sqlite"
    ended = subprocess.run([sys.executable, "-c", _KILLED, str(path)], check=False)
    assert ended.returncode == -signal.SIGKILL
    embedder = Counting()
    vectors = Vectors(embedder, path)
    assert len(vectors) == 512
    assert np.array_equal(vectors.embed(words(1000)), LetterEmbedder().embed(words(1000)))
    assert len(embedder.asked) == 488


def test_several_may_share_a_file(tmp_path: Path) -> None:
    """Each gets every vector, whoever wrote it."""

    def work(_: int) -> NDArray[np.float32]:
        return Vectors(Counting(), tmp_path / "v.sqlite").embed(words(600))

    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(work, range(4)):
            assert np.array_equal(found, LetterEmbedder().embed(words(600)))


def on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))


def test_what_is_forgotten_is_gone_from_every_byte(tmp_path: Path) -> None:
    """Of the file and of its log, by all models; what stays is still found."""
    path = tmp_path / "v.sqlite"
    secret, kept = "the secret xyzzy", words(300)
    for kind in ("a", "b"):
        Vectors(Counting(kind), path).embed([*kept, secret])
    vectors = Vectors(Counting(), path)
    bytes_of_secret = LetterEmbedder().embed([secret]).tobytes()
    assert bytes_of_secret in on_disk(tmp_path)
    others = [text_digest(each) for each in kept]
    assert vectors.forget_all_but(others) == 2
    assert bytes_of_secret not in on_disk(tmp_path)
    assert text_digest(secret) not in on_disk(tmp_path)
    assert len(vectors) == 300
    assert vectors.forget_all_but(others) == 0
    assert vectors.forget_all_but([]) == 600


def test_a_reader_in_the_way_of_forgetting_is_told_of(tmp_path: Path) -> None:
    """Its old pages would stay on the disk: that is no success."""
    path = tmp_path / "v.sqlite"
    vectors = Vectors(Counting(), path)
    vectors.embed(words(10))
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT COUNT(*) FROM vectors").fetchone()
    with pytest.raises(DataError, match="still reads"):
        vectors.forget_all_but([], wait_seconds=0.1)
    reader.close()
    vectors.forget_all_but([])
    assert LetterEmbedder().embed(["a0"]).tobytes() not in on_disk(tmp_path)


def test_a_vector_of_another_size_is_computed_again(tmp_path: Path) -> None:
    """A damaged row is not handed out."""
    vectors = Vectors(Counting(), tmp_path / "v.sqlite")
    right = vectors.embed(["cat"])
    with sqlite3.connect(vectors.path) as connection:
        connection.execute("UPDATE vectors SET vector = x'00'")
    connection.close()
    assert np.array_equal(vectors.embed(["cat"]), right)
    assert len(vectors) == 1


def test_vectors_that_are_no_numbers_are_not_kept(tmp_path: Path) -> None:
    """They would be found for ever."""

    class Broken(Counting):
        def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
            return super().embed(texts) * np.float32(np.nan)

    vectors = Vectors(Broken(), tmp_path / "v.sqlite")
    with pytest.raises(DataError, match="not finite"):
        vectors.embed(["cat"])
    assert len(vectors) == 0


@pytest.mark.parametrize("content", [b"no database at all" * 99, None])
def test_a_file_that_is_no_cache_says_what_to_do(tmp_path: Path, content: bytes | None) -> None:
    """Deleting it is safe, and so it is said."""
    path = tmp_path / "v.sqlite"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    with pytest.raises(DataError, match="delete it: its vectors are then computed again"):
        Vectors(Counting(), path)


def test_another_versions_file_is_refused(tmp_path: Path) -> None:
    """Reading it by our rules could give wrong vectors."""
    connection = sqlite3.connect(tmp_path / "v.sqlite")
    connection.execute("PRAGMA user_version=9")
    connection.close()
    with pytest.raises(DataError, match="layout 9, ours is 1"):
        Vectors(Counting(), tmp_path / "v.sqlite")


def test_texts_beyond_the_limit_are_counted() -> None:
    """So that whoever embeds them can say that they were cut."""

    class Short(Counting):
        tokens = 2  # type: ignore[assignment]

    assert cut(Short(), ["a b", "a b c", "a b c d"]) == 2
    assert cut(Counting(), ["a b c d"]) == 0


def test_it_stands_in_for_its_embedder(tmp_path: Path) -> None:
    """Whoever takes an Embedder takes this."""
    embedder = Counting()
    vectors = Vectors(embedder, tmp_path / "v.sqlite")
    assert (vectors.name, vectors.dimensions, vectors.tokens) == ("letters", 27, None)
    assert vectors.identity() == embedder.identity()
    assert vectors.count_tokens("a b") == 2
