"""`suffice init` in folders of all sorts: it finds what is there and overwrites nothing."""

import json
from pathlib import Path

import pytest

from suffice import settings
from suffice.study import Study
from tests.cli.conftest import Command, Ended
from tests.cli.terminal import Terminal

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

    @pytest.mark.parametrize("name", ["2024", "1.5", "null", "on", "1e3", "2024-01-02"])
    def test_a_name_that_yaml_takes_for_something_else_stays_a_text(
        self, name: str, command: Command, tmp_path: Path
    ) -> None:
        """A folder of a year, of a number, of a word that YAML knows."""
        folder = tmp_path / name
        write(folder / "cases.jsonl", CASES)
        assert read(command("init", folder, *MODEL), folder).name == name

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


FAQ = "nr;Customer asks;We say;Where;Team\n" + "".join(
    f"{n};How much is hall {n}?;{7 * n} euros;hall-{n};halls\n" for n in range(1, 16)
)


def halls(folder: Path, table: str = FAQ) -> Path:
    """Documents of a folder, and questions in a table with columns of its own."""
    for n in range(1, 16):
        write(folder / "wiki" / f"hall-{n}.md", f"# Hall {n}\n\nA visit costs {7 * n} euros.")
    write(folder / "faq.csv", table)
    return folder


class TestTable:
    def test_columns_that_are_told_become_cases(self, command: Command, tmp_path: Path) -> None:
        """With the documents that hold the answers, and bars that suit."""
        folder = halls(tmp_path / "s")
        ended = command(
            "init",
            folder,
            *MODEL,
            "--question-column",
            "Customer asks",
            "--expected-column",
            "We say",
        )
        found = read(ended, folder)
        assert (found.cases, found.documents, found.checks) == ("cases.jsonl", "wiki", ["contains"])
        assert (found.bar.correct, found.bar.format, found.bar.abstains) == (0.85, None, None)
        first = json.loads((folder / "cases.jsonl").read_text().splitlines()[0])
        assert first == {
            "id": "1",
            "question": "How much is hall 1?",
            "expected": "7 euros",
            "gold": ["hall-1.md"],
            "tags": ["halls"],
        }
        assert command("check", "--study", folder).code == 0

    def test_without_a_person_guesses_are_not_taken(self, command: Command, tmp_path: Path) -> None:
        """The columns are named, and the options that say which is which; nothing is written."""
        folder = halls(tmp_path / "s")
        before = snapshot(folder)
        ended = command("init", folder, *MODEL)
        assert ended.code == 64
        assert "nr, Customer asks, We say, Where, Team" in ended.err
        assert '--question-column "Customer asks" --expected-column "We say"' in ended.err
        assert snapshot(folder) == before

    def test_yes_takes_the_guesses(self, command: Command, tmp_path: Path) -> None:
        """As a person would who presses Enter at every question."""
        folder = halls(tmp_path / "s")
        assert read(command("init", folder, *MODEL, "--yes"), folder).cases == "cases.jsonl"
        assert len((folder / "cases.jsonl").read_text().splitlines()) == 15

    def test_known_names_need_no_telling(self, command: Command, tmp_path: Path) -> None:
        """`Question` and `Answer` are no guess."""
        folder = halls(tmp_path / "s", "Question,Answer\nWho?,me\nWhat?,it\n")
        assert read(command("init", folder, *MODEL), folder).cases == "cases.jsonl"

    def test_a_mistyped_column_is_told_with_the_near_one(
        self, command: Command, tmp_path: Path
    ) -> None:
        """And with all there are."""
        folder = halls(tmp_path / "s")
        ended = command("init", folder, *MODEL, "--question-column", "Customer ask")
        assert ended.code == 64
        assert "did you mean 'Customer asks'" in ended.err

    def test_rows_without_an_answer_are_declined_where_that_is_said(
        self, command: Command, tmp_path: Path
    ) -> None:
        """Enough of them, and declining has a bar."""
        rows = "".join(f"What is the secret of hall {n}?,\n" for n in range(15))
        folder = halls(tmp_path / "s", f"question,answer\nWho?,me\n{rows}")
        found = read(command("init", folder, *MODEL, "--empty-declines"), folder)
        assert found.bar.abstains == 0.8

    def test_cases_that_are_there_are_not_written_over(
        self, command: Command, tmp_path: Path
    ) -> None:
        """Not even where a table is named."""
        folder = halls(tmp_path / "s")
        write(folder / "cases.jsonl", CASES)
        before = snapshot(folder)
        ended = command("init", folder, *MODEL, "--cases", "faq.csv", "--yes")
        assert ended.code == 64
        assert "exists already" in ended.err
        assert snapshot(folder) == before


