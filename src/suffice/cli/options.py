"""Options that several commands share, spelled the same everywhere."""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from suffice.cli.dotenv import with_dotenv
from suffice.errors import UsageError, suggest
from suffice.plugins import load, plugins
from suffice.ports import Report

StudyPath: TypeAlias = Annotated[
    Path,
    typer.Option(
        "--study",
        "-s",
        help="The study: suffice.yaml, or the folder it is in.",
        callback=with_dotenv,
    ),
]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Write JSON to stdout.")]
Outputs: TypeAlias = Annotated[
    list[Path],
    typer.Option(
        "--output", "-o", help="Also write a report: .html, .md, .json or junit .xml; repeatable."
    ),
]
Rungs: TypeAlias = Annotated[
    str | None, typer.Option("--rungs", help="Run just these, all of them: prompt,fewshot,schema.")
]

HERE = Path()


def words(text: str | None) -> list[str] | None:
    """`a,b` as a list; None when nothing was given."""
    return [word.strip() for word in text.split(",") if word.strip()] if text else None


def reports_for(paths: list[Path]) -> list[Report]:
    """The format of each file, by its ending. Called before a run too: an ending that nobody
    knows is told before anything is paid for."""
    reports: dict[str, Report] = {}
    for plugin in plugins("report"):
        report: Report = load("report", plugin.name)()
        reports[report.suffix] = report
    for path in paths:
        if path.suffix not in reports:
            known = ", ".join(sorted(reports))
            raise UsageError(
                f"{path}: no report ends in {path.suffix!r}{suggest(path.suffix, reports)}; "
                f"known: {known}"
            )
    return [reports[path.suffix] for path in paths]


def at(study: Path) -> str:
    """The option that names a study in the next command; none for the one in this folder."""
    return "" if study.resolve() == HERE.resolve() else f" --study {study}"
