"""What a rung costs: once, a month, and for a request; over the study's months; for a right answer.

What the run measured stands before what is usual. What is usual is a range, so totals are ranges
and a break-even is one too. A machine is paid whole: hosting goes up in steps, at the peak and not
at the mean. An unknown price is asked for and never taken for nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from math import ceil, inf
from typing import Any

from suffice.ports import Price
from suffice.records import CostLine, Standing
from suffice.settings import CostKeys, TrafficKeys

HOURS = 730  # of a month
OLD_DAYS = 30  # after which a price is worth a look
SECONDS = HOURS * 3600


@dataclass(frozen=True, slots=True)
class Range:
    """Dollars, from and to."""

    low: float
    high: float

    def __add__(self, other: "Range") -> "Range":
        return Range(self.low + other.low, self.high + other.high)

    def times(self, factor: float) -> "Range":
        return Range(self.low * factor, self.high * factor)

    @property
    def middle(self) -> float:
        return (self.low + self.high) / 2

    def __str__(self) -> str:
        if round(self.low, 2) == round(self.high, 2):
            return _dollars(self.low)
        return f"{_dollars(self.low)} to {_dollars(self.high)}"


FREE = Range(0.0, 0.0)


@dataclass(frozen=True)
class Usual:
    """Figures of 2025 and 2026 that are used where a study knows none. Each can be set under
    `costs:` in suffice.yaml."""

    tuning_data: Range = Range(500, 5000)
    retrieval_data: Range = Range(50, 500)
    training: Range = Range(20, 100)
    training_tries: int = 3
    vector_store_month: Range = FREE  # embedded; a managed one is 70 to 300 for a million vectors
    embedding_million: Range = FREE  # on this machine; by API 10 to 130 dollars a million documents
    machine_month: Range = Range(300, 2000)
    peak: float = 4.0  # times the mean
    changed_share: float = 0.05  # of the documents, at each change of the knowledge


@dataclass(frozen=True)
class Traffic:
    """`changes_month` is how often the knowledge changes."""

    requests_month: int
    months: int = 12
    changes_month: float = 0.0
    documents: int = 0


CHANGES = {"never": 0.0, "yearly": 1 / 12, "monthly": 1.0, "weekly": 4.33, "daily": 30.4}


@dataclass(frozen=True)
class Money:
    """What costs are reckoned with: the study's traffic, and what is usual."""

    traffic: Traffic
    usual: Usual = field(default_factory=Usual)

    def bill(self, standing: Standing) -> "Bill":
        return bill(standing, self.traffic, self.usual, seconds=seconds_of(standing))


@dataclass(frozen=True)
class Bill:
    """`request` is None where neither a price nor a throughput is known: then nothing is added up.
    `why` has each item with its range."""

    rung: str
    once: Range
    month: Range
    request: float | None
    right: float | None
    why: Mapping[str, Range] = field(default_factory=dict)
    missing: str = ""

    def total(self, traffic: Traffic) -> Range | None:
        """Over the study's months."""
        if self.request is None:
            return None
        asked = traffic.requests_month * traffic.months
        return self.once + self.month.times(traffic.months) + _exactly(self.request * asked)

    def thousand(self, traffic: Traffic) -> Range | None:
        """For a thousand requests, everything spread over all of them."""
        total, asked = self.total(traffic), traffic.requests_month * traffic.months
        return None if total is None or not asked else total.times(1000 / asked)

    def right_answer(self, traffic: Traffic) -> Range | None:
        """For one right answer: the cheap model that is wrong half the time is not cheap."""
        thousand = self.thousand(traffic)
        if thousand is None or not self.right:
            return None
        return thousand.times(1 / (1000 * self.right))


