"""How near the answer comes to an expected one in meaning: the cosine of their embeddings.

Near is not right: "the fee is 5 euros" and "the fee is 6 euros" are very near. Use it where
wording is free and facts are checked otherwise. An answer that declines is 0.
"""

from dataclasses import dataclass
from typing import ClassVar

from suffice.errors import UsageError
from suffice.evaluate.declining import declined
from suffice.evaluate.metrics.scoring import DECLINED, changed, excuse, said, scored, unscored
from suffice.evaluate.reading import as_text
from suffice.ports import Context
from suffice.records import Aspect, Score


@dataclass(frozen=True, slots=True)
class Similarity:
    """`threshold`, where given, makes it right or wrong: 1 from there on, else 0."""

    name: ClassVar[str] = "similarity"
    aspect: ClassVar[Aspect] = Aspect.CONTENT

    threshold: float | None = None

    def __post_init__(self) -> None:
        if self.threshold is not None and not 0 < self.threshold <= 1:
            raise UsageError(
                f"similarity: threshold is {self.threshold}; it lies above 0 and up to 1"
            )

    def score(self, context: Context) -> Score:
        if reason := excuse(context):
            return unscored(self, reason)
        if context.embedder is None:
            return unscored(self, "there is no embedder to compare with")
        read = said(context)
        if not read or declined(context.answer.text):
            return scored(self, 0.0, DECLINED, changed(read, context))
        texts = [read, *(as_text(each) for each in context.case.expected)]
        vectors = context.embedder.embed(texts)
        cosine = float((vectors[1:] @ vectors[0]).max())
        near = min(1.0, max(0.0, cosine))
        value = near if self.threshold is None else float(near >= self.threshold)
        return scored(self, value, f"cosine {cosine:.3f}", changed(read, context))


create = Similarity
