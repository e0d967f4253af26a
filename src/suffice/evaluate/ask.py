"""Asks a system every case, once: the only place where held-out cases meet a model.

What was answered before comes out of the journal. What was not goes to the model side by side, at
the endpoint's pace and within the purse, and into the journal as it arrives. A call that fails for
good becomes a `Failure` in its trial: it leaves the denominator and never counts as wrong. Where
going on is pointless (the key is refused, the model does not exist, nothing at all comes back) the
asking ends with the error itself.
"""

import threading
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass, field, replace

from suffice.errors import BudgetExceeded, ProviderError
from suffice.evaluate.journal import Journal
from suffice.evaluate.judge_calls import judged_checks, most_tokens, rehearse
from suffice.evaluate.pace import Limits, Pace
from suffice.evaluate.purse import Purse
from suffice.evaluate.silence import Watch, refuse_silence
from suffice.evaluate.slips import Slip, batches, identity_of, most_usd, slip_of
from suffice.ports import ChatModel, Executor, Progress, System
from suffice.records import (
    Answer,
    Case,
    Failure,
    FailureKind,
    Request,
    Trial,
)

HOPELESS = frozenset({FailureKind.AUTHENTICATION, FailureKind.NOT_FOUND})
# The provider has worked, so it sends a bill, whether or not anything usable arrived.
_BILLED = frozenset(
    {FailureKind.CUT_OFF, FailureKind.MALFORMED, FailureKind.EMPTY, FailureKind.TIMEOUT}
)


@dataclass(frozen=True, slots=True)
class Forecast:
    """What asking will cost at most, before anything is spent. `usd` is None without a price,
    `seconds` where the journal has no answer of the model yet to go by."""

    calls: int = 0
    known: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    usd: float | None = 0.0
    seconds: float | None = 0.0

    def __add__(self, other: "Forecast") -> "Forecast":
        return Forecast(
            self.calls + other.calls,
            self.known + other.known,
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            None if self.usd is None or other.usd is None else self.usd + other.usd,
            None if self.seconds is None or other.seconds is None else self.seconds + other.seconds,
        )


