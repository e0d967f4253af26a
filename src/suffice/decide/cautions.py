"""What went wrong while measuring, in sentences: a reader should know it before the figures."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from suffice.records import Aspect, Case, Trial
from suffice.report.words import count

_MOST_CUT = 0.02  # of a rung's answers
_SHOWN_REASONS = 3  # of what could not be scored, a rung


def failures(trials: Mapping[str, Sequence[Trial]]) -> Iterator[str]:
    """Each kind of failed call of each rung, with how often it came and what was said."""
    for rung, each in trials.items():
        failed = [trial.answer.failure for trial in each if trial.answer.failure is not None]
        for kind, times in Counter(failure.kind for failure in failed).items():
            said = next(failure.message for failure in failed if failure.kind is kind)
            yield f"{rung}: {times} of {len(each)} calls failed ({kind}): {said}"


def cut_off(trials: Mapping[str, Sequence[Trial]]) -> Iterator[str]:
    """How many of a rung's answers ended at the limit of tokens, where it is more than a few: they
    look like a wrong form, and a higher limit may be all that they need."""
    for rung, each in trials.items():
        answered = [trial.answer for trial in each if trial.answer.failure is None]
        cut = sum(answer.finish == "length" for answer in answered)
        if cut > _MOST_CUT * len(answered):
            yield (
                f"{rung}: {cut} of {count(len(answered), 'answer')} were cut off at `max_tokens`: "
                "set it higher in suffice.yaml, unless they are talk without an end"
            )


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
