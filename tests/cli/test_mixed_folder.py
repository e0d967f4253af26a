"""A folder of 200 mixed files, some of them broken: indexed, changed, searched, asked, forgotten.

With the command line alone, and the files of the programs that people use.
"""

import json
import random
import shutil
from pathlib import Path

import pytest
from docx import Document
from fpdf import FPDF

from suffice.forget import _search
from tests.cli.conftest import Command, Ended
from tests.retrieve.parsers.files import pdf

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("mixed-folder")]
GOODS = ("Kettle", "Lamp", "Heater", "Camera", "Router", "Mower", "Drill", "Tent")
KINDS = ("md", "html", "txt", "pdf", "docx", "csv", "json", "py")
BROKEN = {
    "broken-1.pdf": b"%PDF-1.4 and then nothing",
    "broken-2.docx": b"PK\x03\x04 and no archive",
    "broken-3.md": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20,
    "broken-4.txt": b"",
}


def fact(number: int) -> tuple[str, str]:
    """What is asked about, and the sentence that tells it."""
    rng = random.Random(number)
    name = f"{rng.choice(GOODS)} {''.join(rng.choices('bdfklmnrstaeiou', k=6))}{number}"
    return name, f"The warranty of the {name} lasts {30 + number} months from the delivery."


def write(folder: Path, number: int, sentence: str) -> Path:
    name = fact(number)[0]
    path = folder / f"part-{number % 7}" / f"file-{number}.{KINDS[number % len(KINDS)]}"
    path.parent.mkdir(parents=True, exist_ok=True)
    match path.suffix:
        case ".md":
            path.write_text(f"# {name}\n\nMade in the usual way.\n\n## Terms\n\n{sentence}\n")
        case ".html":
            path.write_text(f"<html><body><h1>{name}</h1><p>{sentence}</p></body></html>")
        case ".txt":
            path.write_text(f"{name}\n\n{sentence}\n")
        case ".pdf":

            def draw(paper: FPDF) -> None:
                paper.multi_cell(0, 6, f"{name}\n\n{sentence}")

            path.write_bytes(pdf(draw))
        case ".docx":
            document = Document()
            document.add_heading(name, 1)
            document.add_paragraph(sentence)
            document.save(str(path))
        case ".csv":
            path.write_text(f'product,terms\n"{name}","{sentence}"\n')
        case ".json":
            path.write_text(json.dumps({"product": name, "terms": sentence}))
        case _:
            path.write_text(f'"""{name}.\n\n{sentence}\n"""\n\nMONTHS = {30 + number}\n')
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("mixed")
    docs = made / "docs"
    for number in range(200 - len(BROKEN)):
        write(docs, number, fact(number)[1])
    for name, data in BROKEN.items():
        (docs / name).write_bytes(data)
    return made


def found(ended: Ended) -> str:
    """The document that a search shows first."""
    return str(ended.json[0]["passage"]["document"])


def test_a_mixed_folder_is_indexed_changed_searched_and_forgotten(
    folder: Path, tmp_path: Path, command: Command
) -> None:
    """Broken files are named, changed ones are found as they are now, a forgotten one is gone."""
    place = Path(shutil.copytree(folder, tmp_path / "mixed"))
    docs, here = place / "docs", ("--study", place)
    added = command("index", "add", docs, *here, "--json")
    assert added.code == 1
    assert {each["path"] for each in added.json[0]["skipped"]} == set(BROKEN)
    assert len(added.json[0]["new"]) == 200 - len(BROKEN)

    for number in range(len(KINDS)):  # one of each kind
        name, _ = fact(number)
        asked = f"How long is the warranty of the {name}?"
        ended = command("index", "search", asked, *here, "--json")
        assert f"file-{number}." in found(ended)
        months = str(30 + number)
        assert months in ended.json[0]["passage"]["text"]

    changed = "The warranty of this very thing was cut to half a fortnight by the new owners."
    path = write(docs, 8, changed)
    again = command("index", "add", docs, *here, "--json")
    assert again.json[0]["changed"] == [path.relative_to(docs).as_posix()]
    assert again.json[0]["unchanged"] == 199 - len(BROKEN)
    by_words = ("index", "search", "half a fortnight new owners", "--mode", "bm25", *here, "--json")
    assert found(command(*by_words)) == path.relative_to(docs).as_posix()

    gone = command("forget", path.relative_to(docs).as_posix(), *here, "--json")
    assert gone.code == 0
    assert _search(place / ".suffice", [changed, fact(8)[1]])[0] == []
    ended = command("index", "search", "warranty of this very thing", *here, "--json")
    assert found(ended) != path.relative_to(docs).as_posix()
