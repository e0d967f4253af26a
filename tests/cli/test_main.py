"""The command line itself: errors, help, the environment, pipes. Mostly as a process of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from suffice.cli import summaries
from suffice.cli.dotenv import read_dotenv
from suffice.errors import SufficeError
from tests.cli.conftest import Command
from tests.servers.chat_server import ChatServer
from tests.story.studies import planted_study, write_study
from tests.test_ladder import some_cases

SUFFICE = (sys.executable, "-m", "suffice")
HEAVY = {"scipy", "statsmodels", "openai", "anthropic", "torch", "transformers", "pandas", "pint"}


def process(
    *words: object, env: dict[str, str] | None = None, cwd: Path | None = None
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*SUFFICE, *map(str, words)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | (env or {}),
        cwd=cwd,
    )


class TestWrongUse:
    def test_an_unknown_command_is_named_with_the_near_one(self, command: Command) -> None:
        """Exit code 64, nothing on stdout."""
        ended = command("chek")
        assert (ended.code, ended.out) == (64, "")
        assert "there is no command 'chek'; did you mean 'check'?" in ended.err

    def test_an_unknown_option_is_named_with_the_near_one(self, command: Command) -> None:
        """Of a command, too."""
        ended = command("run", "--dry-rnu")
        assert ended.code == 64
        assert "--dry-run" in ended.err

    @pytest.mark.parametrize(
        "words",
        [
            ("run", "--limit", "0"),
            ("run", "--limit", "some"),
            ("run", "--budget-usd", "-1"),
            ("compare", "prompt"),
            ("run", "--study"),
        ],
    )
    def test_impossible_values_are_wrong_use(
        self, words: tuple[str, ...], command: Command
    ) -> None:
        """Not a failure of the study."""
        ended = command(*words)
        assert ended.code == 64
        assert "Traceback" not in ended.err

    def test_a_folder_without_a_study(self, command: Command) -> None:
        """It says which file it looked for, and what writes one."""
        ended = command("run")
        assert ended.code == 64
        assert "suffice.yaml" in ended.err
        assert "`suffice init` writes one" in ended.err


class TestErrors:
    def test_are_one_message_without_a_traceback(self, command: Command, small: Path) -> None:
        """Whoever uses the tool is not meant to read our code."""
        ended = command("run", "--study", small, "--rungs", "few-shot")
        assert ended.err.startswith("error: ")
        assert "Traceback" not in ended.err

    def test_debug_gives_the_traceback(self, small: Path) -> None:
        """Wherever it stands."""
        ended = process("run", "--study", small, "--rungs", "few-shot", "--debug")
        assert "Traceback" in ended.stderr
        assert "UsageError" in ended.stderr

    def test_markup_in_a_message_is_text(self, command: Command, tmp_path: Path) -> None:
        """A folder called [red] is shown as it is called."""
        ended = command("run", "--study", tmp_path / "[red]x[/blue]")
        assert "[red]x[/blue]" in ended.err

    @pytest.mark.slow
    def test_ctrl_c_keeps_what_was_answered(self, tmp_path: Path) -> None:
        """Exit code 130, and the same command goes on from there."""
        with ChatServer(reply=lambda body: "code", latency_seconds=0.4) as server:
            folder = write_study(
                tmp_path / "s",
                some_cases(),
                model="openai:any",
                limits={"concurrency": 2},
                extra={"base_url": server.url},
            )
            started = subprocess.Popen(
                [*SUFFICE, "run", "--rungs", "prompt", "--study", str(folder)],
                stderr=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                # What is started in the background of a shell is told to ignore it.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
            )
            while len(server.received) < 6:
                time.sleep(0.02)
            started.send_signal(signal.SIGINT)
            _, err = started.communicate(timeout=30)
            asked = len(server.received)
            assert started.returncode == 130, err
            assert "goes on from here" in err
            assert "Traceback" not in err
            server.latency_seconds = 0.0
            again = process("run", "--rungs", "prompt", "--study", folder)
            assert again.returncode in (0, 1, 2)
            assert len(server.received) - asked <= 44 - asked + 4


class TestHelp:
    def test_lists_every_command_with_a_sentence(self, command: Command) -> None:
        """In the order in which one needs them."""
        shown = command("--help").out
        for name, sentence in summaries().items():
            assert name in shown
            assert sentence.split(":")[0][:30] in shown
        assert list(summaries())[:4] == ["demo", "init", "draft", "review"]

    @pytest.mark.parametrize("name", summaries())
    def test_every_command_has_a_page(self, name: str, command: Command) -> None:
        """With -h as well."""
        ended = command(name, "-h")
        assert ended.code == 0
        assert f"suffice {name}" in ended.out

    @pytest.mark.parametrize("words", [["--help"], ["--version"], ["list"]])
    def test_imports_nothing_heavy(self, words: list[str]) -> None:
        """They come at once: not one of the large packages is loaded for them."""
        code = (
            "import sys\nfrom suffice.cli import main\n"
            f"try:\n    main({words!r})\nexcept SystemExit:\n"
            "    print('\\n' + ' '.join(sys.modules))"
        )
        ended = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30
        )
        loaded = {name.partition(".")[0] for name in ended.stdout.splitlines()[-1].split()}
        assert "suffice" in loaded
        assert not loaded & HEAVY
        if words == ["--help"]:
            assert "numpy" not in loaded

    def test_without_a_word_it_shows_the_help(self, command: Command) -> None:
        """Newcomers type the bare name first."""
        ended = command()
        assert "Usage" in ended.out + ended.err


class TestPipes:
    def test_json_is_all_that_a_process_writes_to_stdout(self, tmp_path: Path) -> None:
        """Progress goes to stderr, so that a pipe into jq works."""
        folder = planted_study(tmp_path / "s", cases=80, bar={"correct": 0.5})
        ended = process("run", "--study", folder, "--json")
        assert json.loads(ended.stdout)["chosen"] == "prompt"
        assert "prompt on held-out" in ended.stderr

    @pytest.mark.parametrize("words", ["list", "list --json", "--help", "check --study {}"])
    def test_a_reader_that_leaves_is_no_error(self, words: str, study: Path) -> None:
        """`| head -1` ends quietly, with exit code 0."""
        command = f"{' '.join(SUFFICE)} {words.format(study)}"
        ended = subprocess.run(
            ["bash", "-c", f"{command} | true; echo ${{PIPESTATUS[0]}}"],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        assert ended.stderr == ""
        assert ended.stdout.strip() == "0"

    @pytest.mark.parametrize(("variable", "coloured"), [({"NO_COLOR": "1"}, False), ({}, True)])
    def test_no_color_is_honoured(
        self, variable: dict[str, str], coloured: bool, small: Path
    ) -> None:
        """Also where colour is forced on, as build servers do."""
        words = ("run", "--study", small, "--rungs", "few-shot")
        ended = process(*words, env={"FORCE_COLOR": "1", **variable})
        assert ("31m" in ended.stderr) is coloured

    def test_a_pipe_gets_plain_text(self, small: Path) -> None:
        """No escape codes in a file."""
        ended = process("check", "--study", small)
        assert "\x1b" not in ended.stdout + ended.stderr


class TestDotenv:
    def test_its_values_reach_the_models(self, tmp_path: Path) -> None:
        """A key and an address in .env are used; what is set in the environment goes before."""
        with ChatServer(reply=lambda body: "code", key="sk-from-dotenv") as server:
            folder = write_study(tmp_path / "s", some_cases(), model="openai:any")
            (tmp_path / ".env").write_text(
                f"# ours\n\nexport OPENAI_API_KEY='sk-from-dotenv'\nOPENAI_BASE_URL={server.url}\n"
            )
            run = ("run", "--rungs", "prompt", "--limit", 3, "--study", folder)
            refused = process(*run, cwd=tmp_path, env={"OPENAI_API_KEY": "sk-other"})
            assert refused.returncode == 2
            assert "check OPENAI_API_KEY" in refused.stderr
            assert "sk-other" not in refused.stderr
            ended = process(*run, cwd=tmp_path)
            assert ended.returncode == 0, ended.stderr
            assert len(server.received) >= 4

    @pytest.mark.parametrize(
        ("line", "value"),
        [
            ("NAME=value", "value"),
            ("export NAME=value", "value"),
            ("NAME='two words'", "two words"),
            ('NAME="a=b"', "a=b"),
            ("  NAME = spaced ", "spaced"),
            ("\ufeffNAME=marked", "marked"),
            ("NAME=sk-1 # my key", "sk-1"),
            ("NAME='a # b'", "a # b"),
            ("NAME=", ""),
            ("#NAME=value", None),
            ("NAME", None),
        ],
    )
    def test_lines(
        self, line: str, value: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As people write them, quoted, spaced, commented, exported."""
        monkeypatch.setenv("NAME", "before")
        monkeypatch.delenv("NAME")
        (tmp_path / ".env").write_text(line, encoding="utf-8")
        read_dotenv(tmp_path / ".env")
        assert os.environ.get("NAME") == value

    def test_the_environment_goes_before(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What is set already stays."""
        monkeypatch.setenv("NAME", "before")
        (tmp_path / ".env").write_text("NAME=after")
        read_dotenv(tmp_path / ".env")
        assert os.environ["NAME"] == "before"


def test_every_known_error_has_an_exit_code_that_is_told() -> None:
    """2 where something failed, 64 where it was used wrongly; no others."""
    kinds: list[type[SufficeError]] = [SufficeError, *SufficeError.__subclasses__()]
    assert {kind.exit_code for kind in kinds} == {2, 64}
