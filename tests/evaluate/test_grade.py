"""Grading: checks to metrics, metrics to scores, scores to rates."""

from contextlib import closing
from pathlib import Path

import pytest

from suffice.errors import BudgetExceeded, DataError, ProviderError, UsageError
from suffice.evaluate.grade import Grader, grade, metric_of
from suffice.evaluate.journal import Journal
from suffice.evaluate.metrics.judging import fenced
from suffice.evaluate.purse import Purse
from suffice.evaluate.summaries import Share, abstention_table, macro_f1
from suffice.ports import Price
from suffice.records import (
    Answer,
    Aspect,
    Case,
    Check,
    Failure,
    FailureKind,
    Json,
    Message,
    Request,
    Score,
    Trial,
)
from tests.evaluate.test_ask import QUICK, asker
from tests.servers.scripted import ScriptedModel


def a_case(
    name: str = "c1", *checks: Check, expected: Json = "Paris", answerable: bool = True
) -> Case:
    asked = (Message("user", "What is the capital of France?"),)
    return Case(name, asked, (expected,), checks or (Check("exact"),), answerable=answerable)


def a_trial(text: str, case: str = "c1", failure: Failure | None = None) -> Trial:
    return Trial(case, "prompt", 0, Answer(text, seconds=0.5, usd=0.001, failure=failure))


def scores(trial: Trial) -> dict[str, Score]:
    return {score.metric: score for score in trial.scores}


def test_every_check_is_scored_and_latency_and_cost_always() -> None:
    """Content and format stand apart in the same trial."""
    case = a_case("c1", Check("exact"), Check("json-schema"))
    graded = scores(grade(a_trial("Paris"), case))
    assert list(graded) == ["exact", "json-schema", "latency", "cost"]
    assert (graded["exact"].value, graded["latency"].value, graded["cost"].value) == (1, 0.5, 0.001)
    assert graded["json-schema"].value is None


def test_an_asked_for_latency_is_not_scored_twice() -> None:
    """Its limit shows in the detail; the value stays the seconds."""
    case = a_case("c1", Check("latency", {"max_seconds": 0.1}), Check("cost", {"max_usd": 1}))
    graded = grade(a_trial("Paris"), case)
    assert [score.metric for score in graded.scores] == ["latency", "cost"]
    assert scores(graded)["latency"].detail == "slower than 0.1 s"


def test_a_failure_is_never_graded() -> None:
    """Not even where the text that came before it was right."""
    failure = Failure(FailureKind.CUT_OFF, "the stream ended early")
    graded = grade(a_trial("Paris", failure=failure), a_case())
    assert [score.value for score in graded.scores] == [None, None, None]
    assert {score.unscored for score in graded.scores} == {"cut off: the stream ended early"}


def test_an_unknown_price_is_unscored() -> None:
    """Nothing is not free."""
    trial = Trial("c1", "prompt", 0, Answer("Paris"))
    assert "price" in str(scores(grade(trial, a_case()))["cost"].unscored)


def test_the_trial_keeps_all_else() -> None:
    """Grading adds scores and changes nothing."""
    trial = a_trial("Paris")
    graded = grade(trial, a_case())
    assert (graded.case, graded.rung, graded.replicate) == ("c1", "prompt", 0)
    assert graded.answer is trial.answer


@pytest.mark.parametrize(
    ("check", "message"),
    [
        (Check("exactly"), "there is no metric 'exactly'; did you mean 'exact'"),
        (Check("exact", {"ignore_cas": True}), "'ignore_cas'; did you mean 'ignore_case'"),
        (Check("exact", {"x": 1}), "known: ignore_case, ignore_punctuation, ignore_articles"),
        (Check("exact", {"ignore_case": "yes"}), "option 'ignore_case': expected `bool`"),
        (Check("contains", {"any_of": "Paris"}), "option 'any_of': expected `array`"),
        (Check("contains", {"any_of": [1]}), "option 'any_of[0]': expected `str`"),
        (Check("number", {"tolerance": "wide"}), "option 'tolerance': expected `float`"),
        (Check("judge"), "judge: the option 'rubric' is missing"),
        (Check("judge", {"rubric": "r", "scale": "1-10"}), "option 'scale': invalid enum value"),
        (Check("json-schema", {"x": 1}), "it takes none"),
        (Check("regex", {"pattern": "("}), "the pattern"),
    ],
)
def test_a_wrong_check_says_what_is_wrong(check: Check, message: str) -> None:
    """The option by its name, the near one, and all that are known."""
    with pytest.raises(UsageError) as error:
        metric_of(check)
    assert message in str(error.value)


