"""What a run would cost, as a table."""

from collections.abc import Mapping

from rich.table import Table

from suffice.evaluate.ask import Forecast


def forecast_table(counted: Mapping[str, Forecast]) -> Table:
    """One line a rung and a total. Dollars are the most it can be: answers at full length. The
    time is of the asking alone, at the pace of earlier answers."""
    table = Table(
        title="What this run would ask, at most", title_justify="left", box=None, pad_edge=False
    )
    table.add_column("rung")
    for name in (
        "calls",
        "known already",
        "tokens in",
        "tokens out at most",
        "USD at most",
        "time",
    ):
        table.add_column(name, justify="right")
    for rung, forecast in counted.items():
        table.add_row(rung, *_cells(forecast))
    table.add_section()
    table.add_row("in all", *_cells(sum(counted.values(), start=Forecast())), style="bold")
    return table


def _cells(forecast: Forecast) -> tuple[str, ...]:
    return (
        f"{forecast.calls:,}",
        f"{forecast.known:,}",
        f"{forecast.input_tokens:,}",
        f"{forecast.output_tokens:,}",
        "price unknown" if forecast.usd is None else f"${forecast.usd:,.4f}",
        _time(forecast.seconds),
    )


def _time(seconds: float | None) -> str:
    """By answers in the journal; indexing and training come on top."""
    if seconds is None:
        return "not asked yet"
    return f"about {seconds / 60:,.0f} min" if seconds >= 90 else f"about {seconds:,.0f} s"
