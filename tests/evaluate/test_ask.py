"""Asking: every case once, failures as records, nothing repeated, nothing overspent."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from suffice.errors import ProviderError
from suffice.evaluate.ask import Asker
from suffice.evaluate.journal import Journal
from suffice.evaluate.pace import Limits
from suffice.evaluate.purse import Purse
from suffice.executors.local import LocalExecutor
from suffice.ports import Price
from suffice.records import Answer, Case, FailureKind, Message, Question, Request
from tests.servers.scripted import ScriptedModel

QUICK = Limits(concurrency=4, tries=3, first_wait_seconds=0.001, longest_wait_seconds=0.01)


@dataclass
class Watcher:
    """Progress that remembers what it was told."""

    fresh: int = 0
    known: int = 0
    titles: list[str] = field(default_factory=list)

    def start(self, title: str, total: int) -> None:
        self.titles.append(f"{title} {total}")

    def advance(self, answer: Answer, fresh: bool) -> None:
        self.fresh += fresh
        self.known += not fresh

    def finish(self) -> None:
        self.titles.append("finished")


@dataclass
class Plain:
    """The plainest system: the question as it is."""

    model: ScriptedModel
    rung: str = "plain"
    built: str = ""

    def prepare(self, question: Question) -> Request:
        return Request(question.messages, max_tokens=10)


def cases(count: int) -> list[Case]:
    return [Case(str(n), (Message("user", f"question {n}"),)) for n in range(count)]


def asker(journal: Journal, purse: Purse | None = None, limits: Limits = QUICK) -> Asker:
    return Asker(
        journal=journal,
        executor=LocalExecutor(limits.concurrency),
        purse=purse or Purse(),
        progress=Watcher(),
        limits=limits,
        run="run",
    )


def failing(
    times: int,
    kind: FailureKind,
    retryable: bool = True,
    retry_after: float | None = None,
    only: str = "",
) -> Callable[[Request], str]:
    """Fails so many calls (with `only`: of that question), then answers."""
    left, lock = [times], threading.Lock()

    def reply(request: Request) -> str:
        with lock:
            left[0] -= only in request.messages[-1].content
            if left[0] >= 0 and only in request.messages[-1].content:
                raise ProviderError(
                    "no", kind=kind, endpoint="e", retryable=retryable, retry_after=retry_after
                )
        return "fine"

    return reply


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "journal.db") as journal:
        yield journal


def test_every_case_and_replicate_gets_a_trial_in_order(journal: Journal) -> None:
    """Trials stand in the order of the cases, whatever order the answers came in."""
    model = ScriptedModel(lambda request: request.messages[-1].content.upper())
    trials = asker(journal).ask(Plain(model), cases(20), replicates=2)
    assert [(trial.case, trial.replicate) for trial in trials] == [
        (str(n), replicate) for n in range(20) for replicate in range(2)
    ]
    assert trials[6].answer.text == "QUESTION 3"


def test_replicates_are_asked_apart(journal: Journal) -> None:
    """The same question asked three times is three calls with three seeds."""
    model = ScriptedModel(lambda _: "fine")
    asker(journal).ask(Plain(model), cases(1), replicates=3)
    assert sorted(request.seed or 0 for request in model.asked) == [0, 1, 2]


def test_a_second_time_asks_nothing(journal: Journal) -> None:
    """Everything comes out of the journal, and the progress says so."""
    model = ScriptedModel(lambda _: "fine")
    first, second = asker(journal), asker(journal)
    first.ask(Plain(model), cases(10))
    trials = second.ask(Plain(model), cases(10))
    assert len(model.asked) == 10
    assert [trial.answer.text for trial in trials] == ["fine"] * 10
    assert isinstance(second.progress, Watcher)
    assert (second.progress.fresh, second.progress.known) == (0, 10)


def test_equal_requests_are_asked_once(journal: Journal) -> None:
    """Two cases with the very same request share one answer and one price."""
    twins = [Case(name, (Message("user", "same"),)) for name in ("a", "b")]
    model = ScriptedModel(lambda _: "fine")
    trials = asker(journal).ask(Plain(model), twins)
    assert len(model.asked) == 1
    assert [trial.case for trial in trials] == ["a", "b"]


def test_another_model_is_asked_anew(journal: Journal) -> None:
    """The journal's key holds the model's identity."""
    for name in ("one", "other"):
        model = ScriptedModel(lambda _: "fine", name=name)
        asker(journal).ask(Plain(model), cases(3))
        assert len(model.asked) == 3


def test_a_passing_failure_is_tried_again(journal: Journal) -> None:
    """What works at the third try is an answer like any other."""
    model = ScriptedModel(failing(2, FailureKind.SERVER))
    (trial,) = asker(journal).ask(Plain(model), cases(1))
    assert trial.answer.failure is None
    assert len(model.asked) == 3


def test_a_lasting_failure_is_a_record_and_is_asked_again_next_time(journal: Journal) -> None:
    """A failure never enters the journal, so the next run asks just what is missing."""
    model = ScriptedModel(failing(3, FailureKind.SERVER, only="question 0"))
    trial, _ = asker(journal).ask(Plain(model), cases(2))
    assert trial.answer.failure is not None
    assert trial.answer.failure.kind is FailureKind.SERVER
    assert trial.answer.failure.tries == 3
    assert "after 3 tries" in trial.answer.failure.message
    again, _ = asker(journal).ask(Plain(model), cases(2))
    assert again.answer.text == "fine"
    assert len(model.asked) == 5


def test_a_refused_request_is_not_tried_again(journal: Journal) -> None:
    """What cannot work is asked once."""
    model = ScriptedModel(
        failing(9, FailureKind.REFUSED_REQUEST, retryable=False, only="question 0")
    )
    trial, _ = asker(journal).ask(Plain(model), cases(2))
    assert trial.answer.failure is not None
    assert len(model.asked) == 2


def test_a_wait_that_is_too_long_is_said_and_not_waited_for(journal: Journal) -> None:
    """An endpoint that wants an hour gets a failure record that names the setting."""
    model = ScriptedModel(failing(9, FailureKind.RATE_LIMIT, retry_after=3600, only="question 0"))
    trial, _ = asker(journal).ask(Plain(model), cases(2))
    assert trial.answer.failure is not None
    assert "3600 s, more than limits.longest_wait_seconds" in trial.answer.failure.message


def test_a_refused_key_ends_the_asking_at_once(journal: Journal) -> None:
    """Ten thousand calls with a wrong key would fail ten thousand times: it stops after a few."""
    model = ScriptedModel(failing(10_000, FailureKind.AUTHENTICATION, retryable=False))
    with pytest.raises(ProviderError):
        asker(journal).ask(Plain(model), cases(1000))
    assert len(model.asked) <= 8


def test_an_endpoint_that_never_answers_ends_the_asking(journal: Journal) -> None:
    """After twenty failures and not one answer the endpoint counts as down."""
    model = ScriptedModel(failing(10_000, FailureKind.REFUSED_REQUEST, retryable=False))
    with pytest.raises(ProviderError, match="first 20 calls all failed"):
        asker(journal).ask(Plain(model), cases(1000))
    assert len(model.asked) < 30


def test_where_nothing_at_all_was_answered_the_reason_is_raised(journal: Journal) -> None:
    """A dozen calls that all failed end in the last one's message, not in an empty table."""
    model = ScriptedModel(failing(99, FailureKind.CONNECTION, retryable=False))
    with pytest.raises(ProviderError, match=r"none of 12 calls was answered.*e: no"):
        asker(journal).ask(Plain(model), cases(12))


