"""Whether each sentence cites a given passage that supports it: citation precision and recall.

Recall is the share of sentences that what they cite supports; precision the share of citations
that name a given passage and help (as in ALCE, Gao et al. 2023). A passage supports a sentence if
it holds all its numbers and enough of its content words. That sees no negation: where it matters,
let a judge decide. Answers that decline, and answers without passages, are unscored.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Literal, TypeAlias

from suffice.errors import UsageError
from suffice.evaluate.declining import declined
from suffice.evaluate.metrics.claims import Claim, Claims, claims_of, content_words
from suffice.evaluate.metrics.judging import Judge, Unreadable, verdict
from suffice.evaluate.metrics.scoring import unscored
from suffice.ports import Context
from suffice.records import Aspect, Passage, Score

Supports: TypeAlias = Callable[[str, Sequence[Passage]], bool]


@dataclass(frozen=True, slots=True)
class Citations:
    """`value` chooses the figure; `support` is the share of a sentence's content words that a
    passage must hold; `judge` asks the study's judge instead."""

    name: ClassVar[str] = "citations"
    aspect: ClassVar[Aspect] = Aspect.GROUNDING

    value: Literal["f1", "precision", "recall"] = "f1"
    support: float = 0.6
    judge: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.support <= 1:
            raise UsageError(f"citations: support is {self.support}; it lies above 0 and up to 1")

    def score(self, context: Context) -> Score:
        if not context.passages:
            return unscored(self, "no passages were given, so there is nothing to cite")
        if declined(context.answer.text):
            return unscored(self, "declined: there is nothing to cite")
        found = claims_of(context.answer.text, frozenset(each.id for each in context.passages))
        if not found.claims:
            return unscored(self, "the answer makes no claim")
        supports = self._supports(context)
        if supports is None:
            return unscored(self, "there is no judge; set judge: in suffice.yaml")
        try:
            return self._scored(found, context.passages, supports)
        except Unreadable as error:
            return unscored(self, str(error))

    def _supports(self, context: Context) -> Supports | None:
        if not self.judge:
            return lambda claim, passages: _by_words(claim, passages, self.support)
        ask = context.judge
        return None if ask is None else lambda claim, passages: _by_judge(ask, claim, passages)

    def _scored(self, found: Claims, given: Sequence[Passage], supports: Supports) -> Score:
        recalled = sum(
            supports(claim.text, _named(claim.cited or found.shared, given))
            for claim in found.claims
        )
        helpful = [
            _helps(name, claim, given, supports) for claim in found.claims for name in claim.cited
        ] + [
            any(_helps(name, _sharing(claim, found), given, supports) for claim in found.claims)
            for name in found.shared
        ]
        recall = recalled / len(found.claims)
        precision = sum(helpful) / len(helpful) if helpful else 0.0
        both = precision + recall
        values = {
            "precision": precision,
            "recall": recall,
            "f1": 2 * precision * recall / both if both else 0.0,
        }
        detail = (
            f"precision {precision:.2f} ({sum(helpful)}/{len(helpful)} citations), "
            f"recall {recall:.2f} ({recalled}/{len(found.claims)} sentences)"
        )
        # A judge's figure goes by another name: it is barred until the judge is calibrated.
        name = "citations (judge)" if self.judge else self.name
        return Score(name, self.aspect, values[self.value], None, detail)


def _sharing(claim: Claim, found: Claims) -> Claim:
    return Claim(claim.text, found.shared)


def _helps(name: str, claim: Claim, given: Sequence[Passage], supports: Supports) -> bool:
    """Whether a citation supports its sentence alone, or the others do not without it."""
    alone = _named((name,), given)
    if not alone:
        return False
    if supports(claim.text, alone):
        return True
    together = _named(claim.cited, given)
    rest = [passage for passage in together if passage not in alone]
    return bool(rest) and supports(claim.text, together) and not supports(claim.text, rest)


def _named(names: Sequence[str], given: Sequence[Passage]) -> list[Passage]:
    """The passages that citations name: by their number, counted from 1, or by their id."""
    by_id = {passage.id: passage for passage in given}
    numbered = {str(number): passage for number, passage in enumerate(given, start=1)}
    return [passage for name in names if (passage := numbered.get(name) or by_id.get(name))]


def _by_words(claim: str, passages: Sequence[Passage], share: float) -> bool:
    held: set[str] = set()
    for passage in passages:
        held |= _stems(f"{passage.title} {passage.text}")
    wanted = _stems(claim)
    if not passages or any(word[0].isdigit() and word not in held for word in wanted):
        return False
    return len(wanted & held) >= share * len(wanted)


def _by_judge(ask: Judge, claim: str, passages: Sequence[Passage]) -> bool:
    if not passages:
        return False
    task = (
        "Do the passages, taken together and alone, say what the sentence says? Knowledge of your "
        'own does not count. The verdict is "yes" or "no".'
    )
    shown = "\n\n".join(f"{passage.title}\n{passage.text}".strip() for passage in passages)
    said, _ = verdict(ask, task, {"passages": shown, "sentence": claim}, ("yes", "no"))
    return said == "yes"


@lru_cache(maxsize=1 << 12)
def _stems(text: str) -> frozenset[str]:
    """The content words without their commonest English endings; numbers without group commas."""
    return frozenset(_stem(word) for word in content_words(text))


def _stem(word: str) -> str:
    if word[0].isdigit():
        return word.replace(",", "")
    return re.sub(r"(?<=\w{3})(?:ies|ied|ing|ed|es|s|y|e)$", "", word)


create = Citations
