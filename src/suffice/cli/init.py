"""Write a suffice.yaml from what is in a folder; ask for what cannot be found.

A folder of documents and a table of questions become a study; nothing that exists is overwritten.
"""

import json
import os
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Annotated

import typer

from suffice import settings, studies
from suffice.begin.compose import Wishes, compose
from suffice.begin.survey import (
    DRAFTS,
    Found,
    document_names,
    ignore_text,
    read_cases,
    survey,
)
from suffice.begin.table import read_table
from suffice.cli.asking import Person
from suffice.cli.columns import CASES, cases_from_table
from suffice.cli.console import command_name, note, write_new
from suffice.cli.options import at
from suffice.errors import DataError, UsageError, suggest
from suffice.evaluate import cases as case_files
from suffice.plugins import names
from suffice.retrieve.folder import IGNORE

STARTER_CASES = (
    {"id": "refund-days", "question": "How many days do I have to return an item?",
     "expected": "30 days", "checks": [{"metric": "contains"}], "cluster": "returns"},
    {"id": "opening", "question": "When does the shop open on Saturdays?",
     "expected": "10:00", "checks": [{"metric": "contains"}], "cluster": "shop"},
    {"id": "ceo-shoe-size", "question": "What is the shoe size of your CEO?",
     "answerable": False, "cluster": "shop"},
)  # fmt: skip


def command(
    folder: Annotated[Path, typer.Argument(help="The folder with your cases.")] = Path(),
    *,
    model: Annotated[str | None, typer.Option(help="PROVIDER:NAME of the feature's model.")] = None,
    cases: Annotated[
        str | None, typer.Option("--cases", help="The file with your questions.")
    ] = None,
    documents: Annotated[
        str | None, typer.Option("--documents", help="The folder with your documents.")
    ] = None,
    question_column: Annotated[
        str | None, typer.Option("--question-column", help="Of a table: what is asked.")
    ] = None,
    expected_column: Annotated[
        str | None, typer.Option("--expected-column", help="Of a table: the good answer.")
    ] = None,
    gold_column: Annotated[
        str | None, typer.Option("--gold-column", help="Of a table: the document it stands in.")
    ] = None,
    tags_column: Annotated[
        str | None, typer.Option("--tags-column", help="Of a table: words to group by.")
    ] = None,
    empty_declines: Annotated[
        bool,
        typer.Option(
            "--empty-declines", help="A row of a table without an answer is one to be declined."
        ),
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Take what is usual for every question.")
    ] = False,
    example: Annotated[
        str | None,
        typer.Option(
            "--example", help=f"Copy a bundled study instead: {', '.join(studies.names())}."
        ),
    ] = None,
) -> None:
    """Write a suffice.yaml from what is in a folder; ask for what cannot be found."""
    if example is not None:
        _copy(example, folder)
        return
    target = folder / settings.FILE
    if folder.is_file():
        raise UsageError(f"{folder} is a file; name the folder that it is in")
    if target.exists():
        raise UsageError(f"{target} exists already; change it, or delete it and run this again")
    person = Person.at_terminal(yes=yes)
    wishes = _model(model, person, _name(folder))
    folder.mkdir(parents=True, exist_ok=True)
    columns = {
        "question": question_column,
        "expected": expected_column,
        "gold": gold_column,
        "tags": tags_column,
    }
    found = _documents(_surveyed(folder, cases, documents, columns), documents, person)
    found = _cases(found, columns, person, declines=empty_declines, yes=yes)
    read = read_cases(folder, found.cases) if found.cases else None
    wishes = _wishes(wishes, found, person)
    inside = document_names(folder, found.documents, _own(found))
    text = compose(found, wishes, read.cases if read else (), len(inside))
    if found.loose and (more := ignore_text(folder, _own(found))):
        _keep_out(folder / IGNORE, more)
    write_new(target, text)
    settings.read(target)
    typer.echo(text, nl=False)
    note(f"Wrote {target}. {_next(folder, found)}")


# ------------------------------------------------------------------- what is there


def _copy(example: str, folder: Path) -> None:
    """A bundled study to start from, in a folder of its name where none is given."""
    place = Path(example) if folder == Path() else folder
    if not studies.copy(example, place):
        raise UsageError(f"{place / settings.FILE} exists already; name another folder")
    note(f"The study {example} is in {place}/. Next: {command_name()} check{at(place)}")


def _keep_out(path: Path, more: str) -> None:
    """Adds to the ignore file; what a person wrote there stays."""
    held = path.read_bytes() if path.exists() else b""
    with path.open("ab") as file:
        file.write((b"\n" if held and not held.endswith(b"\n") else b"") + more.encode())
    did = "Added the study's own files to" if held else "Wrote"
    note(f"{did} {path}: your documents lie beside the study's own files, which must not be found "
         "by a search.")  # fmt: skip