def test_the_budget_ends_the_asking_and_keeps_what_was_answered(journal: Journal) -> None:
    """What could not be paid is a failure of its own kind; a larger budget goes on from there."""
    model = ScriptedModel(lambda _: "one two three", price=Price(input=0, output=1e5))
    purse = Purse(2.0)  # an answer costs $0.30, at most $1
    trials = asker(journal, purse, Limits(concurrency=1)).ask(Plain(model), cases(20))
    failures = [trial.answer.failure for trial in trials if trial.answer.failure]
    assert purse.spent_usd <= 2.0
    assert {failure.kind for failure in failures} == {FailureKind.BUDGET}
    answered = 20 - len(failures)
    asker(journal, Purse(100.0)).ask(Plain(model), cases(20))
    assert len(model.asked) == answered + len(failures)


def test_a_forecast_counts_and_asks_nothing(journal: Journal) -> None:
    """Calls, tokens and dollars are known before anything is spent."""
    model = ScriptedModel(lambda _: "fine", price=Price(input=1e6, output=1e6))
    one = asker(journal)
    one.ask(Plain(model), cases(3))
    forecast = one.forecast(Plain(model), cases(10))
    assert (forecast.calls, forecast.known) == (7, 3)
    assert (forecast.input_tokens, forecast.output_tokens) == (14, 70)
    assert forecast.usd == pytest.approx(84)
    assert len(model.asked) == 3


def test_a_model_that_takes_batches_gets_requests_of_like_length_together(
    journal: Journal,
) -> None:
    """Local weights pad a batch to its longest request, so like goes with like."""
    sizes = [1, 50, 2, 51, 3, 52]
    model = ScriptedModel(lambda request: str(len(request.messages[0].content)), batch=3)
    mixed = [Case(str(n), (Message("user", "w " * size),)) for n, size in enumerate(sizes)]
    trials = asker(journal, limits=Limits(concurrency=1)).ask(Plain(model), mixed)
    lengths = [len(request.messages[0].content.split()) for request in model.asked]
    assert sorted(lengths[:3]) == [50, 51, 52]
    assert [int(trial.answer.text) for trial in trials] == [2 * size for size in sizes]


def test_a_defect_of_a_model_is_not_hidden(journal: Journal) -> None:
    """An exception that is no ProviderError is our defect and comes through as it is."""

    def broken(_: Request) -> str:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        asker(journal).ask(Plain(ScriptedModel(broken)), cases(3))
