"""Let a chat model draft cases from your documents; `suffice review` is next.

Each draft names its document and keeps its passage; what is no sound case is thrown away. Drafts
are no cases until a person has read them. The same command goes on where it was stopped.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Group
from rich.text import Text

from suffice.cli.console import command_name, note, show, show_json
from suffice.cli.options import HERE, AsJson, StudyPath, at
from suffice.cli.progress import ProgressBar
from suffice.drafting import TRIES, Drafted, Drafting, passages_of, questions_a_passage
from suffice.errors import UsageError
from suffice.evaluate.ask import Forecast
from suffice.evaluate.cases import named
from suffice.evaluate.drafts import FILE, Draft, locked, read_drafts, write_drafts
from suffice.evaluate.journal import Journal
from suffice.evaluate.leaks import said
from suffice.evaluate.purse import Purse
from suffice.ports import ChatModel, Library
from suffice.records import Passage
from suffice.report.words import count as counted
from suffice.study import Study, is_here
from suffice.winner import asker_of

RUN = "drafts"  # what the journal books the calls under


@dataclass(frozen=True)
class _Desk:
    """Where drafts lie, and what is there already."""

    path: Path
    drafts: Sequence[Draft]
    wanted: int

    @property
    def missing(self) -> int:
        return self.wanted - len(self.drafts)

    def keep(self, fresh: Sequence[Draft]) -> None:
        """Adds what is new to the file as it stands by now: a person may review meanwhile."""
        if not fresh:
            return
        with locked(self.path):
            there = read_drafts(self.path)
            ids = {each.id for each in there}
            write_drafts(self.path, [*there, *(each for each in fresh if each.id not in ids)])


def command(
    *,
    study: StudyPath = HERE,
    count: Annotated[
        int, typer.Option("--count", "-n", min=1, help="So many drafts in the file, in all.")
    ] = 60,
    model: Annotated[
        str | None, typer.Option("--model", help="Who drafts, PROVIDER:NAME; else the study's.")
    ] = None,
    budget_usd: Annotated[
        float | None, typer.Option("--budget-usd", min=0, help="Most that drafting may spend.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help=f"The file of drafts; {FILE}.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Pay without asking back.")] = False,
    json: AsJson = False,
) -> None:
    """Let a chat model draft cases from your documents; `suffice review` is next."""
    loaded = _with_model(Study.load(study), model)
    library = _library(loaded)
    path = output or loaded.folder / FILE
    desk = _Desk(path, read_drafts(path), count)
    if desk.missing <= 0:
        note(f"{path} holds {counted(len(desk.drafts), 'draft')} already; ask for more with "
             f"--count. Next: {command_name()} review{at(study)}")  # fmt: skip
        return
    with Journal(loaded.store / "journal.db") as journal, ProgressBar() as progress:
        purse = Purse(budget_usd, journal.spent(RUN) if budget_usd is not None else 0.0)
        asker = replace(asker_of(loaded, journal), purse=purse, progress=progress, run=RUN)
        passages = _passages(loaded, library, count)
        drafting = Drafting(loaded.model, asker, questions_a_passage(count, passages))
        _agree(loaded.model, drafting.forecast(passages), budget_usd, yes=yes)
        done = drafting.draft(
            passages,
            desk.missing,
            known=[*_questions(loaded), *(each.question for each in desk.drafts)],
            told=desk.keep,
        )
    if json:
        show_json({"drafts": len(done.drafts), "asked": done.asked, "written": done.written,
                   "faults": dict(done.faults), "stopped": done.stopped})  # fmt: skip
    else:
        show(_told(done, desk, f"{command_name()} review{at(study)}"))
    raise typer.Exit(0 if done.drafts else 1)


def _with_model(study: Study, model: str | None) -> Study:
    """The study with the model that drafts. A price that it gives is of its own model."""
    keys = study.settings
    if model is None or model == keys.model:
        return study
    other = msgspec.structs.replace(keys, model=model, price=None, extra={})
    return Study(other, study.folder)


def _library(study: Study) -> Library:
    """The study's documents, or those that came with its cases."""
    library = study.library if study.settings.documents or _has_cases(study) else None
    if library is None:
        raise UsageError("there are no documents to draft from: set `documents:` in suffice.yaml")
    return library


def _passages(study: Study, library: Library, count: int) -> list[Passage]:
    """Those that are asked about. What was answered before is not paid for again."""
    found, skipped = passages_of(library, study.model.count_tokens, study.settings.seed)
    for each in skipped:
        note(f"skipped {each.path}: {each.reason}")
    return found[: TRIES * count]


def _has_cases(study: Study) -> bool:
    return (study.folder / named(study.settings.cases)[1]).exists()


def _questions(study: Study) -> list[str]:
    """What the study asks already, where it has cases yet."""
    return [said(case.messages) for case in study.cases.cases] if _has_cases(study) else []


def _agree(model: ChatModel, foreseen: Forecast, budget_usd: float | None, *, yes: bool) -> None:
    """Says what drafting costs at most, and goes on only where that is agreed to."""
    if budget_usd is not None and model.price is None:
        raise UsageError(
            f"a budget needs the price of {model.name}, which is not known: set `price:` in "
            "suffice.yaml"
        )
    free = is_here(model.endpoint) and model.price is None
    usd = "price unknown" if foreseen.usd is None else f"${foreseen.usd:,.4f} at most"
    known = f", {foreseen.known:,} more are known" if foreseen.known else ""
    note(
        f"{model.name} at {model.endpoint} drafts and is asked back: "
        f"{counted(foreseen.calls, 'call')} at most{known}, {foreseen.input_tokens:,} tokens in, "
        + ("on this machine" if free else usd)
    )
    if free or yes or foreseen.usd == 0 or not foreseen.calls:
        return
    if not sys.stdin.isatty():
        raise UsageError("this costs money: say that you agree with --yes, or set --budget-usd too")
    typer.confirm("go on?", abort=True, err=True)


def _told(done: Drafted, desk: _Desk, review: str) -> Group:
    asked = counted(done.asked, "passage")
    lines = [
        Text(f"{counted(len(done.drafts), 'sound draft')} out of {done.written} that the model "
             f"wrote about {asked}."),
        *(Text(f"  {times} thrown away: {why}", style="dim")
          for why, times in done.faults.most_common()),
    ]  # fmt: skip
    if done.stopped:
        lines.append(Text(done.stopped, style="yellow"))
    elif len(done.drafts) < desk.missing:
        lines.append(
            Text(
                f"{desk.missing} were wanted. A stronger model drafts better: name one with "
                "--model; or add documents.",
                style="yellow",
            )
        )
    if done.drafts:
        lines.append(Text(f"Kept in {desk.path}, unreviewed. Next: {review}"))
    return Group(*lines)
