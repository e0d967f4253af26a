"""Erase a document from everything kept here, and prove it by searching every byte.

The exit code is 0 when no sentence of it is left under .suffice, 1 when one is, and 2 when there
was no sentence to search for.
"""

from typing import Annotated

import typer
from rich.console import Group
from rich.text import Text

from suffice.cli.console import show, show_json
from suffice.cli.options import HERE, AsJson, StudyPath
from suffice.errors import UsageError
from suffice.forget import Forgotten, Left, described, forget, verified
from suffice.report.words import count, visible
from suffice.settings import FILE, Settings
from suffice.study import Study

LEFT, UNPROVEN = 1, 2


def command(
    document: Annotated[
        str | None, typer.Argument(help="The document, as `suffice index` calls it.")
    ] = None,
    *,
    study: StudyPath = HERE,
    audit: Annotated[
        bool, typer.Option("--audit", help="List what was forgotten, with every signature checked.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Erase a document from everything kept here, and prove it by searching every byte."""
    folder = study if study.is_dir() else study.parent
    loaded = (
        Study.load(study)
        if (folder / FILE).exists()
        else Study(Settings(model="nano", cases=""), folder)
    )
    if audit:
        records = verified(loaded.store)
        if json:
            show_json(records)
        else:
            lines = [f"{each['at']}  {visible(str(each['document']))}" for each in records]
            show(Text("\n".join(lines) or "nothing was forgotten yet"))
        return
    if document is None:
        raise UsageError("forget what? Name a document: `suffice forget returns.md`")
    done = forget(loaded, document)
    show_json(done) if json else show(_page(done))
    if not done.proven:
        raise typer.Exit(LEFT if done.found else UNPROVEN)


def _page(done: Forgotten) -> Group:
    searched = (
        f"searched {count(done.files, 'file')} ({done.bytes / 1e6:.1f} MB) under .suffice for "
        f"{count(done.sentences, 'sentence')} that only this document has: "
    )
    lines = [Text(described(done))]
    if done.found:
        lines.append(Text(f"{searched}{len(done.found)} still hold one", style="bold red"))
        lines += [_left(each) for each in done.found]
    elif done.sentences:
        lines.append(Text(f"{searched}none holds any", style="bold green"))
    else:
        lines.append(Text("no sentence is its alone: nothing can be proven", style="yellow"))
    if done.yours:
        lines += [Text(), Text("Yours, and not changed", style="bold")]
        lines += [_left(each) for each in done.yours]
    lines += [Text(), Text("Out of reach", style="bold")]
    lines += [Text(f"- {each}") for each in done.beyond]
    return Group(*lines)


def _left(left: Left) -> Text:
    line = f":{left.line}" if left.line else ""
    return Text(f"- {visible(left.path)}{line}: {left.reason}")