class TestDocuments:
    def test_beside_the_questions_do_not_hold_them(self, command: Command, tmp_path: Path) -> None:
        """What lies in the study's folder itself is a document, its own files are not."""
        folder = tmp_path / "s"
        for n in range(1, 16):
            write(folder / f"hall-{n}.md", f"# Hall {n}\n\nA visit costs {7 * n} euros.")
        write(folder / "faq.csv", FAQ)
        assert read(command("init", folder, *MODEL, "--yes"), folder).documents == "."
        assert Study.load(folder).document_count == 15
        assert "among the documents" not in command("check", "--study", folder).out
        (folder / ".sufficeignore").unlink()
        out = " ".join(command("check", "--study", folder).out.split())
        assert "cases.jsonl lies among the documents" in out

    @pytest.mark.parametrize("name", ["faq [final].csv", "#qa.csv", "[x]*.csv", " faq.csv"])
    def test_do_not_hold_questions_of_an_odd_name(
        self, name: str, command: Command, tmp_path: Path
    ) -> None:
        """A name is meant as it stands, not as a pattern or a remark."""
        folder = tmp_path / "s"
        for n in range(1, 16):
            write(folder / f"hall-{n}.md", f"# Hall {n}\n\nA visit costs {7 * n} euros.")
        write(folder / name, FAQ)
        assert read(command("init", folder, *MODEL, "--yes"), folder).documents == "."
        assert Study.load(folder).document_count == 15

    @pytest.mark.parametrize("name", ["./qa.jsonl", "jsonl:qa.jsonl"])
    def test_do_not_hold_questions_that_were_named_in_other_words(
        self, name: str, command: Command, tmp_path: Path
    ) -> None:
        """A path from here, and a format before the path."""
        folder = tmp_path / "s"
        for n in range(1, 4):
            write(folder / f"hall-{n}.md", f"# Hall {n}\n\nA visit costs {7 * n} euros.")
        write(folder / "qa.jsonl", CASES)
        assert read(command("init", folder, *MODEL, "--cases", name), folder).cases == name
        assert Study.load(folder).document_count == 3

    def test_do_not_hold_them_where_others_are_kept_out_already(
        self, command: Command, tmp_path: Path
    ) -> None:
        """What is missing is added to the file that is there, and nothing that is not missing."""
        folder = tmp_path / "s"
        for n in range(1, 16):
            write(folder / f"hall-{n}.md", f"# Hall {n}\n\nA visit costs {7 * n} euros.")
        write(folder / "faq.csv", FAQ)
        write(folder / ".sufficeignore", "hall-1.md\n*.yaml")
        ended = command("init", folder, *MODEL, "--yes")
        assert read(ended, folder).documents == "."
        assert Study.load(folder).document_count == 14
        lines = (folder / ".sufficeignore").read_text().splitlines()
        assert lines[:2] == ["hall-1.md", "*.yaml"]
        assert "suffice.yaml" not in lines
        assert "Added" in ended.err

    def test_alone_lead_to_drafts(self, command: Command, tmp_path: Path) -> None:
        """No made-up cases are written beside real documents."""
        folder = halls(tmp_path / "s")
        (folder / "faq.csv").unlink()
        ended = command("init", folder, *MODEL)
        assert ended.code == 0
        assert f" draft --study {folder}" in ended.err
        assert not (folder / "cases.jsonl").exists()


class TestModel:
    def test_is_nano_where_nothing_else_is_known(self, command: Command, tmp_path: Path) -> None:
        """It is said to be a toy, and how to name another."""
        ended = command("init", tmp_path / "s")
        assert read(ended, tmp_path / "s").model == "nano"
        assert "toy" in ended.err
        assert "--model PROVIDER:NAME" in ended.err


class TestAsks:
    def test_a_person_what_cannot_be_known(self, tmp_path: Path) -> None:
        """Enter takes what is usual; a column that is not there is asked for again."""
        folder = halls(tmp_path / "s")
        with Terminal("init", str(folder)) as terminal:
            terminal.until("[nano]")
            terminal.press("\n")
            terminal.until("[wiki]")
            terminal.press("\n")
            terminal.until("[Customer asks]")
            assert "How much is hall 1?" in terminal.seen
            terminal.press("Cust\n")
            terminal.until("no column 'Cust'")
            terminal.press("\n")
            terminal.until("[We say]")
            terminal.press("\n")
            terminal.until("[Where]")
            terminal.press("\n")
            terminal.until("[Team]")
            terminal.press("\n")
            terminal.until("[85]")
            terminal.press("70\n")
            terminal.until("[y/N]")
            terminal.press("y\n")
            terminal.until("run --dry-run")
            assert terminal.process.wait(40) == 0
        found = settings.read(folder)
        assert (found.model, found.bar.correct, found.needs.citations) == ("nano", 0.7, True)
        assert len((folder / "cases.jsonl").read_text().splitlines()) == 15
