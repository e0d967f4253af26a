"""Compares rungs on the same held-out cases: per-case differences, clustered, corrected.

The outcome is one of four. It is `not enough data` below ten clusters, and where so many calls
failed that what is left may not be a fair sample.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from suffice.decide.judging import MEASURE, UNJUDGED, Judging
from suffice.decide.measures import BY_NAME, Sample, sample, unfair
from suffice.decide.plan import Plan
from suffice.records import Case, Comparison, Flip, Outcome, Trial
from suffice.stats.correction import holm
from suffice.stats.noninferiority import lower_bound
from suffice.stats.outcome import better_by, decide
from suffice.stats.paired import Paired, compare
from suffice.stats.power import more_cases
from suffice.stats.sequential import nominal_levels, sequential_holm

Pair = tuple[str, str, str]  # candidate, baseline, measure


@dataclass(frozen=True, slots=True)
class _Found:
    """One comparison before it is corrected for its family."""

    pair: Pair
    paired: Paired | None
    lower: float
    flips: tuple[Flip, ...]
    refusal: str = ""


def compare_family(
    plan: Plan,
    trials: Mapping[str, Sequence[Trial]],
    cases: Sequence[Case],
    *,
    looks: Mapping[str, int],
    judging: Judging,
    generator: np.random.Generator,
) -> tuple[Comparison, ...]:
    """Every planned comparison whose rungs were both asked, corrected across the whole plan.
    `looks` says up to which look each rung was asked."""
    asked = [pair for pair in plan.family if pair[0] in trials and pair[1] in trials]
    return compare_pairs(
        asked,
        trials,
        {case.id: case for case in cases},
        margin=plan.margin,
        alpha=plan.alpha,
        generator=generator,
        judging=judging,
        family=len(plan.family),
        fractions=plan.fractions,
        looks=looks,
    )


def compare_pairs(
    pairs: Sequence[Pair],
    trials: Mapping[str, Sequence[Trial]],
    cases: Mapping[str, Case],
    *,
    margin: float,
    alpha: float,
    generator: np.random.Generator,
    judging: Judging = UNJUDGED,
    family: int = 0,
    fractions: Sequence[float] = (1.0,),
    looks: Mapping[str, int] | None = None,
) -> tuple[Comparison, ...]:
    """These pairs, corrected across a family of at least their number.

    A pair is compared on the cases that both were asked, and so at the look of the one that was
    asked fewer: with the level of that look, it may have been asked no further for any reason.

    A planned comparison that was never made (its rung was not reached) counts in the family as
    one that found nothing, which can only make the others stricter.
    """
    nominal, known = nominal_levels(fractions, alpha), looks or {}
    at = [min(known.get(rung, len(nominal) - 1) for rung in pair[:2]) for pair in pairs]
    found = [
        _find(pair, trials, cases, alpha=nominal[look], generator=generator, judging=judging)
        for pair, look in zip(pairs, at, strict=True)
    ]
    unmade = max(0, family - len(found))
    p_values = [each.paired.p if each.paired else 1.0 for each in found] + [1.0] * unmade
    corrected = holm(p_values)
    sure = sequential_holm(p_values, fractions, at + [0] * unmade, alpha)
    return tuple(
        _conclude(
            each,
            corrected=corrected[place],
            margin=margin,
            # What its look may not reject yet is held to a level that nothing reaches.
            alpha=alpha if sure[place] else 0.0,
            # Bonferroni's, for what is not a step of Holm's.
            share=nominal[at[place]] / max(1, len(p_values)),
        )
        for place, each in enumerate(found)
    )


def _find(
    pair: Pair,
    trials: Mapping[str, Sequence[Trial]],
    cases: Mapping[str, Case],
    *,
    alpha: float,
    generator: np.random.Generator,
    judging: Judging,
) -> _Found:
    candidate, baseline, name = pair
    one, other = (
        sample(trials[rung], cases, BY_NAME[name], judging.barred) for rung in (candidate, baseline)
    )
    shared = [case for case in one.values if case in other.values]
    if refusal := _refusal(one, other, shared, candidate, baseline):
        return _Found(pair, None, 0.0, (), refusal)
    if judging.corrects and name == MEASURE:
        return _find_judged(pair, trials, cases, (one, other), alpha=alpha, judging=judging)
    values = [np.array([each.values[case] for case in shared]) for each in (one, other)]
    clusters = [one.clusters[case] for case in shared]
    paired = compare(values[0], values[1], clusters, generator, level=1 - alpha)
    lower = lower_bound(values[0], values[1], clusters, alpha)
    return _Found(pair, paired, lower, _flips(one, other, shared))


def _find_judged(
    pair: Pair,
    trials: Mapping[str, Sequence[Trial]],
    cases: Mapping[str, Case],
    drawn: tuple[Sample, Sample],
    *,
    alpha: float,
    judging: Judging,
) -> _Found:
    """What a judge says of a pair, corrected by people's labels."""
    one, other = drawn
    candidate, baseline = (trials[rung] for rung in pair[:2])
    judged, reason = judging.difference(candidate, baseline, cases, 1 - alpha)
    if judged is None:
        return _Found(pair, None, 0.0, (), f"The judge cannot be corrected: {reason}.")
    flips = _flips(one, other, [case for case in one.values if case in other.values])
    paired = Paired(
        difference=judged.difference,
        interval=judged.interval,
        p=judged.p,
        cases=len(one.values),
        clusters=judged.clusters,
        wins=sum(flip.candidate > flip.baseline for flip in flips),
        losses=sum(flip.candidate < flip.baseline for flip in flips),
        mcnemar_p=None,
        standard_error=judged.standard_error,
        icc=0.0,
        evidence=judged.evidence,
    )
    return _Found(pair, paired, judged.evidence.interval(1 - 2 * alpha).low, flips)


