"""Validate a study before anything is spent: data, leaks, what differences it can resolve.

Needs no key and asks no model.
"""

from collections import Counter
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Group
from rich.table import Table
from rich.text import Text

from suffice.cli.console import show, show_json
from suffice.cli.options import HERE, AsJson, StudyPath
from suffice.cli.tune import findings_of
from suffice.decide.resolution import Resolution, resolution
from suffice.errors import suggest
from suffice.evaluate.grade import metric_of
from suffice.plugins import load
from suffice.report.words import count
from suffice.retrieve.folder import Entry, entries
from suffice.study import Study, known_rungs
from suffice.tune.findings import Severity

# Leaks are told of already; examples that are too few to tune on may be enough to be shown.
_NOT_HERE = ("leak", "few examples")


def command(
    study: StudyPath = HERE,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 when there is any warning.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Validate a study before anything is spent: data, leaks, what differences it can resolve."""
    loaded = Study.load(study)
    facts, found = facts_of(loaded), resolution(loaded.split.held_out, loaded.settings.margin)
    findings = findings_of(loaded)
    warnings = warnings_of(loaded, found) + [
        f"examples, {each}"
        for each in findings
        if each.severity is not Severity.NOTE and each.kind not in _NOT_HERE
    ]
    if json:
        shown = {"study": facts, "resolution": asdict(found), "warnings": warnings}
        show_json({**shown, "examples": findings})
    else:
        show(_page(loaded.name, facts, found, warnings))
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


def _needed_later(study: Study) -> dict[str, str]:
    """Files that building or judging will need: looked for now."""
    found = {"documents": study.documents, "labels": study.judge_labels}
    return {key: str(path) for key, path in found.items() if path}


def warnings_of(study: Study, found: Resolution) -> list[str]:
    """Everything that would make a verdict weaker than it looks."""
    said = [*study.cases.warnings, *study.split.warnings, *(str(leak) for leak in study.leaks)]
    said += _strange_gold(study)
    if found.too_few_clusters:
        said.append(
            f"{count(found.clusters, 'held-out cluster')}: below 10 there is no verdict at all"
        )
    if not any(value is not None for value in asdict_bar(study).values()):
        said.append("no bar is set: nothing can be said to suffice; set `bar:` in suffice.yaml")
    said += [
        f"a bar of {name}: 1.0 can never be surely met; 0.98 or less can"
        for name, value in asdict_bar(study).items()
        if value == 1.0 and name not in ("latency_p95_s", "usd_per_1k")
    ]
    return said


def _strange_gold(study: Study) -> list[str]:
    """Gold that names no document can never be found. Rows of a corpus have ids of their own, which
    only reading tells."""
    root = study.documents
    if root is None or not root.is_dir():
        return []
    there = {each.id for each in entries(root) if isinstance(each, Entry)}
    named = {name for case in study.cases.cases for name in case.gold}
    if any(name.endswith((".jsonl", ".ndjson")) for name in there) or not named - there:
        return []
    strange = sorted(named - there)
    return [
        f"{count(len(strange), 'gold id')} of cases name no file of {root}: "
        f"{', '.join(strange[:3])}{suggest(strange[0], there)}"
    ]


def asdict_bar(study: Study) -> dict[str, float | None]:
    return {
        name: getattr(study.settings.bar, name) for name in study.settings.bar.__struct_fields__
    }


def _clusters(study: Study) -> int:
    return len({case.cluster or case.id for case in study.split.held_out})


def _page(name: str, facts: dict[str, str], found: Resolution, warnings: list[str]) -> Group:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    for key, value in facts.items():
        table.add_row(key, Text(value))
    lines = [Text(f"- {warning}", style="yellow") for warning in warnings]
    heading = Text(count(len(warnings), "warning") if warnings else "No warnings.", style="bold")
    return Group(
        Text(f"Study {name}", style="bold"),
        table,
        Text(),
        *_resolves(found),
        Text(),
        heading,
        *lines,
    )


def _resolves(found: Resolution) -> list[Text]:
    return [Text("What these cases can resolve", style="bold"), *(Text(s) for s in found.sentences)]
