"""Write the report of a run again, in other formats, without asking anything."""

from typing import Annotated

import typer

from suffice.cli.console import note, show, show_verdict_json
from suffice.cli.options import HERE, AsJson, Outputs, StudyPath
from suffice.cli.reports import write_reports
from suffice.decide.runs import find_run, judged_again, load_verdict
from suffice.records import as_json
from suffice.report.terminal import render
from suffice.study import Study


def command(
    run: Annotated[
        str | None, typer.Argument(help="A run, or the start of its name; the newest if left out.")
    ] = None,
    study: StudyPath = HERE,
    again: Annotated[
        bool, typer.Option("--again", help="Conclude anew from the run's files, and compare.")
    ] = False,
    output: Outputs = [],  # noqa: B006 (typer reads it and never writes to it)
    json: AsJson = False,
) -> None:
    """Write the report of a run again, in other formats, without asking anything.

    With --again the verdict is concluded anew from the run's plan, trials and cases alone; exit
    code 1 where that gives another one, as after a change of Suffice itself.
    """
    folder = find_run(Study.load(study).store, run)
    verdict = load_verdict(folder)
    if again:
        anew = judged_again(folder)
        same = as_json(anew) == as_json(verdict)
        said = "the same verdict again" if same else "another verdict now; the kept one is left"
        note(f"The run's files give {said}.")
        verdict = anew
    write_reports(verdict, output, folder)
    for path in output:
        note(f"Wrote {path}")
    if json:
        show_verdict_json(verdict)
    elif not output:
        show(render(verdict))
    if again and not same:
        raise typer.Exit(1)
