"""The conclusion: the cheapest rung that surely clears every bar, or why there is none."""

from collections.abc import Mapping, Sequence

from suffice.decide.advice import leading, next_steps
from suffice.decide.cost import Money
from suffice.decide.plan import Plan
from suffice.decide.sensitivity import would_change
from suffice.decide.standing import nothing_answered
from suffice.records import BarResult, BarStatus, CauseShare, Comparison, Standing, Verdict
from suffice.report import words
from suffice.stats.outcome import MINIMUM_CLUSTERS


def conclude(
    plan: Plan,
    *,
    standings: tuple[Standing, ...],
    comparisons: tuple[Comparison, ...],
    look: int,
    usd: float | None,
    seconds: float,
    warnings: tuple[str, ...],
    inputs: str = "",
    complete: bool = True,
    causes: tuple[CauseShare, ...] = (),
    left_out: Mapping[str, str] | None = None,
    needs: Mapping[str, str] | None = None,
    money: Money | None = None,
) -> Verdict:
    """What the standings and comparisons amount to. `complete`: the budget lasted to the end.
    `needs` says of each rung which of the study's needs rules it out, if any."""
    chosen, reason = _choose(standings, comparisons)
    return Verdict(
        run=plan.run,
        study=plan.study,
        model=plan.model,
        chosen=chosen,
        reason=reason,
        standings=standings,
        comparisons=comparisons,
        plan=plan.digest,
        look=look,
        usd=usd,
        seconds=seconds,
        warnings=warnings,
        inputs=inputs,
        complete=complete,
        causes=causes,
        leading=leading(standings) if chosen is None else None,
        next_steps=next_steps(standings, causes, left_out or {}) if chosen is None else (),
        would_change=would_change(chosen, standings, needs, money),
    )


def _choose(
    standings: Sequence[Standing], comparisons: Sequence[Comparison]
) -> tuple[str | None, str]:
    if not standings:
        return None, "No rung could be built."
    if not standings[0].bars:
        return _incumbent(standings, comparisons)
    for place, standing in enumerate(standings):
        if standing.suffices:
            return standing.rung, _sufficient(standing, standings[:place])
    return None, _insufficient(standings)


def _incumbent(
    standings: Sequence[Standing], comparisons: Sequence[Comparison]
) -> tuple[str | None, str]:
    """Without bars: the cheapest stands until a dearer one wins by the margin, surely."""
    chosen, first = standings[0].rung, standings[0]
    if reason := nothing_answered(first):
        return None, f"{chosen} could not be measured: {reason}."
    for standing in standings[1:]:
        if not standing.ruled_out and any(
            comparison.candidate == standing.rung
            and comparison.baseline == chosen
            and comparison.exceeds_margin
            for comparison in comparisons
        ):
            chosen = standing.rung
    if chosen == standings[0].rung:
        return chosen, "No bar is set, and no dearer rung surely wins by the margin."
    return chosen, "No bar is set; it surely beats every cheaper rung by the margin."


def _sufficient(standing: Standing, cheaper: Sequence[Standing]) -> str:
    cleared = ", ".join(words.label(bar.bar) for bar in standing.bars)
    reason = f"It is the cheapest rung that surely clears every bar ({cleared})."
    for other in cheaper:
        if not any(bar.status is BarStatus.MISSED for bar in other.bars):
            reason += f" {other.rung} is still open: {_open(other.bars)}."
    return reason


def _insufficient(standings: Sequence[Standing]) -> str:
    """Names the rung that comes nearest and what stands in its way."""
    out = [each for each in standings if each.ruled_out and each.clears_bars]
    if out:
        return f"{out[0].rung} clears every bar, and is ruled out: {out[0].ruled_out}."
    best = leading(standings)
    nearest = min(
        standings,
        key=lambda each: (
            bool(each.ruled_out),
            best is not None and best.worth_telling and each.rung != best.rung,
            *_shortfall(each.bars),
        ),
    )
    missed = [bar for bar in nearest.bars if bar.status is BarStatus.MISSED]
    if not missed:
        return f"{nearest.rung} misses no bar but is not surely over them: {_open(nearest.bars)}."
    return f"{nearest.rung} comes nearest and misses: {'; '.join(_miss(bar) for bar in missed)}."


def _miss(bar: BarResult) -> str:
    scale = words.scale_of(bar.bar, bar.estimate.value, bar.estimate.interval, bar.required)
    value = "not measured" if bar.estimate.value is None else scale.write(bar.estimate.value)
    return f"{words.label(bar.bar)} is {value}, {words.required(bar.bar, bar.required)} is required"


def _shortfall(bars: Sequence[BarResult]) -> tuple[int, int, float]:
    """How many bars are missed and how many open, then how far off the missed ones are in all."""
    statuses = [bar.status for bar in bars]
    off = [_off(bar) for bar in bars if bar.status is BarStatus.MISSED]
    return statuses.count(BarStatus.MISSED), statuses.count(BarStatus.UNDECIDED), sum(off)


def _off(bar: BarResult) -> float:
    """As a share of what is required; of what was not measured, all of it."""
    value = bar.estimate.value
    if value is None or not bar.required:
        return 1.0
    return abs(bar.required - value) / bar.required


def _open(bars: Sequence[BarResult]) -> str:
    """`correct needs about 120 more cases`, for every bar that is undecided."""
    return "; ".join(_needs(bar) for bar in bars if bar.status is BarStatus.UNDECIDED)


def _needs(bar: BarResult) -> str:
    if bar.more_cases and bar.estimate.clusters >= MINIMUM_CLUSTERS:
        return f"{words.label(bar.bar)} needs about {bar.more_cases} more cases"
    why = bar.estimate.note or "it sits on the bar"
    return f"{words.label(bar.bar)} cannot be decided ({why})"
