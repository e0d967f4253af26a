"""Every plug-in that is there, with its one-line description."""

from typing import Annotated

import typer
from rich.table import Table

from suffice.cli.console import show, show_json
from suffice.cli.options import AsJson
from suffice.errors import UsageError, suggest
from suffice.plugins import FOLDERS, plugins


def command(
    kind: Annotated[str | None, typer.Argument(help="Only this kind, such as metric.")] = None,
    json: AsJson = False,
) -> None:
    """Every plug-in that is there, with its one-line description."""
    if kind is not None and kind not in FOLDERS:
        raise UsageError(
            f"there is no kind {kind!r}{suggest(kind, FOLDERS)}; known: {', '.join(FOLDERS)}"
        )
    found = [each for name in ([kind] if kind else FOLDERS) for each in plugins(name)]
    if json:
        show_json(found)
        return
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    before = ""
    for plugin in found:
        table.add_row("" if plugin.kind == before else plugin.kind, plugin.name, plugin.summary)
        before = plugin.kind
    show(table)
