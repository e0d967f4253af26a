"""The bundled study, offline, with no key and no GPU: a worked verdict in seconds."""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from suffice.cli.console import command_name, note, show, show_verdict_json
from suffice.cli.options import AsJson
from suffice.cli.reports import write_reports
from suffice.cli.run import climb
from suffice.errors import UsageError
from suffice.ladder import Study
from suffice.report.terminal import render

BUNDLED = Path(__file__).parent.parent / "studies" / "support_desk"


def command(
    folder: Annotated[
        Path, typer.Argument(help="Where the study is copied to, for you to change and run again.")
    ] = Path("suffice-demo"),
    json: AsJson = False,
) -> None:
    """The bundled study, offline, with no key and no GPU: a worked verdict in seconds."""
    if not (folder / "suffice.yaml").exists():
        if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
            raise UsageError(f"{folder} exists and holds something else; name another folder")
        shutil.copytree(BUNDLED, folder, dirs_exist_ok=True)
        note(f"The bundled study is in {folder}/: look at it, change it, run it again.")
    loaded = Study.load(folder)
    verdict = climb(loaded, ["prompt", "fewshot", "schema"])
    show_verdict_json(verdict) if json else show(render(verdict))
    page = folder / "report.html"
    write_reports(verdict, [page], loaded.store / "runs" / verdict.run)
    note(f"The report, with every case: {page}")
    note(f"Next: {command_name()} compare prompt schema --study {folder}")
