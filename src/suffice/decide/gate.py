"""Pass, worse or not measurable: a verdict as one exit code for a build."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from suffice.errors import UsageError, suggest
from suffice.records import BarResult, BarStatus, Comparison, Outcome, Standing, Verdict

EXIT_CODES = {"pass": 0, "worse": 1, "not measurable": 2}


@dataclass(frozen=True, slots=True)
class Gate:
    """What the gate says, and why in one sentence."""

    status: Literal["pass", "worse", "not measurable"]
    reason: str

    @property
    def exit_code(self) -> int:
        return EXIT_CODES[self.status]


def judge(
    verdict: Verdict,
    baseline: str | None = None,
    candidate: str | None = None,
    measures: Sequence[str] | None = None,
) -> Gate:
    """Holds a rung against a baseline rung of the same run, or against the bars.

    The candidate is the chosen rung, else the provisional one, else the last that was tried.
    `measures` narrows what is looked at.
    """
    rungs = [standing.rung for standing in verdict.standings]
    if not rungs:
        return Gate("not measurable", verdict.reason)
    candidate = candidate or verdict.named or rungs[-1]
    for name in (candidate, baseline):
        if name is not None and name not in rungs:
            raise UsageError(
                f"{name!r} is no rung of this run{suggest(name, rungs)}; known: {', '.join(rungs)}"
            )
    if baseline is None:
        standing = next(each for each in verdict.standings if each.rung == candidate)
        gate = _by_bars(standing, measures)
        if gate.status == "worse" and not verdict.complete:
            why = "the climb did not get to the end of its last rung, which might do better"
            return Gate("not measurable", f"{gate.reason}, but {why}")
        return gate
    if baseline == candidate == verdict.chosen:
        return Gate("pass", f"{candidate} is the baseline itself: nothing dearer was chosen")
    if baseline == candidate:
        raise UsageError(f"{baseline} is the candidate itself; name another baseline")
    pair = {candidate, baseline}
    between = [each for each in verdict.comparisons if {each.candidate, each.baseline} == pair]
    return by_comparisons(between, candidate, measures)


def by_comparisons(
    comparisons: Sequence[Comparison], candidate: str, measures: Sequence[str] | None = None
) -> Gate:
    """Worse on any measure fails; open on any measure is not measurable; else it passes."""
    known = {each.measure for each in comparisons}
    _refuse_unknown(measures, known)
    outcomes = [
        (each, _seen_from(each, candidate))
        for each in comparisons
        if measures is None or each.measure in measures
    ]
    for comparison, outcome in outcomes:
        if outcome is Outcome.WORSE:
            return Gate("worse", f"on {comparison.measure}: {comparison.reason}")
    for comparison, outcome in outcomes:
        if outcome is Outcome.NOT_ENOUGH:
            return Gate("not measurable", f"on {comparison.measure}: {comparison.reason}")
    if not outcomes:
        return Gate("not measurable", "nothing was compared between the two")
    return Gate("pass", ", ".join(f"{each.measure} is {outcome}" for each, outcome in outcomes))


def _refuse_unknown(measures: Sequence[str] | None, known: Collection[str]) -> None:
    for name in measures or ():
        if name not in known:
            measured = ", ".join(sorted(known))
            raise UsageError(f"{name!r} was not measured{suggest(name, known)}; known: {measured}")


def _seen_from(comparison: Comparison, candidate: str) -> Outcome:
    """The outcome with the candidate in the candidate's place.

    A comparison is planned dearer against cheaper. Read the other way round, better is worse, and
    "not worse by the margin" says nothing: the test was made in one direction.
    """
    if comparison.candidate == candidate:
        return comparison.outcome
    turned = {Outcome.BETTER: Outcome.WORSE, Outcome.WORSE: Outcome.BETTER}
    return turned.get(comparison.outcome, Outcome.NOT_ENOUGH)


def _by_bars(standing: Standing, measures: Sequence[str] | None) -> Gate:
    if not standing.bars:
        raise UsageError("the study has no bars: set `bar:` in suffice.yaml, or name a --baseline")
    _refuse_unknown(measures, {bar.bar for bar in standing.bars})
    bars = [bar for bar in standing.bars if measures is None or bar.bar in measures]
    if standing.ruled_out:
        return Gate("worse", f"{standing.rung} is ruled out: {standing.ruled_out}")
    missed = [bar.bar for bar in bars if bar.status is BarStatus.MISSED]
    undecided = [bar for bar in bars if bar.status is BarStatus.UNDECIDED]
    if missed:
        return Gate("worse", f"{standing.rung} misses the bar of {', '.join(missed)}")
    if undecided:
        more = "; ".join(_still_open(bar) for bar in undecided)
        return Gate("not measurable", f"{standing.rung} is undecided on {more}")
    return Gate("pass", f"{standing.rung} clears the bar of {', '.join(bar.bar for bar in bars)}")


def _still_open(bar: BarResult) -> str:
    if bar.more_cases:
        return f"{bar.bar} (about {bar.more_cases} more cases)"
    return f"{bar.bar} ({bar.estimate.note})" if bar.estimate.note else bar.bar
