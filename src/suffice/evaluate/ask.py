"""Asks a system every case, once: the only place where held-out cases meet a model.

What was answered before comes out of the journal. What was not goes to the model side by side, at
the endpoint's pace and within the purse, and into the journal as it arrives. A call that fails for
good becomes a `Failure` in its trial: it leaves the denominator and never counts as wrong. Where
going on is pointless (the key is refused, the model does not exist, nothing at all comes back) the
asking ends with the error itself.
"""

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import msgspec

from suffice.errors import BudgetExceeded, ProviderError
from suffice.evaluate.journal import Journal
from suffice.evaluate.pace import Limits, Pace
from suffice.evaluate.purse import Purse
from suffice.ports import ChatModel, Executor, Progress, System
from suffice.records import (
    Answer,
    Case,
    Failure,
    FailureKind,
    Request,
    Trial,
    as_json,
    fingerprint,
    joined,
)

HOPELESS = frozenset({FailureKind.AUTHENTICATION, FailureKind.NOT_FOUND})
_SIGNS_OF_LIFE = 20  # after so many failures and not one answer, the endpoint counts as down


@dataclass(frozen=True, slots=True)
class Slip:
    """One call to be made: a request with the key that its answer is kept under."""

    key: str
    request: Request
    tokens: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """What asking will cost at most, before anything is spent. `usd` is None without a price."""

    calls: int = 0
    known: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    usd: float | None = 0.0

    def __add__(self, other: "Forecast") -> "Forecast":
        return Forecast(
            self.calls + other.calls,
            self.known + other.known,
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            None if self.usd is None or other.usd is None else self.usd + other.usd,
        )


@dataclass
class Asker:
    """Everything that asking needs, for all the systems of one run."""

    journal: Journal
    executor: Executor
    purse: Purse
    progress: Progress
    limits: Limits
    run: str
    seed: int = 0
    _paces: dict[str, Pace] = field(default_factory=dict)

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
        try:
            for key, answer in self._answers(system.model, list(fresh.values())):
                answers[key] = answer
                self.progress.advance(answer, fresh=True)
        finally:
            self.journal.flush()
            self.progress.finish()
        _refuse_silence(system.model, list(answers.values()))
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
        """One answer outside the cases, as a judge gives it: journaled, paced and paid the same."""
        slip = _slip(model, _identity(model), request, replicate=0)
        known = self.journal.find([slip.key])
        if slip.key in known:
            return known[slip.key]
        answer = self._call(model, self._pace(model), [slip])[0][1]
        self.journal.flush()
        return answer

    def forecast(self, system: System, cases: Sequence[Case], replicates: int = 1) -> Forecast:
        """Counts calls, tokens and dollars without asking anything."""
        sheet = {slip.key: slip for slip in self._sheet(system, cases, replicates)}
        known = self.journal.find(list(sheet))
        todo = [slip for key, slip in sheet.items() if key not in known]
        return Forecast(
            calls=len(todo),
            known=len(known),
            input_tokens=sum(slip.tokens for slip in todo),
            output_tokens=sum(slip.request.max_tokens for slip in todo),
            usd=_most_usd(system.model, todo),
        )

    def _sheet(self, system: System, cases: Sequence[Case], replicates: int) -> list[Slip]:
        identity = _identity(system.model)
        return [
            _slip(
                system.model,
                identity,
                replace(system.prepare(case.question), seed=self.seed + replicate),
                replicate,
            )
            for case, replicate in _turns(cases, replicates)
        ]

    def _answers(self, model: ChatModel, slips: list[Slip]) -> Iterator[tuple[str, Answer]]:
        """Answers as they come. Where the purse is empty, the rest fail with BUDGET."""
        pace, watch = self._pace(model), _Watch()

        def work(batch: list[Slip]) -> list[tuple[str, Answer]]:
            try:
                results = self._call(model, pace, batch)
            except BudgetExceeded as error:
                return [(slip.key, _failed(FailureKind.BUDGET, str(error), 0)) for slip in batch]
            watch.see(results)
            return results

        for results in self.executor.map(work, _batches(slips, model.batch)):
            yield from results

    def _call(
        self, model: ChatModel, pace: Pace, batch: Sequence[Slip]
    ) -> list[tuple[str, Answer]]:
        """One call with its retries. Every answer is in the journal before it is handed on."""
        reserved = self.purse.reserve(_most_usd(model, batch) or 0.0)
        usd: float | None = None
        try:
            answers = self._persist(model, pace, batch)
            if not any(answer.failure for answer in answers):
                usd = sum(answer.usd or 0.0 for answer in answers)
        finally:
            self.purse.settle(reserved, usd)
        results = []
        for slip, answer in zip(batch, answers, strict=True):
            if answer.failure is None:
                self.journal.keep(slip.key, answer, run=self.run, model=model.name)
            results.append((slip.key, answer))
        return results

    def _persist(self, model: ChatModel, pace: Pace, batch: Sequence[Slip]) -> Sequence[Answer]:
        """Tries until it works, until it cannot work, or until it has tried enough."""
        tokens = sum(slip.tokens for slip in batch)
        requests = [slip.request for slip in batch]
        tries = 0
        while True:
            tries += 1
            pace.enter(tokens)
            try:
                answers = model.ask(requests)
            except ProviderError as error:
                pace.leave(error)
                if error.kind in HOPELESS:
                    raise
                wait = pace.wait_before(tries, error)
                if reason := _give_up(error, tries, wait, self.limits):
                    return [_failed(error.kind, reason, tries)] * len(batch)
                pace.pause(wait)
            except BaseException:
                pace.leave()
                raise
            else:
                pace.leave()
                return answers

    def _pace(self, model: ChatModel) -> Pace:
        return self._paces.setdefault(model.endpoint, Pace(self.limits))


