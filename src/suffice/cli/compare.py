"""Two rungs side by side, of one run or of two, with the cases on which they differ."""

from typing import Annotated

import typer
from rich.console import Group

from suffice.cli.console import show, show_json
from suffice.cli.options import HERE, AsJson, StudyPath
from suffice.decide.pairs import Kept
from suffice.report.flipped import pair_flips
from suffice.report.terminal import flips
from suffice.study import Study


def command(
    baseline: Annotated[
        str, typer.Argument(metavar="A", help="RUNG, RUN/RUNG or FILE.jsonl/RUNG.")
    ],
    candidate: Annotated[str, typer.Argument(metavar="B", help="What is held against A.")],
    study: StudyPath = HERE,
    flipped: Annotated[
        int, typer.Option("--flips", min=0, help="Show at most so many flipped cases a measure.")
    ] = 10,
    json: AsJson = False,
) -> None:
    """Two rungs side by side, of one run or of two, with the cases on which they differ.

    A comparison that is not in the run's plan is exploratory: good for looking, not for deciding.
    """
    loaded = Study.load(study)
    kept = Kept.of(loaded.store, loaded.split.held_out, loaded.settings.margin)
    comparisons = kept.compare(candidate, baseline)
    if json:
        show_json(comparisons)
        return
    trials = [*kept.trials(baseline), *kept.trials(candidate)]
    show(
        Group(
            *(flips(each, pair_flips(each, kept.cases, trials)[:flipped]) for each in comparisons)
        )
    )
