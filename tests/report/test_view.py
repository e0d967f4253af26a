"""What is shown of a verdict."""

from dataclasses import replace

import pytest

from suffice.decide.verdict import conclude
from suffice.records import BarStatus, Comparison, Outcome, Standing
from suffice.report.view import (
    describe,
    describe_comparison,
    describe_mcnemar,
    describe_samples,
    view,
    view_comparison,
    view_estimate,
)
from tests.decide.trials import a_plan
from tests.report.verdicts import (
    a_bar,
    a_comparison,
    a_standing,
    a_support_desk,
    a_verdict,
    an_estimate,
)

MET = a_standing("prompt", a_bar(an_estimate("correct", 0.9, 0.86, 0.94), 0.85, BarStatus.MET))
MISSED = a_standing("prompt", a_bar(an_estimate("correct", 0.6, 0.5, 0.7), 0.85, BarStatus.MISSED))
UNDECIDED = a_standing(
    "fewshot",
    a_bar(an_estimate("correct", 0.86, 0.8, 0.92), 0.85, BarStatus.UNDECIDED, 1240),
    a_bar(an_estimate("format", 0.94, 0.9, 0.97), 0.95, BarStatus.UNDECIDED, 140),
)
UNFORESEEABLE = a_standing(
    "fewshot", a_bar(an_estimate("correct", None), 0.85, BarStatus.UNDECIDED, None)
)
BARELESS = a_standing("prompt", others=(an_estimate("correct", 0.9, 0.86, 0.94),))


@pytest.mark.parametrize(
    ("standings", "chosen", "mark", "headline"),
    [
        ((MET,), "prompt", "PASS", "`prompt` is the cheapest rung that suffices"),
        ((MISSED,), None, "FAIL", "No rung suffices"),
        (
            (MISSED, UNDECIDED),
            None,
            "UNDECIDED",
            "Not decided: `fewshot` may suffice, and about 1,240 more cases would tell",
        ),
        ((UNFORESEEABLE,), None, "UNDECIDED", "Not decided: `fewshot` may suffice"),
        ((BARELESS,), "prompt", "NO BAR", "`prompt` stands; without a bar none can suffice"),
        ((), None, "UNDECIDED", "Nothing was measured"),
    ],
)
def test_the_headline_tells_no_from_not_yet(
    standings: tuple[Standing, ...], chosen: str | None, mark: str, headline: str
) -> None:
    """A missed bar, an undecided one, a missing one and an empty run end in different words."""
    seen = view(a_verdict(*standings, chosen=chosen))
    assert (seen.mark, seen.headline) == (mark, headline)


def test_the_headline_and_the_reason_name_the_rung_that_leads() -> None:
    """Of two that are open the likelier one, not the first."""
    unlikely = a_standing(
        "prompt", a_bar(an_estimate("correct", 0.8, 0.72, 0.87), 0.85, BarStatus.UNDECIDED, 90)
    )
    likely = a_standing(
        "fewshot", a_bar(an_estimate("correct", 0.88, 0.82, 0.93), 0.85, BarStatus.UNDECIDED, 400)
    )
    concluded = conclude(
        a_plan(), standings=(unlikely, likely), comparisons=(), look=1, usd=None, seconds=1.0,
        warnings=(),
    )  # fmt: skip
    seen = view(concluded)
    assert concluded.leading is not None
    assert concluded.leading.rung == "fewshot"
    assert (
        seen.headline == "Not decided: `fewshot` may suffice, and about 400 more cases would tell"
    )
    assert seen.reason.startswith("fewshot misses no bar")
    assert seen.leading.startswith("Provisionally fewshot")


BEYOND = "schema was not reached: the next calls may cost $2"