@dataclass
class Asker:
    """Everything that asking needs, for all the systems of one run.

    `judge` is who will grade: a forecast counts its calls too.
    """

    journal: Journal
    executor: Executor
    purse: Purse
    progress: Progress
    limits: Limits
    run: str
    seed: int = 0
    judge: ChatModel | None = None
    _paces: dict[str, Pace] = field(default_factory=dict)
    _asking: dict[str, Future[Answer]] = field(default_factory=dict)
    _foreseen: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(
        self, system: System, cases: Sequence[Case], replicates: int = 1, title: str = ""
    ) -> list[Trial]:
        """A trial for every case and replicate, in order, ungraded. `title` is for the progress."""
        sheet = self._sheet(system, cases, replicates)
        answers = self.journal.find([slip.key for slip in sheet])
        fresh = {slip.key: slip for slip in sheet if slip.key not in answers}
        self.progress.start(title or system.rung, len(sheet))
        for slip in sheet:
            if slip.key in answers:
                self.progress.advance(answers[slip.key], fresh=False)
        coming = self._answers(system.model, list(fresh.values()), Watch(alive=bool(answers)))
        try:
            with closing(coming):  # one who is interrupted sends no further call
                for key, answer in coming:
                    answers[key] = answer
                    self.progress.advance(answer, fresh=True)
        finally:
            try:
                self.journal.flush()
            finally:
                self.progress.finish()
        refuse_silence(system.model, list(answers.values()))
        return [
            Trial(
                case=case.id,
                rung=system.rung,
                replicate=replicate,
                answer=answers[slip.key],
                passages=slip.request.passages,
            )
            for slip, (case, replicate) in zip(sheet, _turns(cases, replicates), strict=True)
        ]

    def ask_once(self, model: ChatModel, request: Request) -> Answer:
        """One answer outside the cases, as a judge gives it: journaled, paced and paid the same.

        Of those who ask the same at the same time one calls, and all get what comes of it.
        """
        slip = slip_of(model, identity_of(model), request, replicate=0)
        with self._lock:
            asked = self._asking.get(slip.key)
            mine: Future[Answer] = Future()
            if asked is None:
                self._asking[slip.key] = mine
        if asked is not None:
            return asked.result()
        try:
            answer = self._once(model, slip)
        except BaseException as error:
            mine.set_exception(error)
            raise
        else:
            mine.set_result(answer)
            return answer
        finally:
            with self._lock:
                del self._asking[slip.key]

    def knows(self, system: System, cases: Sequence[Case]) -> bool:
        """Whether every answer of a system to these cases is in the journal."""
        keys = {slip.key for slip in self._sheet(system, cases, 1)}
        return len(self.journal.find(list(keys))) == len(keys)

    def forecast(self, system: System, cases: Sequence[Case], replicates: int = 1) -> Forecast:
        """Counts calls, tokens and dollars, a judge's among them, without asking anything.

        What an earlier forecast of this asker has counted would be known by then: it is not
        counted again. So forecasts add up.
        """
        slips = self._sheet(system, cases, replicates)
        answers = self.journal.find([slip.key for slip in slips])
        counted = self._count(system.model, slips, answers)
        if self.judge is None:
            return counted
        turns = [case for case, _ in _turns(cases, replicates)]
        judging = [
            each
            for slip, case in zip(slips, turns, strict=True)
            for each in self._judging(self.judge, slip, case, answers.get(slip.key))
        ]
        judged = self.journal.find([slip.key for slip in judging])
        return counted + self._count(self.judge, judging, judged)

    def _once(self, model: ChatModel, slip: Slip) -> Answer:
        known = self.journal.find([slip.key])
        if slip.key in known:
            return known[slip.key]
        try:
            return self._call(model, self._pace(model), [slip])[0][1]
        finally:
            self.journal.flush()

    def _count(
        self, model: ChatModel, slips: Iterable[Slip], known: Mapping[str, Answer]
    ) -> Forecast:
        """What these calls cost at most, of those that no forecast has counted yet."""
        fresh = {slip.key: slip for slip in slips if slip.key not in self._foreseen}
        self._foreseen.update(fresh)
        todo = [slip for key, slip in fresh.items() if key not in known]
        return Forecast(
            calls=len(todo),
            known=len(fresh) - len(todo),
            input_tokens=sum(slip.tokens for slip in todo),
            output_tokens=sum(slip.request.max_tokens for slip in todo),
            usd=most_usd(model, todo),
            seconds=self._seconds(model, len(todo)),
        )

    def _seconds(self, model: ChatModel, calls: int) -> float | None:
        """How long so many calls take, by what the journal knows of this model."""
        usual = self.journal.usual_seconds(model.name) if calls else 0.0
        if usual is None:
            return None
        # A model of one's own is asked a batch at a time, a service as many as it allows.
        return calls * usual / (model.batch if model.batch > 1 else self.limits.concurrency)

    def _judging(
        self, judge: ChatModel, slip: Slip, case: Case, answer: Answer | None
    ) -> list[Slip]:
        """The calls that grading one answer takes: its own, where it is known, else a guess."""
        if answer is None:
            tokens = most_tokens(judge, case, slip.request)
            return [
                Slip(f"{slip.key} {case.id} {number}", Request(messages=()), tokens)
                for number, _ in enumerate(judged_checks(case))
            ]
        identity, slips = identity_of(judge), list[Slip]()

        def listen(request: Request) -> Answer:
            slips.append(slip_of(judge, identity, request, replicate=0))
            return self.journal.find([slips[-1].key]).get(slips[-1].key, Answer(text=""))

        rehearse(case, slip.request, answer, listen)
        return slips

    def _sheet(self, system: System, cases: Sequence[Case], replicates: int) -> list[Slip]:
        identity = identity_of(system.model)
        return [
            slip_of(
                system.model,
                identity,
                replace(system.prepare(case.question), seed=self.seed + replicate),
                replicate,
            )
            for case, replicate in _turns(cases, replicates)
        ]

    def _answers(
        self, model: ChatModel, slips: list[Slip], watch: Watch
    ) -> Generator[tuple[str, Answer], None, None]:
        """Answers as they come. Where the purse is empty, the rest fail with BUDGET."""
        pace = self._pace(model)

        def work(batch: list[Slip]) -> list[tuple[str, Answer]]:
            try:
                results = self._call(model, pace, batch)
            except BudgetExceeded as error:
                return [(slip.key, _failed(FailureKind.BUDGET, str(error), 0)) for slip in batch]
            watch.see([answer for _, answer in results])
            return results

        for results in self.executor.map(work, batches(slips, model.batch)):
            yield from results

    def _call(
        self, model: ChatModel, pace: Pace, batch: Sequence[Slip]
    ) -> list[tuple[str, Answer]]:
        """Tries until it works, until it cannot work, or until it has tried enough."""
        tries = 0
        while True:
            tries += 1
            try:
                return self._try(model, pace, batch)
            except ProviderError as error:
                if error.kind in HOPELESS:
                    raise
                wait = pace.wait_before(tries, error)
                if reason := _give_up(error, tries, self.limits):
                    return [(slip.key, _failed(error.kind, reason, tries)) for slip in batch]
                pace.pause(wait)

    def _try(self, model: ChatModel, pace: Pace, batch: Sequence[Slip]) -> list[tuple[str, Answer]]:
        """One try, paid for. Every answer is in the journal before it is handed on."""
        reserved = self.purse.reserve(most_usd(model, batch) or 0.0)
        usd: float | None = None
        try:
            answers = self._enter(model, pace, batch)
            usd = self._keep(model, batch, answers, reserved / len(batch))
        except ProviderError as error:
            if error.kind in _BILLED:
                usd = self._book(model, reserved)
                self.journal.flush()
            raise
        finally:
            self.purse.settle(reserved, usd)
        return [(slip.key, answer) for slip, answer in zip(batch, answers, strict=True)]

    def _enter(self, model: ChatModel, pace: Pace, batch: Sequence[Slip]) -> Sequence[Answer]:
        pace.enter(sum(slip.tokens for slip in batch))
        try:
            answers = model.ask([slip.request for slip in batch])
        except ProviderError as error:
            pace.leave(error)
            raise
        except BaseException:
            pace.leave()
            raise
        pace.leave()
        return answers

    def _keep(
        self, model: ChatModel, batch: Sequence[Slip], answers: Sequence[Answer], expected: float
    ) -> float | None:
        """Journals answers and returns what they cost; None where nothing has a price.

        It returns when they are on disk, so a call is in flight until its answer is safe: that is
        all a kill can lose, however slow the disk. Calls that end together share a commit.
        A server that does not say what an answer took is booked what was `expected` of it.
        """
        usd = 0.0
        for slip, answer in zip(batch, answers, strict=True):
            paid = expected if answer.usd is None else answer.usd
            if answer.failure is None:
                usd += paid
                self.journal.keep(
                    slip.key,
                    answer,
                    run=self.run,
                    model=model.name,
                    usd=paid,
                    shown=frozenset(each.document for each in slip.request.passages),
                )
            elif answer.failure.kind in _BILLED:
                usd += self._book(model, paid)
        self.journal.flush()
        return usd if usd or model.price else None

    def _book(self, model: ChatModel, usd: float) -> float:
        """A try that gave no answer and is on the bill all the same."""
        if usd:
            self.journal.book(usd, run=self.run, model=model.name)
        return usd

    def _pace(self, model: ChatModel) -> Pace:
        return self._paces.setdefault(model.endpoint, Pace(self.limits))


def _turns(cases: Sequence[Case], replicates: int) -> Iterator[tuple[Case, int]]:
    return ((case, replicate) for case in cases for replicate in range(replicates))


def _give_up(error: ProviderError, tries: int, limits: Limits) -> str:
    """Why there will be no further try, or an empty string."""
    if not error.retryable:
        return str(error)
    if tries >= limits.tries:
        return f"{error} (after {tries} tries)"
    asked = error.retry_after or 0.0
    if asked > limits.longest_wait_seconds:
        return (
            f"{error} (it asks to wait {asked:.0f} s, more than limits.longest_wait_seconds: "
            f"{limits.longest_wait_seconds:.0f}; run again later to ask what is missing)"
        )
    return ""


def _failed(kind: FailureKind, message: str, tries: int) -> Answer:
    return Answer(text="", failure=Failure(kind=kind, message=message, tries=tries))
