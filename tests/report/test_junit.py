"""The verdict as JUnit XML."""

import xml.etree.ElementTree as ET

from suffice.records import BarStatus
from suffice.report.junit import create
from tests.report.verdicts import (
    HOSTILE,
    a_bar,
    a_standing,
    a_support_desk,
    a_verdict,
    an_estimate,
)


def suites(text: str) -> dict[str, ET.Element]:
    return {suite.attrib["name"]: suite for suite in ET.fromstring(text.encode())}  # noqa: S314 (ours)


def test_a_suite_for_each_rung_counts_its_tests() -> None:
    """The numbers in a suite's head are those of the tests in it."""
    for suite in suites(create().render(a_support_desk())).values():
        for tag, total in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
            assert len(suite.findall(f"testcase/{tag}")) == int(suite.attrib[total])
        assert len(suite.findall("testcase")) == int(suite.attrib["tests"])


def test_a_missed_bar_of_the_deciding_rung_is_a_failure() -> None:
    """The failure's message says what was missed, its text all that is known of it."""
    bar = a_bar(an_estimate("correct", 0.6, 0.5, 0.7), 0.85, BarStatus.MISSED)
    suite = suites(create().render(a_verdict(a_standing("prompt", bar))))["prompt"]
    (failure,) = suite.findall("testcase/failure")
    assert failure.attrib["message"] == "failed: missed"
    assert "correct is 60% [50, 70], at least 85% is required" in (failure.text or "")


def test_an_undecided_bar_of_the_deciding_rung_is_an_error() -> None:
    """What could not be measured does not pass, and is no failure of the system either."""
    bar = a_bar(an_estimate("correct", 0.86, 0.8, 0.92), 0.85, BarStatus.UNDECIDED, 140)
    suite = suites(create().render(a_verdict(a_standing("prompt", bar))))["prompt"]
    (error,) = suite.findall("testcase/error")
    assert error.attrib["message"] == "not measurable: undecided: 140 more cases"


def test_a_climb_that_the_budget_ended_is_an_error_and_no_failure() -> None:
    """More money would tell; nothing was found to be insufficient."""
    bar = a_bar(an_estimate("correct", 0.6, 0.5, 0.7), 0.85, BarStatus.MISSED)
    text = create().render(a_verdict(a_standing("prompt", bar), complete=False))
    suite = suites(text)["prompt"]
    assert (suite.attrib["failures"], suite.attrib["errors"]) == ("0", "1")
    assert "No rung suffices" not in text


def test_what_a_cheaper_rung_missed_is_skipped_with_its_reason() -> None:
    """A verdict with a chosen rung does not fail for the rungs below it."""
    suite = suites(create().render(a_support_desk()))["prompt"]
    assert suite.attrib["failures"] == "0"
    assert [skip.attrib["message"] for skip in suite.findall("testcase/skipped")] == [
        "set aside: undecided: 140 more cases",
        "set aside: missed",
    ]


def test_hostile_text_leaves_the_xml_whole() -> None:
    """Control characters, lone surrogates and markup in names and reasons stay data."""
    bar = a_bar(an_estimate("correct", None, note=HOSTILE), 0.85, BarStatus.MISSED)
    text = create().render(a_verdict(a_standing(HOSTILE, bar), reason=HOSTILE, study=HOSTILE))
    (suite,) = suites(text).values()
    assert suite.attrib["name"].startswith("a|b <script>alert(1)</script> \\x1b[31mred\\x00 ]]>")