@pytest.mark.parametrize(
    ("standings", "warnings", "mark", "headline"),
    [
        (
            (MISSED,),
            ("one thing", BEYOND),
            "UNDECIDED",
            "Not decided: the budget ended the climb before `schema`",
        ),
        (
            (MISSED,),
            (),
            "UNDECIDED",
            "Not decided: the budget ended the climb before its last rung",
        ),
        (
            (UNFORESEEABLE,),
            (BEYOND,),
            "UNDECIDED",
            "Not decided: `fewshot` may suffice; the budget ended the climb before `schema`",
        ),
        (
            (BARELESS,),
            (BEYOND,),
            "NO BAR",
            "No rung stands; without a bar none can suffice; "
            "the budget ended the climb before `schema`",
        ),
    ],
)
def test_a_climb_that_the_budget_ended_has_not_tried_all(
    standings: tuple[Standing, ...], warnings: tuple[str, ...], mark: str, headline: str
) -> None:
    """That no rung suffices can only be said where every rung was tried."""
    seen = view(a_verdict(*standings, warnings=warnings, complete=False))
    assert (seen.mark, seen.headline) == (mark, headline)


def test_a_rung_that_suffices_does_so_however_the_climb_ended() -> None:
    """What lies above the chosen rung would not have been chosen."""
    seen = view(a_verdict(MET, chosen="prompt", warnings=(BEYOND,), complete=False))
    assert seen.mark == "PASS"


@pytest.mark.parametrize(
    ("outcome", "more_cases", "text"),
    [
        (Outcome.BETTER, None, "better"),
        (Outcome.NOT_WORSE, None, "not worse by 3 points"),
        (Outcome.WORSE, None, "worse"),
        (Outcome.NOT_ENOUGH, 140, "not enough data: about 140 more cases"),
        (Outcome.NOT_ENOUGH, None, "not enough data"),
    ],
)
def test_outcomes_in_words(outcome: Outcome, more_cases: int | None, text: str) -> None:
    """Each of the four outcomes reads as a sentence's end."""
    assert view_comparison(a_comparison(outcome, more_cases=more_cases)).result == text


def test_a_margin_that_is_surely_exceeded_is_told() -> None:
    """Without bars it is what makes a dearer rung worth its price."""
    comparison = replace(a_comparison(Outcome.BETTER), exceeds_margin=True)
    assert view_comparison(comparison).result == "better, by 3 points or more"


@pytest.mark.parametrize(
    ("status", "more_cases", "text"),
    [
        (BarStatus.MET, None, "met"),
        (BarStatus.MISSED, None, "missed"),
        (BarStatus.UNDECIDED, 1, "undecided: 1 more case"),
        (BarStatus.UNDECIDED, 1240, "undecided: 1,240 more cases"),
        (BarStatus.UNDECIDED, None, "undecided: it sits on the bar"),
    ],
)
def test_bars_in_words(status: BarStatus, more_cases: int | None, text: str) -> None:
    """A bar is met, missed, or undecided with what would decide it."""
    estimate = an_estimate("correct", 0.9, 0.8, 0.95)
    assert view_estimate(estimate, a_bar(estimate, 0.85, status, more_cases)).result == text


def test_every_number_stands_with_its_counts() -> None:
    """Asked, answered and scored are told, and a gap between them is marked."""
    seen = view_estimate(an_estimate("format", 0.9, 0.8, 0.95, counts=(160, 158, 157)))
    assert seen.counts == "160/158/157"
    assert not seen.complete


def test_what_could_not_be_scored_is_no_number() -> None:
    """A missing value reads as such, with the reason, and nothing is drawn for it."""
    seen = view_estimate(an_estimate("correct", None, note="nothing could be scored"))
    assert (seen.value, seen.interval, seen.note) == ("not scored", "", "nothing could be scored")
    assert seen.middle is None


def test_an_unknown_price_is_said_once() -> None:
    """A cost that nobody knows and no bar asks for is no row of its own."""
    standing = a_standing("prompt", others=(an_estimate("usd_per_1k", None),), usd=None)
    (rung,) = view(a_verdict(standing)).rungs
    assert rung.cost == "price unknown"
    assert rung.measures == ()


def test_an_unknown_price_that_a_bar_asks_for_is_a_row() -> None:
    """A bar is never left out because its number is missing."""
    bar = a_bar(an_estimate("usd_per_1k", None), 5, BarStatus.UNDECIDED)
    (rung,) = view(a_verdict(a_standing("prompt", bar, usd=None))).rungs
    assert [row.measure for row in rung.measures] == ["$ per 1k"]


