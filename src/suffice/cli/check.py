"""Validate a study before anything is spent: data, leaks, what differences it can resolve.

Needs no key and asks no model.
"""

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from suffice.cli.concerns import Concern, bars_of, concerns_of
from suffice.cli.console import command_name, show, show_json
from suffice.cli.options import HERE, AsJson, StudyPath, at
from suffice.cli.tune import findings_of
from suffice.decide.resolution import Resolution, resolution, share_for_bar
from suffice.errors import DataError
from suffice.evaluate.drafts import FILE
from suffice.evaluate.grade import metric_of
from suffice.plugins import load
from suffice.records import Source
from suffice.report.words import count
from suffice.study import Study, known_rungs


def command(
    study: StudyPath = HERE,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 when there is any warning.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Validate a study before anything is spent: data, leaks, what differences it can resolve."""
    loaded = Study.load(study)
    _refuse_no_cases(loaded, at(study))
    facts, found = facts_of(loaded), resolution(loaded.split.held_out, loaded.settings.margin)
    examples = findings_of(loaded)
    concerns = concerns_of(loaded, found, examples)
    warnings = [each for each in concerns if not each.hint]
    if json:
        shown = {"study": facts, "resolution": asdict(found), "warnings": list(map(str, warnings))}
        show_json({**shown, "concerns": concerns, "examples": examples})
    else:
        show(_page(loaded, facts, found, concerns, _next(study, found, loaded)))
    raise typer.Exit(1 if strict and warnings else 0)


def facts_of(study: Study) -> dict[str, str]:
    """What was read, in words. Reading it validates every file that the study names."""
    cases, split = study.cases.cases, study.split
    metrics = Counter(check.metric for case in cases for check in case.checks)
    for check in {check.metric: check for case in cases for check in case.checks}.values():
        metric_of(check)
    load("model", study.settings.model.partition(":")[0])
    known_rungs(study.settings.rungs)
    unanswerable = sum(not case.answerable for case in cases)
    return {
        "model": study.settings.model,
        "cases": f"{len(cases)}, {unanswerable} of them unanswerable",
        "dev": f"{count(len(split.dev), 'case')}, for building and trying out",
        "held-out": f"{count(len(split.held_out), 'case')} in "
        f"{count(_clusters(study), 'cluster')}, for the verdict",
        "checks": ", ".join(f"{name} ({times})" for name, times in metrics.most_common()),
        "examples": f"{len(study.examples)}" if study.examples else "none; dev cases stand in",
        "prompt": f"{study.settings.prompt or 'none given: a plain one is used'}, "
        f"{count(len(study.prompt.split()), 'word')}",
        **_needed_later(study),
    }


def _refuse_no_cases(study: Study, where: str) -> None:
    """A study that `suffice init` began from documents alone has its questions still to come."""
    path = study.folder / study.settings.cases
    if path.exists() or ":" in study.settings.cases or study.settings.documents is None:
        return
    name = command_name()
    then = (
        f"{name} review{where} shows you the drafts"
        if (study.folder / FILE).exists()
        else f"{name} draft{where} lets a model draft some from your documents"
    )
    raise DataError(
        f"there are no questions yet. Next: {then}; or write this file", Source(str(path))
    )


def _needed_later(study: Study) -> dict[str, str]:
    """Files that building or judging will need: looked for now."""
    found = {"documents": study.documents, "labels": study.judge_labels}
    return {key: _about(path, study) for key, path in found.items() if path}


def _about(path: Path, study: Study) -> str:
    if path == study.documents:
        return f"{path}, {count(study.document_count, 'file')}"
    return str(path)


def _clusters(study: Study) -> int:
    return len({case.cluster or case.id for case in study.split.held_out})


# -------------------------------------------------------------------------- page


def _page(
    study: Study, facts: dict[str, str], found: Resolution, concerns: list[Concern], then: str
) -> Group:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    for key, value in facts.items():
        table.add_row(key, Text(value))
    warnings = [each for each in concerns if not each.hint]
    hints = [each for each in concerns if each.hint]
    heading = f"{count(len(warnings), 'warning')}" if warnings else "No warnings."
    return Group(
        Text(f"Study {study.name}", style="bold"),
        table,
        Text(),
        *_resolves(study, found),
        Text(),
        Text(heading, style="bold"),
        *(_told(each, "yellow") for each in warnings),
        *([Text(), Text("Worth knowing", style="bold")] if hints else []),
        *(_told(each, "") for each in hints),
        Text(),
        Text(then, style="bold"),
    )


def _told(concern: Concern, style: str) -> RenderableType:
    """What, why and what to do, one below the other."""
    return Group(
        Text(f"- {concern.said}.", style=style),
        Padding(Text(concern.why, style="dim"), (0, 0, 0, 2), expand=False),
        Padding(Text(concern.mend), (0, 0, 0, 2), expand=False),
    )


def _resolves(study: Study, found: Resolution) -> list[Text]:
    lines = [Text("What these cases can resolve", style="bold")]
    lines += [Text(sentence) for sentence in found.sentences]
    bar = bars_of(study).get("correct")
    needed = share_for_bar(bar, found.cases, found.clusters) if bar else None
    if bar and needed:
        lines.insert(
            1,
            Text(
                f"To clear the bar of {bar:.0%} for sure, about {needed:.0%} of the "
                f"{found.cases} held-out cases must be right."
            ),
        )
    return lines


def _next(path: Path, found: Resolution, study: Study) -> str:
    """What to type now."""
    if found.too_few_clusters:
        return f"Next: add cases, then {command_name()} check{at(path)} again"
    if not bars_of(study):
        return f"Next: set a bar in suffice.yaml, then {command_name()} check{at(path)} again"
    return (
        f"Next: {command_name()} run --dry-run{at(path)} says what a run would ask and cost; "
        f"{command_name()} run{at(path)} runs it"
    )