def test_equal_checks_share_one_metric() -> None:
    """Ten thousand cases build it once."""
    one, other = (Check("number", {"tolerance": 0.5, "unit": "km"}) for _ in range(2))
    assert metric_of(one) is metric_of(other)
    assert metric_of(Check("number", {"tolerance": 1})) is not metric_of(one)


def _lost(_: Request) -> Answer:
    raise KeyError("lost")


def test_a_metric_that_raises_is_unscored_and_says_where() -> None:
    """One broken metric costs its own score and hides nothing."""
    case = a_case("c1", Check("exact"), Check("judge", {"rubric": "r"}))
    graded = scores(grade(a_trial("Paris"), case, judge=_lost))
    assert graded["exact"].value == 1
    assert graded["judge"].unscored == "metric judge failed: KeyError: 'lost'"
    assert "test_grade.py" in graded["judge"].detail


def test_a_value_that_is_no_number_is_unscored() -> None:
    """NaN would spread through every mean."""
    trial = Trial("c1", "prompt", 0, Answer("Paris", seconds=float("nan")))
    latency = scores(grade(trial, a_case()))["latency"]
    assert latency.value is None
    assert latency.unscored == "metric latency failed: its value is nan"


def judged(name: str) -> Case:
    return a_case(name, Check("judge", {"rubric": "Names the capital."}))


def test_a_grader_asks_its_judge_through_the_journal(tmp_path: Path) -> None:
    """Trials come back in order; grading again asks nothing."""
    model = ScriptedModel(lambda request: _opinion(request.messages[-1].content))
    cases = [judged(str(n)) for n in range(20)]
    trials = [a_trial("Paris" if n % 2 else "Rome", str(n)) for n in range(20)]
    with closing(Journal(tmp_path / "journal.sqlite")) as journal:
        grader = Grader.of(model, asker(journal))
        graded = grader.grade(trials, cases)
        asked = len(model.asked)
        assert [trial.value(Aspect.CONTENT) for trial in graded] == [0, 1] * 10
        assert [trial.case for trial in graded] == [case.id for case in cases]
        assert grader.grade(trials, cases) == graded
        assert len(model.asked) == asked


def _opinion(told: str) -> str:
    verdict = "pass" if fenced("answer", "Paris") in told else "fail"
    return f'{{"reason": "r", "verdict": "{verdict}"}}'


def _raising(error: Exception) -> ScriptedModel:
    def down(_: Request) -> str:
        raise error

    return ScriptedModel(down)


def test_a_judge_that_cannot_work_ends_the_grading_at_once(tmp_path: Path) -> None:
    """A wrong key is told with its own words, and not found out 140 times."""
    error = ProviderError("no such key", kind=FailureKind.AUTHENTICATION, endpoint="e")
    model = _raising(error)
    trials = [a_trial("x", str(n)) for n in range(140)]
    with closing(Journal(tmp_path / "journal.sqlite")) as journal:
        grader = Grader.of(model, asker(journal))
        with pytest.raises(ProviderError, match="no such key"):
            grader.grade(trials, [judged(trial.case) for trial in trials])
    assert len(model.asked) <= 2 * QUICK.concurrency


def test_a_judge_that_fails_for_now_leaves_the_trials_unscored(tmp_path: Path) -> None:
    """An infrastructure failure is never a wrong answer."""
    error = ProviderError("busy", kind=FailureKind.SERVER, endpoint="e", retryable=True)
    with closing(Journal(tmp_path / "journal.sqlite")) as journal:
        [graded] = Grader.of(_raising(error), asker(journal)).grade([a_trial("x")], [judged("c1")])
    score = scores(graded)["judge"]
    assert score.value is None
    assert "busy" in str(score.unscored)


