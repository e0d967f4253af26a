"""What every content metric asks before it looks at the answer, and how it writes its score.

Declining is the right thing to do on an unanswerable case: the abstention metric says so, and the
content metrics stay silent. On an answerable case, declining is a wrong answer.
"""

import re

from suffice.evaluate.reading import plain
from suffice.ports import Context, Metric
from suffice.records import Score

NO_ANSWER_EXISTS = "the case has no answer; see abstention"
NOTHING_EXPECTED = "the case says no expected answer"
DECLINED = "declined, though the case has an answer"

_CITED = re.compile(r"\s*\[(\d{1,4}(?:\s*[,;]\s*\d{1,4})*)\]")


def scored(metric: Metric, value: float, detail: str = "", reading: str | None = None) -> Score:
    return Score(metric.name, metric.aspect, value, None, detail, reading)


def unscored(metric: Metric, why: str) -> Score:
    return Score(metric.name, metric.aspect, None, why)


def excuse(context: Context) -> str | None:
    """Why an answer cannot be held against the expected ones, or None where it can."""
    if not context.case.answerable:
        return NO_ANSWER_EXISTS
    return None if context.case.expected else NOTHING_EXPECTED


def said(context: Context) -> str:
    """The answer as words, without the numbers of the passages it cites: where an answer comes from
    is no part of what it says."""
    read = plain(context.answer.text)
    given = len(context.passages)
    if not given or "[" not in read:
        return read

    def kept(found: re.Match[str]) -> str:
        numbers = (int(number) for number in re.split(r"\s*[,;]\s*", found.group(1)))
        return "" if all(1 <= number <= given for number in numbers) else found.group()

    return _CITED.sub(kept, read).strip()


def changed(reading: str, context: Context) -> str | None:
    """A reading as scores keep it: None where it is the answer's own text."""
    return None if reading == context.answer.text.strip() else reading


def shortened(text: str, most: int = 80) -> str:
    """A text for a detail: one line, not too long, in quotes."""
    line = " ".join(text[: 4 * most].split())
    return repr(line if len(line) <= most else line[: most - 1] + "…")