def bill(
    standing: Standing, traffic: Traffic, usual: Usual, *, seconds: float | None = None
) -> Bill:
    """Of one rung, from what it was measured to cost. `seconds` is of one answer on one machine of
    one's own, where the model has no price."""
    rung = standing.rung
    learned = rung in ("tune", "hybrid", "distil")
    searched = rung in ("retrieve", "hybrid")
    why: dict[str, Range] = {}
    once, month = FREE, FREE
    if learned:
        why["examples"] = usual.tuning_data
        why["training"] = usual.training.times(usual.training_tries)
        once = once + why["examples"] + why["training"]
        if traffic.changes_month:
            why["training again, a month"] = usual.training.times(traffic.changes_month)
            month = month + why["training again, a month"]
    if searched:
        why["preparing documents"] = usual.retrieval_data
        why["embedding"] = usual.embedding_million.times(traffic.documents / 1e6)
        once = once + why["preparing documents"] + why["embedding"]
        again = usual.changed_share * traffic.changes_month
        why["vector store, a month"] = usual.vector_store_month
        why["embedding again, a month"] = why["embedding"].times(again)
        month = month + why["vector store, a month"] + why["embedding again, a month"]
    estimate = standing.estimate("correct")
    right = None if estimate is None else estimate.value
    measured = standing.estimate("usd_per_1k")
    if measured is not None and measured.value is not None:
        why["tokens, a request"] = _exactly(measured.value / 1000)
        return Bill(rung, once, month, measured.value / 1000, right, why)
    if seconds is None:
        missing = "its price is not known: set `price:` in suffice.yaml"
        return Bill(rung, once, month, None, right, why, missing)
    machines = machines_for(traffic.requests_month, seconds, usual.peak)
    why[f"{machines} machine{'s' * (machines != 1)}, a month"] = usual.machine_month.times(machines)
    month = month + usual.machine_month.times(machines)
    return Bill(rung, once, month, 0.0, right, why)


def seconds_of(standing: Standing) -> float | None:
    """Of one answer, where it has no price: a machine of one's own is then paid for."""
    found = standing.estimate("latency_p95_s")
    return None if found is None else found.value


@dataclass(frozen=True, slots=True)
class Swing:
    """What the total would be with one figure at either end, all others in their middle."""

    figure: str
    total: Range

    @property
    def width(self) -> float:
        return self.total.high - self.total.low


