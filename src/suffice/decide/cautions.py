"""What went wrong while measuring, in sentences: a reader should know it before the figures."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from suffice.records import Aspect, Case, Trial
from suffice.report.words import count

_SHOWN_REASONS = 3  # of what could not be scored, a rung


def failures(trials: Mapping[str, Sequence[Trial]]) -> Iterator[str]:
    """Each kind of failed call of each rung, with how often it came and what was said."""
    for rung, each in trials.items():
        failed = [trial.answer.failure for trial in each if trial.answer.failure is not None]
        for kind, times in Counter(failure.kind for failure in failed).items():
            said = next(failure.message for failure in failed if failure.kind is kind)
            yield f"{rung}: {times} of {len(each)} calls failed ({kind}): {said}"


def unscored(trials: Mapping[str, Sequence[Trial]], cases: Sequence[Case]) -> Iterator[str]:
    """Each reason for which answers of a rung could not be scored, with how often it came."""
    answerable = {case.id for case in cases if case.answerable}
    for rung, each in trials.items():
        reasons = Counter(
            score.unscored
            for trial in each
            if trial.answer.failure is None
            for score in trial.scores
            if score.unscored is not None
            and score.aspect not in (Aspect.LATENCY, Aspect.COST)
            and (trial.case in answerable or score.aspect is not Aspect.CONTENT)
        )
        for reason, times in reasons.most_common(_SHOWN_REASONS):
            yield f"{rung}: {count(times, 'answer')} could not be scored: {reason}"
