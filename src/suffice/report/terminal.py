"""A verdict on a terminal: a headline, the rungs, the comparisons, what to beware of.

Lays views out and computes no number. `layout.py` keeps the columns of all tables in step.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from suffice.records import BarStatus, Comparison, Outcome, Verdict
from suffice.report.flipped import FlipView
from suffice.report.layout import Column, Entry, Row, fits, fixed, grid, line, sheet, text
from suffice.report.view import (
    ComparisonView,
    MeasureView,
    RungView,
    VerdictView,
    describe_mcnemar,
    describe_samples,
    view,
    view_comparison,
)

WIDEST = 118  # beyond this the eye loses the line between a name and its numbers
ROOM_TO_DRAW = 104  # from here on there is room for the intervals as pictures
LONGEST_ANSWER = 700  # characters of an answer shown in a comparison of cases

MARK_STYLES = {
    "PASS": "bold green",
    "FAIL": "bold red",
    "UNDECIDED": "bold yellow",
    "NO BAR": "bold",
}
STATUS_STYLES = {
    BarStatus.MET: "green",
    BarStatus.MISSED: "red",
    BarStatus.UNDECIDED: "yellow",
    None: "",
}
OUTCOME_STYLES = {
    Outcome.BETTER: "green",
    Outcome.NOT_WORSE: "green",
    Outcome.WORSE: "red",
    Outcome.NOT_ENOUGH: "yellow",
}


def render(verdict: Verdict) -> RenderableType:
    """The whole verdict, ready for `rich.console.Console.print`."""
    return _Page(view(verdict))


def flips(comparison: Comparison, rows: Sequence[FlipView]) -> RenderableType:
    """The flipped cases of a comparison, both answers side by side, in the order given."""
    return _Flips(view_comparison(comparison), rows)


@dataclass(frozen=True, slots=True)
class _Page:
    seen: VerdictView

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = min(options.max_width, WIDEST)
        seen = self.seen
        parts = [_opening(seen)]
        if seen.rungs:
            parts.append(_rungs(seen, width, plain=options.ascii_only))
        if seen.comparisons:
            parts.append(_comparisons(seen, width))
        if seen.held_out_causes:
            why = "Why held-out cases fail by the first rung, and what mends them"
            parts.append(_listed(why, seen.held_out_causes))
        elif seen.causes:
            parts.append(_listed("Why dev cases fail by the first rung", seen.causes))
        if seen.contaminated:
            parts.append(text(seen.contaminated))
        if seen.would_change:
            parts.append(_listed("What would change the verdict", seen.would_change))
        if seen.next_steps:
            parts.append(_listed("What would bring most", seen.next_steps))
        if seen.warnings:
            parts.append(_warnings(seen.warnings))
        parts.append(_closing(seen))
        for part in parts:
            yield from console.render(Padding(part, (0, 0, 1, 0)), options.update(width=width))


def _opening(seen: VerdictView) -> RenderableType:
    return Group(
        text(f"{seen.study}  {seen.model}", "dim"),
        Text(),
        text(seen.headline, MARK_STYLES[seen.mark]),
        *([text(seen.reason)] if seen.reason else []),
        *([text(seen.leading)] if seen.leading else []),
    )


def _listed(title: str, lines: Sequence[str]) -> RenderableType:
    return Group(Text(title, "bold"), *map(text, lines))


def _warnings(warnings: Sequence[str]) -> RenderableType:
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for warning in warnings:
        table.add_row(Text("!", "bold yellow"), text(warning))
    return Group(Text("Beware", "bold"), table)


def _closing(seen: VerdictView) -> RenderableType:
    return Group(
        text(f"run {seen.run}  plan {seen.plan}", "dim"),
        text(f"{seen.look}  {seen.spent}", "dim"),
    )


# ---------------------------------------------------------------- the rungs


def _rungs(seen: VerdictView, width: int, *, plain: bool) -> RenderableType:
    level = f", with {seen.level} intervals" if seen.level else ""
    title = line(
        Text.assemble(("Rungs", "bold"), (level, "dim")), "asked/answered/scored", style="dim"
    )
    draw = width >= ROOM_TO_DRAW and any(
        measure.middle is not None for rung in seen.rungs for measure in rung.measures
    )
    entries = [
        Entry(
            name=_rung_name(rung),
            aside=rung.cost,
            rows=[_measure(measure, draw=draw, plain=plain) for measure in rung.measures],
            notes=[
                *(f"{each.measure}: {each.note}" for each in rung.measures if each.note),
                *([f"ruled out: {rung.ruled_out}"] if rung.ruled_out else []),
                *rung.notes,
            ],
        )
        for rung in seen.rungs
    ]
    cells = [row.cells for entry in entries for row in entry.rows]
    columns = [fixed(cells, 0), fixed(cells, 1, right=True), fixed(cells, 2)]
    columns += [fixed(cells, 3)] if draw else []
    columns += [fixed(cells, -3), Column(None), fixed(cells, -1, right=True)]
    return Group(title, *sheet(entries, columns, width))


def _rung_name(rung: RungView) -> Text:
    name = Text.assemble(text(rung.rung, "bold green" if rung.place else "bold"))
    if rung.place:
        name.append(f" {rung.place}", "green")
    if rung.built:
        name.append_text(text(f"  {rung.built}"))
    return name


def _measure(seen: MeasureView, *, draw: bool, plain: bool) -> Row:
    name, value, interval = text(seen.measure), text(seen.value, "bold"), text(seen.interval)
    bar = text(
        seen.required.replace("at least", ">=" if plain else "≥").replace(
            "at most", "<=" if plain else "≤"
        )
    )
    result = text(seen.result, STATUS_STYLES[seen.status])
    counts = text(seen.counts, "dim" if seen.complete else "yellow")
    strip = [_strip(seen, plain=plain)] if draw else []
    cells = [name, value, interval, *strip, bar, result, counts]
    told = Text("  ").join(each for each in (value, interval, bar, result, counts) if each)
    return Row(cells, name, told)


def _strip(seen: MeasureView, *, plain: bool, cells: int = 26) -> Text:
    """The interval between 0 and 100%, the value in it, and the bar as an upright stroke."""
    if seen.low is None or seen.middle is None or seen.high is None:
        return Text()
    empty, reach, dot, stroke = ".-o|" if plain else "·━●│"
    low, middle, high = (_place(each, cells) for each in (seen.low, seen.middle, seen.high))
    drawn = list(empty * cells)
    drawn[low : high + 1] = reach * (high + 1 - low)
    if seen.bar is not None:
        drawn[_place(seen.bar, cells)] = stroke
    drawn[middle] = dot
    strip = Text("".join(drawn), "dim")
    strip.stylize(f"not dim {STATUS_STYLES[seen.status]}", low, high + 1)
    return strip


def _place(share: float, cells: int) -> int:
    return min(max(round(share * (cells - 1)), 0), cells - 1)


# ---------------------------------------------------------------- the comparisons


def _comparisons(seen: VerdictView, width: int) -> RenderableType:
    wide = width >= ROOM_TO_DRAW
    entries = [_pair(pair, wide=wide) for pair in _by_pair(seen.comparisons)]
    level = f"{seen.level} interval" if seen.level else "interval"
    head = [text(each, "dim") for each in ("", "points", level, "p", "Holm p", "won/lost", "")]
    head += [text("cases/clusters", "dim")] if wide else []
    cells = [head, *(row.cells for entry in entries for row in entry.rows)]
    to_the_right = [False, True, False, True, True, True]
    columns = [fixed(cells, place, right=right) for place, right in enumerate(to_the_right)]
    columns += [Column(None), fixed(cells, -1, right=True)] if wide else [Column(None)]
    return Group(
        Text("Comparisons on the same cases", "bold"),
        *([text(seen.compared, "dim")] if seen.compared else []),
        *([grid([head], columns)] if fits(columns, width) else []),
        *sheet(entries, columns, width),
    )


def _by_pair(comparisons: Iterable[ComparisonView]) -> list[list[ComparisonView]]:
    """The comparisons of one pair together, pairs in the order in which they first come."""
    pairs: dict[tuple[str, str], list[ComparisonView]] = {}
    for each in comparisons:
        pairs.setdefault((each.candidate, each.baseline), []).append(each)
    return list(pairs.values())


def _pair(pair: Sequence[ComparisonView], *, wide: bool) -> Entry:
    """A pair, its sample in the heading, or in each row where there is room for it."""
    first, exact = pair[0], describe_mcnemar(pair)
    reasons = [f"{each.measure}: {each.reason}" for each in pair if not each.told]
    return Entry(
        name=Text.assemble(
            text(first.candidate, "bold"), " against ", text(first.baseline, "bold")
        ),
        aside="" if wide else describe_samples(pair),
        rows=[_comparison(each, wide=wide) for each in pair],
        notes=[*([exact] if exact else []), *reasons],
    )


def _comparison(seen: ComparisonView, *, wide: bool) -> Row:
    name = text(seen.measure)
    result = text(seen.result, OUTCOME_STYLES[seen.outcome])
    cells = [
        name,
        text(seen.difference.removesuffix(" points"), "bold"),
        text(seen.interval),
        text(seen.p),
        text(seen.p_corrected),
        text(f"{seen.wins}/{seen.losses}"),
        result,
    ]
    cells += [text(f"{seen.cases:,}/{seen.clusters:,}", "dim")] if wide else []
    return Row(cells, name, Text.assemble(result, f"  {_numbers(seen)}"))


def _numbers(seen: ComparisonView) -> str:
    return (
        f"{seen.difference} {seen.interval}  p {seen.p}, Holm p {seen.p_corrected}  "
        f"won/lost {seen.wins}/{seen.losses}"
    )


# ---------------------------------------------------------------- flipped cases


@dataclass(frozen=True, slots=True)
class _Flips:
    seen: ComparisonView
    rows: Sequence[FlipView]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = min(options.max_width, WIDEST)
        seen = self.seen
        title = Text.assemble(
            text(f"{seen.candidate} against {seen.baseline}", "bold"),
            text(f"  {seen.measure}: {seen.result}", OUTCOME_STYLES[seen.outcome]),
        )
        parts: list[RenderableType] = [
            Group(
                line(title, seen.sample, "dim"),
                text(_numbers(seen)),
                *([text(exact, "dim")] if (exact := describe_mcnemar([seen])) else []),
                *([text(seen.reason, "dim")] if seen.reason else []),
            )
        ]
        parts += [] if self.rows else [Text("No case differs.")]
        parts += [_flip(row, seen, console, width, options.ascii_only) for row in self.rows]
        for part in parts:
            yield from console.render(Padding(part, (0, 0, 1, 0)), options.update(width=width))


def _flip(
    row: FlipView, seen: ComparisonView, console: Console, width: int, plain: bool
) -> RenderableType:
    facts = Table.grid(padding=(0, 2, 0, 0))
    facts.add_column(no_wrap=True)
    facts.add_column(overflow="fold")
    for name, said in (("question", row.question), ("expected", row.expected)):
        if said:
            facts.add_row(text(name, "dim"), _excerpt(said))
    half = (width - 3) // 2
    better, worse = ("green", "red")
    left = _side(
        seen.baseline, row.baseline_score, row.baseline_answer, worse if row.won else better
    )
    right = _side(
        seen.candidate, row.candidate_score, row.candidate_answer, better if row.won else worse
    )
    height = max(len(side.wrap(console, half)) for side in (left, right))
    sides = Table.grid(padding=(0, 1, 0, 0))
    for column_width in (half, 1, half):
        sides.add_column(width=column_width, overflow="fold")
    sides.add_row(left, Text("\n".join(("|" if plain else "│") * height), "dim"), right)
    result = Text("won", "green") if row.won else Text("lost", "red")
    return Group(Text.assemble(text(row.case, "bold"), "  ", result), facts, sides)


def _side(rung: str, score: str, answer: str, style: str) -> Text:
    return Text.assemble(text(rung, "bold"), "  ", text(score, style), "\n", _excerpt(answer))


def _excerpt(said: str) -> Text:
    """Somebody's own words, cut where they would push the next case off the screen."""
    left_out = len(said) - LONGEST_ANSWER
    if left_out <= 0:
        return text(said)
    return text(f"{said[:LONGEST_ANSWER].rstrip()} ... ({left_out:,} more characters)")
