"""What every report shows of a verdict: the one place where a study's numbers become sentences.

Pure: records in, frozen views out, no console, no file, no markup. The words are plain ASCII, so
that they suit any terminal, log or XML file; names and reasons come from the study as they are,
and `words.visible` makes them safe to print. The terminal, markdown and JUnit only lay views out.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from suffice.records import (
    BarResult,
    BarStatus,
    Cause,
    CauseShare,
    Comparison,
    Counts,
    Estimate,
    Leading,
    Outcome,
    Standing,
    Verdict,
)
from suffice.report import words

COST = "usd_per_1k"
_HIGHEST = 99.99  # what a level is told as at most: the first of five looks has more nines
# How the ladder's warnings begin.
_NOT_REACHED, _BROKE_OFF = re.compile(r"(\S+) was not reached: "), re.compile(r"(\S+) broke off: ")


@dataclass(frozen=True, slots=True)
class MeasureView:
    """One number of one rung, and the bar it is held against, if any.

    `counts` is asked/answered/scored. `low`, `middle`, `high` and `bar` are the same numbers as
    shares of 1, for drawing; None where there is nothing to draw.
    """

    measure: str
    value: str
    interval: str
    counts: str
    complete: bool
    required: str = ""
    status: BarStatus | None = None
    result: str = ""
    note: str = ""
    low: float | None = None
    middle: float | None = None
    high: float | None = None
    bar: float | None = None


@dataclass(frozen=True, slots=True)
class RungView:
    """One rung: what was built, what it costs, and its numbers.

    `place` is "suffices" or, where no bar is set, "stands" for the chosen rung, else empty.
    """

    rung: str
    built: str
    place: str
    cost: str
    measures: tuple[MeasureView, ...]
    notes: tuple[str, ...] = ()
    ruled_out: str = ""


@dataclass(frozen=True, slots=True)
class ComparisonView:
    """One line of the comparisons. `sample` says on how many cases.

    `mcnemar` is McNemar's exact p-value, empty where it does not apply.
    `reason` is the whole of what was reasoned. `told` is whether the rest of the line tells it:
    a line with numbers does, unless it cannot say how many more cases would be enough.
    """

    candidate: str
    baseline: str
    measure: str
    difference: str
    interval: str
    p: str
    p_corrected: str
    wins: str
    losses: str
    outcome: Outcome
    result: str
    cases: int
    clusters: int
    sample: str
    reason: str
    told: bool
    mcnemar: str = ""


@dataclass(frozen=True, slots=True)
class VerdictView:
    """A whole verdict in words. `mark` is the headline in a word: PASS, FAIL, UNDECIDED, NO BAR.

    `level` is the confidence level of the intervals, or the least and the highest: what is clear at
    an early look is held to a higher one.
    """

    study: str
    model: str
    run: str
    mark: str
    headline: str
    reason: str
    rungs: tuple[RungView, ...]
    comparisons: tuple[ComparisonView, ...]
    warnings: tuple[str, ...]
    plan: str
    look: str
    spent: str
    level: str
    causes: tuple[str, ...] = ()
    leading: str = ""
    next_steps: tuple[str, ...] = ()
    held_out_causes: tuple[str, ...] = ()
    contaminated: str = ""
    would_change: tuple[str, ...] = ()
    compared: str = ""


def view(verdict: Verdict) -> VerdictView:
    """All of a verdict that reports show."""
    mark, headline = _headline(verdict)
    return VerdictView(
        study=verdict.study,
        model=verdict.model,
        run=verdict.run,
        mark=mark,
        headline=headline,
        reason=verdict.reason,
        rungs=tuple(_rung(each, verdict.chosen) for each in verdict.standings),
        comparisons=tuple(view_comparison(each) for each in verdict.comparisons),
        warnings=verdict.warnings,
        plan=verdict.plan[:12],
        look=_look(verdict.look),
        spent=_spent(verdict),
        level=_level(verdict),
        causes=tuple(_cause(each) for each in verdict.causes),
        leading=_leading(verdict.leading),
        next_steps=verdict.next_steps,
        held_out_causes=tuple(_cause_and_cure(each, verdict) for each in verdict.held_out_causes),
        contaminated=_contaminated(verdict),
        would_change=verdict.would_change,
        compared=_compared(verdict),
    )


def _compared(verdict: Verdict) -> str:
    """Why some comparisons rest on few cases, where rungs were asked up to different looks."""
    asked = {each.rung: each.asked for each in verdict.standings}
    pairs = {(each.baseline, each.candidate) for each in verdict.comparisons}
    few = [pair for pair in pairs if len({asked.get(rung) for rung in pair}) > 1]
    if not few:
        return ""
    named = [rung for rung in asked if any(rung in pair for pair in few)]
    return (
        "Not all were asked as many cases (what a bar settles early is asked no further), so some "
        "of these rest on few, at the stricter level of an early look; `suffice run --rungs "
        f"{','.join(named)}` compares them on the same."
    )


def _leading(found: Leading | None) -> str:
    """The best guess, where there is one that is worth telling."""
    if found is None or not found.worth_telling:
        return ""
    return f"Provisionally {found.rung}: the chance that it clears every bar is {found.chance:.0%}."


def _cause(found: CauseShare) -> str:
    """`knowledge 31% [24, 39], of documents that were inferred`."""
    scale = words.scale_of("correct", found.share, found.interval, None)
    said = f"{found.cause} {scale.write(found.share)} {scale.write_interval(found.interval)}"
    inferred = ", with gold documents that were inferred" if found.inferred else ""
    return f"{said}: {_MEANING[found.cause]}{inferred}"


def _cause_and_cure(found: CauseShare, verdict: Verdict) -> str:
    """A cause with what became of its cases: `fewshot mends 2 of 14, retrieve 13`."""
    mended = [each for each in verdict.cured if each.cause is found.cause]
    if not mended:
        return _cause(found)
    first, *rest = mended
    told = [f"{first.rung} mends {first.cured} of {first.cases}"]
    told += [
        f"{each.rung} {each.cured}" + (f" of {each.cases}" if each.cases != first.cases else "")
        for each in rest
    ]
    return f"{_cause(found)}; {', '.join(told)}"


def _contaminated(verdict: Verdict) -> str:
    """Cases that tell nothing of retrieval, because the model needs no document for them."""
    if not verdict.contaminated:
        return ""
    shown = ", ".join(verdict.contaminated[:3])
    more = ", ..." if len(verdict.contaminated) > 3 else ""
    return (
        f"{words.count(len(verdict.contaminated), 'held-out case')} about the documents "
        f"{'was' if len(verdict.contaminated) == 1 else 'were'} answered rightly without them "
        f"({shown}{more}): the model knows them, or they can be guessed"
    )


# What a cause means, for who reads the word for the first time.
_MEANING = {
    Cause.CONTENT: "wrong, and no document is known to hold the answer",
    Cause.KNOWLEDGE: "the model lacks the fact, and a search finds it",
    Cause.RETRIEVAL: "the model lacks the fact, and a plain search does not find it",
    Cause.GROUNDING: "right with its document alone, wrong among what a search brings along",
    Cause.FORMAT: "the form is wrong",
    Cause.SKILL: "wrong even with what the documents say",
    Cause.ABSTENTION: "answered where there is no answer",
    Cause.UNSTABLE: "asked again, it comes out otherwise",
    Cause.COST: "right, and too slow or too dear",
}


def view_estimate(estimate: Estimate, bar: BarResult | None = None) -> MeasureView:
    """An estimate beside its bar: the digits grow until the two cannot look equal by rounding."""
    scale = words.scale_of(
        estimate.measure, estimate.value, estimate.interval, bar.required if bar else None
    )
    interval = estimate.interval
    drawn = scale.is_share and estimate.value is not None and interval is not None
    return MeasureView(
        measure=words.label(estimate.measure),
        value="not scored" if estimate.value is None else scale.write(estimate.value),
        interval=scale.write_interval(interval) if interval else "",
        counts=_counts(estimate.counts),
        complete=estimate.counts.asked == estimate.counts.scored,
        required=words.required(bar.bar, bar.required) if bar else "",
        status=bar.status if bar else None,
        result=_bar_result(bar) if bar else "",
        note=estimate.note,
        low=interval.low if drawn and interval else None,
        middle=estimate.value if drawn else None,
        high=interval.high if drawn and interval else None,
        bar=bar.required if drawn and bar else None,
    )


def view_comparison(comparison: Comparison) -> ComparisonView:
    """A comparison in words. Differences carry their sign: candidate minus baseline."""
    scale = words.difference_scale(comparison.measure, comparison.difference)
    difference, interval = comparison.difference, comparison.interval
    return ComparisonView(
        candidate=comparison.candidate,
        baseline=comparison.baseline,
        measure=words.label(comparison.measure),
        difference="not measured" if difference is None else scale.write(difference),
        interval=scale.write_interval(interval) if interval else "",
        p=words.p_value(comparison.p),
        p_corrected=words.p_value(comparison.p_corrected),
        wins=str(comparison.wins),
        losses=str(comparison.losses),
        outcome=comparison.outcome,
        result=_outcome(comparison),
        cases=comparison.cases,
        clusters=comparison.clusters,
        sample=_sample(comparison.cases, comparison.clusters),
        reason=comparison.reason,
        told=difference is not None
        and (comparison.outcome is not Outcome.NOT_ENOUGH or comparison.more_cases is not None),
        mcnemar="" if comparison.mcnemar_p is None else words.p_value(comparison.mcnemar_p),
    )


def describe_samples(pair: Sequence[ComparisonView]) -> str:
    """`160 cases in 40 clusters`; a range where a pair's measures speak of different cases."""
    if len({each.sample for each in pair}) == 1:
        return pair[0].sample
    cases, clusters = ([each.cases for each in pair], [each.clusters for each in pair])
    return (
        f"{min(cases):,} to {max(cases):,} cases in {min(clusters):,} to {max(clusters):,} clusters"
    )


