"""How the answers of a study are best checked, from what its cases expect.

Only where no case says so itself. `exact` would call "It takes 30 days." wrong where 30 days are
expected: a chat model writes sentences.
"""

from collections.abc import Sequence
from statistics import median

from suffice.records import Case, Json

_SHORT_WORDS = 8
_MOST_LABELS = 12
_CASES_A_LABEL = 5


def checks_for(cases: Sequence[Case]) -> tuple[list[Json], str]:
    """The study's checks and why; none where what cases say of themselves is enough."""
    answers = [value for case in cases for value in case.expected]
    if not answers or any(case.checks or case.schema for case in cases):
        return [], ""
    if not all(isinstance(value, str) for value in answers):
        return [], ""  # numbers and objects have metrics of their own
    if labels := _labels(cases, answers):
        return ["label"], f"every answer is one of {labels} labels"
    if median(len(value.split()) for value in answers) <= _SHORT_WORDS:
        return ["contains"], "the expected answers are short: an answer is right if it holds one"
    return (
        [{"metric": "f1", "threshold": 0.5}],
        "the expected answers are sentences: right is what shares half of the words. That is "
        "rough; a judge reads better (docs/metrics.md#judges)",
    )


def _labels(cases: Sequence[Case], answers: Sequence[str]) -> int:
    """How many labels there are, where answers are drawn from a few that come again and again."""
    kinds = {value.casefold() for value in answers}
    few = len(kinds) <= _MOST_LABELS and len(cases) >= _CASES_A_LABEL * len(kinds)
    return len(kinds) if few and len(kinds) > 1 else 0
