"""Which calls of a judge it takes to grade an answer, told before anything is graded.

A judge's request holds the answer that is judged. So where the answer is known, the metrics
themselves are let ask, of one who only listens; where it is not, there is an estimate.
"""

from collections.abc import Callable

from suffice import plugins
from suffice.ports import ChatModel, Context, Metric
from suffice.records import Answer, Case, Check, Request, joined

# The judge's instructions, a rubric of a sentence or five, what was expected and the tags around
# the texts: 180 to 230 tokens at four characters each. The rest is for longer rubrics.
_AROUND_TOKENS = 300


def judged_checks(case: Case) -> list[Check]:
    """The checks of a case that ask a judge."""
    return [
        check
        for check in case.checks
        if check.metric == "judge" or (check.metric == "citations" and check.options.get("judge"))
    ]


def most_tokens(judge: ChatModel, case: Case, request: Request) -> int:
    """About what a judge reads of an answer that is as long as the request allows."""
    return judge.count_tokens(joined(case.messages)) + request.max_tokens + _AROUND_TOKENS


def rehearse(
    case: Case, request: Request, answer: Answer, judge: Callable[[Request], Answer]
) -> None:
    """Lets every judged check of a case ask `judge` about this answer. Scores are thrown away."""
    for check in judged_checks(case):
        metric: Metric = plugins.load("metric", check.metric)(**check.options)
        metric.score(Context(case, answer, request.passages, judge=judge))
