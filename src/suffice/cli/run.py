"""Climb the ladder: build the fixes, ask the held-out cases, compare, conclude.

What was asked before is not asked again, so a run that was stopped goes on where it was.
"""

from pathlib import Path
from typing import Annotated

import typer

from suffice.cli.console import note, show, show_json, show_verdict_json
from suffice.cli.forecast import forecast_table
from suffice.cli.options import (
    HERE,
    AsJson,
    Outputs,
    Rungs,
    StudyPath,
    reports_for,
    words,
)
from suffice.cli.progress import ProgressBar
from suffice.cli.reports import write_reports
from suffice.ladder import Study
from suffice.records import Verdict
from suffice.report.terminal import render


def command(
    *,
    study: StudyPath = HERE,
    rungs: Rungs = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show calls, tokens and dollars; ask nothing.")
    ] = False,
    budget_usd: Annotated[
        float | None, typer.Option("--budget-usd", min=0, help="Most that this run may spend.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="Only so many held-out cases.")
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option("--minutes", min=0, help="Begin nothing new after so long; what ran counts."),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Climb every rung that applies, whatever suffices.")
    ] = False,
    output: Outputs = [],  # noqa: B006 (typer reads it and never writes to it)
    json: AsJson = False,
) -> None:
    """Climb the ladder: build the fixes, ask the held-out cases, compare, conclude.

    With --rungs all the named rungs are run, with --all all that apply. Without, it goes where the
    failures on dev point, and ends at the first that suffices.
    Exit code 0 when a rung suffices, 1 when none does, 2 when the data cannot tell.
    """
    loaded = Study.load(study)
    reports_for(output)
    if dry_run:
        counted = loaded.forecast(rungs=words(rungs), limit=limit)
        show_json(counted) if json else show(forecast_table(counted))
        return
    verdict = climb(loaded, words(rungs), budget_usd, limit, minutes=minutes, everything=everything)
    show_verdict_json(verdict) if json else show(render(verdict))
    write_reports(verdict, output, loaded.store / "runs" / verdict.run)
    raise typer.Exit(exit_code(verdict))


def climb(
    study: Study,
    rungs: list[str] | None = None,
    budget_usd: float | None = None,
    limit: int | None = None,
    *,
    minutes: float | None = None,
    everything: bool = False,
) -> Verdict:
    """Runs a study under a progress bar."""
    with ProgressBar() as progress:
        verdict = study.run(
            rungs=rungs,
            budget_usd=budget_usd,
            limit=limit,
            minutes=minutes,
            everything=everything,
            progress=progress,
        )
    note(f"Kept in {_nearby(study.store / 'runs' / verdict.run)}")
    return verdict


def exit_code(verdict: Verdict) -> int:
    """0: a rung suffices (or no bar was set); 1: every rung surely misses; 2: still open."""
    if verdict.chosen is not None:
        return 0
    if not verdict.complete:
        return 2
    open_rungs = [standing for standing in verdict.standings if standing.may_suffice]
    return 2 if open_rungs or not verdict.standings else 1


def _nearby(path: Path) -> Path:
    """A path as one would type it from here."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