@dataclass
class _Watch:
    """Ends the asking when an endpoint fails every call from the start."""

    failed: int = 0
    alive: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def see(self, results: Sequence[tuple[str, Answer]]) -> None:
        if self.alive:
            return
        with self.lock:
            for _, answer in results:
                if answer.failure is None:
                    self.alive = True
                    return
                self.failed += 1
                if self.failed >= _SIGNS_OF_LIFE:
                    raise ProviderError(
                        f"the first {self.failed} calls all failed, the last with: "
                        f"{answer.failure.message}",
                        kind=answer.failure.kind,
                        endpoint="asking stopped",
                    )


def _refuse_silence(model: ChatModel, answers: Sequence[Answer]) -> None:
    """Where not one call was answered there is nothing to go on with, however few there were."""
    failures = [answer.failure for answer in answers if answer.failure is not None]
    if not failures or len(failures) < len(answers):
        return
    last = failures[-1]
    if last.kind is FailureKind.BUDGET:
        raise BudgetExceeded(last.message)
    message = f"none of {len(failures)} calls was answered, the last failed with: {last.message}"
    raise ProviderError(message, kind=last.kind, endpoint=model.name)


def _turns(cases: Sequence[Case], replicates: int) -> Iterator[tuple[Case, int]]:
    return ((case, replicate) for case in cases for replicate in range(replicates))


def _identity(model: ChatModel) -> msgspec.Raw:
    """Who answers, encoded once for a whole sheet: a model's identity may be long."""
    return msgspec.Raw(as_json(model.identity()))


def _slip(model: ChatModel, identity: msgspec.Raw, request: Request, replicate: int) -> Slip:
    key = fingerprint(identity, request, replicate)
    return Slip(key, request, model.count_tokens(joined(request.messages)))


def _batches(slips: list[Slip], size: int) -> Iterable[list[Slip]]:
    """Calls of `size` requests. Requests of like length go together: padding is wasted work."""
    if size > 1:
        slips = sorted(slips, key=lambda slip: slip.tokens, reverse=True)
    return (slips[start : start + size] for start in range(0, len(slips), size))


def _most_usd(model: ChatModel, slips: Iterable[Slip]) -> float | None:
    """The list price of these calls if every answer used its whole token limit."""
    if model.price is None:
        return None
    million_usd = sum(
        slip.tokens * model.price.input + slip.request.max_tokens * model.price.output
        for slip in slips
    )
    return million_usd / 1e6


def _give_up(error: ProviderError, tries: int, wait: float, limits: Limits) -> str:
    """Why there will be no further try, or an empty string."""
    if not error.retryable:
        return str(error)
    if tries >= limits.tries:
        return f"{error} (after {tries} tries)"
    if wait > limits.longest_wait_seconds:
        return (
            f"{error} (it asks to wait {wait:.0f} s, more than limits.longest_wait_seconds: "
            f"{limits.longest_wait_seconds:.0f}; run again later to ask what is missing)"
        )
    return ""


def _failed(kind: FailureKind, message: str, tries: int) -> Answer:
    return Answer(text="", failure=Failure(kind=kind, message=message, tries=tries))
