"""`index`, `ask` and `forget` as a user types them, in a folder without a study."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from suffice.evaluate.drafts import draft_of, write_drafts
from tests.cli.conftest import BUNDLED, Command
from tests.servers.chat_server import ChatServer

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
        assert "words in common: " in ended.out
        assert "does" not in ended.out.split("words in common: ")[1].splitlines()[0].split(", ")

    def test_other_words_find_what_the_question_misses(
        self, command: Command, indexed: Path
    ) -> None:
        plain = ("index", "search", "zzz", "--mode", "bm25", "--study", indexed)
        assert "nothing found" in command(*plain).out
        assert "wren-battery.md:" in command(*plain, "--also", "How long does the Wren run?").out

    def test_what_reranks_is_timed(self, command: Command, priced: tuple[Path, ChatServer]) -> None:
        """Its time belongs into the latency that a study allows, which stands beside it."""
        folder, _ = priced
        assert command("index", "add", folder / "docs", "--study", folder).code == 0
        words = ("index", "search", "how long", "--mode", "bm25", "--rerank", "chat:openai:small")
        ended = command(*words, "--study", folder)
        assert ended.code == 0
        assert "ms of them chat:" in ended.err
        assert "the study allows" not in ended.err
        with (folder / "suffice.yaml").open("a") as file:
            file.write("bar: {correct: 0.9, latency_p95_s: 1.5}\n")
        assert "the study allows 1,500 ms" in command(*words, "--study", folder).err

    def test_a_question_of_nothing_is_no_question(self, command: Command, indexed: Path) -> None:
        ended = command("index", "search", " ", "--study", indexed)
        assert ended.code == 64
        assert "name a question" in ended.err

    def test_what_reranks_must_be_known(self, command: Command, indexed: Path) -> None:
        ended = command("index", "search", "q", "--rerank", "oracle:x", "--study", indexed)
        assert ended.code == 64
        assert "oracle" in ended.err


@pytest.fixture
def priced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Path, ChatServer]]:
    """A folder with two documents, and a study whose model has a price and writes contexts."""
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "a.md").write_text(
        "# Returns\n\nIt lasts 14 days from the day on which the parcel came.\n"
    )
    (docs / "b.md").write_text(
        "# Warranty\n\nIt lasts two years, and three for what has a motor in it.\n"
    )
    (tmp_path / "cases.jsonl").write_text('{"id": "1", "question": "q", "expected": "a"}\n')
    with ChatServer(lambda body: "Of zebras, " + body["messages"][1]["content"][-60:]) as server:
        (tmp_path / "suffice.yaml").write_text(
            "model: openai:small\ncases: cases.jsonl\nembedder: static\n"
            "price: {input: 1.0, output: 2.0}\n"
        )
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
        yield tmp_path, server


class TestContexts:
    WORDS = ("index", "add", "docs", "--context", "openai:small")

    def test_nothing_is_spent_before_the_cost_was_seen_and_agreed_to(
        self, command: Command, priced: tuple[Path, ChatServer], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The cost is told; without a terminal --yes is wanted."""
        folder, server = priced
        monkeypatch.chdir(folder)
        ended = command(*self.WORDS)
        assert ended.code == 64
        assert "openai:small writes 2 contexts" in ended.err
        assert "$0.0" in ended.err
        assert "--yes" in ended.err
        assert not server.received

    def test_a_chunk_is_found_by_what_was_written_about_it_and_shown_without(
        self, command: Command, priced: tuple[Path, ChatServer], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Each document is sent whole with each of its chunks, and nothing is asked twice."""
        folder, server = priced
        monkeypatch.chdir(folder)
        assert command(*self.WORDS, "--yes").code == 0
        assert len(server.received) == 2
        assert "It lasts" in server.received[0].body["messages"][0]["content"]
        found = command("index", "search", "zebras", "--mode", "bm25", "--json")
        assert len(found.json) == 2
        assert "zebras" not in found.out.replace('"zebras"', "")
        again = command(*self.WORDS, "--yes", "--rebuild")
        assert again.code == 0
        assert "0 contexts (2 more are known)" in again.err
        assert len(server.received) == 2

    def test_forgetting_reaches_what_was_written(
        self, command: Command, priced: tuple[Path, ChatServer], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The journal knows which document a context is of."""
        folder, _ = priced
        monkeypatch.chdir(folder)
        assert command(*self.WORDS, "--yes").code == 0
        ended = command("forget", "a.md", "--json")
        assert ended.code == 0, ended.err
        left = b"".join(path.read_bytes() for path in Path(".suffice").rglob("*") if path.is_file())
        assert b"on which the parcel came" not in left
        assert b"what has a motor in it" in left

    def test_where_the_model_fails_what_was_written_is_kept(
        self, command: Command, priced: tuple[Path, ChatServer], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The error names the chunk and says how to go on; going on asks only what is missing."""
        folder, server = priced
        monkeypatch.chdir(folder)
        server.script(None, "400")
        ended = command(*self.WORDS, "--yes")
        assert ended.code != 0
        assert "no context could be written for" in ended.err
        assert command(*self.WORDS, "--yes").code == 0
        assert len(server.received) == 3


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
    def test_the_vectors_of_what_it_said_before_go_too(
        self, command: Command, priced: tuple[Path, ChatServer]
    ) -> None:
        """And those of others stay."""
        folder, _ = priced
        add = ("index", "add", folder / "docs", "--study", folder, "--json")
        assert command(*add).code == 0
        (folder / "docs" / "a.md").write_text("# Returns\n\nIt now lasts 30 days and no longer.\n")
        assert command(*add).code == 0
        assert command("forget", "a.md", "--study", folder, "--json").json["vectors"] == 2
        with closing(sqlite3.connect(folder / ".suffice" / "vectors.db")) as cache:
            assert cache.execute("SELECT COUNT(*) FROM vectors").fetchone() == (1,)

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

    def test_drafts_that_hold_its_passages_are_named(self, command: Command, indexed: Path) -> None:
        """With their line, and left as they are: they are the user's own."""
        passage = (indexed / "docs" / "wren-battery.md").read_text("utf-8")
        other = (indexed / "docs" / "app-alerts.md").read_text("utf-8")
        path = indexed / "drafts.jsonl"
        write_drafts(
            path,
            [
                draft_of("How do alerts reach me?", "by phone", "app-alerts.md", other, "m"),
                draft_of("How long does it run?", "a day", "wren-battery.md", passage, "m"),
            ],
        )
        before = path.read_bytes()
        ended = command("forget", "wren-battery.md", "--study", indexed, "--json")
        assert ended.code == 0
        assert [(each["path"], each["line"]) for each in ended.json["yours"]] == [(str(path), 2)]
        assert path.read_bytes() == before

    def test_cases_are_searched_for_it_also_where_their_format_is_named(
        self, command: Command, indexed: Path
    ) -> None:
        """`jsonl:cases.jsonl` is the file cases.jsonl."""
        text = (indexed / "docs" / "wren-battery.md").read_text("utf-8")
        path = indexed / "cases.jsonl"
        path.write_text(json.dumps({"question": "How long?", "expected": text}) + "\n", "utf-8")
        (indexed / "suffice.yaml").write_text(
            'model: nano\ncases: "jsonl:cases.jsonl"\nbar: {correct: 0.5}\n'
        )
        ended = command("forget", "wren-battery.md", "--study", indexed, "--json")
        assert [(each["path"], each["line"]) for each in ended.json["yours"]] == [(str(path), 1)]

    def test_an_unknown_document_is_an_error(self, command: Command, indexed: Path) -> None:
        """With the nearest name."""
        ended = command("forget", "wren-batery.md", "--study", indexed)
        assert ended.code == 64
        assert "did you mean 'wren-battery.md'" in ended.err


def test_an_index_is_json_where_that_is_asked_for(command: Command, indexed: Path) -> None:
    """For programs."""
    ended = command("index", "search", "Wren", "--study", indexed, "--json")
    assert json.loads(ended.out)[0]["passage"]["document"]
