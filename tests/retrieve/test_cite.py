"""Citations are checked in code before they are shown as sources."""

import pytest

from suffice.records import Passage
from suffice.retrieve.cite import check

GIVEN = (
    Passage("a", "a.md", "Refunds take five working days. We pay the way back."),
    Passage("b", "b.md", "The shop's  opening\nhours are nine to five."),
)


def held(answer: str) -> list[int]:
    return [each.number for each in check(answer, GIVEN).held]


def flagged(answer: str) -> dict[int, str]:
    return {each.number: each.reason for each in check(answer, GIVEN).flagged}


@pytest.mark.parametrize(
    ("answer", "numbers"),
    [
        ("Five days [1].", [1]),
        ("Five days [1]. Nine to five [2].", [1, 2]),
        ("Both [2, 1].", [1, 2]),
        ("Both [2;1] and again [1].", [1, 2]),
        ("Five days.", []),
    ],
)
def test_citations_are_read(answer: str, numbers: list[int]) -> None:
    """Each passage that is named is a source once."""
    assert held(answer) == numbers


def test_a_passage_that_was_not_given_is_flagged() -> None:
    """A made-up number is no source."""
    assert held("Five days [7].") == []
    assert flagged("Five days [7]. Zero [0].") == {
        0: "there is no passage 0",
        7: "there is no passage 7",
    }


def test_a_quotation_must_stand_in_its_passage() -> None:
    """What is quoted is searched word for word, whatever its spacing."""
    assert held('It says "opening hours are nine to five." [2]') == [2]
    assert held('It says "opening hours are ten to five" [2]') == []
    assert "ten to five" in flagged('It says "opening hours are ten to five" [2]')[2]


def test_a_quotation_of_another_passage_is_flagged() -> None:
    """A true sentence under the wrong number is no source."""
    assert held('"Refunds take five working days" [2].') == []


def test_short_quotations_are_names() -> None:
    """A term in quotation marks need not stand in the passage."""
    assert held('The "way back" is paid [1].') == [1]


def test_a_source_that_fails_once_is_not_shown() -> None:
    """One wrong quotation spoils the number, also where another sentence uses it rightly."""
    assert held('Five days [1]. "Refunds take ten working days" [1].') == []
