"""Ask one question of the rung that won, with citations that were checked.

Without a finished run it is answered from the documents of `suffice index`. A citation that does
not hold is named and never shown as a source.
"""

from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer
from rich.console import Group
from rich.style import Style
from rich.text import Text

from suffice.cli.console import note, show, show_json
from suffice.cli.options import HERE, AsJson, StudyPath
from suffice.errors import UsageError
from suffice.evaluate.journal import Journal
from suffice.records import Json, Message, Passage
from suffice.report.words import count, visible
from suffice.retrieve.cite import Citation
from suffice.retrieve.pack import label
from suffice.settings import FILE, Settings
from suffice.study import Study
from suffice.winner import Reply, Winner

OFFLINE = "nano"  # what answers where no study names a model


def command(
    question: Annotated[list[str], typer.Argument(help="What to ask.")],
    *,
    study: StudyPath = HERE,
    rung: Annotated[
        str | None, typer.Option("--rung", help="Another rung than the one that the run chose.")
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", help="PROVIDER:NAME, where there is no suffice.yaml.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Ask one question of the rung that won, with citations that were checked."""
    asked = " ".join(question).strip()
    if not asked:
        raise UsageError("ask what? `suffice ask How long is the warranty`")
    loaded = _study(study, model)
    with Journal(loaded.store / "journal.db") as journal:
        reply = Winner.of(loaded, journal, rung).reply([Message("user", asked)])
    if json:
        show_json(_record(asked, reply))
    else:
        show(_page(reply, loaded))
        note(f"{reply.rung}: {reply.built}; {count(len(reply.passages), 'passage')} shown")


def _study(path: Path, model: str | None) -> Study:
    """The study, or a makeshift one in a folder that has an index and no suffice.yaml."""
    file = path / FILE if path.is_dir() else path
    if file.exists():
        if model is not None:
            raise UsageError(f"--model is for folders without a study; {file} names the model")
        return Study.load(path)
    folder = path if path.is_dir() else path.parent
    return Study(Settings(model=model or OFFLINE, cases="", max_tokens=256), folder)


def _record(asked: str, reply: Reply) -> dict[str, Json]:
    return {
        "question": asked,
        "answer": reply.answer.text,
        "rung": reply.rung,
        "built": reply.built,
        "citations": [{"number": each.number, **_place(each.passage)} for each in reply.cited.held],
        "flagged": [{"number": each.number, "reason": each.reason} for each in reply.cited.flagged],
        "passages": [_place(each) for each in reply.passages],
        "usd": reply.answer.usd,
        "seconds": reply.answer.seconds,
    }


def _place(passage: Passage) -> dict[str, Json]:
    return {
        "id": passage.id,
        "document": passage.document,
        "title": passage.title,
        "start": passage.start,
        "end": passage.end,
        "page": passage.page,
        "dated": passage.dated,
        "text": passage.text,
    }


def _page(reply: Reply, study: Study) -> Group:
    lines = [Text(visible(reply.answer.text))]
    if reply.cited.held or reply.cited.flagged:
        lines.append(Text())
    lines += [_source(each, study) for each in reply.cited.held]
    lines += [
        Text(f"[{each.number}] is no source: {visible(each.reason)}", style="yellow")
        for each in reply.cited.flagged
    ]
    if not reply.cited.held and reply.passages:
        lines += [Text(), Text("Nothing is cited. Shown to the model:", style="dim")]
        lines += [
            _source(Citation(number, each), study)
            for number, each in enumerate(reply.passages, start=1)
        ]
    return Group(*lines)


def _source(cited: Citation, study: Study) -> Text:
    """A line a terminal can open: the file, where it is one, with the place in it."""
    passage = cited.passage
    page = f", page {passage.page}" if passage.page else ""
    spans = f":{passage.start}-{passage.end}" if passage.start is not None else ""
    line = Text(f"[{cited.number}] {visible(label(passage))}  ")
    place = Text(f"{visible(passage.document)}{spans}{page}", style="dim")
    if (path := _file(passage, study)) is not None:
        place.stylize(Style(link=f"file://{quote(str(path))}"))
    return line.append_text(place)


def _file(passage: Passage, study: Study) -> Path | None:
    root = study.documents if study.settings.documents else None
    if root is None or not root.is_dir():
        return None
    path = (root / passage.document).resolve()
    return path if path.is_relative_to(root.resolve()) and path.is_file() else None
