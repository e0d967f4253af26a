"""Tune a model on the study's examples: lint, estimate, train, keep the adapter.

A training that was stopped goes on where it was; the same examples again are not trained again.
"""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group
from rich.text import Text

from suffice.cli.console import note, show, show_json
from suffice.cli.options import HERE, AsJson, StudyPath
from suffice.cli.progress import ProgressBar
from suffice.errors import MissingExtra, UsageError
from suffice.evaluate.journal import Journal
from suffice.kit import Kit
from suffice.models.nano import SHIPPED
from suffice.planned import Planned
from suffice.plugins import load, part
from suffice.ports import Embedder, ModelOptions, TrainerOptions
from suffice.records import Json, LearningCurve
from suffice.report.words import count
from suffice.study import Study
from suffice.tune.curve import Curve
from suffice.tune.findings import Finding, Material, Severity
from suffice.tune.lint import lint, refusal

STYLES = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "dim"}


def command(
    *,
    study: StudyPath = HERE,
    model: Annotated[
        str | None, typer.Option("--model", help="Which to tune; the study's first that can be.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Lint and estimate memory and time; train nothing.")
    ] = False,
    curve: Annotated[
        bool, typer.Option("--curve", help="Train on parts too: what would more examples bring?")
    ] = False,
    processes: Annotated[
        int, typer.Option("--processes", min=1, help="Spread it: one for each GPU of this machine.")
    ] = 1,
    usd_per_hour: Annotated[
        float | None, typer.Option("--usd-per-hour", min=0, help="What the machine costs.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Tune a model on the study's examples: lint, estimate, train, keep the adapter."""
    loaded = Study.load(study)
    found = findings_of(loaded)
    if not json:
        show(findings_page(found))
    if reason := refusal(found, loaded.settings.tuning.accept):
        kinds = ", ".join(sorted({each.kind for each in found if each.severity == "error"}))
        raise UsageError(
            f"these examples are not learned from: {reason}. Mend them, or, if you know better, "
            f"set `tuning: {{accept: [{kinds}]}}` in suffice.yaml"
        )
    if loaded.kept_from_lessons:
        note(loaded.kept_from_lessons)
    name = model or next(iter(loaded.tuning.models), None)
    if name is None:
        raise UsageError(
            "no model of this study can be tuned from here: name an open one with --model, or in "
            "suffice.yaml, as in `candidates: [huggingface:Qwen/Qwen3-0.6B]`"
        )
    provider, _, rest = name.partition(":")
    options = TrainerOptions(loaded.folder, loaded.tuning.recipe)
    trainer = load("trainer", provider)(rest, options)
    with ProgressBar() as progress:
        if trainer.simulated:
            tuned = trainer.train(loaded.lessons, loaded.prompt, progress)
            if json:
                show_json({"model": tuned.model, "findings": found})
            else:
                show(Text(f"{tuned.model}: {tuned.built}"))
            return
        job = trainer.job(loaded.lessons, loaded.prompt)
        foreseen = job.estimate(usd_per_hour)
        if foreseen is not None:
            note(f"{name}, {job.recipe}, {count(len(job.rows), 'example')}: {foreseen}")
        if dry_run:
            if json:
                show_json({"findings": found, "estimate": foreseen})
            return
        job.train(progress, processes)
        job.merge()
        learned = _curve(loaded, name, progress) if curve else None
    card = job.card
    if json:
        said: dict[str, Json] = {"adapter": str(job.adapter), "model": str(job.merged)}
        told = {"card": card, "findings": found, "estimate": foreseen, "curve": learned}
        show_json({**said, **told})
        return
    took = f", {card.seconds:.0f} s where {foreseen.seconds:.0f} were foreseen" if foreseen else ""
    show(
        Group(
            Text(f"{card}{took}", style="bold"),
            *(Text(each) for each in job.notes),
            *(Text(each) for each in _told(learned)),
            Text(f"adapter: {job.adapter}"),
            Text(f"merged:  {job.merged}, to be asked as {provider}:{job.merged}"),
            Text("next:    suffice run --rungs prompt,fewshot,schema,tune"),
        )
    )


def _curve(study: Study, name: str, progress: ProgressBar) -> LearningCurve:
    """Asks every dev case of a model that was tuned on each part."""
    with Journal(study.store / "journal.db") as journal:
        workshop = Kit(study, Planned(study, ("tune",)), journal, progress).workshop()
        curve_of = part("suffice.rungs.tune", "tuning").curve_of
        found: Curve = curve_of(name, study.lessons, study.tuning, workshop)
        return found.record(study.tuning.enough)


def _told(curve: LearningCurve | None) -> list[str]:
    if curve is None:
        return []
    shown = ", ".join(f"{each.share:.0%} with {each.examples:,}" for each in curve.points)
    gains = [str(curve.doubled)] if curve.doubled else []
    gains += [f"{curve.enough}: enough for the bar on dev"] if curve.enough else []
    return [f"right on dev: {shown}", *gains]


def findings_of(study: Study) -> list[Finding]:
    """Of all linters. Without examples there is nothing to say."""
    if not study.examples:
        return []
    embedder, unseen = _embedder(study)
    found = lint(
        Material(
            study.examples,
            held_out=study.split.held_out,
            dev=study.split.dev,
            prompt=study.prompt,
            embedder=embedder,
            seed=study.settings.seed,
        )
    )
    return [*found, *unseen]


def _embedder(study: Study) -> tuple[Embedder | None, list[Finding]]:
    """One that costs nothing to ask, and what cannot be looked for without one."""
    kind, _, name = study.settings.embedder.partition(":")
    why = f"{kind} is paid for by the call"
    if kind in ("minilm", "static"):
        try:
            made: Embedder = load("embedder", kind)(name, ModelOptions(folder=study.folder))
        except MissingExtra as error:
            why = " ".join(str(error).split())
        else:
            return made, []
    said = "whether the examples are like the cases was not looked at"
    return None, [Finding("not compared", Severity.NOTE, said, f"It takes an embedder: {why}.", "")]


def findings_page(found: list[Finding]) -> Group:
    """A finding a line, the worst first."""
    return Group(
        *(Text(f"- {each.severity}: {each}", style=STYLES[each.severity]) for each in found)
    )


def folder_of(place: str) -> Path:
    """A folder as it is typed, or PROVIDER:FOLDER; `nano` is the shipped model's."""
    if place.rstrip(":") == "nano" and not Path(place).is_dir():
        return SHIPPED
    _, _, rest = place.partition(":")
    path = Path(rest or place).expanduser()
    if not path.is_dir():
        raise UsageError(f"there is no folder {path}")
    return path
