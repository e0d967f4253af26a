"""What every report must do, run on each that is found: a new file is tested without a new test."""

from collections.abc import Callable

import pytest

from suffice import plugins
from suffice.ports import Report
from suffice.records import BarStatus, Outcome, Verdict
from tests.report.verdicts import (
    HOSTILE,
    a_bar,
    a_comparison,
    a_standing,
    a_support_desk,
    a_verdict,
    an_estimate,
)


def a_hostile_verdict() -> Verdict:
    clean = HOSTILE.replace("\ud800", "")  # records that were read from UTF-8 hold no halves
    bar = a_bar(an_estimate("correct", None, note=clean), 0.85, BarStatus.UNDECIDED)
    return a_verdict(
        a_standing(clean, bar, built=clean),
        reason=clean,
        warnings=(clean,),
        comparisons=(a_comparison(Outcome.NOT_ENOUGH, candidate=clean, reason=clean),),
        study=clean,
        model=clean,
    )


VERDICTS: dict[str, Callable[[], Verdict]] = {
    "usual": a_support_desk,
    "empty": a_verdict,
    "hostile": a_hostile_verdict,
}


@pytest.fixture(params=plugins.names("report"))
def report(request: pytest.FixtureRequest) -> Report:
    made: Report = plugins.load("report", request.param)()
    return made


def test_reports_are_found() -> None:
    """The three that are promised are among them."""
    assert {"json", "junit", "markdown"} <= set(plugins.names("report"))


def test_the_list_has_a_line_for_each() -> None:
    """Each report says in its docstring's first paragraph what it is, in one sentence."""
    for plugin in plugins.plugins("report"):
        assert plugin.summary.endswith(".")
        assert len(plugin.summary) <= 100


def test_suffixes_differ() -> None:
    """A file ending names one report."""
    suffixes = [plugins.load("report", name)().suffix for name in plugins.names("report")]
    assert len(set(suffixes)) == len(suffixes)
    assert all(suffix.startswith(".") for suffix in suffixes)


@pytest.mark.parametrize("make", VERDICTS.values(), ids=VERDICTS.keys())
def test_a_report_is_whole_text(report: Report, make: Callable[[], Verdict]) -> None:
    """Any verdict gives UTF-8 text that ends with one newline and names the study."""
    text = report.render(make())
    assert text.encode()
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


def test_the_same_verdict_gives_the_same_text(report: Report) -> None:
    """Nothing of the clock or the machine gets into a report."""
    assert report.render(a_support_desk()) == report.render(a_support_desk())


def test_the_plan_and_the_look_are_told(report: Report) -> None:
    """A reader can tell what was decided beforehand and how often the cases were looked at."""
    text = report.render(a_support_desk())
    assert "9f86d081884c" in text
    assert "look" in text


def test_no_control_character_gets_through(report: Report) -> None:
    """Neither an escape sequence nor a NUL of a hostile name reaches the file raw."""
    text = report.render(a_hostile_verdict())
    assert not {"\x1b", "\x00", "\r"} & set(text)
