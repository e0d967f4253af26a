"""Files of a folder that are no documents because a .sufficeignore names them."""

from pathlib import Path

import pytest

from suffice.errors import DataError
from suffice.retrieve.folder import IGNORE, Entry, entries, folder_digest


def names(folder: Path) -> list[str]:
    return [each.id for each in entries(folder) if isinstance(each, Entry)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.md", "cases.jsonl", "old/b.md", "old/c.log", "new/c.log"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
    return tmp_path


@pytest.mark.parametrize(
    ("patterns", "left"),
    [
        ("", ["a.md", "cases.jsonl", "new/c.log", "old/b.md", "old/c.log"]),
        ("# a remark\n\ncases.jsonl\n", ["a.md", "new/c.log", "old/b.md", "old/c.log"]),
        ("old/\n", ["a.md", "cases.jsonl", "new/c.log"]),
        ("*/c.log\n", ["a.md", "cases.jsonl", "old/b.md"]),
        ("*.md\n", ["cases.jsonl", "new/c.log", "old/b.md", "old/c.log"]),
    ],
)
def test_what_is_named_is_left_out(patterns: str, left: list[str], folder: Path) -> None:
    """A name or pattern without a slash means the top alone."""
    (folder / IGNORE).write_text(patterns)
    assert names(folder) == left


def test_what_is_left_out_does_not_change_the_digest(folder: Path) -> None:
    """Another case is no other document."""
    (folder / IGNORE).write_text("cases.jsonl\n")
    before = folder_digest(folder)
    (folder / "cases.jsonl").write_text("other")
    assert folder_digest(folder) == before
    (folder / "a.md").write_text("other")
    assert folder_digest(folder) != before


def test_one_that_cannot_be_read_is_told(folder: Path) -> None:
    """To go on without it could show the questions to a search."""
    (folder / IGNORE).write_bytes(b"\xff\xfe")
    with pytest.raises(DataError, match=IGNORE):
        entries(folder)
