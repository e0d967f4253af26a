"""What is lost by tuning is seen, on the bundled questions and on a study's own."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from suffice.decide.plan import Plan
from suffice.decide.verdict import conclude
from suffice.errors import DataError
from suffice.records import (
    Answer,
    Aspect,
    BarResult,
    BarStatus,
    Counts,
    Estimate,
    Failure,
    FailureKind,
    Score,
    Standing,
    Trial,
)
from suffice.tune import forgetting
from suffice.tune.forgetting import general_cases, reminders
from tests.servers.scripted import ScriptedModel


def trials(rights: Sequence[bool | None]) -> list[Trial]:
    """None: the call failed."""
    return [
        Trial(
            str(case),
            "tune",
            0,
            Answer("", failure=Failure(FailureKind.SERVER, "down"))
            if right is None
            else Answer("a"),
            ()
            if right is None
            else (
                Score("exact", Aspect.CONTENT, float(right)),
                Score("latency", Aspect.LATENCY, 0.2),
            ),
        )
        for case, right in enumerate(rights)
    ]


def test_a_loss_is_told_with_its_interval() -> None:
    """Of the questions that both answered."""
    before, after = trials([True] * 60 + [False] * 40), trials([True] * 30 + [False] * 70)
    found = forgetting.forgetting(before, after, seed=0)
    assert found.significant
    assert (found.before, found.after, found.cases) == (0.6, 0.3, 100)
    assert found.interval.high < 0
    assert "60% were right before and 30% after (-30 points" in str(found)


@pytest.mark.parametrize("now", [[True] * 58 + [False] * 42, [True] * 90 + [False] * 10])
def test_chance_and_gains_are_no_loss(now: list[bool]) -> None:
    """Two of a hundred may be chance; more right than before is no forgetting."""
    found = forgetting.forgetting(trials([True] * 60 + [False] * 40), trials(now), seed=0)
    assert not found.significant
    assert "forgets nothing" in str(found)


def test_a_failed_call_counts_on_neither_side() -> None:
    """It is no wrong answer."""
    before, after = trials([True] * 10), trials([True] * 8 + [None] * 2)
    assert forgetting.forgetting(before, after, seed=0).cases == 8


def test_the_bundled_questions_have_answers_and_no_doubles(tmp_path: Path) -> None:
    """Of several sorts; prompts to be reminded by are others."""
    model = ScriptedModel(lambda _: "x")
    cases = general_cases(None, model, 64)
    assert len(cases) >= 120
    assert {tag for case in cases for tag in case.tags} == {"short", "prosaic", "labels", "shapes"}
    assert all(case.expected for case in cases)
    asked = {case.messages for case in cases}
    assert len(asked) == len(cases)
    said = reminders(model, 30, tmp_path / "said.json")
    assert not asked & {each.messages for each in said}


def test_what_the_base_said_is_asked_once(tmp_path: Path) -> None:
    """A second training reads it; a damaged file is asked anew; an empty answer teaches nothing."""
    model = ScriptedModel(lambda _: "x")
    kept = tmp_path / "said.json"
    first = reminders(model, 10, kept)
    assert len(first) == len(model.asked) == 10
    assert reminders(model, 10, kept) == first
    assert len(model.asked) == 10
    assert reminders(model, 12, kept)[:10] == first
    assert len(model.asked) == 12
    kept.write_text("{")
    assert reminders(model, 12, kept)[:10] == first
    assert len(model.asked) == 24
    silent = ScriptedModel(lambda _: " ")
    assert reminders(silent, 5, tmp_path / "other.json") == []


def test_questions_that_do_not_fit_are_left_out(tmp_path: Path) -> None:
    """Cut, they would be other questions."""
    model = ScriptedModel(lambda _: "x")
    every = len(general_cases(None, model, 64))
    model.window = 200
    fitting = general_cases(None, model, 64)
    assert 0 < len(fitting) < every
    assert all(model.count_tokens(" ".join(m.content for m in c.messages)) < 200 for c in fitting)


def test_a_study_names_its_own_set(tmp_path: Path) -> None:
    """In any format that cases come in; a missing file is named."""
    (tmp_path / "own.jsonl").write_text('{"id": "1", "question": "q", "expected": "a"}\n')
    [case] = general_cases(tmp_path / "own.jsonl", ScriptedModel(lambda _: "x"), 8)
    assert case.id == "1"
    with pytest.raises(DataError, match=r"none\.jsonl"):
        general_cases(tmp_path / "none.jsonl", ScriptedModel(lambda _: "x"), 8)


def test_a_rung_that_forgets_is_not_chosen() -> None:
    """Though it clears every bar; the verdict says why."""
    estimate = Estimate("correct", 0.9, None, Counts(9, 9, 9), 9, 9)
    bars = (BarResult("correct", 0.8, BarStatus.MET, estimate),)
    missed = (BarResult("correct", 0.8, BarStatus.MISSED, estimate),)
    standings = (
        Standing("prompt", "", (), missed, 9, 9, None),
        Standing("tune", "", (), bars, 9, 9, None, ruled_out="it forgets: ..."),
    )
    plan = Plan(study="s", model="m", rungs=("prompt", "tune"), measures=("correct",), margin=0.03,
                alpha=0.05, replicates=1, fractions=(1.0,), seed=0, dev="", held_out="",
                held_out_cases=9, systems="")  # fmt: skip
    verdict = conclude(
        plan, standings=standings, comparisons=(), look=1, usd=None, seconds=1.0, warnings=()
    )
    assert verdict.chosen is None
    assert "tune clears every bar, and is ruled out: it forgets" in verdict.reason