def test_a_bar_without_an_estimate_is_shown() -> None:
    """A standing that lists a bar but not its estimate still shows the bar."""
    bar = a_bar(an_estimate("grounded", None), 0.9, BarStatus.UNDECIDED)
    standing = Standing("prompt", "", (), (bar,), 160, 160, None)
    (rung,) = view(a_verdict(standing)).rungs
    assert [row.measure for row in rung.measures] == ["grounded"]


def test_without_a_bar_the_chosen_rung_stands_and_does_not_suffice() -> None:
    """Only a rung that clears a bar is said to suffice."""
    assert view(a_verdict(BARELESS, chosen="prompt")).rungs[0].place == "stands"
    assert view(a_verdict(MET, chosen="prompt")).rungs[0].place == "suffices"


def test_later_looks_are_called_what_they_are() -> None:
    """The second look at the same held-out cases carries its warning."""
    assert view(a_verdict(MET)).look == "first look at these held-out cases"
    assert view(a_verdict(MET, look=2)).look.startswith("look 2 at these held-out cases: ")


def test_a_level_is_named_only_where_all_intervals_share_it() -> None:
    """`95% interval` heads the tables, and nothing does where levels differ."""
    assert view(a_support_desk()).level == "95%"
    assert view(a_verdict()).level == ""


def test_levels_of_several_looks_are_told_from_the_least_to_the_highest() -> None:
    """A rung that was clear at the first look stands at another level than one asked to the end."""
    late = an_estimate("correct", 0.9, 0.86, 0.94)
    assert late.interval is not None
    early = replace(late, interval=replace(late.interval, level=0.9999989))
    standings = a_standing("prompt", others=(early,)), a_standing("tune", others=(late,))
    assert view(a_verdict(*standings)).level == "95% to 99.99%"


def test_a_measure_in_one_sentence() -> None:
    """A log line says value, interval, bar, result and counts."""
    (rung, *_) = view(a_support_desk()).rungs
    assert describe(rung.measures[1]) == (
        "format is 71% [63, 78], at least 95% is required: missed "
        "(asked 160, answered 160, scored 160)"
    )


def test_a_pair_speaks_of_its_cases_as_a_range_where_they_differ() -> None:
    """Measures of one pair may rest on different cases, and then both ends are told."""
    whole = view_comparison(a_comparison())
    part = view_comparison(replace(a_comparison(), cases=19, clusters=12))
    assert describe_samples([whole, whole]) == "160 cases in 40 clusters"
    assert describe_samples([whole, part]) == "19 to 160 cases in 12 to 40 clusters"


@pytest.mark.parametrize(
    ("comparison", "told"),
    [
        (a_comparison(Outcome.BETTER), True),
        (a_comparison(Outcome.NOT_ENOUGH, more_cases=140), True),
        (a_comparison(Outcome.NOT_ENOUGH), False),
        (replace(a_comparison(Outcome.NOT_ENOUGH), difference=None), False),
    ],
)
def test_a_reason_is_repeated_only_where_the_numbers_do_not_tell(
    comparison: Comparison, told: bool
) -> None:
    """Too few clusters or a refused comparison needs its sentence; a clear result does not."""
    assert view_comparison(comparison).told is told


def test_mcnemars_exact_p_is_told_where_it_applies() -> None:
    """In the sentence of a comparison, and once for all measures of a pair."""
    exact = view_comparison(a_comparison(mcnemar_p=0.0309))
    other = view_comparison(a_comparison(measure="format"))
    last = view_comparison(a_comparison(measure="macro_f1", mcnemar_p=1e-9))
    assert "Holm-corrected 0.037, exact McNemar p 0.031, won 14" in describe_comparison(exact)
    assert describe_mcnemar([exact, other, last]) == (
        "exact McNemar p: correct 0.031, macro F1 <0.001"
    )
    assert describe_mcnemar([other]) == ""


def test_a_comparison_in_one_sentence() -> None:
    """A log line says the outcome first, then all that it rests on."""
    assert describe_comparison(view_comparison(a_comparison())) == (
        "fewshot against prompt on correct: better, +6.2 points [+1.0, +11.5], p 0.012, "
        "Holm-corrected 0.037, won 14, lost 4 (160 cases in 40 clusters)"
    )
