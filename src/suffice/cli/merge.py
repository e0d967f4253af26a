"""Merge an adapter into its base: a plain model, at the base's own speed."""

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from suffice.cli.console import show, show_json
from suffice.cli.options import AsJson
from suffice.errors import UsageError
from suffice.plugins import part
from suffice.records import Example, Message


def command(
    adapter: Annotated[Path, typer.Argument(help="The adapter's folder.")],
    dest: Annotated[Path, typer.Argument(help="Where the model goes.")],
    *,
    base: Annotated[
        str, typer.Option("--base", help="What it was trained on, PROVIDER:NAME.")
    ] = "nano",
    json: AsJson = False,
) -> None:
    """Merge an adapter into its base: a plain model, at the base's own speed."""
    adapters, bases = (part(f"suffice.tune.{name}", "merging") for name in ("adapter", "base"))
    if dest.exists():
        raise UsageError(f"{dest} is there already; name another place")
    card = adapters.read_card(adapter)
    loaded = bases.load_base(base, Path(), card.recipe)
    probe = Example("probe", (Message("user", "What do the documents say?"),), "They do not say.")
    gap = adapters.merge(loaded.weights, adapter, dest, [loaded.writer("").row(probe)])
    if json:
        show_json({"model": str(dest), "largest_difference": gap})
    else:
        show(Text(f"{dest}: scores differ from the adapter's by {gap:.1e} at most"))
