"""What may be said of a comparison: better, not worse, worse, or not enough data."""

from suffice.records import Interval, Outcome
from suffice.stats.paired import Paired

# Below 10 clusters the error between clusters is guesswork.
MINIMUM_CLUSTERS = 10


def decide(
    paired: Paired,
    *,
    p_corrected: float,
    lower_bound: float,
    margin: float,
    alpha: float = 0.05,
) -> tuple[Outcome, str]:
    """The outcome and a sentence that says why.

    A difference counts only where the corrected p-value and the interval agree. `lower_bound` is
    one-sided, from `noninferiority.lower_bound`.
    """
    if paired.clusters < MINIMUM_CLUSTERS:
        return Outcome.NOT_ENOUGH, (
            f"{paired.clusters} clusters are too few: no verdict below {MINIMUM_CLUSTERS}"
        )
    interval, found = paired.interval, f"{paired.difference:+.3f}"
    significant = f"p = {p_corrected:.3g} after correction, {_between(interval)}"
    if p_corrected <= alpha and interval.low > 0:
        return Outcome.BETTER, f"better by {found} ({significant})"
    if p_corrected <= alpha and interval.high < 0:
        return Outcome.WORSE, f"worse by {found} ({significant})"
    if lower_bound > -margin:
        return Outcome.NOT_WORSE, (
            f"not worse by {margin:g}: the difference of {found} surely exceeds {lower_bound:+.3f}"
        )
    return Outcome.NOT_ENOUGH, (
        f"{paired.cases} cases in {paired.clusters} clusters cannot tell: {found} ({significant})"
    )


def better_by(paired: Paired, margin: float, alpha_corrected: float) -> bool:
    """Whether the candidate is surely better by more than the margin: what a dearer rung owes."""
    if paired.clusters < MINIMUM_CLUSTERS:
        return False
    return paired.evidence.interval(1 - alpha_corrected).low > margin


def _between(interval: Interval) -> str:
    return f"{100 * interval.level:.4g}% interval {interval.low:+.3f} to {interval.high:+.3f}"
