"""`suffice init` in folders of all sorts: it finds what is there and overwrites nothing."""

import json
from pathlib import Path

import pytest

from suffice import settings
from tests.cli.conftest import Command, Ended

CASES = [{"id": f"c{n}", "question": f"What is {n}?", "expected": str(n)} for n in range(3)]
MODEL = ("--model", "planted:support-desk")


def write(path: Path, content: object = "something") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, list):
        content = "".join(json.dumps(row) + "\n" for row in content)
    path.write_text(str(content), encoding="utf-8")


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def read(ended: Ended, folder: Path) -> settings.Settings:
    assert ended.code == 0, ended.err
    return settings.read(folder)


class TestFinds:
    def test_what_a_tidy_folder_holds(self, command: Command, tmp_path: Path) -> None:
        """Cases, prompt, examples, schema and documents under the keys they belong to."""
        folder = tmp_path / "tidy"
        write(folder / "cases.jsonl", CASES)
        write(folder / "prompts" / "system.md")
        write(folder / "examples.jsonl", [{"instruction": "a", "output": "b"}])
        write(folder / "answer.schema.json", '{"type": "string"}')
        write(folder / "docs" / "page.md")
        before = snapshot(folder)
        ended = command("init", folder, *MODEL)
        found = read(ended, folder)
        assert (found.model, found.cases) == ("planted:support-desk", "cases.jsonl")
        assert (found.prompt, found.examples) == ("prompts/system.md", "examples.jsonl")
        assert (found.schema, found.documents) == ("answer.schema.json", "docs")
        assert found.bar.format is not None
        assert ended.out == (folder / "suffice.yaml").read_text()
        assert before.items() <= snapshot(folder).items()

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("my-eval.jsonl", CASES),
            ("golden.jsonl", CASES),
            ("cases.csv", "question,expected\nWhat is 1?,1\nWhat is 2?,2\n"),
        ],
    )
    def test_cases_of_other_names_and_formats(
        self, name: str, content: object, command: Command, tmp_path: Path
    ) -> None:
        """Whatever a format takes for its own."""
        folder = tmp_path / "other"
        write(folder / name, content)
        assert read(command("init", folder, *MODEL), folder).cases == name

    def test_cases_among_much_else(self, command: Command, tmp_path: Path) -> None:
        """Pictures, code, data and damaged files do not stop the search."""
        folder = tmp_path / "much"
        (folder / "sub").mkdir(parents=True)
        (folder / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0")
        (folder / "b.db").write_bytes(b"SQLite format 3\0" + bytes(200))
        write(folder / "broken.jsonl", "{half a line")
        write(folder / "config.json", '{"a": 1}')
        write(folder / "empty.csv", "")
        write(folder / "main.py", "print(1)")
        write(folder / "questions.jsonl", CASES)
        assert read(command("init", folder, *MODEL), folder).cases == "questions.jsonl"

    def test_names_that_yaml_would_trip_over(self, command: Command, tmp_path: Path) -> None:
        """Colons, quotes, hashes and letters of every script."""
        folder = tmp_path / "odd"
        name = 'cases: "é" # \U0001f600.jsonl'
        write(folder / name, CASES)
        found = read(command("init", folder, *MODEL), folder)
        assert (folder / found.cases).exists()

    @pytest.mark.parametrize("name", ["études", "2024 results!", "___", "a b"])
    def test_any_folder_gives_a_study_a_name(
        self, name: str, command: Command, tmp_path: Path
    ) -> None:
        """Made of what a study may be called."""
        folder = tmp_path / name
        write(folder / "cases.jsonl", CASES)
        assert read(command("init", folder, *MODEL), folder).name

    def test_what_was_written_can_be_checked(self, command: Command, tmp_path: Path) -> None:
        """The next command that it names works on it."""
        folder = tmp_path / "next"
        write(folder / "cases.jsonl", CASES)
        command("init", folder, *MODEL)
        assert command("check", "--study", folder).code == 0


class TestStarts:
    def test_an_empty_folder_with_three_made_up_cases(
        self, command: Command, tmp_path: Path
    ) -> None:
        """They are said to be made up, and they can be read."""
        folder = tmp_path / "new" / "deep"
        ended = command("init", folder, *MODEL)
        assert "made-up" in ended.err
        assert read(ended, folder).cases == "cases.jsonl"
        assert command("check", "--study", folder).code == 0

    @pytest.mark.parametrize(
        ("variable", "provider"),
        [
            ("OPENAI_API_KEY", "openai:"),
            ("OPENAI_BASE_URL", "openai:"),
            ("ANTHROPIC_API_KEY", "anthropic:"),
        ],
    )
    def test_with_the_model_that_the_environment_speaks_of(
        self,
        variable: str,
        provider: str,
        command: Command,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Whose key is there is probably meant."""
        monkeypatch.setenv(variable, "https://model.test/v1")
        found = read(command("init", tmp_path / "new"), tmp_path / "new")
        assert found.model.startswith(provider)


class TestRefuses:
    def refused(self, ended: Ended, said: str) -> None:
        assert ended.code == 64
        assert said in ended.err
        assert "Traceback" not in ended.err

    def test_to_overwrite_a_study(self, command: Command, tmp_path: Path) -> None:
        """What is there stays as it is."""
        write(tmp_path / "s" / "suffice.yaml", "precious")
        self.refused(command("init", tmp_path / "s", *MODEL), "exists already")
        assert (tmp_path / "s" / "suffice.yaml").read_text() == "precious"

    def test_to_write_over_cases_that_it_cannot_read(
        self, command: Command, tmp_path: Path
    ) -> None:
        """Damaged cases are named with their line, and neither replaced nor passed over."""
        write(tmp_path / "s" / "cases.jsonl", '{"question": "a", "expected": "b"}\n{half')
        self.refused(command("init", tmp_path / "s", *MODEL), "cases.jsonl:2")
        assert not (tmp_path / "s" / "suffice.yaml").exists()

    @pytest.mark.parametrize(
        ("model", "said"), [("opena:gpt", "did you mean 'openai'"), ("GPT 4", "PROVIDER:NAME")]
    )
    def test_a_model_that_cannot_be(
        self, model: str, said: str, command: Command, tmp_path: Path
    ) -> None:
        """Nothing is left behind, so that the same command can be typed again, corrected."""
        self.refused(command("init", tmp_path / "s", "--model", model), said)
        assert not (tmp_path / "s" / "suffice.yaml").exists()
        assert command("init", tmp_path / "s", *MODEL).code == 0

    def test_a_file_in_place_of_a_folder(self, command: Command, tmp_path: Path) -> None:
        """It wants the folder that the cases are in."""
        write(tmp_path / "cases.jsonl", CASES)
        self.refused(command("init", tmp_path / "cases.jsonl", *MODEL), "is a file")
