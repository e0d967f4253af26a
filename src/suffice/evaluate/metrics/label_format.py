"""Whether the answer is one of the labels and nothing else: the shape that a program can use.

Any label will do; whether it is the right one is `label`'s business.
"""

from dataclasses import dataclass
from typing import ClassVar

from suffice.evaluate.metrics.label import known_labels
from suffice.evaluate.metrics.scoring import scored, shortened, unscored
from suffice.ports import Context
from suffice.records import Aspect, Score


@dataclass(frozen=True, slots=True)
class LabelFormat:
    """`labels` as in `label`; `ignore_case` lets Refund pass for refund."""

    name: ClassVar[str] = "label-format"
    aspect: ClassVar[Aspect] = Aspect.FORMAT

    labels: tuple[str, ...] = ()
    ignore_case: bool = False

    def score(self, context: Context) -> Score:
        labels = self.labels or known_labels(context.case)
        if not labels:
            return unscored(self, "no labels are known; set the option labels")
        said = context.answer.text.strip()
        if self.ignore_case:
            right = said.casefold() in {label.casefold() for label in labels}
        else:
            right = said in labels
        return scored(self, float(right), "" if right else f"not a bare label: {shortened(said)}")


create = LabelFormat