def test_an_empty_purse_is_told_and_leaves_nothing_silently_unscored(tmp_path: Path) -> None:
    """Answers without a judge's grade for want of money are no answers that cannot be graded."""
    model = ScriptedModel(lambda _: _opinion(""), price=Price(1e6, 1e6))
    with closing(Journal(tmp_path / "journal.sqlite")) as journal:
        grader = Grader.of(model, asker(journal, Purse(0.01)))
        with pytest.raises(BudgetExceeded):
            grader.grade([a_trial("x")], [judged("c1")])
    assert not model.asked


def test_a_broken_journal_is_told(tmp_path: Path) -> None:
    """A file of ours that is unfit ends the run instead of emptying its scores."""
    case = judged("c1")

    def broken(_: Request) -> Answer:
        raise DataError("the journal is damaged")

    with pytest.raises(DataError, match="damaged"):
        grade(a_trial("x"), case, judge=broken)


def test_the_embedder_is_the_one_that_is_named(tmp_path: Path) -> None:
    """PROVIDER:NAME, looked up at the first text and not before."""
    case = a_case("c1", Check("similarity"))
    with closing(Journal(tmp_path / "journal.sqlite")) as journal:
        grader = Grader.of(None, asker(journal), "minilm:large")
        grader.grade([a_trial("Paris")], [a_case()])
        with pytest.raises(UsageError, match=r"minilm is one model and takes no name.*'large'"):
            grader.grade([a_trial("The city of Paris")], [case])
        with pytest.raises(UsageError, match="there is no embedder 'minilmm'"):
            Grader.of(None, asker(journal), "minilmm").grade([a_trial("It is Rome")], [case])


def test_a_grader_without_a_judge_leaves_what_needs_one_unscored(tmp_path: Path) -> None:
    """And says how to get one."""
    with closing(Journal(tmp_path / "journal.sqlite")) as journal:
        [graded] = Grader.of(None, asker(journal)).grade([a_trial("x")], [judged("c1")])
    assert "set judge:" in str(scores(graded)["judge"].unscored)


TABLE = {
    "right": ("Paris", True),
    "wrong": ("Rome", True),
    "refused": ("I don't know.", True),
    "made up": ("Paris", False),
    "declined": ("I don't know.", False),
    "empty": ("", True),
}


def graded_table() -> tuple[list[Trial], list[Case]]:
    checks = (Check("exact"), Check("abstention"))
    cases = [a_case(name, *checks, answerable=able) for name, (_, able) in TABLE.items()]
    cases.append(a_case("failed", *checks))
    trials = [a_trial(text, name) for name, (text, _) in TABLE.items()]
    trials.append(a_trial("", "failed", Failure(FailureKind.TIMEOUT, "slow")))
    return [grade(trial, case) for trial, case in zip(trials, cases, strict=True)], cases


def test_the_abstention_table() -> None:
    """Three of five read were answered, one of them right; what failed or is empty is apart."""
    table = abstention_table(*graded_table())
    assert table.coverage == Share(3, 5)
    assert table.answered_accuracy == Share(1, 3)
    assert table.false_answers == Share(1, 2)
    assert table.false_refusals == Share(1, 3)
    assert table.unread == 2


def test_no_unanswerable_cases_is_no_rate() -> None:
    """Not zero."""
    case = a_case()
    table = abstention_table([grade(a_trial("Paris"), case)], [case])
    assert table.false_answers.value is None


def test_the_table_reads_as_the_check_did() -> None:
    """A study's own phrases decline in the table too."""
    case = a_case("c1", Check("abstention", {"phrases": ["ask someone else"]}), answerable=False)
    table = abstention_table([grade(a_trial("Ask someone else!"), case)], [case])
    assert table.false_answers == Share(0, 1)


def test_macro_f1_of_trials() -> None:
    """a: 2 of 2 found; b: read as nothing."""
    labels = {"labels": ["a", "b"]}
    cases = [a_case(str(n), Check("label", labels), expected=each) for n, each in enumerate("aab")]
    texts = ("It is a", "a", "no idea")
    trials = [grade(a_trial(text, str(n)), cases[n]) for n, text in enumerate(texts)]
    assert macro_f1(trials, cases) == pytest.approx(0.5)