def deciding(verdict: Verdict) -> Standing | None:
    """The standing that a verdict rests on."""
    return next((each for each in verdict.standings if each.rung == verdict.named), None)


def describe_mcnemar(pair: Sequence[ComparisonView]) -> str:
    """`exact McNemar p 0.031`; by measure where a pair has several; empty where it has none."""
    exact = [each for each in pair if each.mcnemar]
    if not exact:
        return ""
    if len(pair) == 1:
        return f"exact McNemar p {exact[0].mcnemar}"
    return "exact McNemar p: " + ", ".join(f"{each.measure} {each.mcnemar}" for each in exact)


def describe(seen: MeasureView) -> str:
    """`correct is 83% [76, 89], at least 85% is required: missed (asked 160, ...)`."""
    asked, answered, scored = seen.counts.split("/")
    number = f"{seen.value} {seen.interval}".rstrip()
    held = f", {seen.required} is required: {seen.result}" if seen.required else ""
    note = f"; {seen.note}" if seen.note else ""
    counts = f"asked {asked}, answered {answered}, scored {scored}"
    return f"{seen.measure} is {number}{held} ({counts}){note}"


def describe_comparison(seen: ComparisonView) -> str:
    """`fewshot against prompt on correct: better, +6.2 points [+1.0, +11.4], p 0.012 ...`."""
    number = f"{seen.difference} {seen.interval}".rstrip()
    reason = f"; {seen.reason}" if seen.reason else ""
    mcnemar = f"{exact}, " if (exact := describe_mcnemar([seen])) else ""
    return (
        f"{seen.candidate} against {seen.baseline} on {seen.measure}: {seen.result}, {number}, "
        f"p {seen.p}, Holm-corrected {seen.p_corrected}, {mcnemar}"
        f"won {seen.wins}, lost {seen.losses} ({seen.sample}){reason}"
    )


