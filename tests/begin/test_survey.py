"""What lies in a folder: above all, where its documents are."""

from pathlib import Path

import pytest

from suffice.begin.survey import survey


def make(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("question,answer\nWho?,me\n" if name.endswith("csv") else "Some words.")
    return folder


@pytest.mark.parametrize(
    ("names", "documents"),
    [
        (["docs/a.md"], "docs"),
        (["wiki/hr/a.pdf", "wiki/b.docx", "README.md"], "wiki"),
        (["a.md", "b.txt", "questions.csv"], "."),
        (["hr/a.md", "it/b.md"], "."),
        (["README.md", "LICENSE.txt", "prompts/system.md"], None),
        (["src/a.txt", "notes.md"], None),
        (["data/a.csv", "data/b.json", "main.py"], None),
    ],
)
def test_where_documents_are(names: list[str], documents: str | None, tmp_path: Path) -> None:
    """In the one folder that holds prose; in the whole where that lies in several or loose."""
    assert survey(make(tmp_path, *names)).documents == documents


def test_a_table_that_no_format_takes_is_odd(tmp_path: Path) -> None:
    """Its columns can be explained; one of our own columns needs no explaining."""
    odd = survey(make(tmp_path / "odd", "faq.csv"))
    assert (odd.cases, [path.name for path in odd.odd]) == (None, ["faq.csv"])
    own = make(tmp_path / "own")
    own.mkdir()
    (own / "faq.csv").write_text("question,expected\nWho?,me\n")
    assert (survey(own).cases, survey(own).odd) == ("faq.csv", ())


def test_drafts_are_no_cases(tmp_path: Path) -> None:
    """Nobody has read them."""
    tmp_path.joinpath("drafts.jsonl").write_text('{"question": "Who?", "expected": "me"}\n')
    assert survey(tmp_path).cases is None


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    """It is about to be made."""
    assert survey(tmp_path / "new").documents is None
