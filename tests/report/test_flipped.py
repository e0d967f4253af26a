"""Pairing flipped cases with what was said."""

from suffice.records import Answer, Case, Failure, FailureKind, Flip, Message, Trial
from suffice.report.flipped import pair_flips
from tests.report.verdicts import a_comparison

FLIPS = (Flip("c-1", 0.0, 1.0), Flip("c-2", 1.0, 0.5))


def a_case(name: str, *expected: object, answerable: bool = True) -> Case:
    message = Message("user", f"question of {name}")
    return Case(name, (message,), expected=expected, answerable=answerable)


def a_trial(case: str, rung: str, text: str, replicate: int = 0) -> Trial:
    return Trial(case, rung, replicate, Answer(text))


def test_lost_cases_come_first() -> None:
    """What got worse is read before what got better."""
    cases = [a_case("c-1", "yes"), a_case("c-2", "no")]
    rows = pair_flips(a_comparison(flips=FLIPS), cases, [])
    assert [(row.case, row.won) for row in rows] == [("c-2", False), ("c-1", True)]


def test_each_rung_shows_its_own_first_answer() -> None:
    """Answers are found by rung and case, whatever order the replicates come in."""
    trials = [
        a_trial("c-1", "prompt", "second", replicate=1),
        a_trial("c-1", "prompt", "first"),
        a_trial("c-1", "fewshot", "right"),
        a_trial("c-1", "schema", "of no interest"),
    ]
    (row,) = pair_flips(a_comparison(flips=FLIPS[:1]), [a_case("c-1", "right")], trials)
    assert (row.baseline_answer, row.candidate_answer) == ("first", "right")
    assert (row.baseline_score, row.candidate_score) == ("0%", "100%")


def test_every_acceptable_answer_is_shown() -> None:
    """Text stands as it is, other values as JSON."""
    (row,) = pair_flips(a_comparison(flips=FLIPS[:1]), [a_case("c-1", "30 days", {"days": 30})], [])
    assert row.expected == '30 days or {"days": 30}'


def test_an_unanswerable_case_expects_to_be_declined() -> None:
    """No expected answer is shown where none exists."""
    (row,) = pair_flips(a_comparison(flips=FLIPS[:1]), [a_case("c-1", answerable=False)], [])
    assert row.expected == "(to decline: the documents do not say)"


def test_a_failure_is_not_an_empty_answer() -> None:
    """A call that failed says why in the answer's place."""
    failed = Answer("", failure=Failure(FailureKind.TIMEOUT, "no answer within 120 s"))
    trials = [Trial("c-1", "prompt", 0, failed)]
    (row,) = pair_flips(a_comparison(flips=FLIPS[:1]), [], trials)
    assert row.baseline_answer == "(no answer: timeout: no answer within 120 s)"
    assert row.candidate_answer == "(no answer on file)"
