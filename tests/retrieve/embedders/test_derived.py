"""Files made once a machine: found again, made anew when damaged, never half written."""

import os
from pathlib import Path

import pytest

from suffice.errors import DataError
from suffice.retrieve.embedders.derived import cache_folder, derived

SOURCE = "0123456789abcdef" * 4


class Maker:
    """Makes the same bytes each time and counts how often."""

    def __init__(self, content: bytes = b"graph") -> None:
        self.made = 0
        self.content = content

    def __call__(self) -> bytes:
        self.made += 1
        return self.content


def test_a_file_is_made_once(tmp_path: Path) -> None:
    """The second time it is found, checked and not made."""
    maker = Maker()
    paths = {derived("a.onnx", SOURCE, maker, tmp_path) for _ in range(2)}
    assert [path.read_bytes() for path in paths] == [b"graph"]
    assert maker.made == 1
    assert [path.suffix for path in paths] == [".onnx"]


@pytest.mark.parametrize("damaged", [b"", b"grapx", b"graph and more"])
def test_a_damaged_file_is_made_anew(tmp_path: Path, damaged: bytes) -> None:
    """Its name says what it must hold."""
    maker = Maker()
    derived("a.onnx", SOURCE, maker, tmp_path).write_bytes(damaged)
    assert derived("a.onnx", SOURCE, maker, tmp_path).read_bytes() == b"graph"
    assert maker.made == 2
    assert len(list(tmp_path.iterdir())) == 1


def test_other_weights_make_another_file(tmp_path: Path) -> None:
    """Both stay: two versions of a package may share a machine."""
    one = derived("a.onnx", SOURCE, Maker(b"1"), tmp_path)
    two = derived("a.onnx", SOURCE[::-1], Maker(b"2"), tmp_path)
    assert (one.read_bytes(), two.read_bytes()) == (b"1", b"2")


def test_who_is_overtaken_while_making_still_succeeds(tmp_path: Path) -> None:
    """Another process made the same file meanwhile."""

    def slow() -> bytes:
        derived("a.onnx", SOURCE, Maker(), tmp_path)
        return b"graph"

    assert derived("a.onnx", SOURCE, slow, tmp_path).read_bytes() == b"graph"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_maker_that_fails_leaves_nothing(tmp_path: Path) -> None:
    """Nor does it hide its error."""

    def broken() -> bytes:
        raise ValueError("no weights")

    with pytest.raises(ValueError, match="no weights"):
        derived("a.onnx", SOURCE, broken, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_cache_that_cannot_be_written_says_what_to_set(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "file").write_text("x")
    with pytest.raises(DataError, match="SUFFICE_CACHE"):
        derived("a.onnx", SOURCE, Maker(), tmp_path / "file")


def test_the_cache_lies_where_the_environment_says(tmp_path: Path) -> None:
    """Our own variable first, then the platform's."""
    assert cache_folder({"SUFFICE_CACHE": "/x", "XDG_CACHE_HOME": "/y"}) == Path("/x")
    assert cache_folder({}, tmp_path).is_relative_to(tmp_path)
    if os.uname().sysname == "Linux":
        assert cache_folder({"XDG_CACHE_HOME": "/y"}) == Path("/y/suffice")
        assert cache_folder({}, tmp_path) == tmp_path / ".cache" / "suffice"
