"""What the field's questionnaires say of your case, where they part, and what would settle it."""

import sys
from pathlib import Path
from typing import Annotated

import typer
import yaml
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from suffice.cli.console import show, show_json
from suffice.cli.options import HERE, AsJson, StudyPath
from suffice.decide.advise import BY_KEY, QUESTIONS, Advice, advise
from suffice.decide.runs import find_run, load_verdict, runs
from suffice.errors import DataError, UsageError, suggest
from suffice.records import Cause, Json, Source
from suffice.settings import FILE
from suffice.study import Study

_PROMPTED = frozenset({"prompt", "fewshot"})  # rungs that are nothing but a prompt


def command(
    *,
    study: StudyPath = HERE,
    answers: Annotated[
        Path | None, typer.Option("--answers", help="YAML with answers by their keys.")
    ] = None,
    json: AsJson = False,
) -> None:
    """What the field's questionnaires say of your case, where they part, and what would settle it.

    Asks in a terminal; --answers FILE answers instead. What a study's own runs have measured is
    taken from there.
    """
    measured = _measured(study)
    given = _read(answers) if answers else {}
    believed = {key: value for key, value in given.items() if key not in measured}
    missing = [each for each in QUESTIONS if each.key not in measured | believed]
    if missing and answers is None:
        if not sys.stdin.isatty():
            raise UsageError(
                "advise asks in a terminal; elsewhere, give it a YAML file with --answers, with "
                f"these keys: {', '.join(each.key for each in missing)}"
            )
        believed |= {each.key: _asked(each.text, each.kind) for each in missing}
    found = advise(measured | believed)
    if json:
        show_json({"advice": found, "agreed": found.agreed, "measured": measured,
                   "believed": believed})  # fmt: skip
    else:
        show(_page(found, measured, believed))


def _measured(study: Path) -> dict[str, float]:
    """What a study and its last run know better than anybody's belief."""
    folder = study if study.is_dir() else study.parent
    if not (folder / FILE).exists():
        return {}
    loaded = Study.load(study)
    keys = loaded.settings
    found: dict[str, float] = {
        "has_eval_set": 1.0,
        "must_cite": float(keys.needs.citations),
        "must_delete": float(keys.needs.deletion or keys.needs.tenants),
        "strict_format": float(any(case.schema for case in loaded.cases.cases)),
        "examples": float(len(loaded.examples)),
        "knowledge_changes": float(keys.traffic.knowledge_changes not in (None, "never")),
        "documents": float(loaded.document_count),
    }
    if not runs(loaded.store):
        return found
    verdict = load_verdict(find_run(loaded.store, None))
    shares = {each.cause: each.share for each in verdict.causes}
    if shares:
        found["lacks_facts"] = float(shares.get(Cause.KNOWLEDGE, 0) > 0.02)
        form = shares.get(Cause.FORMAT, 0) + shares.get(Cause.SKILL, 0)
        found["behaviour_left"] = float(form > 0.02)
    prompted = [each for each in verdict.standings if each.rung in _PROMPTED]
    values = [each.estimate("correct") for each in prompted]
    right = [each.value for each in values if each is not None and each.value is not None]
    if right:
        found["share_right"] = 100 * max(right)
    # One that was passed over could not have been enough: that is its end too.
    passed = {rung for rung in _PROMPTED for each in verdict.warnings
              if each.startswith(f"{rung} was passed over")}  # fmt: skip
    found["prompting_exhausted"] = float(passed | {each.rung for each in prompted} >= _PROMPTED)
    return found


def _read(path: Path) -> dict[str, float]:
    """Yes, no and numbers by the questions' keys."""
    try:
        values: Json = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise DataError(f"cannot be read as YAML: {error}", Source(str(path))) from error
    if not isinstance(values, dict):
        raise DataError("answers are a mapping of keys to yes, no or numbers", Source(str(path)))
    for key, value in values.items():
        if key not in BY_KEY:
            raise DataError(f"{key!r} is no question{suggest(str(key), BY_KEY)}", Source(str(path)))
        if not isinstance(value, (bool, int, float)):
            raise DataError(f"{key}: {value!r} is neither yes, no nor a number", Source(str(path)))
    return {str(key): float(value) for key, value in values.items()}


def _asked(text: str, kind: str) -> float:
    if kind == "number":
        said: float = typer.prompt(text, type=float, default=0.0, err=True)
        return said
    return float(typer.confirm(text, err=True))


def _page(found: Advice, measured: dict[str, float], believed: dict[str, float]) -> Group:
    table = Table(box=None, pad_edge=False, show_header=False)
    for column in ("questionnaire", "says", "because"):
        table.add_column(column, no_wrap=column != "because")
    for each in found.opinions:
        table.add_row(each.framework, Text(each.says, "bold"), each.because)
    said = (
        f"All say {found.agreed}."
        if found.agreed
        else "They part: each asks something else first. Only a measurement settles it."
    )
    lines: list[RenderableType] = [
        Text(said, "bold"),
        table,
        *(Text(f"Mistake: {each}", "yellow") for each in found.mistakes),
        Text(f"What would settle it: {found.experiment}"),
        Text(),
        Text(
            f"measured: {', '.join(sorted(measured)) or 'nothing, there is no study here'}", "dim"
        ),
        Text(f"believed: {', '.join(sorted(believed)) or 'nothing'}", "dim"),
    ]
    return Group(*lines)
