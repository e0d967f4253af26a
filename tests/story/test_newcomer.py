"""A folder that Suffice has never seen, and the commands that it names one after the other:
documents and a table of questions end in a verdict."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from docx import Document

from suffice.cli import main
from suffice.decide.runs import find_run, load_verdict
from suffice.records import Verdict
from suffice.study import Study

DATA = Path(os.environ.get("SUFFICE_DATA", Path(__file__).parents[3] / "shared" / "data"))
XQUAD = DATA / "xquad" / "xquad.en.json"
PARAGRAPHS, LIMIT = 20, 12
CRAFTS = ("dyer", "cooper", "fuller", "glazier", "tanner", "wheelwright", "saddler", "turner")
TOWNS = ("Ashholt", "Brennick", "Corvale", "Dunmere", "Elsby")


def run(*words: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    code = ended.value.code
    assert isinstance(code, int)
    return code


def verdict_of(folder: Path) -> Verdict:
    return load_verdict(find_run(folder / ".suffice", None))


def guild(folder: Path) -> None:
    """Documents of three formats loose in a folder, and a table with columns of its own."""
    folder.mkdir()
    rows = []
    for number, craft in enumerate(CRAFTS * 3):
        town = TOWNS[number % len(TOWNS)]
        master = f"{craft.title()} Hall {number}"
        text = f"{master} of {town} takes {number + 3} apprentices a year."
        name = f"{craft}-{number}"
        if number % 3 == 0:
            (folder / f"{name}.md").write_text(f"# {master}\n\n{text}\n")
        elif number % 3 == 1:
            (folder / f"{name}.html").write_text(f"<h1>{master}</h1><p>{text}</p>")
        else:
            document = Document()
            document.add_paragraph(text)
            document.save(str(folder / f"{name}.docx"))
        rows.append((f"How many apprentices does {master} take?", number + 3, name))
    with (folder / "asked.csv").open("w", newline="") as file:
        csv.writer(file, delimiter=";").writerows([("Asked", "Said", "Page"), *rows])


def test_a_small_folder_reaches_a_verdict(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """init, check, run: each names the next, and no question lies among the documents."""
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "guild"
    guild(folder)
    assert run("init", folder, "--yes") == 0
    assert "check" in capsys.readouterr().err
    study = Study.load(folder)
    assert (study.document_count, len(study.cases.cases)) == (24, 24)
    assert all(case.gold for case in study.cases.cases)
    assert run("check", "--study", folder) == 0
    assert "run --dry-run" in " ".join(capsys.readouterr().out.split())
    assert run("run", "--study", folder, "--limit", 12) in (0, 1, 2)
    verdict = verdict_of(folder)
    assert verdict.reason
    assert verdict.standings[0].answered == 12


def xquad(folder: Path) -> int:
    """English paragraphs as files, and a question on each in a table. How many those are."""
    articles = json.loads(XQUAD.read_text("utf-8"))["data"]
    paragraphs = [
        (f"{number:02d}-{place}", paragraph)
        for number, article in enumerate(articles)
        for place, paragraph in enumerate(article["paragraphs"])
    ][::11][:PARAGRAPHS]
    (folder / "library").mkdir(parents=True)
    rows = []
    for place, (name, paragraph) in enumerate(paragraphs):
        ending = ("txt", "md", "html")[place % 3]
        text = paragraph["context"]
        body = f"<p>{text}</p>" if ending == "html" else text
        (folder / "library" / f"{name}.{ending}").write_text(body, "utf-8")
        asked = paragraph["qas"][0]
        rows.append((asked["question"], asked["answers"][0]["text"], name))
    with (folder / "questions.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("What was asked", "What is right", "Paragraph"), *rows])
    return len(rows)


@pytest.mark.slow
@pytest.mark.skipif(not XQUAD.exists(), reason=f"{XQUAD} is absent: set SUFFICE_DATA")
def test_public_questions_reach_a_verdict(tmp_path: Path) -> None:
    """As processes, as a person types them; nano is a toy, and the verdict says so honestly."""
    folder = tmp_path / "xquad"
    asked = xquad(folder)
    kept = {key: value for key, value in os.environ.items() if not key.endswith("_API_KEY")}

    def typed(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "suffice", *words]
        return subprocess.run(
            command,
            cwd=folder,
            env=kept,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    for words in (["init", "--yes"], ["check"], ["run", "--dry-run"]):
        ended = typed(*words)
        assert ended.returncode == 0, ended.stderr
    ended = typed("run", "--limit", str(LIMIT))
    assert ended.returncode in (0, 1, 2), ended.stderr
    assert len(Study.load(folder).cases.cases) == asked
    verdict = verdict_of(folder)
    assert verdict.chosen is None, "nano does not read such prose"
    assert verdict.reason
