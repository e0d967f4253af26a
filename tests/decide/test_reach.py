"""A rung that could not reach a bar, whatever it mended, is not worth building."""

from dataclasses import replace

import pytest

from suffice.decide.attribute import Probed
from suffice.decide.reach import falls_short, out_of_reach
from suffice.records import Aspect, Score
from tests.decide.test_attribute import GOLD, case, declining, trial, worth
from tests.decide.trials import a_trial, graded, some_cases


def probed(right: int, lacking: int, unskilled: int) -> list[Probed]:
    """So many cases that are right, that lack a fact, and that fail even with it."""
    kinds = (
        [Probed(case(), [trial(True, True)])] * right
        + [Probed(case(), [trial(False, True)], [trial(True)], [trial(True)], GOLD)] * lacking
        + [Probed(case(), [trial(False, True)], [trial(False, True)], golds=GOLD)] * unskilled
    )
    return [
        replace(each, case=replace(each.case, id=f"c{number}")) for number, each in enumerate(kinds)
    ]


BAR = {"correct": 0.9}


def test_what_it_cannot_mend_stays_as_it_is() -> None:
    """Half of the cases lack a fact: tuning could bring the skill, and never nine in ten."""
    said = out_of_reach("tune", probed(40, 50, 10), BAR)
    assert said.startswith("of what fails on dev it could mend so much that correct would be ")
    assert "at least 90% is required" in said


def test_what_it_can_mend_counts_as_mended() -> None:
    assert out_of_reach("retrieve", probed(40, 50, 10), BAR) == ""
    assert out_of_reach("hybrid", probed(0, 50, 50), BAR) == ""


def test_nothing_is_passed_over_that_chance_could_explain() -> None:
    """Of forty cases with six that it cannot mend, nine in ten may yet be right."""
    assert out_of_reach("tune", probed(34, 6, 0), BAR) == ""
    assert out_of_reach("tune", probed(26, 14, 0), BAR) != ""


def test_few_cases_tell_nothing() -> None:
    assert out_of_reach("tune", probed(0, 9, 0), BAR) == ""


def test_partly_right_answers_count_for_what_they_are_worth() -> None:
    """A reply of two fields with one wrong is worth half, mended or not."""
    half = [
        Probed(
            replace(each.case),
            [replace(one, scores=(replace(one.scores[0], value=0.5),)) for one in each.closed],
            each.gold,
            each.retrieved,
            each.golds,
        )
        for each in probed(0, 60, 0)
    ]
    assert out_of_reach("tune", half, {"correct": 0.45}) == ""
    assert out_of_reach("tune", half, {"correct": 0.8}) != ""


def test_the_form_is_held_while_passages_are_read() -> None:
    """With a schema retrieval writes in its shape; without one it mends no form."""
    wrong = [Probed(replace(case(), id=f"c{number}"), [trial(True, False)]) for number in range(40)]
    shaped = [replace(each, case=replace(each.case, schema={"type": "object"})) for each in wrong]
    assert out_of_reach("retrieve", wrong, {"format": 0.9}) != ""
    assert out_of_reach("retrieve", shaped, {"format": 0.9}) == ""


def test_declining_is_of_cases_without_an_answer() -> None:
    """Answering them is mended by examples, and by no schema."""
    some = [
        Probed(replace(case(answerable=False), id=f"c{number}"), [declining(False)])
        for number in range(40)
    ]
    assert out_of_reach("schema", some, {"abstains": 0.6}) != ""
    assert out_of_reach("fewshot", some, {"abstains": 0.6}) == ""
    assert out_of_reach("schema", some, BAR) == ""


def test_a_rung_of_which_nothing_is_known_is_tried() -> None:
    assert out_of_reach("mine", probed(0, 50, 0), BAR) == ""
    assert out_of_reach("tune", probed(0, 50, 0), {"latency_p95_s": 1.0}) == ""


def test_a_wrong_form_is_mended_whatever_else_was_wrong() -> None:
    """The fact lacks too, so that is its cause; held to its schema the form is right at least."""
    both = [
        Probed(replace(case(), id=f"c{number}"), [trial(False, False)], [trial(True)], golds=GOLD)
        for number in range(40)
    ]
    assert both[0].cause == "knowledge"
    assert out_of_reach("schema", both, {"format": 0.9}) == ""
    assert out_of_reach("schema", both, BAR) != ""


def test_what_varies_may_come_out_right_always() -> None:
    varying = [
        Probed(replace(case(), id=f"c{number}"), [trial(True, True), trial(False, True)])
        for number in range(40)
    ]
    assert out_of_reach("schema", varying, BAR) == ""


