"""BEIR folders: which judgements are read, and what they make gold."""

from pathlib import Path

import pytest

from suffice.errors import DataError
from suffice.evaluate import cases
from suffice.evaluate.formats.beir import create
from suffice.records import Passage
from tests.evaluate.formats.samples import beir, write_jsonl


def gold(path: Path) -> dict[str, tuple[str, ...]]:
    return {case.id: case.gold for case in create().read(path).cases}


def test_what_is_graded_above_zero_is_gold(tmp_path: Path) -> None:
    """A grade of 0 says that somebody looked and found nothing."""
    assert gold(beir(tmp_path)) == {"q1": ("d1",), "q2": ("d2",)}


def test_the_corpus_becomes_passages(tmp_path: Path) -> None:
    """With ids, titles and texts as they are."""
    passages = create().read(beir(tmp_path)).passages
    assert passages[0] == Passage("d1", "d1", "Paris is in France.", "Paris")


@pytest.mark.parametrize(
    "text",
    ["q1\td1\t1\nq2\td2\t1\n", "q1 d1\nq2 d2\n", "q1 0 d1 1\nq2 0 d2 1\nq2 0 d1 -1\n"],
    ids=["no header", "no grades", "trec"],
)
def test_judgements_come_in_several_shapes(tmp_path: Path, text: str) -> None:
    """Without a header, without grades, and with TREC's four columns."""
    folder = beir(tmp_path)
    (folder / "qrels" / "test.tsv").write_text(text)
    assert gold(folder) == {"q1": ("d1",), "q2": ("d2",)}


def test_a_split_may_be_named(tmp_path: Path) -> None:
    """Its file is the path; else the test split is read."""
    folder = beir(tmp_path)
    dev = folder / "qrels" / "dev.tsv"
    dev.write_text("q2\td1\t1\n")
    assert gold(dev) == {"q2": ("d1",)}
    assert gold(folder) == {"q1": ("d1",), "q2": ("d2",)}
    assert cases.recognised(dev) == "beir"


def test_several_splits_without_a_test_split_are_a_question(tmp_path: Path) -> None:
    """No split is picked at random."""
    folder = beir(tmp_path)
    (folder / "qrels" / "test.tsv").rename(folder / "qrels" / "a.tsv")
    assert len(gold(folder)) == 2
    (folder / "qrels" / "b.tsv").write_text("q1\td1\t1\n")
    with pytest.raises(DataError, match=r"which judgements\?.*a\.tsv.*b\.tsv"):
        create().read(folder)


def test_unjudged_queries_are_left_out_and_counted(tmp_path: Path) -> None:
    """As in BEIR itself, but not in silence."""
    folder = beir(tmp_path)
    (folder / "qrels" / "test.tsv").write_text("q1\td1\t1\nq2\td2\t0\n")
    read = create().read(folder)
    assert [case.id for case in read.cases] == ["q1"]
    assert any("1 queries are left out" in warning for warning in read.warnings)


def test_judgements_that_point_nowhere_are_told(tmp_path: Path) -> None:
    """A query or a document that is not there is a mistake in the data."""
    folder = beir(tmp_path)
    (folder / "qrels" / "test.tsv").write_text("q1\td9\t1\nq9\td1\t1\n")
    warnings = " ".join(create().read(folder).warnings)
    assert "1 judged queries are not in queries.jsonl, 'q9' first" in warnings
    assert "1 gold documents are not in corpus.jsonl, 'd9' first" in warnings


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("q1\td1\tyes\n", "test.tsv:1: the score must be a number, not 'yes'"),
        ("q1\td1\t1\nq2\n", "test.tsv:2: a judgement is `query-id corpus-id score`, not 'q2'"),
        ("q7\td1\t1\n", "test.tsv: no query of queries.jsonl is judged here"),
    ],
)
def test_bad_judgements_are_refused_with_their_line(tmp_path: Path, text: str, words: str) -> None:
    """Gold is what everything else is measured by."""
    folder = beir(tmp_path)
    (folder / "qrels" / "test.tsv").write_text(text)
    with pytest.raises(DataError) as caught:
        create().read(folder)
    assert words in str(caught.value)


def test_a_query_without_text_is_refused(tmp_path: Path) -> None:
    """It could not be asked."""
    folder = beir(tmp_path)
    write_jsonl(folder / "queries.jsonl", [{"_id": "q1"}])
    with pytest.raises(DataError, match=r"queries\.jsonl:1: `text` must be a text, not None"):
        create().read(folder)
