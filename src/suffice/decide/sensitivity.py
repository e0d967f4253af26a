"""What would change the verdict: how far each bar, the margin and the needs could move before
another rung is chosen. Pure: standings and comparisons in, sentences out."""

from collections.abc import Mapping, Sequence

from suffice.decide.bars import LOWER_IS_BETTER
from suffice.records import BarResult, BarStatus, Comparison, Standing
from suffice.report import words


def would_change(
    chosen: str | None,
    standings: Sequence[Standing],
    comparisons: Sequence[Comparison],
    needs: Mapping[str, str] | None = None,
) -> tuple[str, ...]:
    """The nearest changes first. `needs` says of each rung why the study's needs rule it out."""
    by_rung = {each.rung: each for each in standings}
    said = []
    if chosen in by_rung:
        said += _holds(by_rung[chosen])
        place = [each.rung for each in standings].index(chosen)
        said += [line for each in standings[:place] for line in _would_do(each)]
    else:
        said += [line for each in standings for line in _would_do(each)]
    said += [
        f"without {why.split(':', 1)[0]}, {rung} would suffice"
        for rung, why in (needs or {}).items()
        if rung in by_rung and _clears(by_rung[rung]) and by_rung[rung].ruled_out == why
    ]
    said += _margins(chosen, comparisons) if not any(each.bars for each in standings) else []
    return tuple(said)


def _clears(standing: Standing) -> bool:
    return bool(standing.bars) and standing.clears_bars


def _holds(standing: Standing) -> list[str]:
    """How far the chosen rung's bars could be moved."""
    told = [
        f"{words.label(bar.bar)} {_least(bar)}" for bar in standing.bars if _least(bar) is not None
    ]
    return [f"{standing.rung} would still suffice with {', '.join(told)}"] if told else []


def _would_do(standing: Standing) -> list[str]:
    """Where a rung fails on bars that can be named, what they would have to be."""
    short = [bar for bar in standing.bars if bar.status is not BarStatus.MET]
    limits = [_least(bar) for bar in short]
    if not short or standing.ruled_out or None in limits:
        return []
    told = [
        f"{words.label(bar.bar)} were {limit}" for bar, limit in zip(short, limits, strict=True)
    ]
    return [f"{standing.rung} would suffice if {' and '.join(told)}"]


def _least(bar: BarResult) -> str | None:
    """The strictest bar that this estimate surely clears."""
    interval = bar.estimate.interval
    if interval is None:
        return None
    scale = words.scale_of(bar.bar, bar.estimate.value, interval, bar.required)
    if bar.bar in LOWER_IS_BETTER:
        return f"{scale.write(interval.high)} or more"
    return f"{scale.write(interval.low)} or less" if interval.low > 0 else None


def _margins(chosen: str | None, comparisons: Sequence[Comparison]) -> list[str]:
    """Without bars the margin decides: from which margin on a dearer rung would win."""
    return [
        f"{each.candidate} would replace {chosen} with a margin below {each.interval.low:.3f}"
        for each in comparisons
        if each.baseline == chosen
        and not each.exceeds_margin
        and each.interval is not None
        and each.interval.low > 0
    ]
