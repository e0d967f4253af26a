"""Asking: every case once, failures as records, nothing repeated, nothing overspent."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from suffice.errors import BudgetExceeded, ProviderError
from suffice.evaluate.ask import Asker
from suffice.evaluate.grade import Grader
from suffice.evaluate.journal import Journal
from suffice.evaluate.pace import Limits
from suffice.evaluate.purse import Purse
from suffice.executors.local import LocalExecutor
from suffice.ports import Price
from suffice.records import Answer, Case, Check, FailureKind, Message, Question, Request
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

    def tick(self, said: str) -> None:
        self.titles.append(said)

    def finish(self) -> None:
        self.titles.append("finished")


@dataclass
class Plain:
    """The plainest system: the question as it is."""

    model: ScriptedModel
    rung: str = "plain"
    built: str = ""
    notes: Sequence[str] = ()
    ruled_out: str = ""

    def prepare(self, question: Question) -> Request:
        return Request(question.messages, max_tokens=10)


class SlowJournal(Journal):
    """On a disk that takes its time."""

    def _commit(
        self,
        connection: sqlite3.Connection | None,
        batch: Sequence[tuple[Any, Any] | threading.Event | None],
    ) -> None:
        time.sleep(0.01)
        super()._commit(connection, batch)


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


def test_a_call_is_in_flight_until_its_answer_is_on_disk(tmp_path: Path) -> None:
    """However slow the disk, a kill loses no more answers than calls may be in flight."""
    path, lost = tmp_path / "journal.db", list[int]()
    answered, lock = [0], threading.Lock()

    def on_disk() -> int:
        with closing(sqlite3.connect(path)) as connection:
            return int(connection.execute("SELECT COUNT(*) FROM answers").fetchone()[0])

    def reply(_: Request) -> str:
        with lock:
            lost.append(answered[0] - on_disk())  # were we killed now
            answered[0] += 1
        return "fine"

    with SlowJournal(path) as journal:
        asker(journal).ask(Plain(ScriptedModel(reply)), cases(60))
    assert len(lost) == 60
    assert max(lost) < QUICK.concurrency


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


# An answer costs at most $1: ten tokens at $100,000 a million.
DOLLAR = Price(input=0, output=1e5)


class Unmetered(ScriptedModel):
    """A server that does not say how many tokens an answer took."""

    def _answer(self, request: Request) -> Answer:
        return replace(super()._answer(request), usd=None)


def test_an_answer_that_names_no_price_is_booked_as_estimated(journal: Journal) -> None:
    """The budget holds where a server sends no usage, also over two starts of a run."""
    model = Unmetered(lambda _: "fine", price=DOLLAR)
    purse = Purse(2.0)
    trials = asker(journal, purse).ask(Plain(model), cases(20))
    assert sum(trial.answer.failure is None for trial in trials) == 2
    assert purse.spent_usd == journal.spent("run") == pytest.approx(2.0)


def test_a_batch_that_names_no_price_is_booked_as_estimated(journal: Journal) -> None:
    """Each answer of a batch counts its share of what the batch was expected to cost."""
    purse = Purse()
    asker(journal, purse).ask(Plain(Unmetered(lambda _: "fine", price=DOLLAR, batch=4)), cases(8))
    assert purse.spent_usd == journal.spent("run") == pytest.approx(8.0)


@pytest.mark.parametrize("kind", ["cut off", "malformed answer", "empty answer", "timeout"])
def test_tries_that_are_billed_are_booked_and_end_with_the_budget(
    kind: str, journal: Journal
) -> None:
    """The provider did the work, so each try costs, and a retry must be affordable too."""
    model = ScriptedModel(failing(99, FailureKind(kind)), price=DOLLAR)
    purse = Purse(2.0)
    with pytest.raises(BudgetExceeded):
        asker(journal, purse, replace(QUICK, tries=6)).ask(Plain(model), cases(1))
    assert len(model.asked) == 2
    assert purse.spent_usd == journal.spent("run") == pytest.approx(2.0)


def test_tries_that_were_turned_away_cost_nothing(journal: Journal) -> None:
    """An overloaded endpoint sends no bill for saying so."""
    model = ScriptedModel(failing(2, FailureKind.RATE_LIMIT), price=DOLLAR)
    purse = Purse(1.0)
    asker(journal, purse).ask(Plain(model), cases(1))
    assert len(model.asked) == 3
    assert purse.spent_usd == pytest.approx(0.1)


def test_asking_again_only_what_is_always_refused_is_no_dead_endpoint(journal: Journal) -> None:
    """Known answers show that the endpoint works, so a second run ends as the first did."""
    questions = [
        Case(str(n), (Message("user", f"{'refused' if n >= 30 else 'fine'} {n}"),))
        for n in range(54)
    ]

    def reply(request: Request) -> str:
        if "refused" in request.messages[-1].content:
            raise ProviderError("filtered", kind=FailureKind.REFUSED_REQUEST, endpoint="e")
        return "fine"

    for _ in range(2):
        trials = asker(journal).ask(Plain(ScriptedModel(reply)), questions)
        assert sum(trial.answer.failure is not None for trial in trials) == 24


def all_at_once(one: Asker, model: ScriptedModel, count: int = 8) -> list[Answer | BaseException]:
    """The same request of so many threads together."""
    together = threading.Barrier(count)
    request = Request((Message("user", "same"),))

    def ask(_: int) -> Answer | BaseException:
        together.wait(5)
        try:
            return one.ask_once(model, request)
        except ProviderError as error:
            return error

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(ask, range(count)))


class TestAskingOnce:
    def test_the_same_asked_side_by_side_is_paid_once(self, journal: Journal) -> None:
        """Threads that want the same answer at the same time wait for the one that asks."""

        def slow(_: Request) -> str:
            time.sleep(0.05)
            return "fine"

        model, purse = ScriptedModel(slow, price=DOLLAR), Purse()
        answers = all_at_once(asker(journal, purse), model)
        assert [answer.text for answer in answers if isinstance(answer, Answer)] == ["fine"] * 8
        assert len(model.asked) == 1
        assert purse.spent_usd == pytest.approx(0.1)

    def test_a_failure_is_shared_and_asked_again_later(self, journal: Journal) -> None:
        """Who waited gets the failure; who comes after it asks anew."""

        def slow(_: Request) -> str:
            time.sleep(0.05)
            raise ProviderError("no", kind=FailureKind.REFUSED_REQUEST, endpoint="e")

        one, model = asker(journal), ScriptedModel(slow)
        answers = all_at_once(one, model)
        assert all(isinstance(answer, Answer) and answer.failure for answer in answers)
        assert len(model.asked) == 1
        model.reply = lambda _: "fine"
        assert one.ask_once(model, model.asked[0]).text == "fine"

    def test_an_error_reaches_all_who_wait(self, journal: Journal) -> None:
        """A refused key ends every thread, and none waits for ever."""

        def slow(_: Request) -> str:
            time.sleep(0.05)
            raise ProviderError("bad key", kind=FailureKind.AUTHENTICATION, endpoint="e")

        answers = all_at_once(asker(journal), model := ScriptedModel(slow))
        assert all(isinstance(answer, ProviderError) for answer in answers)
        assert len(model.asked) == 1


class TestForecasts:
    def test_add_up(self, journal: Journal) -> None:
        """A call that was forecast before is not counted a second time, known or not."""
        one = asker(journal)
        model = ScriptedModel(lambda _: "fine", price=DOLLAR)
        one.ask(Plain(model), cases(3))
        first, second = (one.forecast(Plain(model), cases(count)) for count in (10, 12))
        assert (first.calls, first.known) == (7, 3)
        assert (second.calls, second.known) == (2, 0)

    def test_count_the_judge(self, journal: Journal) -> None:
        """A call for each check that asks a judge, for each case and replicate, at its price."""
        one = asker(journal)
        one.judge = ScriptedModel(lambda _: "", name="scripted:judge", price=Price(1e3, 1e4))
        model = ScriptedModel(lambda _: "fine", price=DOLLAR)
        checks = (
            Check("judge", {"rubric": "polite"}),
            Check("citations", {"judge": True}),
            Check("citations"),
            Check("exact"),
        )
        judged = [replace(case, checks=checks) for case in cases(5)]
        forecast = one.forecast(Plain(model), judged, replicates=2)
        assert forecast.calls == 10 + 20
        read, written = 2 + 10 + 300, 512
        assert forecast.input_tokens == 10 * 2 + 20 * read
        assert forecast.usd == pytest.approx(10 + 20 * (read * 1e3 + written * 1e4) / 1e6)
        one.judge.price = None
        assert one.forecast(Plain(model), judged[:1], replicates=3).usd is None

    def test_know_which_answers_were_judged(self, journal: Journal) -> None:
        """Of known answers the judge's own requests are looked up, so what is done is not paid."""
        judge = ScriptedModel(lambda _: '{"verdict": "pass"}', name="scripted:judge")
        model = ScriptedModel(lambda request: f"fine {request.messages[-1].content}")
        checks = (Check("judge", {"rubric": "polite"}),)
        judged = [replace(case, checks=checks) for case in cases(3)]
        one = asker(journal)
        trials = one.ask(Plain(model), judged)
        one.judge = judge
        assert one.forecast(Plain(model), judged).calls == 3
        Grader.of(judge, one).grade(trials[:2], judged)
        again = asker(journal)
        again.judge = judge
        forecast = again.forecast(Plain(model), judged)
        assert (forecast.calls, forecast.known) == (1, 5)


class Impatient(Watcher):
    """A user who presses Ctrl-C at the third answer."""

    def advance(self, answer: Answer, fresh: bool) -> None:
        super().advance(answer, fresh)
        if self.fresh == 3:
            raise KeyboardInterrupt


def test_an_interrupted_asking_keeps_what_was_answered_and_asks_no_more(journal: Journal) -> None:
    """After Ctrl-C every answer that had come is on disk, and no further call goes out."""

    def slow(_: Request) -> str:
        time.sleep(0.01)
        return "fine"

    model = ScriptedModel(slow)
    one = asker(journal)
    one.progress = Impatient()
    with pytest.raises(KeyboardInterrupt) as held:  # what is raised holds on to all that was open
        one.ask(Plain(model), cases(200))
    time.sleep(0.05)
    asked = len(model.asked)
    time.sleep(0.1)
    assert len(model.asked) == asked < 100
    with Journal(journal.path) as reopened:
        known = asker(reopened).forecast(Plain(model), cases(200)).known
    assert known >= 3
    assert held.type is KeyboardInterrupt