def _flips(one: Sample, other: Sample, shared: Sequence[str]) -> tuple[Flip, ...]:
    return tuple(
        Flip(case, other.values[case], one.values[case])
        for case in shared
        if one.values[case] != other.values[case]
    )


def _refusal(
    one: Sample, other: Sample, shared: Sequence[str], candidate: str, baseline: str
) -> str:
    """Why two samples cannot be compared at all, or an empty string."""
    for drawn, rung in ((one, candidate), (other, baseline)):
        if reason := unfair(drawn.counts):
            return f"{rung}: {reason}."
    clusters = len({one.clusters[case] for case in shared})
    if clusters < 2:
        return f"Both were scored on {clusters} clusters only; a comparison needs 10."
    return ""


def _conclude(
    found: _Found, *, corrected: float, margin: float, alpha: float, share: float
) -> Comparison:
    candidate, baseline, measure = found.pair
    paired = found.paired
    if paired is None:
        outcome, reason = Outcome.NOT_ENOUGH, found.refusal
    else:
        outcome, reason = decide(
            paired,
            p_corrected=corrected,
            lower_bound=found.lower,
            margin=margin,
            alpha=alpha,
        )
    return Comparison(
        candidate=candidate,
        baseline=baseline,
        measure=measure,
        outcome=outcome,
        difference=paired.difference if paired else None,
        interval=paired.interval if paired else None,
        p=paired.p if paired else None,
        p_corrected=corrected if paired else None,
        margin=margin,
        cases=paired.cases if paired else 0,
        clusters=paired.clusters if paired else 0,
        wins=paired.wins if paired else 0,
        losses=paired.losses if paired else 0,
        mcnemar_p=paired.mcnemar_p if paired else None,
        exceeds_margin=paired is not None and better_by(paired, margin, share),
        more_cases=more_cases(paired, margin, alpha=share)
        if paired and outcome is Outcome.NOT_ENOUGH
        else None,
        reason=reason,
        flips=found.flips,
    )
