"""Why cases fail: each failure's cause, from how it came out when it was asked in three ways.

    unstable      asked again it comes out otherwise
    abstention    an unanswerable case is answered
    format        the form is wrong; the content is right, or cannot be told for the form
    knowledge     wrong by itself; right with what its documents say, and with what a search finds
    retrieval     right with its documents, wrong with what a search finds: they are not among it
    grounding     right with its documents alone, wrong among others that a search brings along
    skill         wrong even with its documents
    content       wrong, and no document is known to hold the answer: a fact or a skill may lack
    cost          right, but slower or dearer than the study allows

The first that fits counts. Pure: trials in, causes out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from suffice.records import Aspect, Case, Cause, CauseShare, Cured, Trial
from suffice.stats.intervals import rate_interval

RIGHT = 1.0
_OF_CONTENT = frozenset({Cause.CONTENT, Cause.FORMAT})


@dataclass(frozen=True)
class Probed:
    """One case's trials: by the system itself and, where there are documents, by both probes."""

    case: Case
    closed: Sequence[Trial]
    gold: Sequence[Trial] = ()
    retrieved: Sequence[Trial] = ()
    golds: frozenset[str] = frozenset()
    inferred: bool = False
    over: bool = False

    @property
    def cause(self) -> Cause | None:
        """None where it did not fail, or where nothing was scored. `over`: the answers are too
        slow or too dear."""
        outcomes = [_right(trial, self.case) for trial in self.closed]
        known = [each for each in outcomes if each is not None]
        if not known or all(known):
            return Cause.COST if known and self.over else None
        if any(known):
            return Cause.UNSTABLE
        if not self.case.answerable:
            return Cause.ABSTENTION
        if all(_content(trial) for trial in self.closed):
            return Cause.FORMAT
        return self._of_content()

    @property
    def unexplained(self) -> bool:
        """Whether only asking with documents can tell its cause."""
        plain = replace(self, gold=(), retrieved=())
        return plain.cause in _OF_CONTENT and not all(_content(trial) for trial in self.closed)

    @property
    def found(self) -> bool:
        """Whether a plain search is enough to make it right."""
        return bool(_all(self.retrieved))

    @property
    def contaminated(self) -> bool:
        """Right by itself although its documents alone should tell: the model has seen it."""
        return bool(self.golds) and bool(self.closed) and all(_content(t) for t in self.closed)

    @property
    def malformed(self) -> bool:
        """Whether the form was wrong, whatever else was."""
        return any((trial.value(Aspect.FORMAT) or 0.0) < RIGHT for trial in self._formed)

    @property
    def _formed(self) -> list[Trial]:
        return [trial for trial in self.closed if trial.value(Aspect.FORMAT) is not None]

    def _of_content(self) -> Cause:
        """An answer that no program can read has wrong content too: then the form comes first."""
        with_gold, with_found = _all(self.gold), _all(self.retrieved)
        if with_gold is None:
            if with_found:
                return Cause.KNOWLEDGE
            return Cause.FORMAT if self.malformed else Cause.CONTENT
        if not with_gold:
            return Cause.FORMAT if self.malformed else Cause.SKILL
        if with_found is not False:
            return Cause.KNOWLEDGE
        shown = {passage.document for trial in self.retrieved for passage in trial.passages}
        return Cause.GROUNDING if shown & self.golds else Cause.RETRIEVAL


@dataclass(frozen=True, slots=True)
class Limits:
    """What a study allows an answer to take and to cost, as its bars have it."""

    seconds: float | None = None
    usd_per_1k: float | None = None

    def over(self, trials: Mapping[str, Sequence[Trial]]) -> frozenset[str]:
        """The cases whose answers are too slow or too dear, where the answers as a whole are."""
        answered = {
            case: [trial.answer for trial in each if trial.answer.failure is None]
            for case, each in trials.items()
        }
        seconds = [answer.seconds for each in answered.values() for answer in each]
        dollars = [answer.usd or 0.0 for each in answered.values() for answer in each]
        marked: set[str] = set()
        if self.seconds is not None and seconds and np.quantile(seconds, 0.95) > self.seconds:
            slow = self.seconds
            marked |= {
                case for case, each in answered.items() if any(one.seconds > slow for one in each)
            }
        if self.usd_per_1k is not None and dollars and 1000 * np.mean(dollars) > self.usd_per_1k:
            dear = self.usd_per_1k / 1000
            marked |= {
                case
                for case, each in answered.items()
                if any((one.usd or 0.0) > dear for one in each)
            }
        return frozenset(marked)