def _rung(standing: Standing, chosen: str | None) -> RungView:
    return RungView(
        rung=standing.rung,
        built=standing.built,
        place="" if standing.rung != chosen else "suffices" if standing.bars else "stands",
        cost=_cost(standing),
        measures=tuple(_measures(standing)),
        notes=standing.notes,
        ruled_out=standing.ruled_out,
    )


def _measures(standing: Standing) -> list[MeasureView]:
    """Every estimate with its bar; a bar whose number is not among the estimates comes last."""
    bars = {bar.bar: bar for bar in standing.bars}
    told = [each for each in standing.estimates if each.measure in bars or not _is_unpriced(each)]
    seen = [view_estimate(each, bars.pop(each.measure, None)) for each in told]
    return seen + [view_estimate(bar.estimate, bar) for bar in bars.values()]


def _is_unpriced(estimate: Estimate) -> bool:
    """Whether this is a cost that nobody asked for and nobody knows: the heading says so."""
    return estimate.measure == COST and estimate.value is None


def _cost(standing: Standing) -> str:
    """Dollars per 1,000 answers, unless they are a row of their own."""
    estimate = standing.estimate(COST)
    if estimate and estimate.value is not None:
        return ""
    if standing.usd is None:
        return "price unknown"
    if not standing.answered:
        return "no answers"
    return f"{words.money(1000 * standing.usd / standing.answered)} per 1k"


def _counts(counts: Counts) -> str:
    return f"{counts.asked}/{counts.answered}/{counts.scored}"


