"""What the page draws and browses, as plain values: the ladder, causes, money, times and cases.

Pure, like `view.py`: a verdict and what stands behind it in, lists of numbers and texts out. The
page lays them out and knows nothing of records.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from suffice.records import (
    Aspect,
    BarResult,
    Case,
    Cause,
    CauseShare,
    Details,
    Estimate,
    Passage,
    Standing,
    Trial,
    Verdict,
)
from suffice.report import words
from suffice.report.flipped import expected_text
from suffice.report.words import visible

Row = dict[str, Any]

LARGEST = 1_800_000  # characters of all cases together: the page stays below 3 MB
_LONGEST = 4000  # characters of one text; a browser is no place for a book
_MOST_TIMES = 400  # a rung
_CITED = re.compile(r"\[(\d{1,3})\]")
_SHORTEST = 2  # characters of an expected answer that is marked in a passage


def ladder(verdict: Verdict) -> list[Row]:
    """Every share that has an interval, by rung, with the bar that it is held against."""
    rows = []
    for standing in verdict.standings:
        bars = {bar.bar: bar for bar in standing.bars}
        rows += [
            _rung(standing, each, bars.get(each.measure))
            for each in standing.estimates
            if each.interval is not None and each.value is not None and _is_drawn(each, bars)
        ]
    return rows


def _is_drawn(estimate: Estimate, bars: Mapping[str, BarResult]) -> bool:
    if words.is_usd(estimate.measure) or words.is_seconds(estimate.measure):
        return False
    return estimate.measure in bars or (not bars and estimate.measure in ("correct", "format"))


def _rung(standing: Standing, estimate: Estimate, bar: BarResult | None) -> Row:
    interval = estimate.interval
    return {
        "rung": visible(standing.rung),
        "measure": words.label(estimate.measure),
        "value": estimate.value,
        "low": interval.low if interval else None,
        "high": interval.high if interval else None,
        "bar": bar.required if bar else None,
        "status": str(bar.status) if bar else "",
    }


def causes(verdict: Verdict) -> list[Row]:
    """Shares of the held-out cases (of dev where these were not asked why) with their intervals."""
    return [
        {
            "cause": str(each.cause),
            "share": each.share,
            "low": each.interval.low,
            "high": each.interval.high,
            "cases": len(each.cases),
        }
        for each in verdict.held_out_causes or verdict.causes
    ]


def waterfall(verdict: Verdict) -> list[Row]:
    """For each rung the share of all cases that it leaves failing, by why they failed at first."""
    if not verdict.held_out_causes:
        return []
    first = verdict.standings[0].rung
    rows = [
        _left(first, each, len(each.cases), len(each.cases)) for each in verdict.held_out_causes
    ]
    sizes = {each.cause: each for each in verdict.held_out_causes}
    rows += [
        _left(each.rung, sizes[each.cause], each.cases - each.cured, each.cases)
        for each in verdict.cured
    ]
    return rows


def _left(rung: str, cause: CauseShare, count: int, asked: int) -> Row:
    """A case that fails from two causes is parted between them, as its share is; what a rung was
    not asked is taken to be as what it was."""
    return {
        "rung": visible(rung),
        "cause": str(cause.cause),
        "share": cause.share * count / max(1, asked),
        "count": count,
    }


def learning(verdict: Verdict) -> list[Row]:
    """What tuning made of parts of the examples, and what twice as many are foretold to bring."""
    rows = []
    for standing in verdict.standings:
        if standing.curve is None or not standing.curve.points:
            continue
        rung, last = visible(standing.rung), standing.curve.points[-1]
        rows += [
            {"rung": rung, "examples": each.examples, "right": each.share,
             "low": each.interval.low, "high": each.interval.high, "foretold": False}
            for each in standing.curve.points
        ]  # fmt: skip
        if more := standing.curve.doubled:
            right, low, high = (
                min(1.0, max(0.0, last.share + points / 100))
                for points in (more.points, more.low, more.high)
            )
            rows.append(
                {"rung": rung, "examples": last.examples + more.more, "right": right, "low": low,
                 "high": high, "foretold": True}
            )  # fmt: skip
    return rows


def found(verdict: Verdict) -> list[Row]:
    """What the search found beside what was answered, for each rung that searches."""
    return [
        {"rung": visible(standing.rung), "measure": words.label(name), "value": each.value,
         "low": each.interval.low, "high": each.interval.high}
        for standing in verdict.standings
        if standing.estimate("context_recall") is not None
        for name in ("context_recall", "context_precision", "correct")
        if (each := standing.estimate(name)) and each.value is not None and each.interval
    ]  # fmt: skip


def worth(verdict: Verdict, details: Details) -> list[Row]:
    """Quality against cost: what is right, and dollars for a thousand requests all in all."""
    right = {each.rung: each.estimate("correct") for each in verdict.standings}
    rows = []
    for line in details.costs:
        found = right.get(line.rung)
        if line.total is None or found is None or found.value is None or found.interval is None:
            continue
        asked = (details.requests_month or 0) * details.months
        low, high = (1000 * each / max(1, asked) for each in line.total)
        rows.append(
            {
                "rung": visible(line.rung),
                "right": found.value,
                "low": found.interval.low,
                "high": found.interval.high,
                "usd": (low + high) / 2,
                "usd_low": low,
                "usd_high": high,
                "best": line.best,
            }
        )
    return rows


def growth(details: Details) -> list[Row]:
    """What each rung costs over the study's months, from none to four times the traffic."""
    return [
        {"rung": visible(rung), "requests": asked, "low": low, "high": high}
        for rung, asked, low, high in details.growth
    ]


