"""`index`, `ask` and `forget` as a user types them, in a folder without a study."""

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import BUNDLED, Command

MODEL = ("--model", "planted:support-desk")


@pytest.fixture(scope="module")
def indexed_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from suffice.retrieve.index import Index  # noqa: PLC0415 (imports of commands are tested)

    folder = tmp_path_factory.mktemp("indexed")
    shutil.copytree(BUNDLED / "documents", folder / "docs")
    Index.open(folder).add(folder / "docs")
    return folder


@pytest.fixture
def indexed(indexed_once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(indexed_once, tmp_path / "indexed"))


class TestIndex:
    def test_adding_again_reads_what_changed(self, command: Command, indexed: Path) -> None:
        """And says so; the exit code is 0."""
        (indexed / "docs" / "wren-battery.md").write_text("# Wren\n\nIt runs for 99 days.\n")
        ended = command("index", "add", indexed / "docs", "--study", indexed)
        assert ended.code == 0
        assert "0 new documents, 1 changed, 78 as before" in ended.out

    def test_what_cannot_be_read_is_named_and_the_rest_indexed(
        self, command: Command, indexed: Path
    ) -> None:
        """The exit code says that something was skipped."""
        (indexed / "docs" / "broken.pdf").write_bytes(b"%PDF-1.4 and then nothing")
        ended = command("index", "add", indexed / "docs", "--study", indexed)
        assert ended.code == 1
        assert "skipped broken.pdf: not a PDF, or damaged or cut off" in ended.out

    def test_a_search_shows_where_it_found_what(self, command: Command, indexed: Path) -> None:
        """The document and the span, and with --explain why."""
        words = ("index", "search", "How long does the Wren run on a charge?", "--explain")
        ended = command(*words, "--study", indexed)
        assert ended.code == 0
        assert "wren-battery.md:" in ended.out


class TestAsk:
    def test_answers_from_the_index_with_checked_sources(
        self, command: Command, indexed: Path
    ) -> None:
        """Each source with its place in the document."""
        ended = command("ask", "How long will my Wren run on one full charge?", *MODEL,
                        "--study", indexed, "--json")  # fmt: skip
        assert ended.code == 0
        assert "wren-battery.md" in {each["document"] for each in ended.json["passages"]}
        for cited in ended.json["citations"]:
            text = (indexed / "docs" / cited["document"]).read_text("utf-8")
            assert text[cited["start"] : cited["end"]] == cited["text"]

    def test_without_anything_to_answer_from_it_says_what_to_do(
        self, command: Command, tmp_path: Path
    ) -> None:
        """Both ways are named."""
        ended = command("ask", "Why?", *MODEL, "--study", tmp_path)
        assert ended.code == 64
        assert "`suffice index add FOLDER`" in ended.err

    def test_a_model_is_not_named_twice(self, command: Command, small: Path) -> None:
        """The study's file has it."""
        ended = command("ask", "Why?", *MODEL, "--study", small)
        assert ended.code == 64
        assert "names the model" in ended.err


class TestForget:
    def test_it_is_proven_and_recorded(self, command: Command, indexed: Path) -> None:
        """The document is gone from the index; the record can be checked."""
        ended = command("forget", "wren-battery.md", "--study", indexed, "--json")
        assert ended.code == 0
        assert ended.json["found"] == []
        assert ended.json["sentences"] > 0
        listed = command("index", "status", "--study", indexed, "--json")
        assert listed.json["documents"] == 78
        audit = command("forget", "--audit", "--study", indexed)
        assert "wren-battery.md" in audit.out

    def test_an_unknown_document_is_an_error(self, command: Command, indexed: Path) -> None:
        """With the nearest name."""
        ended = command("forget", "wren-batery.md", "--study", indexed)
        assert ended.code == 64
        assert "did you mean 'wren-battery.md'" in ended.err


def test_an_index_is_json_where_that_is_asked_for(command: Command, indexed: Path) -> None:
    """For programs."""
    ended = command("index", "search", "Wren", "--study", indexed, "--json")
    assert json.loads(ended.out)[0]["passage"]["document"]
