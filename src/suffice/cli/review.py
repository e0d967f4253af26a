"""Read drafted cases one by one: accept, mend or drop. Accepted ones become cases.

Every decision is kept at once; stop at any moment, the same command goes on with the next draft.
"""

import sys
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group
from rich.panel import Panel
from rich.text import Text

from suffice import settings
from suffice.cli.console import command_name, err, note
from suffice.cli.keys import QUIT, pressed
from suffice.cli.options import HERE, StudyPath, at
from suffice.evaluate.cases import named
from suffice.evaluate.drafts import FILE, UNREVIEWED, Decision, Draft, verbatim
from suffice.evaluate.reviewing import Reviewing, check_whole
from suffice.report.words import count, visible
from suffice.study import Study

_KEYS = "[a]ccept  [m]end  [d]rop  [s]kip  [q]uit"


def command(
    drafts: Annotated[Path | None, typer.Argument(help=f"The file of drafts; {FILE}.")] = None,
    *,
    study: StudyPath = HERE,
    into: Annotated[
        Path | None, typer.Option("--into", help="The cases to add to; the study's when left out.")
    ] = None,
    unread: Annotated[
        bool,
        typer.Option("--unread", help="Add all open drafts as they are; they stay marked unread."),
    ] = False,
) -> None:
    """Read drafted cases one by one: accept, mend or drop. Accepted ones become cases."""
    folder = study if study.is_dir() else study.parent
    loaded = Study.load(study) if (folder / settings.FILE).exists() else None
    kind, name = named(loaded.settings.cases) if loaded and not into else (None, "cases.jsonl")
    cases = into or folder / name
    checks = loaded.checks if loaded else ()
    check_whole(cases, checks, kind)
    reviewing = Reviewing.of(drafts or folder / FILE, cases, kind)
    if unread:
        note(f"{count(reviewing.take_unread(), 'unread draft')} added to {cases}, with the tag "
             f"{UNREVIEWED!r}: every verdict will say so.")  # fmt: skip
    else:
        _loop(reviewing)
    check_whole(cases, checks, kind)
    note(_said(reviewing, at(study)))


def _loop(reviewing: Reviewing) -> None:
    """One draft after the other, until all are decided or the person leaves."""
    open_drafts = reviewing.open
    for place, draft in enumerate(open_drafts, start=1):
        err().print(_shown(draft, f"draft {place} of {len(open_drafts)}"))
        while not _decided(reviewing, draft, key := _next_key()):
            if key == QUIT:
                return
            shown = repr(key) if key else "that key"
            note(f"{shown} is none of: {_KEYS}")


def _decided(reviewing: Reviewing, draft: Draft, key: str) -> bool:
    """Does what a key stands for; False for a key that stands for nothing."""
    match key:
        case "a":
            reviewing.accept(draft)
        case "d":
            reviewing.drop(draft)
        case "m":
            question = _line("question", draft.question)
            expected = _line("answer", draft.expected)
            if verbatim(expected, draft.passage) is None:
                note("That answer does not stand in the passage so; kept as you wrote it.")
            reviewing.mend(draft, question, expected)
        case "s":
            pass
        case _:
            return False
    return True


def _next_key() -> str:
    """One press at a terminal; the first letter of a line from a pipe, whose end means `q`."""
    if not sys.stdin.isatty():
        return (sys.stdin.readline() or QUIT).strip().lower()[:1]
    key = pressed(lambda: err().print(Text(_KEYS, style="bold"), end=" "))
    err().print(Text(key))
    return key


def _line(name: str, now: str) -> str:
    """A line of text; nothing typed leaves what is there."""
    if sys.stdin.isatty():
        said: str = typer.prompt(f"  {name}", default=now, err=True)
        return said.strip() or now
    return sys.stdin.readline().strip() or now


def _shown(draft: Draft, title: str) -> Group:
    """The passage with the answer marked in it, and what is asked."""
    passage = Text(visible(draft.passage))
    passage.highlight_words([visible(draft.expected)], "bold reverse", case_sensitive=False)
    return Group(
        Panel(
            passage,
            title=Text(visible(draft.document)),
            title_align="left",
            subtitle=Text(title),
            subtitle_align="right",
        ),
        Text.assemble(("question  ", "dim"), (visible(draft.question), "bold")),
        Text.assemble(("answer    ", "dim"), (visible(draft.expected), "bold")),
    )


def _said(reviewing: Reviewing, where: str) -> str:
    """How it stands, and what to type next."""
    found = Counter(each.decision for each in reviewing.drafts)
    stand = ", ".join(f"{found[each]} {each}" for each in Decision if found[each])
    left = found[None]
    said = f"{stand or 'nothing decided'}; {count(left, 'draft')} left." if left else f"{stand}."
    if left:
        return f"{said} Next: {command_name()} review{where} goes on with them"
    return f"{said} Next: {command_name()} check{where}"