def times(details: Details) -> list[Row]:
    """Seconds of answers, evenly thinned where there are many."""
    by_rung: dict[str, list[float]] = {}
    for trial in details.trials:
        if trial.answer.failure is None and trial.answer.seconds > 0:
            by_rung.setdefault(trial.rung, []).append(trial.answer.seconds)
    return [
        {"rung": visible(rung), "seconds": seconds}
        for rung, found in by_rung.items()
        for seconds in sorted(found)[:: max(1, len(found) // _MOST_TIMES)]
    ]


def cases(verdict: Verdict, details: Details) -> tuple[list[Row], dict[str, Row], int]:
    """The cases for the browser, those that fail or differ first, the passages that they show, each
    once, and how many cases had no room."""
    # The commonest stands first, and is what a case of two causes goes by.
    why = {case: each.cause for each in verdict.held_out_causes[::-1] for case in each.cases}
    by_case: dict[str, list[Trial]] = {}
    for trial in details.trials:
        by_case.setdefault(trial.case, []).append(trial)
    rows = [_case(each, by_case.get(each.id, ()), why.get(each.id)) for each in details.cases]
    rows.sort(key=lambda row: not row["told"])  # a stable sort: else as they were asked
    shown, passages, size = list[Row](), dict[str, Row](), 0
    for row in rows:
        own = {
            key: _passage(each)
            for trial in by_case.get(row["id"], ())
            for each in trial.passages
            if (key := visible(each.id)) not in passages
        }
        size += len(json.dumps(row)) + len(json.dumps(own))
        if size > LARGEST:
            break
        shown.append(row)
        passages |= own
    return shown, passages, len(rows) - len(shown)


def _case(case: Case, trials: Sequence[Trial], cause: Cause | None) -> Row:
    answers = [_answer(trial) for trial in trials if trial.replicate == 0]
    verdicts = {answer["right"] for answer in answers}
    return {
        "id": visible(case.id),
        "asked": [f"{each.role}: {_text(each.content)}" for each in case.messages[:-1]],
        "question": _text(case.question.text),
        "expected": _text(expected_text(case)),
        "wanted": [
            visible(each)
            for each in case.expected
            if isinstance(each, str) and len(each) >= _SHORTEST
        ],
        "gold": [visible(each) for each in case.gold],
        "tags": [visible(each) for each in case.tags],
        "cause": str(cause) if cause else "",
        "told": bool(cause) or len(verdicts) > 1,
        "answers": answers,
    }


def _answer(trial: Trial) -> Row:
    failure = trial.answer.failure
    value = trial.value(Aspect.CONTENT, Aspect.FORMAT, Aspect.ABSTENTION)
    cited = {int(each) for each in _CITED.findall(trial.answer.text)}
    return {
        "rung": visible(trial.rung),
        "text": _text(
            trial.answer.text if failure is None else f"{failure.kind}: {failure.message}"
        ),
        "failed": failure is not None,
        "right": None if value is None else value >= 1,
        "scores": [
            {
                "metric": visible(score.metric),
                "aspect": str(score.aspect),
                "value": score.value,
                "said": visible(score.unscored or score.detail)[:300],
            }
            for score in trial.scores
            if score.aspect not in (Aspect.LATENCY, Aspect.COST)
        ],
        "passages": [visible(each.id) for each in trial.passages],
        "cited": sorted(each for each in cited if each <= len(trial.passages)),
    }


def _passage(passage: Passage) -> Row:
    place = [passage.title or passage.document, *passage.headings]
    page = f", page {passage.page}" if passage.page else ""
    return {
        "place": visible(" > ".join(dict.fromkeys(place)) + page),
        "document": visible(passage.document),
        "dated": visible(passage.dated or ""),
        "text": _text(passage.text),
    }


def _text(text: str) -> str:
    shown = visible(text)
    return (
        shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]} ... ({len(shown):,} characters)"
    )
