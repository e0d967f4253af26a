"""Whether the answer declines where it should, and only there.

1 for declining an unanswerable case and for answering an answerable one. Read by phrases in the
first two sentences, and by JSON null. Rates over all cases: `summaries.abstention_table`.
"""

from dataclasses import dataclass
from typing import ClassVar

from suffice.evaluate.declining import declined
from suffice.evaluate.metrics.scoring import scored, unscored
from suffice.ports import Context
from suffice.records import Aspect, Score


@dataclass(frozen=True, slots=True)
class Abstention:
    """`phrases` are further ways to decline, in your system's own words."""

    name: ClassVar[str] = "abstention"
    aspect: ClassVar[Aspect] = Aspect.ABSTENTION

    phrases: tuple[str, ...] = ()

    def score(self, context: Context) -> Score:
        text = context.answer.text
        if not text.strip():
            return unscored(self, "the answer is empty: neither an answer nor a refusal")
        declines = declined(text, self.phrases)
        detail = "declined" if declines else "answered"
        return scored(self, float(declines is not context.case.answerable), detail)


create = Abstention
