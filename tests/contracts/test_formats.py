"""What every format of cases must do, whoever wrote it."""

from pathlib import Path

import pytest

from suffice import plugins
from suffice.errors import DataError
from suffice.evaluate import cases
from suffice.ports import Cases, Format
from tests.evaluate.formats.samples import SAMPLES, Sample

FORMATS = plugins.names("format")


def sample_of(name: str) -> Sample:
    assert name in SAMPLES, (
        f"the format {name!r} has no sample: add one to tests/evaluate/formats/samples.py"
    )
    return SAMPLES[name]


def format_of(name: str) -> Format:
    made: Format = plugins.load("format", name)()
    return made


def read(name: str, folder: Path) -> Cases:
    return format_of(name).read(sample_of(name).write(folder))


def test_every_sample_has_its_format() -> None:
    """A sample that no format reads is a format that got lost."""
    assert set(SAMPLES) <= set(FORMATS)


@pytest.mark.parametrize("name", FORMATS)
class TestFormat:
    def test_lists_itself_in_one_line(self, name: str) -> None:
        """`suffice list` shows a sentence about it."""
        summary = next(each.summary for each in plugins.plugins("format") if each.name == name)
        assert 20 < len(summary) < 120

    def test_recognises_its_own_files(self, name: str, tmp_path: Path) -> None:
        """A file of this format needs no name of the format beside it."""
        assert cases.recognised(sample_of(name).write(tmp_path)) == name

    def test_reads_cases_that_can_be_asked(self, name: str, tmp_path: Path) -> None:
        """Every case has an id of its own, ends with the user's turn, and knows its place."""
        found = read(name, tmp_path).cases
        assert len(found) >= 2
        assert len({case.id for case in found}) == len(found)
        for case in found:
            assert case.messages[-1].role == "user"
            assert case.messages[-1].content.strip()
            assert case.source
            assert Path(case.source.path).is_file()

    def test_reads_the_same_twice(self, name: str, tmp_path: Path) -> None:
        """Reading has no memory and no chance in it."""
        path = sample_of(name).write(tmp_path)
        assert format_of(name).read(path) == format_of(name).read(path)

    def test_gives_cases_that_can_be_checked(self, name: str, tmp_path: Path) -> None:
        """Each sample case ends up with checks that exist and take the options they are given."""
        loaded = cases.load(sample_of(name).write(tmp_path))
        assert all(case.checks for case in loaded.cases)

    def test_says_that_a_file_is_missing(self, name: str, tmp_path: Path) -> None:
        """A missing file is an error that names it."""
        with pytest.raises(DataError, match="nowhere"):
            format_of(name).read(tmp_path / "nowhere" / "cases.jsonl")

    @pytest.mark.parametrize("garbage", [b"\0\0\0", b"\xff\xfa\xfb", b"{[(<", b""])
    def test_refuses_garbage(self, name: str, garbage: bytes, tmp_path: Path) -> None:
        """Whatever stands in the file, the error is one that the user can mend."""
        sample = sample_of(name)
        path = sample.write(tmp_path)
        (tmp_path / sample.questions).write_bytes(garbage)
        with pytest.raises(DataError) as caught:
            format_of(name).read(path)
        assert str(tmp_path) in str(caught.value)

    def test_names_the_line_of_a_nul_byte(self, name: str, tmp_path: Path) -> None:
        """A damaged line in the middle of a file is told by its number."""
        sample = sample_of(name)
        path = sample.write(tmp_path)
        file = tmp_path / sample.questions
        first, second, *rest = file.read_bytes().splitlines(keepends=True)
        file.write_bytes(b"".join([first, b"\0" + second, *rest]))
        with pytest.raises(DataError, match=f"{sample.questions}:2: a NUL byte"):
            format_of(name).read(path)

    def test_takes_windows_files(self, name: str, tmp_path: Path) -> None:
        """A byte order mark and CRLF change nothing of what is read."""
        sample = sample_of(name)
        path = sample.write(tmp_path)
        before = format_of(name).read(path)
        file = tmp_path / sample.questions
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
        assert format_of(name).read(path) == before