def attribute(probed: Sequence[Probed], level: float = 0.95) -> tuple[CauseShare, ...]:
    """The share of all cases that fail from each cause, with intervals that respect clusters;
    the commonest first."""
    if not probed:
        return ()
    clusters = [each.case.cluster or each.case.id for each in probed]
    causes = [each.cause for each in probed]
    found = []
    for cause in Cause:
        marks = np.array([each is cause for each in causes], dtype=np.float64)
        if not marks.any():
            continue
        cases = [each for each, mark in zip(probed, marks, strict=True) if mark]
        found.append(
            CauseShare(
                cause=cause,
                share=float(marks.mean()),
                interval=rate_interval(marks, clusters, level),
                cases=tuple(each.case.id for each in cases),
                inferred=any(each.inferred for each in cases),
            )
        )
    return tuple(sorted(found, key=lambda each: -each.share))


def cured(
    found: Sequence[CauseShare],
    trials: Mapping[str, Mapping[str, Sequence[Trial]]],
    cases: Sequence[Case],
) -> tuple[Cured, ...]:
    """Of each cause's cases, how many each dearer rung answers rightly. `trials` by rung and case,
    the first rung first."""
    by_id = {case.id: case for case in cases}
    return tuple(
        Cured(
            rung,
            each.cause,
            sum(
                all(_right(trial, by_id[case]) for trial in asked.get(case, ()))
                for case in each.cases
                if asked.get(case)
            ),
            len(each.cases),
        )
        for rung, asked in list(trials.items())[1:]
        for each in found
        if each.cause is not Cause.COST  # these were right from the first
    )


# What a rung can cure. A prompt is where all begins, and hybrid is for what is left of two kinds.
CURES: Mapping[str, frozenset[Cause]] = {
    "fewshot": frozenset(
        {Cause.FORMAT, Cause.SKILL, Cause.CONTENT, Cause.ABSTENTION, Cause.UNSTABLE}
    ),
    "schema": frozenset({Cause.FORMAT}),
    "longcontext": frozenset({Cause.KNOWLEDGE, Cause.RETRIEVAL, Cause.CONTENT, Cause.ABSTENTION}),
    "retrieve": frozenset(
        {Cause.KNOWLEDGE, Cause.RETRIEVAL, Cause.GROUNDING, Cause.CONTENT, Cause.ABSTENTION}
    ),
    "tune": frozenset(
        {
            Cause.FORMAT,
            Cause.SKILL,
            Cause.CONTENT,
            Cause.ABSTENTION,
            Cause.UNSTABLE,
            Cause.COST,  # a smaller model may learn what the large one can
        }
    ),
    "hybrid": frozenset(Cause),
}


def helpless(rung: str, found: Sequence[CauseShare], *, malformed: bool = False) -> str:
    """Why a rung cannot help against what fails, or nothing. A cause that was seen once counts:
    what is passed over is what nothing points to. `malformed`: some form was wrong, also where
    another cause came first."""
    curable = CURES.get(rung)
    if curable is None or not found:
        return ""
    seen_causes = {each.cause for each in found} | ({Cause.FORMAT} if malformed else set())
    if seen_causes & curable:
        return ""
    seen = ", ".join(f"{each.share:.0%} {each.cause}" for each in found)
    wanted = " or ".join(sorted(cause.value for cause in curable))
    return f"what fails on dev is {seen}; {rung} mends {wanted}"


def _right(trial: Trial, case: Case) -> bool | None:
    """None where a call failed or nothing could be scored."""
    if trial.answer.failure is not None:
        return None
    aspects = (
        (Aspect.CONTENT, Aspect.FORMAT) if case.answerable else (Aspect.ABSTENTION, Aspect.FORMAT)
    )
    value = trial.value(*aspects)
    return None if value is None else value >= RIGHT


def _content(trial: Trial) -> bool:
    value = trial.value(Aspect.CONTENT)
    return value is not None and value >= RIGHT


def _all(trials: Sequence[Trial]) -> bool | None:
    """Whether all answers are right in content; None where there are none."""
    answered = [trial for trial in trials if trial.answer.failure is None]
    return all(_content(trial) for trial in answered) if answered else None
