"""The page: all in one file, safe whatever a study's texts say, and readable by everybody."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from suffice.records import (
    Answer,
    Aspect,
    Case,
    Cause,
    CauseShare,
    CostLine,
    Cured,
    CurvePoint,
    Details,
    Gain,
    Interval,
    LearningCurve,
    Message,
    Passage,
    Score,
    Trial,
    Verdict,
)
from suffice.report import pictures
from suffice.report.html import HtmlReport
from tests.report.verdicts import a_support_desk
from tests.servers.browser import Browser, browser

HOSTILE = (
    "</script><script>window.hacked = 1</script>",
    '<img src=x onerror="window.hacked = 2">',
    "<svg/onload=window.hacked=3>",
    "{{ 7 * 7 }}{% raw %}",
    '"><iframe src="javascript:window.hacked=4"></iframe>',
    "<!-- <script> --> ]]> \u2028 \u202egnp.exe",
    "`${window.hacked = 5}`",
)
RUNGS = ("prompt", "fewshot", "schema")


def a_case(number: int, text: str = "How long does the battery last?") -> Case:
    return Case(
        f"case-{number:03d}",
        (Message("user", f"{text} ({number})"),),
        ("eight hours",),
        gold=("battery.md",),
        cluster=f"page-{number // 4}",
        tags=("battery",) if number % 2 else ("fees",),
    )


def a_trial(
    case: Case, rung: str, *, right: bool, text: str = "It lasts eight hours [1]."
) -> Trial:
    passage = Passage(
        "battery.md#0-40",
        "battery.md",
        f"In use it lasts eight hours. {text}",
        title=text,
        dated="2031-04-02",
    )
    return Trial(
        case.id,
        rung,
        0,
        Answer(text, seconds=0.5, usd=0.001),
        (Score("exact", Aspect.CONTENT, float(right), detail=text),),
        (passage,) if rung == "schema" else (),
    )


def a_run(text: str | None = None, cases: int = 40) -> tuple[Verdict, Details]:
    """A verdict with all that can stand behind one; `text` stands in for each of its texts."""
    asked = [a_case(number, text or "How long does the battery last?") for number in range(cases)]
    said = text or "It lasts eight hours [1]."
    trials = [
        a_trial(case, rung, right=place * cases > number * 3, text=said)
        for place, rung in enumerate(RUNGS)
        for number, case in enumerate(asked)
    ]
    failing = tuple(case.id for case in asked[:12])
    share = CauseShare(Cause.KNOWLEDGE, 0.3, Interval(0.2, 0.42), failing)
    verdict = replace(
        a_support_desk(),
        held_out_causes=(share,),
        cured=(Cured("fewshot", Cause.KNOWLEDGE, 3, 12), Cured("schema", Cause.KNOWLEDGE, 9, 12)),
        contaminated=(asked[-1].id,),
        would_change=("prompt would suffice with bars of correct 70% or less",),
        next_steps=("name the documents",),
    )
    if text is not None:
        verdict = replace(
            verdict, study=text, model=text, reason=text, warnings=(text,), next_steps=(text,)
        )
    costs = tuple(
        CostLine(rung, (0, 50.0 * n), (0, 10.0), 0.001, 0.8, (500, 700), best=n < 2)
        for n, rung in enumerate(RUNGS)
    )
    versions = {"suffice": "0.1.0", "python": "3.12.0"}
    growth = [(rung, n * 10_000, 10.0 * n, 30.0 * n) for rung in RUNGS for n in range(5)]
    return verdict, Details(
        trials, asked, costs, 50_000, 12, ("a is cheaper",), growth, 7, versions
    )


def page(*run: object) -> str:
    return HtmlReport().render(*run)  # type: ignore[arg-type]


def test_a_case_that_fails_from_two_causes_is_parted_between_them() -> None:
    """What is left at a rung adds up to what fails there, whatever the causes share."""
    verdict, _ = a_run()
    rows = {row["rung"]: row["share"] for row in pictures.waterfall(verdict)}
    assert rows == {"prompt": 0.3, "fewshot": 0.3 * 9 / 12, "schema": 0.3 * 3 / 12}


def test_a_learning_curve_shows_what_twice_as_many_examples_are_foretold_to_bring() -> None:
    """In shares of the cases, never above all of them."""
    points = tuple(CurvePoint(n, n / 500, Interval(0.1, 0.9)) for n in (100, 200, 400))
    curve = LearningCurve(points, doubled=Gain(400, 15.0, -2.0, 30.0))
    verdict, details = a_run()
    first = replace(verdict.standings[0], curve=curve)
    verdict = replace(verdict, standings=(first, *verdict.standings[1:]))
    last = pictures.learning(verdict)[-1]
    assert (last["examples"], last["foretold"], last["high"]) == (800, True, 1.0)
    assert last["right"] == pytest.approx(0.95)
    assert "What more examples would bring" in page(verdict, details)
    assert "What more examples would bring" not in page(*a_run())


class TestTheFile:
    def test_nothing_is_fetched(self) -> None:
        """No address of another place stands where a browser would follow it by itself."""
        text = page(*a_run())
        markup = re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)
        assert not re.search(r"""(?:src|href|action|url)\s*[=(]\s*["']?(?:https?:)?//""", markup)
        assert "@import" not in markup
        assert "default-src 'none'" in text

    def test_it_stays_below_three_megabytes(self) -> None:
        """However long the answers: cases without room are counted."""
        text = page(*a_run("long words " * 800, cases=600))
        assert len(text.encode()) < 3_000_000
        assert re.search(r"\d+ of 600 cases had no room here", text)

    def test_a_verdict_alone_is_a_page_too(self) -> None:
        """A run of before cases were kept has no browser, and no empty headings."""
        text = page(a_support_desk())
        assert "The ladder" in text
        assert 'id="cases-title"' not in text
        assert 'id="money-title"' not in text

    @pytest.mark.parametrize("text", HOSTILE)
    def test_no_text_of_the_study_becomes_markup(self, text: str) -> None:
        written = page(*a_run(text))
        assert text not in written or "<" not in text
        assert "49" not in re.findall(r'<p class="study">(.*?)</p>', written, re.DOTALL)[0]
        assert len(re.findall(r"<script", written)) == len(re.findall(r"<script", page(*a_run())))


@pytest.fixture(scope="module")
def window() -> Iterator[Browser]:
    with browser() as opened:
        yield opened


def opened(window: Browser, tmp_path: Path, *run: object) -> Browser:
    path = tmp_path / "report.html"
    path.write_text(page(*run), "utf-8")
    window.open(path)
    return window


@pytest.mark.xdist_group("browser")
class TestInTheBrowser:
    def test_charts_are_drawn(self, window: Browser, tmp_path: Path) -> None:
        """Each with a name that a screen reader says, and nothing to complain of."""
        opened(window, tmp_path, *a_run())
        names = window.run(
            "return [...document.querySelectorAll('figure svg[aria-label]')]"
            ".map((each) => each.getAttribute('aria-label'))"
        )
        assert len(names) == 6
        assert window.run("return document.querySelectorAll('figure[hidden]').length") == 0
        assert window.logged() == []

    @pytest.mark.parametrize("text", HOSTILE)
    def test_hostile_texts_do_nothing(self, window: Browser, tmp_path: Path, text: str) -> None:
        """Not when the page is read, nor when the cases with their passages are opened."""
        opened(window, tmp_path, *a_run(text))
        window.run("document.querySelectorAll('details').forEach((each) => { each.open = true; });")
        window.run("document.querySelectorAll('.case details').forEach((e) => { e.open = true; });")
        assert window.run("return window.hacked === undefined") is True
        assert window.run("return document.querySelectorAll('iframe, img').length") == 0
        assert window.run("return document.body.innerText.includes(arguments[0])", text[:9])

    def test_a_case_shows_what_was_said_and_where_it_stands(
        self, window: Browser, tmp_path: Path
    ) -> None:
        """The expected words are marked in the passage, which is told to be cited."""
        opened(window, tmp_path, *a_run())
        window.click(".case summary")
        shown = window.run("return document.querySelector('.case').innerText")
        assert "Expected" in shown
        assert "eight hours" in shown
        window.run("document.querySelector('.case details').open = true")
        passage = window.run("return document.querySelector('.passage').innerText")
        assert "cited" in passage
        assert "2031-04-02" in passage
        marked = window.run("return document.querySelector('.passage mark').textContent")
        assert marked == "eight hours"

    def test_filters_leave_what_fits(self, window: Browser, tmp_path: Path) -> None:
        opened(window, tmp_path, *a_run())

        def count() -> str:
            return str(window.run("return document.getElementById('count').textContent"))

        def choose(name: str, value: str) -> None:
            window.run(
                "const field = document.querySelector(`[name=${arguments[0]}]`);"
                "field.value = arguments[1];"
                "field.dispatchEvent(new Event('input', {bubbles: true}));",
                name,
                value,
            )

        assert count() == "40 of 40 cases"
        choose("cause", "knowledge")
        assert count() == "12 of 40 cases"
        choose("tag", "fees")
        assert count() == "6 of 40 cases"
        choose("cause", "")
        choose("tag", "")
        choose("outcome", "differs")
        differing = int(count().split()[0])
        assert 0 < differing < 40
        choose("outcome", "")
        window.type("[name=text]", "(17)")
        assert count() == "1 of 40 cases"

    def test_more_cases_come_when_asked_for(self, window: Browser, tmp_path: Path) -> None:
        opened(window, tmp_path, *a_run())
        cards = "return document.querySelectorAll('.case').length"
        assert window.run(cards) == 30
        window.click("#more")
        assert window.run(cards) == 40

    @pytest.mark.parametrize("width", [360, 800, 1400])
    def test_nothing_is_wider_than_the_window(
        self, window: Browser, tmp_path: Path, width: int
    ) -> None:
        """Wide tables scroll by themselves; the page never does sideways."""
        window.resize(width, 900)
        opened(window, tmp_path, *a_run("Donaudampfschifffahrtsgesellschaft" * 6))
        wide, seen = window.run(
            "return [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert wide <= seen

    def test_everything_can_be_reached_by_keyboard(self, window: Browser, tmp_path: Path) -> None:
        """Headings go down by one, controls have names, and no element takes a place in the order
        that it does not have."""
        window.resize(1000, 900)
        opened(window, tmp_path, *a_run())
        levels = window.run(
            "return [...document.querySelectorAll('h1, h2, h3, h4')].map((e) => +e.tagName[1])"
        )
        assert levels[0] == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))
        unnamed = window.run(
            "return [...document.querySelectorAll('input, select, button')]"
            ".filter((e) => !e.closest('label') && !e.textContent.trim()).length"
        )
        assert unnamed == 0
        assert window.run("return document.querySelectorAll('[tabindex]').length") == 0
        assert window.run("return document.documentElement.lang") == "en"


@pytest.mark.xdist_group("browser")
def test_dark_where_the_reader_has_it_dark(tmp_path: Path) -> None:
    """Text and paper differ enough in both (WCAG's 4.5 to 1)."""
    script = (
        "const style = getComputedStyle(document.body);return [style.color, style.backgroundColor]"
    )
    contrasts = []
    for flags in ((), ("--blink-settings=preferredColorScheme=0",)):
        with browser(*flags) as window:
            contrasts.append(
                [_light(each) for each in opened(window, tmp_path, *a_run()).run(script)]
            )
    (ink, paper), (dark_ink, dark_paper) = contrasts
    assert ink < paper
    assert dark_ink > dark_paper
    for low, high in ((ink, paper), (dark_paper, dark_ink)):
        assert (high + 0.05) / (low + 0.05) > 4.5


def _light(colour: str) -> float:
    """Relative luminance of `rgb(1, 2, 3)`, as WCAG has it."""
    parts = [int(each) / 255 for each in re.findall(r"\d+", colour)[:3]]
    line = [each / 12.92 if each <= 0.03928 else ((each + 0.055) / 1.055) ** 2.4 for each in parts]
    return 0.2126 * line[0] + 0.7152 * line[1] + 0.0722 * line[2]
