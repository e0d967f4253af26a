"""Writes a verdict to the files that were asked for. No command of its own."""

from pathlib import Path

from suffice.cli.options import reports_for
from suffice.decide.runs import details_of
from suffice.records import Verdict


def write_reports(verdict: Verdict, paths: list[Path], folder: Path) -> None:
    """Writes a verdict to files, in the formats that their endings name; `folder` is the run's."""
    details = details_of(folder, verdict) if paths else None
    for path, report in zip(paths, reports_for(paths), strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(report.render(verdict, details), encoding="utf-8")
