"""Every record that flows through Suffice, frozen.

The story in records: a `Case` holds a `Question` (all that a system may see) and what a good answer
must satisfy. A system turns the question into a `Request`; a model turns that into an `Answer` or a
`Failure`; grading adds a `Score` per check; the whole is a `Trial`. Trials are summed up in
`Estimate`s, held against the bars (`BarResult`), compared pairwise (`Comparison`), and end in a
`Verdict`.

A failure is a record, never a NaN, a zero or a missing row. Collections are tuples and mappings
that nobody writes to. Records go to and from JSON with msgspec, by their field names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import Any, Literal, TypeAlias

import msgspec

# What JSON can hold. mypy has no use for the recursive spelling here; the readers narrow it.
Json: TypeAlias = Any
Role: TypeAlias = Literal["system", "user", "assistant"]


# ---------------------------------------------------------------- what is asked


@dataclass(frozen=True, slots=True)
class Source:
    """Where a record was read: a file and, where it has one, a line counted from 1."""

    path: str
    line: int | None = None

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" if self.line else self.path


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a chat."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Question:
    """All that a system under test may see of a case."""

    id: str
    messages: tuple[Message, ...]
    schema: Mapping[str, Json] | None = None

    @property
    def text(self) -> str:
        """The last thing the user said: what retrieval searches for."""
        said = [message.content for message in self.messages if message.role == "user"]
        return said[-1] if said else ""


@dataclass(frozen=True, slots=True)
class Check:
    """One metric that a case asks for, by name, with its options."""

    metric: str
    options: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """One question with all that is known of a good answer.

    `expected` holds every acceptable answer (a JSON value each), `gold` the ids of the documents
    that hold the answer. `answerable` is False where the right answer is to decline. Cases that
    share a `cluster` (a source document, a customer, a conversation) stand or fall together: they
    are never split apart and count as one in the statistics.
    """

    id: str
    messages: tuple[Message, ...]
    expected: tuple[Json, ...] = ()
    checks: tuple[Check, ...] = ()
    gold: tuple[str, ...] = ()
    answerable: bool = True
    cluster: str | None = None
    tags: tuple[str, ...] = ()
    schema: Mapping[str, Json] | None = None
    source: Source | None = None

    @property
    def question(self) -> Question:
        return Question(id=self.id, messages=self.messages, schema=self.schema)


@dataclass(frozen=True, slots=True)
class Example:
    """One worked example: the chat up to the reply, and the reply that it should get. A synthetic
    one was written by a model; `reviewed` where a person has read it since. `tools` are the names
    of those that it declares or calls; a call stands there as text. `unlearned` are the assistant's
    turns before the reply, counted from 0, that are there to be read and not to be learned."""

    id: str
    messages: tuple[Message, ...]
    reply: str
    cluster: str | None = None
    source: Source | None = None
    synthetic: bool = False
    reviewed: bool = False
    tools: tuple[str, ...] = ()
    unlearned: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document, as it is shown to a model and cited by it."""

    id: str
    document: str
    text: str
    title: str = ""
    start: int | None = None
    end: int | None = None
    page: int | None = None
    headings: tuple[str, ...] = ()
    dated: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent to a model: everything in it can change the answer, so all of it is journaled.

    `schema` asks for decoding constrained to it. `passages` are those that the messages show,
    numbered from 1 in this order, so that a citation can be checked.
    """

    messages: tuple[Message, ...]
    schema: Mapping[str, Json] | None = None
    max_tokens: int = 512
    temperature: float = 0.0
    seed: int | None = None
    stop: tuple[str, ...] = ()
    passages: tuple[Passage, ...] = ()


# ---------------------------------------------------------------- what comes back


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one answer as the provider counts them.

    `input_tokens` is everything read, `cached_tokens` and `cache_write_tokens` among it;
    `output_tokens` is everything written, `reasoning_tokens` among it.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0


class FailureKind(StrEnum):
    """Why there is no answer. None of these is a wrong answer."""

    AUTHENTICATION = "authentication"
    NOT_FOUND = "not found"
    REFUSED_REQUEST = "request refused"
    RATE_LIMIT = "rate limit"
    SERVER = "server error"
    CONNECTION = "connection"
    TIMEOUT = "timeout"
    MALFORMED = "malformed answer"
    CUT_OFF = "cut off"
    EMPTY = "empty answer"
    TOO_LONG = "prompt too long"
    BUDGET = "budget"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a call gave no answer, after how many tries."""

    kind: FailureKind
    message: str
    tries: int = 1


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model said, or why it did not.

    `seconds` is the time of the call that succeeded, without waits and retries. `usd` is None
    where the price is not known. `finish` is "stop", or "length" where the token limit cut it.
    """

    text: str
    usage: Usage = Usage()
    seconds: float = 0.0
    first_token_seconds: float | None = None
    usd: float | None = None
    finish: str = "stop"
    failure: Failure | None = None


class Aspect(StrEnum):
    """What a score speaks of. Content and format are always scored apart."""

    CONTENT = "content"
    FORMAT = "format"
    GROUNDING = "grounding"
    ABSTENTION = "abstention"
    STYLE = "style"
    LATENCY = "latency"
    COST = "cost"


@dataclass(frozen=True, slots=True)
class Score:
    """What one metric says of one answer.

    `value` lies between 0 and 1, 1 being good (for latency and cost: seconds and US dollars).
    It is None where the metric could not be applied; `unscored` then says why. `reading` is
    what the metric took the answer to be, where that differs from its text.
    """

    metric: str
    aspect: Aspect
    value: float | None
    unscored: str | None = None
    detail: str = ""
    reading: str | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """One case, asked once of one system, with the answer and its scores."""

    case: str
    rung: str
    replicate: int
    answer: Answer
    scores: tuple[Score, ...] = ()
    passages: tuple[Passage, ...] = ()

    def value(self, *aspects: Aspect) -> float | None:
        """The weakest score of these aspects: an answer is as good as the least of its checks."""
        values = [
            score.value
            for score in self.scores
            if score.aspect in aspects and score.value is not None
        ]
        return min(values) if values else None


# ---------------------------------------------------------------- what is concluded


@dataclass(frozen=True, slots=True)
class Counts:
    """How many trials stand behind a number. Failures are asked but not answered."""

    asked: int
    answered: int
    scored: int

    def __str__(self) -> str:
        return f"{self.scored}/{self.answered}/{self.asked}"


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval and the method that made it."""

    low: float
    high: float
    level: float = 0.95
    method: str = ""


