"""Where no rung surely suffices, the verdict still says which leads and what would bring most."""

from dataclasses import replace

import pytest

from suffice.decide.advice import chance, leading, next_steps
from suffice.records import (
    BarResult,
    BarStatus,
    Cause,
    CauseShare,
    Counts,
    Estimate,
    Gain,
    Interval,
    LearningCurve,
    Standing,
)

SHARE = Interval(0.1, 0.3)


def bar(
    value: float, status: BarStatus, *, reach: float = 0.05, more: int | None = None,
    name: str = "correct", required: float = 0.8,
) -> BarResult:  # fmt: skip
    interval = Interval(value - reach, value + reach)
    found = Estimate(name, value, interval, Counts(100, 100, 100), 100, 100)
    return BarResult(name, required, status, found, more)


def standing(
    rung: str, *bars: BarResult, ruled_out: str = "", curve: LearningCurve | None = None
) -> Standing:
    return Standing(rung, "", (), bars, 100, 100, None, ruled_out=ruled_out, curve=curve)


def test_the_chance_is_that_of_the_least_likely_bar() -> None:
    """Half on the bar itself; nearly none far below; the direction of a cost is the other one."""
    assert chance([bar(0.8, BarStatus.UNDECIDED)]) == pytest.approx(0.5)
    assert chance([bar(0.85, BarStatus.UNDECIDED)]) == pytest.approx(0.975, abs=0.001)
    assert chance([bar(0.7, BarStatus.MISSED)]) < 0.001
    assert chance([bar(0.9, BarStatus.MET), bar(0.8, BarStatus.UNDECIDED)]) == pytest.approx(0.5)
    cost = bar(0.85, BarStatus.UNDECIDED, name="usd_per_1k")
    assert chance([cost]) == pytest.approx(0.025, abs=0.001)


def test_the_chance_is_read_off_an_interval_of_any_level() -> None:
    """The same error between cases, told at 95% and at 99.9%, gives the same chance."""
    wide = bar(0.84, BarStatus.UNDECIDED, reach=0.05 * 3.2905 / 1.96)
    interval = wide.estimate.interval
    assert interval is not None
    early = replace(wide, estimate=replace(wide.estimate, interval=replace(interval, level=0.999)))
    usual = chance([bar(0.84, BarStatus.UNDECIDED)])
    assert chance([early]) == pytest.approx(usual, abs=1e-4)


def test_the_likeliest_rung_leads_and_on_a_tie_the_cheaper() -> None:
    """One that is ruled out does not; where one suffices nobody leads."""
    low, high = bar(0.75, BarStatus.UNDECIDED), bar(0.82, BarStatus.UNDECIDED, more=240)
    found = leading([standing("prompt", low), standing("schema", high), standing("tune", high)])
    assert found is not None
    assert (found.rung, found.more_cases) == ("schema", 240)
    assert 0.7 < found.chance < 0.9
    higher = bar(0.822, BarStatus.UNDECIDED)
    found = leading([standing("prompt", low), standing("schema", high), standing("tune", higher)])
    assert found is not None
    assert found.rung == "schema", "a hair's breadth is no reason for the dearer one"
    out = leading([standing("prompt", low), standing("tune", high, ruled_out="it forgets")])
    assert out is not None
    assert out.rung == "prompt"
    assert leading([standing("prompt", bar(0.9, BarStatus.MET))]) is None
    assert leading([]) is None
    assert leading([standing("prompt")]) is None


def test_what_would_bring_most_is_told_by_what_fails() -> None:
    """Documents for facts, examples for form; what a search loses; how many cases would settle."""
    causes = [
        CauseShare(Cause.CONTENT, 0.31, SHARE, ("a",)),
        CauseShare(Cause.RETRIEVAL, 0.12, SHARE, ("b",)),
    ]
    lacking = {
        "retrieve": "retrieve was left out: retrieve needs documents: set ...",
        "tune": "tune was left out: tune needs 20 or more worked examples and found 0",
    }
    open_bar = bar(0.82, BarStatus.UNDECIDED, more=240)
    steps = next_steps([standing("prompt", open_bar)], causes, lacking)
    assert [step.split(":")[0] for step in steps] == [
        "31% of dev cases have the wrong content",
        "31% of dev cases fail in form or skill",
        "12% of dev cases fail because a plain search does not find their document",
        "about 240 more held-out cases would settle prompt",
    ]
    assert next_steps([standing("prompt", bar(0.2, BarStatus.MISSED))], [], {}) == ()


@pytest.mark.parametrize(
    ("curve", "said"),
    [
        (LearningCurve((), Gain(600, 3, -1, 4), Gain(340, 4, -1, 5)),
         "label 340 more examples: the learning curve says +4 points, -1 to +5, about enough for "
         "the bar of `tune`"),
        (LearningCurve((), Gain(600, 3, -1, 4)),
         "label 600 more examples: the learning curve says +3 points, -1 to +4, short of the bar "
         "of `tune`"),
        (LearningCurve((), Gain(600, 0, -1, 0.4)),
         "more examples of the same kind would bring `tune` little: 600 more examples: +0 points "
         "(-1 to +0); other examples or a larger model may"),
    ],
    ids=["enough", "short", "flat"],
)  # fmt: skip
def test_a_learning_curve_says_whether_to_label_more(curve: LearningCurve, said: str) -> None:
    """So many that the bar is reached, else twice as many; or that it is not worth it."""
    missed = bar(0.6, BarStatus.MISSED)
    steps = next_steps([standing("prompt", missed), standing("tune", missed, curve=curve)], [], {})
    assert steps == (said,)


def test_a_curve_that_promises_nothing_is_no_step() -> None:
    """Too few points for a line, or a rung that clears its bars and was ruled out."""
    missed, met = bar(0.6, BarStatus.MISSED), bar(0.9, BarStatus.MET)
    assert next_steps([standing("tune", missed, curve=LearningCurve(()))], [], {}) == ()
    curve = LearningCurve((), Gain(600, 3, -1, 4))
    out = standing("tune", met, ruled_out="it forgets", curve=curve)
    assert next_steps([standing("prompt", missed), out], [], {}) == ()