def tornado(
    standing: Standing, traffic: Traffic, usual: Usual, *, seconds: float | None = None
) -> list[Swing]:
    """What the cost of a rung depends on most, the widest swing first."""
    middle = usual
    for name, found in _ranges(usual).items():
        middle = _with(middle, name, found.middle)
    few, many = max(1, usual.training_tries // 2), 2 * usual.training_tries
    half, twice = traffic.requests_month // 2, 2 * traffic.requests_month
    ends = {
        name.replace("_", " "): [
            (traffic, _with(middle, name, end)) for end in (found.low, found.high)
        ]
        for name, found in _ranges(usual).items()
    } | {
        "training tries, half to twice": [
            (traffic, replace(middle, training_tries=tries)) for tries in (few, many)
        ],
        "traffic, half to twice": [
            (replace(traffic, requests_month=asked), middle) for asked in (half, twice)
        ],
        "knowledge changes, never to daily": [
            (replace(traffic, changes_month=CHANGES[often]), middle) for often in ("never", "daily")
        ],
    }
    swings = []
    for figure, both in ends.items():
        totals = [
            total.middle
            for flow, costs in both
            if (total := bill(standing, flow, costs, seconds=seconds).total(flow)) is not None
        ]
        if totals:
            swings.append(Swing(figure, Range(min(totals), max(totals))))
    return sorted((each for each in swings if each.width > 0), key=lambda each: -each.width)


def _ranges(usual: Usual) -> dict[str, Range]:
    named = {each.name: getattr(usual, each.name) for each in fields(usual)}
    return {name: found for name, found in named.items() if isinstance(found, Range)}


def _with(usual: Usual, name: str, dollars: float) -> Usual:
    changed: dict[str, Any] = {name: _exactly(dollars)}
    return replace(usual, **changed)


def money_of(traffic: TrafficKeys, costs: CostKeys, documents: int) -> Money | None:
    """As a study says it; None where it does not say how many requests it expects."""
    if traffic.requests_per_month is None:
        return None
    changes = CHANGES[traffic.knowledge_changes or "never"]
    return Money(
        Traffic(traffic.requests_per_month, traffic.months, changes, documents), usual_of(costs)
    )


def usual_of(keys: CostKeys) -> Usual:
    """The study's figures over those that are usual. Ranges are [from, to]."""
    given: dict[str, Any] = {
        name: Range(*value) if isinstance(value, tuple) else value
        for name in keys.__struct_fields__
        if (value := getattr(keys, name)) is not None
    }
    return Usual(**given)


def cautions(price: Price | None, today: date) -> list[str]:
    """What a reader should know of a price before trusting a sum: its age, its model's end."""
    said = []
    if price is not None and price.as_of:
        days = (today - date.fromisoformat(price.as_of)).days
        if days > OLD_DAYS:
            where = f"; look at {price.source}" if price.source else ""
            said.append(
                f"the price is of {price.as_of}, {days} days ago{where}, and set `price:` in "
                "suffice.yaml where it has changed"
            )
    if price is not None and price.shutdown:
        days = (date.fromisoformat(price.shutdown) - today).days
        said.append(
            f"the model is shut down on {price.shutdown}, in {days} days: measure its successor"
            if days >= 0
            else f"the model was shut down on {price.shutdown}: measure its successor"
        )
    return said


def machines_for(requests_month: int, seconds: float, peak: float) -> int:
    """Whole machines for the peak, where one gives an answer in so many seconds."""
    return max(1, ceil(requests_month / SECONDS * peak * seconds))


def break_even(one: Bill, other: Bill, months: int) -> Range | None:
    """From how many requests a month on `other` is the cheaper: it costs more to have and less to
    ask. None where it never is, or where a price is missing. With machines of one's own it holds
    up to the traffic that they were counted for."""
    if one.request is None or other.request is None or other.request >= one.request:
        return None
    saved = (one.request - other.request) * months
    ours, theirs = (each.once + each.month.times(months) for each in (one, other))
    low = max(0.0, (theirs.low - ours.high) / saved)
    high = max(0.0, (theirs.high - ours.low) / saved)
    return Range(low, high)


def lines(bills: Sequence[Bill], traffic: Traffic) -> tuple[CostLine, ...]:
    """What reports show of bills."""
    best = front(bills, traffic)
    return tuple(
        CostLine(
            each.rung,
            (each.once.low, each.once.high),
            (each.month.low, each.month.high),
            each.request,
            each.right,
            None if (total := each.total(traffic)) is None else (total.low, total.high),
            each in best,
            each.missing,
        )
        for each in bills
    )


def evens(bills: Sequence[Bill], traffic: Traffic) -> tuple[str, ...]:
    """From when on what costs more to have is the cheaper."""
    return tuple(
        f"{other.rung} is cheaper than {one.rung} from {found.low:,.0f} to {found.high:,.0f} "
        "requests a month on"
        for place, one in enumerate(bills)
        for other in bills[place + 1 :]
        if (found := break_even(one, other, traffic.months)) is not None
        and found.high > 0
        and (other.request or found.high <= traffic.requests_month)
    )


def growth(
    standings: Sequence[Standing], money: Money, points: int = 41
) -> tuple[tuple[str, int, float, float], ...]:
    """What each rung costs over the study's months, from and to, by requests a month: from none to
    four times the traffic, with as many machines as each takes."""
    most, found = 4 * money.traffic.requests_month, list[tuple[str, int, float, float]]()
    for standing in standings:
        for point in range(points):
            asked = most * point // (points - 1)
            traffic = replace(money.traffic, requests_month=asked)
            total = replace(money, traffic=traffic).bill(standing).total(traffic)
            if total is not None:
                found.append((standing.rung, asked, total.low, total.high))
    return tuple(found)


def front(bills: Sequence[Bill], traffic: Traffic) -> list[Bill]:
    """Those that no other beats in both quality and cost, the cheapest first."""
    priced = [(total.middle, each) for each in bills if (total := each.total(traffic)) is not None]
    best, kept = -inf, list[Bill]()
    for _, each in sorted(priced, key=lambda pair: (pair[0], -(pair[1].right or 0.0))):
        if (each.right or 0.0) > best:
            best = each.right or 0.0
            kept.append(each)
    return kept


def _exactly(dollars: float) -> Range:
    return Range(dollars, dollars)


def _dollars(amount: float) -> str:
    return (
        f"${amount:,.0f}"
        if amount >= 100
        else f"${amount:,.2f}"
        if amount >= 1
        else f"${amount:.4f}"
    )