@dataclass(frozen=True, slots=True)
class Estimate:
    """One number of one rung on the held-out cases, with how sure it is.

    `value` is None where nothing could be scored; `interval` is None where no method that we
    trust covers so few cases, and `note` then says so.
    """

    measure: str
    value: float | None
    interval: Interval | None
    counts: Counts
    cases: int
    clusters: int
    note: str = ""


class Cause(StrEnum):
    """Why a case fails. decide/attribute.py says how each is told from the others."""

    CONTENT = "content"
    KNOWLEDGE = "knowledge"
    RETRIEVAL = "retrieval"
    GROUNDING = "grounding"
    FORMAT = "format"
    SKILL = "skill"
    ABSTENTION = "abstention"
    UNSTABLE = "unstable"
    COST = "cost"


@dataclass(frozen=True, slots=True)
class CauseShare:
    """The share of all cases that fail from one cause, and which they are. `inferred` where gold
    documents of some were not named but found."""

    cause: Cause
    share: float
    interval: Interval
    cases: tuple[str, ...]
    inferred: bool = False


@dataclass(frozen=True, slots=True)
class Cured:
    """Of the held-out cases that fail from one cause by the first rung, how many a dearer rung
    answers rightly."""

    rung: str
    cause: Cause
    cured: int
    cases: int


class Outcome(StrEnum):
    """What a comparison can end in. There is no fifth."""

    BETTER = "better"
    NOT_WORSE = "not worse"
    WORSE = "worse"
    NOT_ENOUGH = "not enough data"


@dataclass(frozen=True, slots=True)
class Flip:
    """A case on which two rungs differ: per-case means of both."""

    case: str
    baseline: float
    candidate: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """A candidate against a baseline on the same held-out cases.

    `difference` is candidate minus baseline. `p` is the cluster sign-flip p-value, `p_corrected`
    the same after Holm across the declared family. `wins` and `losses` are the discordant cases.
    `mcnemar_p` is McNemar's exact p-value, where cases are single and their values 0 or 1.
    `exceeds_margin` says that the candidate is better by the margin or more, surely, also after
    correction for the family. `more_cases` is how many more the planned test would need where
    there is not enough data.
    """

    candidate: str
    baseline: str
    measure: str
    outcome: Outcome
    difference: float | None
    interval: Interval | None
    p: float | None
    p_corrected: float | None
    margin: float
    cases: int
    clusters: int
    wins: int
    losses: int
    mcnemar_p: float | None = None
    exceeds_margin: bool = False
    more_cases: int | None = None
    reason: str = ""
    flips: tuple[Flip, ...] = ()


