"""What every content metric asks before it looks at the answer, and how it writes its score.

Declining is the right thing to do on an unanswerable case: the abstention metric says so, and the
content metrics stay silent. On an answerable case, declining is a wrong answer.
"""

from suffice.ports import Context, Metric
from suffice.records import Score

NO_ANSWER_EXISTS = "the case has no answer; see abstention"
NOTHING_EXPECTED = "the case says no expected answer"
DECLINED = "declined, though the case has an answer"


def scored(metric: Metric, value: float, detail: str = "", reading: str | None = None) -> Score:
    return Score(metric.name, metric.aspect, value, None, detail, reading)


def unscored(metric: Metric, why: str) -> Score:
    return Score(metric.name, metric.aspect, None, why)


def excuse(context: Context) -> str | None:
    """Why an answer cannot be held against the expected ones, or None where it can."""
    if not context.case.answerable:
        return NO_ANSWER_EXISTS
    return None if context.case.expected else NOTHING_EXPECTED


def changed(reading: str, context: Context) -> str | None:
    """A reading as scores keep it: None where it is the answer's own text."""
    return None if reading == context.answer.text.strip() else reading


def shortened(text: str, most: int = 80) -> str:
    """A text for a detail: one line, not too long, in quotes."""
    line = " ".join(text[: 4 * most].split())
    return repr(line if len(line) <= most else line[: most - 1] + "…")