def test_what_a_search_was_seen_to_mend_counts() -> None:
    """Its gold document was the wrong one; what the search found was not."""
    odd = [
        Probed(replace(case(), id=f"c{number}"), [trial(False, True)], [trial(False, True)],
               [trial(True, True)], GOLD)
        for number in range(40)
    ]  # fmt: skip
    assert odd[0].cause == "knowledge"
    assert out_of_reach("retrieve", odd, BAR) == ""


def test_an_answer_that_lacks_a_fact_and_a_skill_is_mended_in_part() -> None:
    """Of two fields one lacks a fact, one a skill: tuning or retrieval alone bring half."""
    shaped = replace(case(), schema={"type": "object"})
    both = [
        Probed(
            replace(shaped, id=f"c{number}"), [worth(0.0, form=False)], [worth(0.5)], [worth(0.5)],
            GOLD, held=[worth(0.0)],
        )
        for number in range(40)
    ]  # fmt: skip
    for rung in ("schema", "tune", "retrieve"):  # a schema stands on examples, which may teach
        assert out_of_reach(rung, both, {"correct": 0.45}) == "", rung
        assert out_of_reach(rung, both, {"correct": 0.6}) != "", rung
    assert out_of_reach("hybrid", both, {"correct": 0.95}) == ""


def test_what_mends_nothing_of_an_unmet_bar_is_no_cure() -> None:
    """The form is wrong, and questions without an answer are answered: passages mend the second,
    and where the form is what is still open they bring nothing."""
    some = [Probed(replace(case(), id=f"f{number}"), [trial(True, False)]) for number in range(8)]
    some += [
        Probed(replace(case(answerable=False), id=f"d{number}"), [declining(number > 0)])
        for number in range(4)
    ]
    bars = {"format": 0.1, "abstains": 0.6}
    assert out_of_reach("retrieve", some, bars, unmet=["abstains"]) == ""
    said = out_of_reach("retrieve", some, bars, unmet=["format", "abstains"])
    assert said == "it mends nothing of what fails in format on dev"
    assert out_of_reach("fewshot", some, bars, unmet=["abstains"]) == ""


class TestTries:
    """What a rung's own tries on dev say of it."""

    def test_surely_below_a_bar(self) -> None:
        cases = some_cases(24)
        said = falls_short(graded(cases, [1.0] * 10 + [0.0] * 14), cases, {"correct": 0.8})
        assert said.startswith("tried on 24 dev cases, its correct is ")
        assert said.endswith("at most, at least 80% is required")

    @pytest.mark.parametrize(("right", "count"), [(18, 24), (0, 9)])
    def test_what_may_be_chance_goes_on(self, right: int, count: int) -> None:
        """Three in four may be four in five; nine cases tell nothing."""
        cases = some_cases(count)
        values = [1.0] * right + [0.0] * (count - right)
        assert falls_short(graded(cases, values), cases, {"correct": 0.8}) == ""

    def test_surely_too_dear_or_too_slow(self) -> None:
        cases = some_cases(24)
        dear = [a_trial(each, 1.0, usd=0.01, seconds=3.0) for each in cases]
        assert falls_short(dear, cases, {"usd_per_1k": 5.0}) == (
            "tried on 24 dev cases, its $ per 1k is $10.00 at least, at most $5 is required"
        )
        assert falls_short(dear, cases, {"latency_p95_s": 2.0}) == (
            "tried on 24 dev cases, its latency p95 is about 3.0 s, at most 2 s is required"
        )
        assert falls_short(dear, cases, {"usd_per_1k": 12.0, "latency_p95_s": 3.5}) == ""

    def test_a_judge_decides_nothing(self) -> None:
        cases = some_cases(24)
        judged = [
            replace(each, scores=(Score("judge", Aspect.CONTENT, 0.0),))
            for each in graded(cases, [0.0] * 24)
        ]
        assert falls_short(judged, cases, {"correct": 0.8}) == ""


def test_what_a_search_mends_is_no_less_worth_once_its_form_is_held_to() -> None:
    """Two of three fields right, and the form wrong: whoever mends the form brings two thirds, and
    the search the rest, though the case was never asked with its own documents alone."""
    some = [
        Probed(
            replace(case(), id=f"c{number}", cluster=f"k{number}"),
            [trial(False, False)],
            retrieved=[worth(1.0)],
            golds=GOLD,
            held=[worth(0.67)],
        )
        for number in range(40)
    ]
    for rung in ("fewshot", "schema", "tune"):
        assert out_of_reach(rung, some, {"correct": 0.6}) == ""
    assert "33% at most" in out_of_reach("longcontext", some, {"correct": 0.6})
