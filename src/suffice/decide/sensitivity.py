"""What would change the verdict: how far each bar, the needs and the traffic could move before
another rung is chosen. Pure: standings in, sentences out."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from suffice.decide.bars import LOWER_IS_BETTER
from suffice.decide.cost import CHANGES, Money, break_even
from suffice.decide.measures import unfair
from suffice.records import BarResult, BarStatus, Standing
from suffice.report import words
from suffice.stats.outcome import MINIMUM_CLUSTERS

_KEY = re.compile(r"(needs\.\w+):")
_TELLING = 1.1  # times what it costs now


def would_change(
    chosen: str | None,
    standings: Sequence[Standing],
    needs: Mapping[str, str] | None = None,
    money: Money | None = None,
) -> tuple[str, ...]:
    """The nearest changes first. `needs` says of each rung why the study's needs rule it out;
    `money` is there where the study says what traffic it expects."""
    by_rung = {each.rung: each for each in standings}
    said = []
    if chosen in by_rung:
        said += _holds(by_rung[chosen])
        place = [each.rung for each in standings].index(chosen)
        said += [line for each in standings[:place] for line in _would_do(each)]
    else:
        said += [line for each in standings for line in _would_do(each)]
    said += [
        f"without {' and '.join(_KEY.findall(why))}, {rung} would suffice"
        for rung, why in (needs or {}).items()
        if rung in by_rung and _clears(by_rung[rung]) and by_rung[rung].ruled_out == why
    ]
    if money is not None and chosen in by_rung:
        said += _cheaper(by_rung[chosen], standings, money) + _fresher(by_rung[chosen], money)
    return tuple(said)


def _clears(standing: Standing) -> bool:
    return bool(standing.bars) and standing.clears_bars


def _holds(standing: Standing) -> list[str]:
    """How far the chosen rung's bars could be moved."""
    told = [
        f"{words.label(bar.bar)} {_least(bar)}" for bar in standing.bars if _least(bar) is not None
    ]
    return [f"{standing.rung} would still suffice with bars of {', '.join(told)}"] if told else []


def _would_do(standing: Standing) -> list[str]:
    """Where a rung fails on bars that can be named, what they would have to be."""
    short = [bar for bar in standing.bars if bar.status is not BarStatus.MET]
    limits = [_least(bar) for bar in short]
    few = any(
        bar.estimate.clusters < MINIMUM_CLUSTERS or unfair(bar.estimate.counts) for bar in short
    )
    if not short or standing.ruled_out or few or None in limits:
        return []
    told = [f"{words.label(bar.bar)} {limit}" for bar, limit in zip(short, limits, strict=True)]
    return [f"{standing.rung} would suffice with bars of {', '.join(told)}"]


def _least(bar: BarResult) -> str | None:
    """The strictest bar that this estimate surely clears."""
    interval = bar.estimate.interval
    if interval is None:
        return None
    scale = words.scale_of(bar.bar, bar.estimate.value, interval, bar.required)
    if bar.bar in LOWER_IS_BETTER:
        return f"{scale.write(interval.high)} or more"
    return f"{scale.write(interval.low)} or less" if interval.low > 0 else None


def _cheaper(chosen: Standing, standings: Sequence[Standing], money: Money) -> list[str]:
    """From which traffic on another rung that suffices would cost less."""
    ours = money.bill(chosen)
    evens = {
        each.rung: break_even(ours, money.bill(each), money.traffic.months)
        for each in standings
        if each.suffices and each.rung != chosen.rung
    }
    return [
        f"from {even.low:,.0f} to {even.high:,.0f} requests a month on, {rung} would be cheaper"
        for rung, even in evens.items()
        if even is not None and 0 < even.high <= money.traffic.requests_month
    ]


def _fresher(chosen: Standing, money: Money) -> list[str]:
    """What knowledge that changes every day would make of the cost, where that is telling."""
    daily = replace(money, traffic=replace(money.traffic, changes_month=CHANGES["daily"]))
    now, then = (each.bill(chosen).total(each.traffic) for each in (money, daily))
    if now is None or then is None or then.middle <= _TELLING * now.middle:
        return []
    return [
        f"knowledge that changed daily would bring the cost of {chosen.rung} over "
        f"{money.traffic.months} months from {now} to {then}"
    ]
