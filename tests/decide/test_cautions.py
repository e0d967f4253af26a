"""What a reader should know before the figures."""

from dataclasses import replace

from suffice.decide.cautions import cut_off
from suffice.records import Answer, Failure, FailureKind, Trial


def trials(cut: int, whole: int) -> list[Trial]:
    ended = [Answer("so", finish="length")] * cut + [Answer("so it is")] * whole
    return [Trial(f"c{number}", "tune", 0, answer) for number, answer in enumerate(ended)]


def test_answers_that_were_cut_off_are_told() -> None:
    """They look like a wrong form, and need no other fix than room."""
    [said] = cut_off({"prompt": trials(0, 20), "tune": trials(19, 4)})
    assert said.startswith("tune: 19 of 23 answers were cut off at `max_tokens`: set it higher")


def test_one_in_a_hundred_is_not() -> None:
    assert list(cut_off({"tune": trials(1, 99)})) == []


def test_a_failed_call_was_not_cut_off() -> None:
    failed = Answer("", finish="length", failure=Failure(FailureKind.TIMEOUT, "late"))
    some = [replace(each, answer=failed) for each in trials(5, 0)]
    assert list(cut_off({"tune": [*some, *trials(0, 3)]})) == []
