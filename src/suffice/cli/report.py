"""Write the report of a run again, in other formats, without asking anything."""

from typing import Annotated

import typer

from suffice.cli.console import show, show_verdict_json
from suffice.cli.options import HERE, AsJson, Outputs, StudyPath, write_reports
from suffice.decide.runs import find_run, load_verdict
from suffice.report.terminal import render
from suffice.study import Study


def command(
    run: Annotated[
        str | None, typer.Argument(help="A run, or the start of its name; the newest if left out.")
    ] = None,
    study: StudyPath = HERE,
    output: Outputs = [],  # noqa: B006 (typer reads it and never writes to it)
    json: AsJson = False,
) -> None:
    """Write the report of a run again, in other formats, without asking anything."""
    verdict = load_verdict(find_run(Study.load(study).store, run))
    write_reports(verdict, output)
    if json:
        show_verdict_json(verdict)
    elif not output:
        show(render(verdict))
