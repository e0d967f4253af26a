"""What every metric must do, run on each that is found.

A new metric needs one entry in EXAMPLES: its options, an answer that is good by it and one that
is bad. Everything else is tested without anyone adding a test.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest

from suffice import plugins
from suffice.errors import UsageError
from suffice.evaluate.grade import grade, metric_of
from suffice.ports import Context, Metric
from suffice.records import Answer, Aspect, Check, Failure, FailureKind, Json, Score, Trial
from tests.evaluate.metrics.contexts import FAQ, HOSTILE, LetterEmbedder, context, says

UNBOUNDED = {Aspect.LATENCY, Aspect.COST}
SCHEMA = {"type": "object", "required": ["city"], "properties": {"city": {"type": "string"}}}


@dataclass(frozen=True)
class Example:
    good: Context
    bad: Context
    options: Mapping[str, Json] = field(default_factory=dict)


EXAMPLES = {
    "abstention": Example(context("Paris"), context("I don't know.")),
    "citations": Example(
        context("Refunds take 14 days. [1]", passages=FAQ),
        context("Refunds take 14 days. [2]", passages=FAQ),
    ),
    "contains": Example(context("It is Paris.", "Paris"), context("It is Rome.", "Paris")),
    "cost": Example(context("x", usd=0.001), context("x", usd=2.0)),
    "exact": Example(context("paris", "Paris"), context("Rome", "Paris")),
    "f1": Example(context("Paris", "Paris"), context("Rome", "Paris")),
    "fields": Example(
        context('{"city": "Paris"}', {"city": "Paris"}), context("{}", {"city": "Paris"})
    ),
    "json-schema": Example(
        context('{"city": "Paris"}', schema=SCHEMA), context("Paris", schema=SCHEMA)
    ),
    "judge": Example(
        context("Paris", judge=says('{"reason": "so", "verdict": "pass"}')),
        context("Rome", judge=says('{"reason": "not so", "verdict": "fail"}')),
        {"rubric": "Names the capital."},
    ),
    "label": Example(context("A dog.", "dog"), context("cat", "dog"), {"labels": ["dog", "cat"]}),
    "label-format": Example(context("cat"), context("A cat."), {"labels": ["dog", "cat"]}),
    "form": Example(context("Dear you."), context("Hey."), {"pattern": r"Dear .+\."}),
    "latency": Example(context("x", seconds=0.1), context("x", seconds=9.0)),
    "number": Example(context("5 km", "5000 m"), context("5 km", "6000 m")),
    "regex": Example(context("Paris"), context("Rome"), {"pattern": "^Par"}),
    "similarity": Example(
        context("paris", "Paris", embedder=LetterEmbedder()),
        context("zzz", "Paris", embedder=LetterEmbedder()),
    ),
    "style": Example(context("Two words."), context("Three words here."), {"max_words": 2}),
}  # fmt: skip

every_metric = pytest.mark.parametrize("name", plugins.names("metric"))


def example(name: str) -> tuple[Metric, Example]:
    assert name in EXAMPLES, f"metric {name!r} has no entry in EXAMPLES in {__file__}: add one"
    return metric_of(Check(name, EXAMPLES[name].options)), EXAMPLES[name]


def assert_sound(score: Score, metric: Metric) -> None:
    assert score.aspect is metric.aspect
    assert score.metric == metric.name
    assert (score.value is None) == bool(score.unscored), "a value or a reason, not both"
    if score.value is not None:
        assert score.value == score.value, "NaN is no score"
        assert score.value >= 0
        assert score.value <= 1 or metric.aspect in UNBOUNDED


@every_metric
def test_a_metric_is_called_as_its_file(name: str) -> None:
    """A check names a metric by its file; the score must carry the same name."""
    assert example(name)[0].name == name


@every_metric
def test_a_good_answer_scores_better_than_a_bad_one(name: str) -> None:
    """Good is 1 and bad is less; seconds and dollars are better when they are fewer."""
    metric, known = example(name)
    good, bad = metric.score(known.good), metric.score(known.bad)
    assert_sound(good, metric)
    assert_sound(bad, metric)
    assert good.value is not None
    assert bad.value is not None
    if metric.aspect in UNBOUNDED:
        assert good.value < bad.value
    else:
        assert good.value == pytest.approx(1)
        assert bad.value < 1


@every_metric
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_answer_is_scored_or_unscored(name: str, text: str) -> None:
    """No text makes a metric raise, hang, or give what is no score."""
    metric, known = example(name)
    hostile = replace(known.good, answer=Answer(text, usd=0.0))
    started = time.process_time()
    assert_sound(metric.score(hostile), metric)
    assert time.process_time() - started < 5


@every_metric
def test_the_same_answer_scores_the_same(name: str) -> None:
    """A metric keeps nothing from one answer to the next."""
    metric, known = example(name)
    first = metric.score(known.good)
    metric.score(known.bad)
    assert metric.score(known.good) == first


@every_metric
def test_a_failed_call_is_never_graded(name: str) -> None:
    """A failure leaves every score empty, with the failure's own words."""
    _, known = example(name)
    case = replace(known.good.case, checks=(Check(name, EXAMPLES[name].options),))
    failed = Answer("Paris", failure=Failure(FailureKind.TIMEOUT, "no answer in 120 s"))
    scores = grade(Trial("c1", "prompt", 0, failed), case).scores
    assert {score.metric for score in scores} == {name, "latency", "cost"}
    assert all(
        score.value is None and "no answer in 120 s" in str(score.unscored) for score in scores
    )


@every_metric
def test_an_unknown_option_is_refused(name: str) -> None:
    """A mistyped option is an error that lists what the metric takes, never ignored."""
    options = {**EXAMPLES[name].options, "no_such_option": 1}
    with pytest.raises(UsageError, match=f"{name}: there is no option 'no_such_option'"):
        metric_of(Check(name, options))


@every_metric
def test_content_is_silent_where_no_answer_exists(name: str) -> None:
    """On an unanswerable case declining is right, which is the abstention metric's to say."""
    metric, known = example(name)
    if metric.aspect is not Aspect.CONTENT:
        return
    for seen in (known.good, known.bad):
        asked = replace(seen, case=replace(seen.case, answerable=False))
        assert metric.score(asked).value is None


@every_metric
def test_declining_an_answerable_case_is_wrong(name: str) -> None:
    """No content metric rewards an answer that is none."""
    metric, known = example(name)
    if metric.aspect is not Aspect.CONTENT:
        return
    declined = replace(known.good, answer=Answer("I don't know."))
    assert metric.score(declined).value == 0
