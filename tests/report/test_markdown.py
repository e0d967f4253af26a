"""The verdict as markdown."""

import re

import pytest
from markdown_it import MarkdownIt

from suffice.records import BarStatus, Outcome
from suffice.report.markdown import create, escape
from tests.report.verdicts import (
    HOSTILE,
    a_bar,
    a_comparison,
    a_standing,
    a_support_desk,
    a_verdict,
    an_estimate,
)


def as_html(markdown: str) -> str:
    html: str = MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown)
    return html


def test_the_first_line_after_the_heading_is_the_verdict() -> None:
    """One line tells the whole, with a word for a mark."""
    lines = create().render(a_support_desk()).splitlines()
    assert lines[0] == "### support-desk"
    assert lines[2].startswith("**PASS:** <code>schema</code> is the cheapest rung that suffices")


def test_the_tables_are_tables() -> None:
    """A markdown reader finds a row for each number and for each comparison."""
    html = as_html(create().render(a_support_desk()))
    assert html.count("<table>") == 2
    assert html.count("<tr>") == 1 + 9 + 1 + 5


def test_comparisons_are_folded_away() -> None:
    """A job summary stays short until somebody wants the detail."""
    html = as_html(create().render(a_support_desk()))
    details = re.search("<details>.*</details>", html, re.DOTALL)
    assert details
    assert "fewshot" in details[0]


def test_mcnemars_exact_p_has_its_column() -> None:
    """A number where it applies, and nothing where it does not."""
    assert "| 0.012 | 0.037 | 0.031 | 14/4 |" in create().render(a_support_desk())
    assert "| 0.012 | 0.037 |  | 14/4 |" in create().render(a_support_desk())


def test_hostile_text_breaks_no_table_and_becomes_no_markup() -> None:
    """Pipes, HTML, emphasis and newlines of a name stay text in their cell."""
    bar = a_bar(an_estimate("correct", None, note=HOSTILE), 0.85, BarStatus.UNDECIDED)
    verdict = a_verdict(
        a_standing(HOSTILE, bar, built=HOSTILE),
        reason=HOSTILE,
        warnings=(HOSTILE,),
        comparisons=(a_comparison(Outcome.WORSE, candidate=HOSTILE, reason=HOSTILE),),
        study=HOSTILE,
        model=HOSTILE,
    )
    html = as_html(create().render(verdict))
    assert "<script" not in html
    assert "<em>" not in html
    assert html.count("<tr>") == 4
    assert html.count("<td") == 7 + 11
    assert "a|b &lt;script&gt;" in html


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("`schema` wins", "<code>schema</code> wins"),
        ("one ` alone", "one \\` alone"),
        ("`a<b` and `", "<code>a&lt;b</code> and \\`"),
        ("a|b", "a\\|b"),
        ("@octocat", "&#64;octocat"),
        ("two\nlines", "two lines"),
        ("<b>", "&lt;b&gt;"),
    ],
)
def test_values_are_plain_text(text: str, escaped: str) -> None:
    """Only code between backticks keeps a meaning of its own."""
    assert escape(text) == escaped
