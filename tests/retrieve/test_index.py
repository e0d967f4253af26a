"""The index end to end: real files, the real store; vectors by an embedder of letters."""

from pathlib import Path

import pytest

from suffice.errors import UsageError
from suffice.plugins import load
from suffice.retrieve.chunk import ChunkPlan
from suffice.retrieve.index import Index
from suffice.retrieve.ports import StoreOptions
from suffice.retrieve.search import SearchPlan
from suffice.retrieve.vectors import Vectors
from tests.evaluate.metrics.contexts import LetterEmbedder

WORDS = SearchPlan(mode="bm25")


class CountingEmbedder(LetterEmbedder):
    """Counts the texts that reach it."""

    def __init__(self) -> None:
        self.seen = 0

    def embed(self, texts):  # type: ignore[no-untyped-def]
        self.seen += len(texts)
        return super().embed(texts)


def index_in(folder: Path, embedder: LetterEmbedder | None = None, *, tokens: int = 64) -> Index:
    store = load("store", "lance")("", StoreOptions(folder=folder))
    vectors = Vectors(embedder or LetterEmbedder(), folder / "vectors.db")
    return Index(store, vectors, ChunkPlan(tokens=tokens))


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    (folder / "shop").mkdir(parents=True)
    (folder / "returns.md").write_text("# Returns\n\nGoods may come back within 14 days.\n")
    (folder / "shop" / "hours.txt").write_text("The shop in Oakmere opens at nine o'clock.\n")
    (folder / "fees.csv").write_text("service,fee\nengraving,12 euros\nwrapping,3 euros\n")
    return folder


def found(index: Index, question: str) -> list[str]:
    return [hit.passage.document for hit in index.search(question, WORDS)]


def test_what_was_added_is_found(docs: Path, tmp_path: Path) -> None:
    """A passage comes back as it stands in its file, with its place."""
    index = index_in(tmp_path)

    added = index.add(docs)
    [hit, *_] = index.search("When does the shop in Oakmere open?", WORDS)

    assert sorted(added.new) == ["fees.csv", "returns.md", "shop/hours.txt"]
    assert hit.passage.document == "shop/hours.txt"
    assert hit.passage.text == "The shop in Oakmere opens at nine o'clock."


def test_by_meaning_and_by_words(docs: Path, tmp_path: Path) -> None:
    """The usual search asks both legs and says where each ranked a passage."""
    index = index_in(tmp_path)
    index.add(docs)

    [hit, *_] = index.search("engraving fee")

    assert set(hit.ranks) == {"vector", "bm25"}
    assert hit.passage.document == "fees.csv"


def test_a_question_that_may_be_paid_for_is_embedded_once(docs: Path, tmp_path: Path) -> None:
    """Over runs: an embedder that does not say that it is local may cost money."""
    embedder = CountingEmbedder()
    index_in(tmp_path, embedder).add(docs)
    before = embedder.seen

    for _ in range(2):
        assert index_in(tmp_path, embedder).search("engraving fee")

    assert embedder.seen == before + 1


def test_nothing_unchanged_is_embedded_again(docs: Path, tmp_path: Path) -> None:
    """A second pass reads nothing; a changed file costs its changed chunks alone."""
    embedder = CountingEmbedder()
    index = index_in(tmp_path, embedder)
    index.add(docs)
    before = embedder.seen

    assert index.add(docs).unchanged == 3
    assert embedder.seen == before

    (docs / "returns.md").write_text("# Returns\n\nGoods may come back within 30 days.\n")
    assert index.add(docs).changed == ("returns.md",)
    assert embedder.seen == before + 1
    assert "30 days" in index.search("come back within days", WORDS)[0].passage.text


def test_a_removed_document_is_no_longer_found(docs: Path, tmp_path: Path) -> None:
    """What is taken out is gone from every search; a wrong name is told with the near one."""
    index = index_in(tmp_path)
    index.add(docs)

    index.remove(["returns.md"])

    assert "returns.md" not in found(index, "Goods may come back")
    with pytest.raises(UsageError, match=r"fees\.csv"):
        index.remove(["fee.csv"])


def test_prune_removes_what_is_no_longer_there(docs: Path, tmp_path: Path) -> None:
    """Without it, a file that vanished stays findable."""
    index = index_in(tmp_path)
    index.add(docs)
    (docs / "returns.md").unlink()

    assert index.add(docs).removed == ()
    assert index.add(docs, prune=True).removed == ("returns.md",)
    assert found(index, "Goods may come back within 14 days")[:1] != ["returns.md"]


def test_what_cannot_be_read_is_named_and_the_rest_indexed(docs: Path, tmp_path: Path) -> None:
    """A binary file that is called .md is skipped with its reason."""
    (docs / "broken.md").write_bytes(bytes(range(256)) * 40)

    added = index_in(tmp_path).add(docs)

    assert [each.path for each in added.skipped] == ["broken.md"]
    assert len(added.new) == 3


def test_another_plan_is_refused_with_the_way_out(docs: Path, tmp_path: Path) -> None:
    """Chunks of two sizes do not mix; the error names the command that rebuilds. Searching goes
    on: questions are embedded alike, however documents were cut."""
    index_in(tmp_path).add(docs)
    other = index_in(tmp_path, tokens=32)

    assert other.search("Goods may come back")
    with pytest.raises(UsageError, match="--rebuild"):
        other.add(docs)
    other.rebuild()
    assert len(other.add(docs).new) == 3


def test_tenants_see_their_own(docs: Path, tmp_path: Path) -> None:
    """What one tenant added, another does not find."""
    ours, theirs = index_in(tmp_path), index_in(tmp_path)
    ours.tenant, theirs.tenant = "ours", "theirs"
    ours.add(docs)

    assert found(ours, "Goods may come back")
    assert found(theirs, "Goods may come back") == []
