"""Pass or fail a build: the newest run against a baseline, or against the bars."""

from typing import Annotated

import typer
from rich.text import Text

from suffice.cli.console import show, show_json
from suffice.cli.options import HERE, AsJson, Outputs, StudyPath, words
from suffice.cli.reports import write_reports
from suffice.decide.gate import Gate, by_comparisons, judge
from suffice.decide.pairs import Kept
from suffice.decide.runs import find_run, load_verdict
from suffice.study import Study

OUT_OF_DATE = Gate(
    "not measurable",
    "the study has changed since its newest run: run it again, or name the run to judge with --run",
)
STYLES = {"pass": "bold green", "worse": "bold red", "not measurable": "bold yellow"}


def command(
    *,
    baseline: Annotated[
        str | None,
        typer.Option(
            help="RUNG of the same run, RUN/RUNG of another, or FILE.jsonl/RUNG of kept trials."
        ),
    ] = None,
    candidate: Annotated[
        str | None, typer.Option(help="The rung to judge; the chosen one if left out.")
    ] = None,
    on: Annotated[
        str | None,
        typer.Option("--on", help="Only these measures, such as correct,format; all if left out."),
    ] = None,
    run: Annotated[
        str | None, typer.Option(help="The run to judge; the newest if left out.")
    ] = None,
    study: StudyPath = HERE,
    output: Outputs = [],  # noqa: B006 (typer reads it and never writes to it)
    json: AsJson = False,
) -> None:
    """Pass or fail a build: the newest run against a baseline, or against the bars.

    Exit code 0 passes, 1 is worse (or misses a bar), 2 is not measurable, 64 is wrong use.
    """
    loaded = Study.load(study)
    folder = find_run(loaded.store, run)
    verdict = load_verdict(folder)
    if run is None and verdict.inputs != loaded.inputs:
        gate = OUT_OF_DATE
    elif baseline is not None and "/" in baseline:
        rung = candidate or verdict.named or verdict.standings[-1].rung
        name = f"{folder.name}/{rung}"
        kept = Kept.of(loaded.store, loaded.split.held_out, loaded.settings.margin)
        gate = by_comparisons(kept.compare(name, baseline), name, words(on))
    else:
        gate = judge(verdict, baseline, candidate, words(on))
    write_reports(verdict, output, folder)
    if json:
        show_json({"status": gate.status, "exit_code": gate.exit_code, "reason": gate.reason})
    else:
        show(_line(gate))
    raise typer.Exit(gate.exit_code)


def _line(gate: Gate) -> Text:
    return Text.assemble((gate.status, STYLES[gate.status]), ": ", gate.reason)
