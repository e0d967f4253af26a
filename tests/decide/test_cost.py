"""The money: known examples come out, machines are whole, and nothing unknown is free."""

from datetime import date

import pytest

from suffice.decide.cost import (
    FREE,
    Bill,
    Range,
    Traffic,
    Usual,
    bill,
    break_even,
    cautions,
    front,
    machines_for,
    tornado,
)
from suffice.ports import Price
from suffice.records import Counts, Estimate, Standing


def standing(rung: str, *, right: float = 0.9, usd_per_1k: float | None = None) -> Standing:
    counts = Counts(100, 100, 100)
    found = [Estimate("correct", right, None, counts, 100, 100)]
    found.append(Estimate("usd_per_1k", usd_per_1k, None, counts, 100, 100))
    return Standing(rung, "", tuple(found), (), 100, 100, None)


def test_a_frontier_model_at_40_000_a_month_against_800_for_a_tuned_small_one() -> None:
    """The known example: equal quality, a fiftieth of the price once it is tuned."""
    traffic = Traffic(requests_month=4_000_000, months=12)
    frontier = bill(standing("prompt", usd_per_1k=10.0), traffic, Usual())
    usual = Usual(machine_month=Range(800, 800), peak=1.0)
    tuned = bill(standing("tune"), traffic, usual, seconds=0.5)
    total = frontier.total(traffic)
    assert total is not None
    assert total.middle / 12 == pytest.approx(40_000)
    assert tuned.month == Range(800, 800)
    even = break_even(frontier, tuned, 12)
    assert even is not None
    assert even.high < traffic.requests_month / 10


def test_the_whole_build_is_in_the_usual_range() -> None:
    """2,000 to 20,000 for tuning with a year's server, 500 to 5,000 for retrieval."""
    traffic = Traffic(requests_month=10_000, months=12)
    tuned = bill(standing("tune"), traffic, Usual(), seconds=1.0).total(traffic)
    shown = bill(
        standing("retrieve", usd_per_1k=2.0), traffic, Usual(vector_store_month=Range(20, 300))
    ).total(traffic)
    assert tuned is not None
    assert shown is not None
    assert 2000 <= tuned.low < tuned.high <= 32_000
    assert 500 <= shown.low < shown.high <= 5000


def test_machines_are_whole_and_for_the_peak() -> None:
    """One answer a second from each: 2.6 million requests a month are one a second."""
    assert machines_for(2_628_000, 1.0, peak=1.0) == 1
    assert machines_for(2_628_001, 1.0, peak=1.0) == 2
    assert machines_for(2_628_000, 1.0, peak=4.0) == 4
    assert machines_for(10, 1.0, peak=4.0) == 1


def test_knowledge_that_changes_costs_tuning_again_and_retrieval_little() -> None:
    """A training at every change against what changed, embedded again."""
    never, weekly = (Traffic(1000, changes_month=each, documents=1_000_000) for each in (0, 4.33))
    usual = Usual(embedding_million=Range(10, 130))
    tuned = [bill(standing("tune", usd_per_1k=1.0), each, usual).month for each in (never, weekly)]
    shown = [
        bill(standing("retrieve", usd_per_1k=1.0), each, usual).month for each in (never, weekly)
    ]
    assert tuned[1].low - tuned[0].low == pytest.approx(4.33 * 20)
    assert shown[1].high - shown[0].high == pytest.approx(0.05 * 4.33 * 130)


def test_an_unknown_price_is_asked_for_and_never_nothing() -> None:
    """Nothing is added up, and it is said what is missing."""
    traffic = Traffic(1000)
    found = bill(standing("prompt"), traffic, Usual())
    assert found.total(traffic) is None
    assert found.thousand(traffic) is None
    assert found.right_answer(traffic) is None
    assert "`price:`" in found.missing
    assert break_even(found, bill(standing("tune", usd_per_1k=1), traffic, Usual()), 12) is None


def test_a_right_answer_costs_more_the_fewer_are_right() -> None:
    """Half as many right ones cost twice as much each."""
    traffic = Traffic(1000)
    good, bad = (
        bill(standing("prompt", right=right, usd_per_1k=1.0), traffic, Usual()).right_answer(
            traffic
        )
        for right in (1.0, 0.5)
    )
    assert good is not None
    assert bad is not None
    assert bad.middle == pytest.approx(2 * good.middle)


def test_what_is_dearer_and_no_better_is_not_on_the_front() -> None:
    """The cheapest first; each further one is better."""
    bills = [
        Bill("prompt", FREE, FREE, 0.001, 0.6),
        Bill("fewshot", FREE, FREE, 0.002, 0.6),
        Bill("retrieve", FREE, FREE, 0.003, 0.9),
        Bill("tune", Range(1000, 2000), FREE, 0.0005, 0.8),
        Bill("other", FREE, FREE, None, 0.99),
    ]
    shown = [each.rung for each in front(bills, Traffic(100_000, months=1))]
    assert shown == ["prompt", "retrieve"]
    large = [each.rung for each in front(bills, Traffic(10_000_000, months=12))]
    assert large == ["tune", "retrieve"]


def test_ranges_are_written_as_people_write_them() -> None:
    """One figure where both ends are one."""
    assert str(Range(1234, 1234)) == "$1,234"
    assert str(Range(1.5, 2000)) == "$1.50 to $2,000"
    assert str(Range(0.0012, 0.5)) == "$0.0012 to $0.5000"


def test_what_a_cost_depends_on_most_comes_first() -> None:
    """All else in its middle: traffic where tokens are paid, machines where they are not."""
    traffic = Traffic(1_000_000, months=12, changes_month=1.0)
    paid = tornado(standing("prompt", usd_per_1k=5.0), traffic, Usual())
    assert [each.figure for each in paid] == ["traffic, half to twice"]
    assert paid[0].total.low == pytest.approx(30_000)
    assert paid[0].total.high == pytest.approx(120_000)
    own = tornado(standing("tune"), traffic, Usual(), seconds=0.5)
    assert [each.figure for each in own[:2]] == [
        "knowledge changes, never to daily",  # a training a day
        "machine month",
    ]
    assert [each.width for each in own] == sorted((each.width for each in own), reverse=True)


def test_an_unknown_price_has_no_swings() -> None:
    assert tornado(standing("prompt"), Traffic(1000), Usual()) == []


def test_an_old_price_and_a_model_that_ends_are_flagged() -> None:
    """After 30 days a price is worth a look; a model's end always is."""
    read = Price(1.0, 2.0, as_of="2026-01-01", source="https://prices.test")
    assert cautions(read, date(2026, 1, 31)) == []
    [old] = cautions(read, date(2026, 2, 1))
    assert old.startswith("the price is of 2026-01-01, 31 days ago; look at https://prices.test")
    ends = Price(1.0, 2.0, shutdown="2026-03-01")
    assert cautions(ends, date(2026, 2, 1)) == [
        "the model is shut down on 2026-03-01, in 28 days: measure its successor"
    ]
    assert "was shut down" in cautions(ends, date(2026, 3, 2))[0]
    assert cautions(None, date(2026, 3, 2)) == []