class BarStatus(StrEnum):
    MET = "met"
    MISSED = "missed"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class BarResult:
    """One bar of the study against one rung. `more_cases` belongs to UNDECIDED."""

    bar: str
    required: float
    status: BarStatus
    estimate: Estimate
    more_cases: int | None = None


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One training on a part of the examples, and the share of dev cases that it got right."""

    examples: int
    share: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class Gain:
    """What so many more examples would add to the share that is right, in points of a hundred."""

    more: int
    points: float
    low: float
    high: float

    def __str__(self) -> str:
        return (
            f"{self.more:,} more examples: {self.points:+.0f} points "
            f"({self.low:+.0f} to {self.high:+.0f})"
        )


@dataclass(frozen=True, slots=True)
class LearningCurve:
    """What tuning learned from parts of the examples, the smallest first, and what more of them
    would bring: `doubled` for as many again, `enough` for what lifts the dev cases to the bar. None
    where the points do not carry so far."""

    points: tuple[CurvePoint, ...]
    doubled: Gain | None = None
    enough: Gain | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """All that was found of one rung: what was built, how it did, which bars it clears.

    `notes` say what else was found out while it was built; `ruled_out` why it must not be chosen
    whatever it scores; `curve` what more examples would bring, where that was tried.
    """

    rung: str
    built: str
    estimates: tuple[Estimate, ...]
    bars: tuple[BarResult, ...]
    asked: int
    answered: int
    usd: float | None
    notes: tuple[str, ...] = ()
    ruled_out: str = ""
    curve: LearningCurve | None = None

    @property
    def suffices(self) -> bool:
        """Whether every bar is surely met. A study without bars has nothing to suffice for."""
        return bool(self.bars) and not self.ruled_out and self.clears_bars

    @property
    def clears_bars(self) -> bool:
        return all(bar.status is BarStatus.MET for bar in self.bars)

    @property
    def may_suffice(self) -> bool:
        """Whether nothing surely speaks against it."""
        missed = any(bar.status is BarStatus.MISSED for bar in self.bars)
        return bool(self.bars) and not missed and not self.ruled_out

    @property
    def flawless(self) -> bool:
        """Whether every bar that is not met is open with all cases right: too few cases to be sure,
        and nothing that another rung could do better on them."""
        return all(
            bar.status is BarStatus.MET
            or (
                bar.status is BarStatus.UNDECIDED
                and bar.estimate.value == 1.0
                and bar.estimate.interval is not None
            )
            for bar in self.bars
        )

    def estimate(self, measure: str) -> Estimate | None:
        return next((each for each in self.estimates if each.measure == measure), None)


@dataclass(frozen=True, slots=True)
class Leading:
    """The rung that leads where none surely suffices: how likely it clears every bar, and about
    how many more held-out cases would tell (None: more cases would not)."""

    rung: str
    chance: float
    more_cases: int | None = None

    @property
    def worth_telling(self) -> bool:
        return self.chance >= 0.05


@dataclass(frozen=True, slots=True)
class Verdict:
    """The end of a run: which rung suffices, or that none does, and why.

    `look` counts how often any of these held-out cases have been looked at under any plan: each
    look after the first makes a lucky result likelier. `inputs` is a digest of the study's own
    files, by which a later command sees that they have changed. `complete` is False where the
    budget ended the climb before its last rung. `causes` say why dev cases failed by the first
    rung, which is what the climb went by. `held_out_causes` say the same of the held-out cases and
    `cured` what became of them; both were found after the decision and had no part in it, as
    `contaminated`: the cases about the documents that were right without them. `leading` is the
    best guess where nothing was chosen, `next_steps` what would bring most, and `would_change` how
    far the decision holds.
    """

    run: str
    study: str
    model: str
    chosen: str | None
    reason: str
    standings: tuple[Standing, ...]
    comparisons: tuple[Comparison, ...]
    plan: str
    look: int
    usd: float | None
    seconds: float
    warnings: tuple[str, ...] = ()
    inputs: str = ""
    complete: bool = True
    causes: tuple[CauseShare, ...] = ()
    leading: Leading | None = None
    next_steps: tuple[str, ...] = ()
    held_out_causes: tuple[CauseShare, ...] = ()
    cured: tuple[Cured, ...] = ()
    contaminated: tuple[str, ...] = ()
    would_change: tuple[str, ...] = ()

    @property
    def named(self) -> str | None:
        """The rung that it speaks of: the chosen one, else the one that leads, else the last."""
        provisional = self.leading.rung if self.leading and self.leading.worth_telling else None
        last = self.standings[-1].rung if self.standings else None
        return self.chosen or provisional or last


@dataclass(frozen=True, slots=True)
class CostLine:
    """What one rung costs at the study's traffic, in dollars, from and to. `request` is None where
    nothing is known of it, and `missing` then says what. `best`: no other beats it in both."""

    rung: str
    once: tuple[float, float]
    month: tuple[float, float]
    request: float | None
    right: float | None
    total: tuple[float, float] | None
    best: bool
    missing: str = ""


@dataclass(frozen=True)
class Details:
    """What stands behind a verdict, for a report that shows cases and money. `growth` has dollars,
    from and to, by rung and requests a month; `versions` are of what the run was made with."""

    trials: Sequence[Trial] = ()
    cases: Sequence[Case] = ()
    costs: Sequence[CostLine] = ()
    requests_month: int | None = None
    months: int = 12
    break_evens: Sequence[str] = ()
    growth: Sequence[tuple[str, int, float, float]] = ()
    seed: int | None = None
    versions: Mapping[str, str] = field(default_factory=dict)


# ---------------------------------------------------------------- to and from bytes


def as_json(record: object) -> bytes:
    """A record as JSON bytes: the same record always gives the same bytes."""
    return msgspec.json.encode(record, order="deterministic")


def fingerprint(*parts: object) -> str:
    """A digest of records and JSON values: equal parts, equal digest, on every machine."""
    return sha256(msgspec.json.encode(parts, order="deterministic")).hexdigest()


def joined(messages: Sequence[Message]) -> str:
    """A chat as one text, for finding near-duplicates and for estimating its length."""
    return "\n".join(message.content for message in messages)
