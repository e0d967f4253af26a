"""What a continuous integration run holds against a verdict, test by test.

The same rule as the gate's:

- The rung that decides is the chosen one, or the last one tried where none suffices.
- A bar that it misses FAILED. A bar that is undecided is UNMEASURABLE, never a pass: the gate ends
  with 2 there. So is a missed one where the budget ended the climb: the next rung might meet it.
- Comparisons inform and the bars decide: one that ends in "worse" or without enough data is set
  ASIDE with its reason. Whoever wants one to fail a build names a baseline to the gate.
- Whatever a rung below fell short of is history, the reason why the ladder climbed: set ASIDE.
"""

from dataclasses import dataclass
from enum import StrEnum

from suffice.records import BarResult, BarStatus, Comparison, Outcome, Verdict
from suffice.report import words
from suffice.report.view import (
    deciding,
    describe,
    describe_comparison,
    view_comparison,
    view_estimate,
)


class Result(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    UNMEASURABLE = "not measurable"
    ASIDE = "set aside"


@dataclass(frozen=True, slots=True)
class Finding:
    """One bar or comparison of one rung: `summary` is a few words, `text` the whole sentence."""

    rung: str
    name: str
    result: Result
    summary: str
    text: str


def findings(verdict: Verdict) -> tuple[Finding, ...]:
    """Every bar of every rung, then its comparisons as a candidate, in the verdict's order."""
    last = deciding(verdict)
    found: list[Finding] = []
    for standing in verdict.standings:
        decides = last is not None and standing.rung == last.rung
        found += [
            find_bar(standing.rung, bar, decides=decides, complete=verdict.complete)
            for bar in standing.bars
        ]
        if standing.ruled_out:
            result = Result.FAILED if decides else Result.ASIDE
            said = f"{standing.rung} is ruled out: {standing.ruled_out}"
            found.append(Finding(standing.rung, "may be chosen", result, "ruled out", said))
        found += [
            find_comparison(each) for each in verdict.comparisons if each.candidate == standing.rung
        ]
    return tuple(found)


def find_bar(rung: str, bar: BarResult, *, decides: bool, complete: bool = True) -> Finding:
    """A bar as a test. `complete` is the verdict's: whether all rungs were tried that could be."""
    seen = view_estimate(bar.estimate, bar)
    ended = decides and not complete and bar.status is BarStatus.MISSED
    result = {
        BarStatus.MET: Result.PASSED,
        BarStatus.MISSED: Result.FAILED if decides else Result.ASIDE,
        BarStatus.UNDECIDED: Result.UNMEASURABLE if decides else Result.ASIDE,
    }[bar.status]
    name, text = f"{words.label(bar.bar)} {seen.required}", f"{rung}: {describe(seen)}"
    if ended:
        why = "the budget ended the climb before a rung that might meet it"
        return Finding(
            rung, name, Result.UNMEASURABLE, f"{seen.result}, but {why}", f"{text}; {why}"
        )
    return Finding(rung, name, result, seen.result, text)


def find_comparison(comparison: Comparison) -> Finding:
    """A comparison as a test."""
    seen = view_comparison(comparison)
    passed = comparison.outcome in (Outcome.BETTER, Outcome.NOT_WORSE)
    result = Result.PASSED if passed else Result.ASIDE
    name = f"{seen.measure} against {seen.baseline}"
    return Finding(comparison.candidate, name, result, seen.result, describe_comparison(seen))
