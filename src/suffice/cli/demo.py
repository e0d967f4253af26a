"""A bundled study, offline, with no key and no GPU: a worked verdict with error bars.

Nothing is canned: it indexes, trains, asks, grades and decides as `suffice run` does.
"""

import json as codec
from pathlib import Path
from typing import Annotated

import typer

from suffice import studies
from suffice.cli.console import command_name, note, show, show_json
from suffice.cli.options import AsJson
from suffice.cli.reports import write_reports
from suffice.cli.run import climb
from suffice.ladder import Study
from suffice.plugins import load
from suffice.records import Json, Verdict
from suffice.report.json import JsonReport
from suffice.report.terminal import render


def command(
    folder: Annotated[
        Path | None,
        typer.Argument(
            help="Where the study is copied to, for you to change and run again; "
            "suffice-demo/NAME when left out."
        ),
    ] = None,
    study: Annotated[str, typer.Option(help=f"Which: {', '.join(studies.names())}.")] = "support",
    quick: Annotated[
        bool, typer.Option("--quick", help="Fewer cases and examples: sooner, less sure.")
    ] = False,
    json: AsJson = False,
) -> None:
    """A bundled study, offline, with no key and no GPU: a worked verdict with error bars."""
    place = folder or Path("suffice-demo") / (f"{study}-quick" if quick else study)
    if studies.copy(study, place, quick=quick):
        note(f"The study {study} is in {place}/: look at it, change it, run it again.")
    if quick:
        note("A part of the cases and examples: intervals are wider, and more may stay undecided.")
    loaded = Study.load(place)
    if loaded.settings.documents:
        load("embedder", "minilm")  # where it is missing nothing is half done: the error says how
    verdict = climb(loaded)
    page = place / "report.html"
    write_reports(verdict, [page], loaded.store / "runs" / verdict.run)
    if json:
        show_json(summary(study, page, verdict))
        return
    show(render(verdict))
    note(f"The report, with every case: {page}")
    note(f"Next: {command_name()} init in a folder of your own documents and questions")


def summary(study: str, page: Path, verdict: Verdict) -> dict[str, Json]:
    """The JSON report's verdict, with the rung that won by that name."""
    told = codec.loads(JsonReport().render(verdict))
    return {"study": study, "report": str(page), "verdict": {"winner": verdict.chosen, **told}}
