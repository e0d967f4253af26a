"""What another model says of the answer, by a rubric of yours: pass or fail, or 1 to 5.

A judge is barred from verdicts and gates until people's labels show that it agrees with them; see
calibration. A judge that fails, or whose reply cannot be read, leaves the answer unscored.
"""

from dataclasses import dataclass
from typing import ClassVar, Literal

from suffice.errors import UsageError
from suffice.evaluate.declining import declined
from suffice.evaluate.metrics.judging import Unreadable, verdict
from suffice.evaluate.metrics.scoring import DECLINED, NO_ANSWER_EXISTS, scored, unscored
from suffice.evaluate.reading import as_text
from suffice.ports import Context
from suffice.records import Aspect, Case, Score, joined

_BINARY = ("pass", "fail")
_GRADES = (1, 2, 3, 4, 5)


@dataclass(frozen=True, slots=True)
class Judge:
    """On the scale 1-5, the value runs from 0 to 1; with `passing`, it is 1 from that grade on."""

    name: ClassVar[str] = "judge"
    aspect: ClassVar[Aspect] = Aspect.CONTENT

    rubric: str
    scale: Literal["binary", "1-5"] = "binary"
    passing: int | None = None

    def __post_init__(self) -> None:
        if not self.rubric.strip():
            raise UsageError("judge: the rubric is empty; say what a good answer does")
        if self.passing is not None and (self.scale == "binary" or self.passing not in _GRADES):
            raise UsageError(
                f"judge: passing is {self.passing}; it is a grade from 1 to 5, on the scale 1-5"
            )

    def score(self, context: Context) -> Score:
        if not context.case.answerable:
            return unscored(self, NO_ANSWER_EXISTS)
        if context.judge is None:
            return unscored(self, "there is no judge; set judge: in suffice.yaml")
        if declined(context.answer.text):
            return scored(self, 0.0, DECLINED)
        allowed = _BINARY if self.scale == "binary" else _GRADES
        try:
            said, reason = verdict(
                context.judge, self._task(), texts(context.case, context.answer.text), allowed
            )
        except Unreadable as error:
            return unscored(self, str(error))
        return scored(self, self._value(said), f"{said}: {reason}")

    def _task(self) -> str:
        scale = (
            'The verdict is "pass" if the answer meets the rubric, else "fail".'
            if self.scale == "binary"
            else "The verdict is a grade from 1 (does not meet the rubric at all) to 5 (fully)."
        )
        return f"Does the answer meet this rubric?\n\nRubric: {self.rubric}\n\n{scale}"

    def _value(self, said: str | int) -> float:
        if isinstance(said, str):
            return float(said == "pass")
        return (said - 1) / 4 if self.passing is None else float(said >= self.passing)


def texts(case: Case, answer: str) -> dict[str, str]:
    """What a judge gets to see, by name: the question, what was expected, the answer."""
    seen = {"question": joined(case.messages)}
    if case.expected:
        seen["expected"] = "\nor: ".join(as_text(each) for each in case.expected)
    return seen | {"answer": answer}


create = Judge
