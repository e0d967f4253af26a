"""The verdict on a terminal, as a reader gets it."""

import io
import re
from dataclasses import replace

import pytest
from rich.console import Console, RenderableType

from suffice.records import BarStatus, Flip, Outcome
from suffice.report import terminal
from suffice.report.flipped import FlipView
from tests.report.verdicts import (
    HOSTILE,
    a_bar,
    a_comparison,
    a_standing,
    a_support_desk,
    a_verdict,
    an_estimate,
)

WON = FlipView(
    "c-17", "How long?", "30 days", "14 days, or so it seems", "30 days", "0%", "100%", True
)
LOST = FlipView("c-31", "Which plan?", "Team", "Team", "word " * 300, "100%", "0%", False)


def shown(renderable: RenderableType, width: int, *, color: bool = False, **options: object) -> str:
    out = io.TextIOWrapper(io.BytesIO(), encoding=str(options.get("encoding", "utf-8")))
    console = Console(
        file=out,
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        no_color=bool(options.get("no_color", False)),
        legacy_windows=False,
    )
    console.print(renderable)
    out.seek(0)
    return out.read()


@pytest.mark.parametrize("width", [80, 100, 120, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    """Lines fit, and on very wide terminals they stop where the eye would lose them."""
    lines = shown(terminal.render(a_support_desk()), width).splitlines()
    assert max(len(line) for line in lines) <= min(width, terminal.WIDEST)


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_no_word_is_broken(width: int) -> None:
    """Each word of the widest rendering also stands whole in the narrow ones."""
    narrow = shown(terminal.render(a_support_desk()), width)
    whole = shown(terminal.render(a_support_desk()), 118)
    words = re.findall(r"[A-Za-z0-9%\[\].,/-]{3,}", whole)
    only_wide = {"points", "Holm", "won/lost", "cases/clusters", "160/40"}  # heads, and a column
    assert {word for word in words if word not in narrow} <= only_wide


@pytest.mark.parametrize("width", [40, 80, 120])
def test_everything_is_there_at_every_width(width: int) -> None:
    """Nothing is dropped to make room."""
    text = " ".join(shown(terminal.render(a_support_desk()), width).split())
    for part in (
        "`schema` is the cheapest rung that suffices",
        "83%",
        "[76, 89]",
        "undecided: 140 more",
        "160/158/157",
        "against",
        "+6.2",
        "0.037",
        "exact McNemar p: correct 0.031",
        "14/4",
        "4 examples,",
        "$0.41 per 1k",
        "rate limit",
        "9f86d081884c",
        "look 2 at these held-out cases",
    ):
        assert part in text


def test_columns_stand_below_each_other_across_rungs() -> None:
    """The same column starts at the same place for every rung."""
    lines = shown(terminal.render(a_support_desk()), 100).splitlines()
    rows = [line for line in lines if re.match(r"  (correct|format|latency)", line)][:9]
    assert len({line.index("[") for line in rows}) == 1
    assert len({line.rindex("/") for line in rows}) == 1


def test_a_pipe_gets_no_escape_sequences() -> None:
    """What is not a terminal gets plain text."""
    assert "\x1b" not in shown(terminal.render(a_support_desk()), 80)


def test_no_color_leaves_no_colour() -> None:
    """NO_COLOR keeps bold and dim and drops every colour."""
    colours = re.compile(r"\x1b\[[0-9;]*3[0-7]m")
    assert colours.search(shown(terminal.render(a_support_desk()), 80, color=True))
    assert not colours.search(
        shown(terminal.render(a_support_desk()), 80, color=True, no_color=True)
    )


def test_an_ascii_terminal_gets_ascii() -> None:
    """Where the output can carry no box characters, plain ones stand in for them."""
    text = shown(terminal.render(a_support_desk()), 120, encoding="ascii")
    assert ">= 80%" in text
    assert text.isascii()


def test_a_long_name_is_folded_and_not_cut() -> None:
    """A name without a space takes as many lines as it needs."""
    name = "rung-" + "x" * 90
    text = shown(terminal.render(a_verdict(a_standing(name, built="as given"))), 80)
    assert name in re.sub(r"\s+", "", text.replace("$0.38 per 1k", ""))


def test_a_gap_in_the_counts_stands_out() -> None:
    """Where not everything that was asked was scored, the counts are coloured."""
    text = shown(terminal.render(a_support_desk()), 100, color=True)
    assert "\x1b[33m160/158/157" in text
    assert "\x1b[33m160/160/160" not in text


def test_wide_terminals_draw_the_intervals() -> None:
    """A share's interval is drawn with its bar, seconds are not."""
    lines = shown(terminal.render(a_support_desk()), 120).splitlines()
    assert [line for line in lines if "71%" in line and "●" in line and "│" in line]
    assert not [line for line in lines if "latency" in line and "●" in line]


def test_hostile_text_is_shown_and_not_obeyed() -> None:
    """Escape sequences and markup in names and reasons reach the terminal as plain characters."""
    bar = a_bar(an_estimate("correct", None, note=HOSTILE), 0.85, BarStatus.UNDECIDED)
    verdict = a_verdict(
        a_standing("[red]rung[/red]", bar, built=HOSTILE),
        reason=HOSTILE,
        warnings=(HOSTILE,),
        comparisons=(a_comparison(Outcome.NOT_ENOUGH, reason=HOSTILE),),
        study=HOSTILE,
        model=HOSTILE,
    )
    text = shown(terminal.render(verdict), 120)
    assert "\x1b" not in text
    assert "\\x1b[31mred" in text
    assert "[red]rung[/red]" in text


def test_an_empty_verdict_is_told() -> None:
    """A run that measured nothing says so and shows no empty tables."""
    text = shown(terminal.render(a_verdict()), 80)
    assert "Nothing was measured" in text
    assert "Rungs" not in text


def test_flips_stand_side_by_side() -> None:
    """Both answers start on the same line, under their rung's name and score."""
    text = shown(terminal.flips(a_comparison(), [WON]), 80)
    (names,) = [line for line in text.splitlines() if "0%" in line]
    (answers,) = [line for line in text.splitlines() if "14 days" in line]
    assert names.index("fewshot  100%") == answers.index("30 days")
    assert "c-17  won" in text
    assert "How long?" in text


def test_flips_tell_mcnemars_exact_p() -> None:
    """Where whole cases were won and lost, the test that counts them stands with them."""
    assert "exact McNemar p 0.031" in shown(terminal.flips(a_comparison(mcnemar_p=0.031), []), 80)


def test_a_long_answer_is_cut_and_says_by_how_much() -> None:
    """An answer of many pages shows its beginning and how much was left out."""
    text = " ".join(shown(terminal.flips(a_comparison(), [LOST]), 80).split())
    assert "(800 more characters)" in text.replace(" │", "").replace("│ ", "")


def test_an_answer_without_a_space_is_folded_and_not_cut() -> None:
    """Compact JSON keeps every character, however narrow its column is."""
    answer = '{"answer":"' + "x" * 90 + '"}'
    row = replace(WON, candidate_answer=answer)
    lines = shown(terminal.flips(a_comparison(), [row]), 80).splitlines()
    said = "".join(line.partition("│")[2].strip() for line in lines)
    assert answer in said


def test_no_flips_are_told() -> None:
    """A comparison without a differing case says so."""
    comparison = a_comparison(flips=(Flip("c-1", 0.0, 1.0),))
    assert "No case differs." in shown(terminal.flips(comparison, []), 80)
