"""The bundled study with its documents: measured, asked, and a document of it forgotten.

One run, of which each test takes a copy.
"""

import json
import shutil
from pathlib import Path

import pytest

import suffice
from suffice.decide.runs import (
    details_of,
    find_run,
    judged_again,
    load_trials,
    load_verdict,
    rewritten,
)
from suffice.errors import DataError, UsageError
from suffice.evaluate.journal import Journal
from suffice.forget import AUDIT, _needles, _search, forget, verified
from suffice.ladder import Study
from suffice.records import Case, Message, Verdict, as_json
from suffice.retrieve.chunk import sentences
from suffice.retrieve.stores.lance import LanceStore
from suffice.winner import Winner

BUNDLED = Path(suffice.__file__).parent / "studies" / "support_desk"
DOCUMENT = "wren-battery.md"
KEYS = "embedder: static\nretrieval: {chunk_tokens: 128, k: 4}\n"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Verdict]:
    folder = tmp_path_factory.mktemp("retrieval") / "study"
    shutil.copytree(BUNDLED, folder)
    with (folder / "suffice.yaml").open("a", encoding="utf-8") as file:
        file.write(KEYS)
    return folder, Study.load(folder).run(rungs=["prompt", "retrieve"])


@pytest.fixture
def folder(finished: tuple[Path, Verdict], tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished[0], tmp_path / "study"))


def said(folder: Path) -> list[str]:
    """Sentences of the document, long enough to stand nowhere else by chance."""
    text = (folder / "documents" / DOCUMENT).read_text("utf-8")
    found = [text[low:high].strip() for low, high in sentences(text, 0, len(text))]
    return [each for each in found if len(each) > 40 and "#" not in each]


class TestMeasured:
    def test_what_the_model_cannot_know_is_found(self, finished: tuple[Path, Verdict]) -> None:
        """The facts are missing from the model and stand in the documents."""
        correct = {each.rung: each.estimate("correct") for each in finished[1].standings}
        prompt, retrieve = correct["prompt"], correct["retrieve"]
        assert prompt is not None
        assert retrieve is not None
        assert (retrieve.value or 0) > (prompt.value or 0) + 0.1

    def test_finding_is_measured_apart_from_answering(self, finished: tuple[Path, Verdict]) -> None:
        """With intervals, for the rung that searches and for no other."""
        prompt, retrieve = finished[1].standings
        names = {each.measure for each in retrieve.estimates}
        assert {"context_recall", "context_ndcg", "context_mrr", "context_precision"} <= names
        assert not {each.measure for each in prompt.estimates} & {"context_recall"}
        recall = retrieve.estimate("context_recall")
        assert recall is not None
        assert recall.interval is not None
        assert (recall.value or 0) > 0.8

    def test_the_choice_on_dev_is_told(self, finished: tuple[Path, Verdict]) -> None:
        """What was found there, and why the rest was not."""
        retrieve = finished[1].standings[1]
        assert any(note.startswith("on dev, passages that answer") for note in retrieve.notes)


class TestAsked:
    def test_an_answer_comes_with_its_passages(self, folder: Path) -> None:
        """From the named rung, and without asking dev cases again."""
        study = Study.load(folder)
        with Journal(study.store / "journal.db") as journal:
            reply = Winner.of(study, journal, "retrieve").reply(
                [Message("user", "How long will my Wren run on one full charge?")]
            )
        assert DOCUMENT in {each.document for each in reply.passages}
        assert reply.rung == "retrieve"

    def test_without_a_chosen_rung_one_has_to_be_named(self, folder: Path) -> None:
        """The error names those that there are."""
        study = Study.load(folder)
        path = next((study.store / "runs").glob("*/verdict.json"))
        verdict = json.loads(path.read_text("utf-8")) | {"chosen": None}
        path.write_text(json.dumps(verdict), "utf-8")
        (path.parent / "sums.json").unlink()  # which would see that it was changed
        with (
            Journal(study.store / "journal.db") as journal,
            pytest.raises(UsageError, match="name one with --rung: prompt, retrieve"),
        ):
            Winner.of(study, journal)


def case_that_says(sentence: str) -> bytes:
    case = Case("odd", (Message("user", sentence),), ("yes",), cluster="odd")
    return as_json(case) + b"\n"