def _surveyed(
    folder: Path, cases: str | None, documents: str | None, columns: dict[str, str | None]
) -> Found:
    """What the folder holds, with what was named in place of what was found."""
    found = survey(folder)
    if documents is not None:
        if documents and not (folder / documents).exists():
            raise DataError(f"{folder / documents}: there is no such folder of documents")
        found = replace(found, documents=documents or None)
    if cases is None:
        return found
    path = folder / cases
    odd = path.suffix.lower() in (".csv", ".tsv") and (any(columns.values()) or not read_cases(
        folder, cases
    ))  # fmt: skip
    if odd:
        read_table(path)  # a missing or damaged file is told as that
        return replace(found, cases=None, odd=(path,))
    return replace(found, cases=cases, odd=())


def _documents(found: Found, named: str | None, person: Person) -> Found:
    """Confirms the guessed home of the documents."""
    if named is not None or not person.here:
        return found

    def fits(said: str) -> str:
        there = said == "none" or (found.folder / said).exists()
        return "" if there else f"there is no {found.folder / said}"

    usual = found.documents or "none"
    said = person.say("Where are the documents that answers should come from?", usual, fits)
    return replace(found, documents=None if said == "none" else said)


def _own(found: Found) -> frozenset[str]:
    """Files of the study that may lie among its documents."""
    cases = found.cases and case_files.named(found.cases)[1]
    named = [cases, found.prompt, found.examples, found.schema, CASES, DRAFTS, settings.FILE]
    written = (PurePosixPath(each).as_posix() for each in named if each)  # ./a.csv is a.csv
    return frozenset([*(each for each in written if each != "."),
                      *(path.name for path in found.odd)])  # fmt: skip


# -------------------------------------------------------------------------- cases


def _cases(
    found: Found, columns: dict[str, str | None], person: Person, *, declines: bool, yes: bool
) -> Found:
    """The study's cases: as they are, out of a table, or the first three to start from."""
    if found.cases:
        return found
    if found.odd:
        documents = document_names(found.folder, found.documents, _own(found))
        table = read_table(found.odd[0])
        cases_from_table(table, columns, person, documents, declines=declines, yes=yes)
        return replace(found, cases=CASES)
    path = found.folder / CASES
    if path.exists():
        case_files.load(path)  # raises with the line that hindered every format
    if found.documents:
        return found  # questions can be drafted from them
    if answer := person.say("Where are your cases? (empty: write a starter file)", ""):
        return _cases(_surveyed(found.folder, answer, found.documents, columns), columns, person,
                      declines=declines, yes=yes)  # fmt: skip
    write_new(path, "".join(json.dumps(case) + "\n" for case in STARTER_CASES))
    note(f"Found no cases: wrote {path} with three made-up ones. Replace them with your own.")
    return replace(found, cases=CASES)


# ------------------------------------------------------------------------- wishes


def _wishes(wishes: Wishes, found: Found, person: Person) -> Wishes:
    """The bars, and what a fix must offer: asked of a person, usual else."""

    def share(said: str) -> str:
        fine = said.isdigit() and 0 < int(said) < 100
        return "" if fine else "a number from 1 to 99, please; 100 can never be surely met"

    correct = person.say("Of 100 answers, how many must be right?", "85", share)
    citations = bool(found.documents) and person.agrees(
        "Must every answer name the document that it is from?", usual=False
    )
    return replace(wishes, correct=int(correct) / 100, citations=citations)


def _model(named: str | None, person: Person, name: str) -> Wishes:
    """The model that was named, else the one that the environment speaks of, else nano."""
    likely, why = _likely_model()
    if named is None and person.here:
        named = person.say("Which model does your feature use? PROVIDER:NAME", likely, _no_model)
    if named is None and likely == NANO:
        note("No key of a provider is set: the model is nano, a toy that comes with Suffice. Put "
             "your own into suffice.yaml, or name it with --model PROVIDER:NAME.")  # fmt: skip
    if wrong := _no_model(named or likely):
        raise UsageError(wrong)
    return Wishes(name, named or likely, why if named in (None, likely) else "")


def _no_model(model: str) -> str:
    """What is wrong with a model's name, or nothing."""
    provider = model.partition(":")[0]
    if provider in names("model"):
        return ""
    near = suggest(provider, names("model"))
    return (
        f"{model!r}: there is no provider {provider!r}{near}. Write PROVIDER:NAME "
        f"(providers: {', '.join(names('model'))})"
    )


NANO = "nano"


def _likely_model() -> tuple[str, str]:
    """A key is only looked for, never read or sent."""
    for variable in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        if variable in os.environ:
            return "openai:gpt-4o-mini", f"since {variable} is set; name the one that you use"
    if "ANTHROPIC_API_KEY" in os.environ:
        return "anthropic:claude-haiku-4-5", "since ANTHROPIC_API_KEY is set"
    return NANO, "a toy that comes with Suffice: name your own, PROVIDER:NAME"


# ----------------------------------------------------------------------- writing


def _next(folder: Path, found: Found) -> str:
    """What to type now."""
    where = at(folder)
    if not found.cases:
        return (
            f"There are no questions yet. Next: {command_name()} draft{where} lets a model draft "
            f"some from your documents; or write {CASES} yourself"
        )
    return f"Next: {command_name()} check{where}, then {command_name()} run --dry-run{where}"


def _name(folder: Path) -> str:
    kept = "".join(
        char if (char.isascii() and char.isalnum()) or char in "._-" else "-"
        for char in folder.resolve().name
    )
    return kept.strip("._-") or "study"