def _bar_result(bar: BarResult) -> str:
    if bar.status is not BarStatus.UNDECIDED:
        return str(bar.status)
    if bar.more_cases is None:
        return "undecided" if bar.estimate.note else "undecided: it sits on the bar"
    return f"undecided: {words.count(bar.more_cases, 'more case')}"


def _outcome(comparison: Comparison) -> str:
    if comparison.outcome is Outcome.BETTER and comparison.exceeds_margin:
        return f"better, by {words.margin(comparison.measure, comparison.margin)} or more"
    if comparison.outcome is Outcome.NOT_WORSE:
        return f"not worse by {words.margin(comparison.measure, comparison.margin)}"
    if comparison.outcome is Outcome.NOT_ENOUGH and comparison.more_cases is not None:
        return f"not enough data: about {words.count(comparison.more_cases, 'more case')}"
    return str(comparison.outcome)


def _sample(cases: int, clusters: int) -> str:
    spread = "" if clusters == cases else f" in {words.count(clusters, 'cluster')}"
    return words.count(cases, "case") + spread


def _headline(verdict: Verdict) -> tuple[str, str]:
    """The mark and the sentence. "Not decided" and "no" are different answers."""
    if not verdict.standings:
        return "UNDECIDED", "Nothing was measured"
    if not any(standing.bars for standing in verdict.standings):
        stands = f"`{verdict.chosen}` stands" if verdict.chosen else "No rung stands"
        ended = "" if verdict.complete else f"; {describe_end(verdict)}"
        return "NO BAR", f"{stands}; without a bar none can suffice{ended}"
    if verdict.chosen is not None:
        return "PASS", f"`{verdict.chosen}` is the cheapest rung that suffices"
    hopeful = [each for each in verdict.standings if _may_suffice(each)]
    if not hopeful and verdict.complete:
        return "FAIL", "No rung suffices"
    leads = verdict.leading.rung if verdict.leading else ""
    likeliest = sorted(hopeful, key=lambda each: each.rung != leads)[:1]
    open_still = [_open(each) for each in likeliest]
    open_still += [] if verdict.complete else [describe_end(verdict)]
    return "UNDECIDED", f"Not decided: {'; '.join(open_still)}"


def describe_end(verdict: Verdict) -> str:
    """Of an incomplete verdict: `the budget ended the climb before `schema``.

    A verdict says that it is incomplete; the rungs that were not reached are in its warnings.
    """
    broken = _named(_BROKE_OFF, verdict.warnings)
    unreached = _named(_NOT_REACHED, verdict.warnings)
    said = [f"{broken} broke off and was not measured"] if broken else []
    if unreached or not broken:
        said.append(f"the budget ended the climb before {unreached or 'its last rung'}")
    return "; ".join(said)


def _named(beginning: re.Pattern[str], warnings: Sequence[str]) -> str:
    """The rungs that warnings begin with."""
    found = [beginning.match(warning) for warning in warnings]
    return " and ".join(f"`{each[1]}`" for each in found if each)


def _open(standing: Standing) -> str:
    """What is open of the rung that leads; where nothing could be decided on so few cases, that."""
    undecided = [bar for bar in standing.bars if bar.status is BarStatus.UNDECIDED]
    if undecided and all(bar.estimate.note for bar in undecided):
        return f"{undecided[0].estimate.note}; `{standing.rung}` leads"
    return f"`{standing.rung}` may suffice{_needed(standing)}"


def _may_suffice(standing: Standing) -> bool:
    return standing.may_suffice


def _needed(standing: Standing) -> str:
    undecided = [bar for bar in standing.bars if bar.status is BarStatus.UNDECIDED]
    needs = [bar.more_cases for bar in undecided if bar.more_cases is not None]
    if not needs or len(needs) < len(undecided):
        return ""
    return f", and about {words.count(max(needs), 'more case')} would tell"


def _look(look: int) -> str:
    if look <= 1:
        return "first look at these held-out cases"
    return f"look {look} at these held-out cases: each one makes a lucky result likelier"


def _spent(verdict: Verdict) -> str:
    spent = "price unknown" if verdict.usd is None else f"{words.money(verdict.usd)} spent"
    return f"{spent} in {words.seconds(verdict.seconds)}"


def _level(verdict: Verdict) -> str:
    intervals = [each.interval for one in verdict.standings for each in one.estimates]
    intervals += [each.interval for each in verdict.comparisons]
    levels = {interval.level for interval in intervals if interval}
    ends = dict.fromkeys((min(levels), max(levels))) if levels else {}
    return " to ".join(f"{min(100 * level, _HIGHEST):.4g}%" for level in ends)
