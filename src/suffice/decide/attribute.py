"""Why cases fail: each failure's cause, from how it came out when it was asked in other ways.

    unstable      asked again it comes out otherwise
    abstention    an unanswerable case is answered
    format        the form is wrong; the content is right, also where the form was held to while the
                  answer was written, or cannot be told for the form
    knowledge     wrong by itself; right with what a search finds
    retrieval     right with its documents, wrong with what a search finds: they are not among it
    grounding     right with its documents alone, wrong among others that a search brings along
    skill         wrong even with its documents
    content       wrong, and no document is known to hold the answer: a fact or a skill may lack
    cost          right, but slower or dearer than the study allows

The first that fits counts. An answer of several fields may lack a fact in one and a skill in
another: what its documents add to its worth is the facts' part, what lacks even then the skill's.
Pure: trials in, causes out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from suffice.records import Aspect, Case, Cause, CauseShare, Cured, Trial
from suffice.stats.intervals import rate_interval

RIGHT = 1.0
_OF_CONTENT = frozenset({Cause.CONTENT, Cause.FORMAT})
OF_FACTS = frozenset({Cause.KNOWLEDGE, Cause.RETRIEVAL, Cause.GROUNDING})


@dataclass(frozen=True)
class Probed:
    """One case's trials: by the system itself and, where there are documents, by the probes:
    `retrieved`, and where that was not enough `gold`. `held`: by itself, held to the form while it
    wrote, where a wrong form hid the content."""

    case: Case
    closed: Sequence[Trial]
    gold: Sequence[Trial] = ()
    retrieved: Sequence[Trial] = ()
    golds: frozenset[str] = frozenset()
    inferred: bool = False
    over: bool = False
    held: Sequence[Trial] = ()

    @property
    def cause(self) -> Cause | None:
        """The one that weighs most; None where it did not fail, or where nothing was scored."""
        parts = self.parts
        return max(parts, key=lambda each: parts[each]) if parts else None

    @property
    def parts(self) -> Mapping[Cause, float]:
        """How much of the failure each cause explains: together 1, or nothing. `over`: the answers
        are too slow or too dear."""
        cause = self._plain_cause()
        if cause is not None:
            return {cause: 1.0}
        if self._failed and self.case.answerable:
            return self._of_content()
        return {}

    @property
    def _failed(self) -> bool:
        outcomes = [_right(trial, self.case) for trial in self.closed]
        known = [each for each in outcomes if each is not None]
        return bool(known) and not any(known)

    def _plain_cause(self) -> Cause | None:
        """What needs no look at the content."""
        outcomes = [_right(trial, self.case) for trial in self.closed]
        known = [each for each in outcomes if each is not None]
        if not known or all(known):
            return Cause.COST if known and self.over else None
        if any(known):
            return Cause.UNSTABLE
        if not self.case.answerable:
            return Cause.ABSTENTION
        return Cause.FORMAT if self._readable_right else None

    @property
    def _readable_right(self) -> bool:
        """Whether the content is right as soon as its form is no matter."""
        return all(_content(trial) for trial in self.closed) or bool(_all(self.held))

    @property
    def hidden(self) -> bool:
        """Whether its form hides its content, and a schema can be held to while it is written."""
        return self.unexplained and self.malformed and self.case.schema is not None

    @property
    def unexplained(self) -> bool:
        """Whether only asking in other ways can tell its cause."""
        plain = replace(self, gold=(), retrieved=())
        return plain.cause in _OF_CONTENT and not self._readable_right

    @property
    def worth(self) -> float:
        """Of its content by itself, as far as its form lets it be seen."""
        return max(_mean(self.closed) or 0.0, _mean(self.held) or 0.0)

    @property
    def gained(self) -> float:
        """What its documents add to that. Where a search is enough they are not asked for alone."""
        told = 1.0 if self.found else _mean(self.gold) or 0.0
        return max(0.0, told - self.worth)

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

    def _of_content(self) -> Mapping[Cause, float]:
        """An answer that no program can read has wrong content too: then the form comes first."""
        with_gold, with_found = _mean(self.gold), _mean(self.retrieved)
        hidden = self.malformed and not self.held
        if self.found:  # whatever its gold documents are said to be
            return {Cause.KNOWLEDGE: 1.0}
        if with_gold is None:
            return {Cause.FORMAT if hidden else Cause.CONTENT: 1.0}
        lacking = max(1.0 - self.worth, 1e-9)
        facts = min(1.0, self.gained / lacking)
        skill = Cause.FORMAT if hidden else Cause.SKILL
        parts = {self._of_facts(with_gold, with_found): facts, skill: 1.0 - facts}
        return {cause: part for cause, part in parts.items() if part > 0}

    def _of_facts(self, with_gold: float, with_found: float | None) -> Cause:
        if with_found is None or with_found >= with_gold:
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
    causes = [each.parts for each in probed]
    found = []
    for cause in Cause:
        parts = np.array([each.get(cause, 0.0) for each in causes])
        if not parts.any():
            continue
        cases = [each for each, part in zip(probed, parts, strict=True) if part]
        found.append(
            CauseShare(
                cause=cause,
                share=float(parts.mean()),
                interval=rate_interval(parts, clusters, level),
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
    """Of each cause's cases that a dearer rung was asked, how many it answers rightly: what it was
    not asked tells nothing of it. `trials` by rung and case, the first rung first."""
    by_id = {case.id: case for case in cases}
    return tuple(
        Cured(
            rung,
            each.cause,
            sum(all(_right(trial, by_id[case]) for trial in asked[case]) for case in seen),
            len(seen),
        )
        for rung, asked in list(trials.items())[1:]
        for each in found
        if each.cause is not Cause.COST  # these were right from the first
        if (seen := [case for case in each.cases if asked.get(case)])
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


def _mean(trials: Sequence[Trial]) -> float | None:
    """The worth of the content; None where nothing was answered."""
    answered = [trial for trial in trials if trial.answer.failure is None]
    if not answered:
        return None
    return float(np.mean([trial.value(Aspect.CONTENT) or 0.0 for trial in answered]))