class TestForgotten:
    def test_no_byte_of_it_is_left(self, folder: Path) -> None:
        """In no index, cache, journal or run; before, it stood in several."""
        study = Study.load(folder)
        before, _, _ = _search(study.store, said(folder))
        assert len(before) >= 2
        done = forget(study, DOCUMENT)
        assert done.proven
        assert min(done.chunks, done.vectors, done.answers, done.trials) > 0
        after, _, _ = _search(study.store, said(folder))
        assert after == []

    def test_the_run_can_still_be_reported(self, folder: Path) -> None:
        """Its files were rewritten, with their sums; a case that repeats a sentence loses it."""
        study = Study.load(folder)
        run = find_run(study.store, None)
        cases = run / "cases.jsonl"
        [sentence, *_] = said(folder)
        rewritten(run, {cases.name: cases.read_bytes() + case_that_says(sentence)})
        done = forget(study, DOCUMENT)
        assert done.proven
        assert sentence not in cases.read_text("utf-8")
        verdict = load_verdict(run)
        details = details_of(run, verdict)
        assert len(details.trials) == len(load_trials(run))
        assert judged_again(run).chosen == verdict.chosen

    def test_after_a_kill_the_rest_is_forgotten(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The indexes go last: they tell what else has to go."""
        study = Study.load(folder)

        def killed(*_: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(Journal, "forget", killed)
        with pytest.raises(KeyboardInterrupt):
            forget(study, DOCUMENT)
        monkeypatch.undo()
        done = forget(study, DOCUMENT)
        assert done.proven
        assert min(done.chunks, done.answers, done.trials) > 0

    def test_it_is_found_no_more(self, folder: Path) -> None:
        """Once its file is gone too; the others are."""
        study = Study.load(folder)
        done = forget(study, DOCUMENT)
        assert [Path(each.path).name for each in done.yours][:1] == [DOCUMENT]
        (folder / "documents" / DOCUMENT).unlink()
        again = Study.load(folder)
        with Journal(again.store / "journal.db") as journal:
            winner = Winner.of(again, journal, "retrieve")
            reply = winner.reply([Message("user", "How long will my Wren run on one charge?")])
        assert reply.passages
        assert DOCUMENT not in {each.document for each in reply.passages}

    def test_the_proof_goes_red_where_the_disk_still_has_it(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Deleted rows stay in the files of a store that is not compacted."""
        monkeypatch.setattr(LanceStore, "compact", lambda self: None)
        done = forget(Study.load(folder), DOCUMENT)
        assert not done.proven
        assert all(".suffice" in each.path for each in done.found)

    def test_what_is_the_users_own_is_named_and_not_changed(self, folder: Path) -> None:
        """Examples that repeat a sentence, with their line."""
        examples = folder / "examples.jsonl"
        sentence = said(folder)[0]
        row = {"messages": [{"role": "user", "content": sentence}]}
        with examples.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        before = examples.read_bytes()
        done = forget(Study.load(folder), DOCUMENT)
        lines = len(before.splitlines())
        assert (str(examples), lines) in [(each.path, each.line) for each in done.yours]
        assert examples.read_bytes() == before

    def test_records_are_signed_and_chained(self, folder: Path) -> None:
        """A record that was changed is named by its line."""
        study = Study.load(folder)
        forget(study, DOCUMENT)
        forget(study, "app-alerts.md")
        assert [each["document"] for each in verified(study.store)] == [DOCUMENT, "app-alerts.md"]
        path = study.store / AUDIT
        path.write_text(path.read_text("utf-8").replace(DOCUMENT, "another.md"), "utf-8")
        with pytest.raises(DataError, match=r"audit\.jsonl.*1.*was changed"):
            verified(study.store)

    def test_a_document_that_is_not_there_is_an_error(self, folder: Path) -> None:
        """With the name that was probably meant."""
        with pytest.raises(UsageError, match=r"did you mean 'wren-battery\.md'"):
            forget(Study.load(folder), "wren-batery.md")

    def test_sentences_are_searched_as_files_write_them(self) -> None:
        """Also in JSON and in UTF-16."""
        needles = _needles(['It is "so", says Zoë.'])
        assert b'It is \\"so\\", says Zo\\u00eb.' in needles
        assert 'It is "so", says Zoë.'.encode("utf-16-le") in needles
