"""What each rung of the last run costs at the study's traffic: once, a month, a right answer."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from suffice.cli.console import show, show_json
from suffice.cli.options import HERE, AsJson, StudyPath
from suffice.decide.cost import (
    CHANGES,
    Bill,
    Money,
    Swing,
    Traffic,
    cautions,
    evens,
    front,
    seconds_of,
    tornado,
    usual_of,
)
from suffice.decide.runs import find_run, load_verdict
from suffice.errors import UsageError
from suffice.models.prices import digest
from suffice.study import Study

_SHOWN = 3  # of what a rung's cost depends on most


def command(
    *,
    study: StudyPath = HERE,
    requests: Annotated[
        int | None, typer.Option("--requests", min=1, help="Requests a month, for once.")
    ] = None,
    months: Annotated[int | None, typer.Option("--months", min=1, help="Over how many.")] = None,
    json: AsJson = False,
) -> None:
    """What each rung of the last run costs at the study's traffic: once, a month, a right answer.

    What the run measured stands before what is usual; `costs:` in suffice.yaml sets what is usual.
    """
    loaded = Study.load(study)
    verdict = load_verdict(find_run(loaded.store, None))
    keys = loaded.settings.traffic
    asked = requests or keys.requests_per_month
    if asked is None:
        raise UsageError(
            "how many requests a month? Set `traffic: {requests_per_month: ...}` in suffice.yaml, "
            "or name them with --requests"
        )
    money = Money(
        Traffic(
            asked,
            months or keys.months,
            CHANGES[keys.knowledge_changes or "never"],
            loaded.document_count,
        ),
        usual_of(loaded.settings.costs),
    )
    traffic, usual = money.traffic, money.usual
    bills = [money.bill(each) for each in verdict.standings]
    best = front(bills, traffic)
    swings = {
        each.rung: tornado(each, traffic, usual, seconds=seconds_of(each))
        for each in verdict.standings
    }
    aware = cautions(loaded.model.price, date.today())
    if json:
        show_json(
            {"traffic": traffic, "usual": usual, "front": [each.rung for each in best],
             "cautions": aware, "swings": swings,
             "bills": [{"bill": each, "total": each.total(traffic),
                        "thousand": each.thousand(traffic),
                        "right_answer": each.right_answer(traffic)} for each in bills]}
        )  # fmt: skip
    else:
        show(_page(bills, best, traffic, swings, aware))


def _page(
    bills: list[Bill],
    best: list[Bill],
    traffic: Traffic,
    swings: Mapping[str, list[Swing]],
    aware: list[str],
) -> Group:
    table = Table(box=None, pad_edge=False)
    table.add_column("rung")
    for name in ("once", "a month", "in all", "1,000 requests", "a right answer"):
        table.add_column(name, justify="right")
    for each in bills:
        cells = [str(each.once), str(each.month)]
        for found in (each.total(traffic), each.thousand(traffic), each.right_answer(traffic)):
            cells.append("unknown" if found is None else str(found))
        mark = " *" if each in best else ""
        table.add_row(f"{each.rung}{mark}", *cells)
    lines: list[RenderableType] = [
        Text(
            f"{traffic.requests_month:,} requests a month for {traffic.months} months", style="bold"
        ),
        table,
        Text("* no other is both better and cheaper", style="dim"),
    ]
    lines += [Text(f"! {each.rung}: {each.missing}") for each in bills if each.missing]
    lines += [Text(f"! {said}") for said in aware]
    lines.append(Text(f"list prices: {digest()}", style="dim"))
    lines += [Text(said) for said in evens(bills, traffic)]
    lines += [
        Text(
            f"{rung} depends most on "
            + "; ".join(f"{each.figure}: {each.total}" for each in widest[:_SHOWN])
        )
        for rung, widest in swings.items()
        if widest
    ]
    lines += [
        Text(
            f"{each.rung}: " + "; ".join(f"{name} {cost}" for name, cost in each.why.items()), "dim"
        )
        for each in bills
    ]
    return Group(*lines)
