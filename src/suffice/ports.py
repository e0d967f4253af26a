"""The shapes that plug-ins have, on one page.

A plug-in is one file in its kind's folder that defines `create`. What `create` takes is said
here for each kind; what it returns is the Protocol. `plugins.py` finds the files.

    kind       folder                create(...)
    model      models/               (name: str, options: ModelOptions) -> ChatModel
    embedder   retrieve/embedders/   (name: str, options: ModelOptions) -> Embedder
    metric     evaluate/metrics/     (**options of the check) -> Metric
    format     evaluate/formats/     () -> Format
    executor   executors/            (name: str, threads: int) -> Executor
    rung       rungs/                () -> Rung
    trainer    tune/trainers/        (name: str, options: TrainerOptions) -> Trainer
    report     report/               () -> Report
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Protocol, TypeVar, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from suffice.records import (
    Answer,
    Aspect,
    Case,
    Details,
    Example,
    Json,
    LearningCurve,
    Passage,
    Question,
    Request,
    Score,
    Trial,
    Usage,
    Verdict,
)

T = TypeVar("T")
R = TypeVar("R")


# ---------------------------------------------------------------- models


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens, when and where that was read, and when the model ends."""

    input: float
    output: float
    cached_input: float | None = None
    cache_write: float | None = None
    as_of: str = ""
    source: str = ""
    shutdown: str = ""

    def __post_init__(self) -> None:
        for name, day in (("as_of", self.as_of), ("shutdown", self.shutdown)):
            try:
                date.fromisoformat(day or "2026-01-01")
            except ValueError as error:
                raise ValueError(f"`{name}` is a day like 2026-03-31, not {day!r}") from error

    def usd(self, usage: Usage) -> float:
        cached = self.input if self.cached_input is None else self.cached_input
        write = self.input if self.cache_write is None else self.cache_write
        fresh = usage.input_tokens - usage.cached_tokens - usage.cache_write_tokens
        million_usd = (
            fresh * self.input
            + usage.cached_tokens * cached
            + usage.cache_write_tokens * write
            + usage.output_tokens * self.output
        )
        return million_usd / 1e6


@dataclass(frozen=True, slots=True)
class ModelOptions:
    """What a study says of how its models are reached. Never holds a key.

    `folder` is the study's folder, against which local names are resolved. `extra` is passed
    through to the provider's request body as it is.
    """

    folder: Path = Path()
    price: Price | None = None
    timeout_seconds: float = 120.0
    stream: bool = False
    batch: int | None = None
    extra: Mapping[str, Json] = field(default_factory=dict)


class ChatModel(Protocol):
    """A model that answers chats."""

    @property
    def name(self) -> str:
        """PROVIDER:NAME, as in the study."""

    @property
    def endpoint(self) -> str:
        """What is reached: a URL or a folder of weights. Calls to one endpoint share a pace."""

    @property
    def batch(self) -> int:
        """How many requests one call takes. Remote models take 1, local weights many."""

    @property
    def price(self) -> Price | None:
        """What it costs, where known."""

    @property
    def window(self) -> int | None:
        """Most tokens that prompt and answer may have together, where known."""

    def identity(self) -> Json:
        """All that could change an answer apart from the request: part of the journal's key."""

    def count_tokens(self, text: str) -> int:
        """Tokens of a text: exact for local weights, an estimate for remote ones."""

    def ask(self, requests: Sequence[Request]) -> Sequence[Answer]:
        """One answer a request, in order. Raises ProviderError when the call fails."""


class Embedder(Protocol):
    """Texts to unit vectors. One that costs nothing to ask again says `local = True`."""

    @property
    def name(self) -> str: ...

    @property
    def dimensions(self) -> int:
        """Numbers a vector has. A remote model may be asked for it, once."""

    @property
    def tokens(self) -> int | None:
        """Most tokens of a text that are seen; what lies beyond is cut. None: no known limit."""

    def identity(self) -> Json:
        """All that could change a vector apart from the text. Vectors of two never mix."""

    def count_tokens(self, text: str) -> int:
        """Tokens that count against `tokens`: exact for local weights, an estimate for others."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row a text, each of length 1."""


# ---------------------------------------------------------------- cases and grading


@dataclass(frozen=True, slots=True)
class Context:
    """All that a metric gets to see. `judge` asks a model, journaled and within the budget."""

    case: Case
    answer: Answer
    passages: tuple[Passage, ...] = ()
    judge: Callable[[Request], Answer] | None = None
    embedder: Embedder | None = None


class Metric(Protocol):
    """Scores one answer. What cannot be scored is a Score with `unscored`, not a number."""

    @property
    def name(self) -> str:
        """The file's name, as checks call it."""

    @property
    def aspect(self) -> Aspect: ...

    def score(self, context: Context) -> Score: ...


@dataclass(frozen=True, slots=True)
class Cases:
    """What a file of cases held, and what was noticed while reading it."""

    cases: tuple[Case, ...]
    passages: tuple[Passage, ...] = ()
    warnings: tuple[str, ...] = ()


class Format(Protocol):
    """A file format that cases come in."""

    def recognises(self, path: Path) -> bool:
        """Whether a file or folder is in this format, from its name and its first bytes."""

    def read(self, path: Path) -> Cases:
        """Every case, in order. Raises DataError that names the file and the line."""


# ---------------------------------------------------------------- asking and building


class Executor(Protocol):
    """Runs work side by side."""

    def map(self, work: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Results as they are done, in any order. Takes items only as fast as it works on them.

        An exception of `work` ends the iteration after what is under way has ended.
        """


class System(Protocol):
    """What a rung builds: a way to turn a question into a request to a model."""

    @property
    def rung(self) -> str: ...

    @property
    def model(self) -> ChatModel: ...

    @property
    def built(self) -> str:
        """What was chosen on the dev cases, in a few words: `4 examples, nearest`."""

    @property
    def notes(self) -> Sequence[str]:
        """What else was found out while it was built, a sentence each."""

    @property
    def ruled_out(self) -> str:
        """Why it must not be chosen whatever it scores, or nothing."""

    def prepare(self, question: Question) -> Request: ...


@runtime_checkable
class Learned(Protocol):
    """A system of which it may be known what more examples would bring."""

    @property
    def curve(self) -> LearningCurve | None: ...


@dataclass(frozen=True, slots=True)
class Library:
    """A study's documents and what it says of how they are searched; what is None a rung chooses.

    The documents lie at `path`, or came with the cases as `passages`. `digest` is of all they say.
    """

    folder: Path
    path: Path | None = None
    passages: tuple[Passage, ...] = ()
    digest: str = ""
    embedder: str = "minilm"
    store: str = "lance"
    chunk_tokens: int | None = None
    context: str | None = None
    mode: str | None = None
    k: int | None = None
    reranker: str | None = None
    most_tokens: int = 4000
    adapt: bool = False


@dataclass(frozen=True, slots=True)
class Tuning:
    """What may be tuned, and how. `models` are PROVIDER:NAME, the smallest first; `enough` is the
    share of right answers at which no larger one is tried. `general` are cases by which forgetting
    is seen. `refused` says what in the examples must be mended first. `curve`: whether parts of the
    examples are trained on too; None where that is cheap and would tell something."""

    folder: Path
    models: tuple[str, ...] = ()
    recipe: Mapping[str, Json] = field(default_factory=dict)
    enough: float = 1.0
    general: Path | None = None
    refused: str = ""
    curve: bool | None = None


class Workshop(Protocol):
    """What a rung may work with. It holds dev material only: there is no way to held-out cases."""

    @property
    def model(self) -> ChatModel: ...

    @property
    def prompt(self) -> str:
        """The system prompt of the study."""

    @property
    def dev(self) -> Sequence[Case]: ...

    @property
    def examples(self) -> Sequence[Example]: ...

    @property
    def library(self) -> Library | None:
        """The study's documents, if it has any."""

    @property
    def tuning(self) -> Tuning | None:
        """What may be tuned, where the study says how."""

    @property
    def rehearsal(self) -> bool:
        """Whether nothing is to be asked or trained: only what it would cost is counted."""

    def supposes(self, system: "System", cases: Sequence[Case]) -> bool:
        """Whether measuring would only suppose what comes out: in a rehearsal, what was never
        asked."""

    @property
    def progress(self) -> "Progress": ...

    @property
    def seed(self) -> int: ...

    @property
    def temperature(self) -> float: ...

    @property
    def max_tokens(self) -> int: ...

    def measure(self, system: System, cases: Sequence[Case] | None = None) -> Sequence[Trial]:
        """Asks a system every dev case, or those that are given, and grades it. Journaled, so
        measuring twice costs once."""

    def falls_short(self, trials: Sequence[Trial], cases: Sequence[Case]) -> str:
        """Which bar tries on dev surely miss, so that no more of them are worth it, or nothing."""


class Rung(Protocol):
    """One way to mend what falls short."""

    def build(self, workshop: Workshop) -> System:
        """Raises UsageError where the study lacks what this rung needs, and says what."""


@dataclass(frozen=True, slots=True)
class TrainerOptions:
    """`folder` is the study's; what is trained is kept under it. `recipe` has the study's keys."""

    folder: Path = Path()
    recipe: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tuned:
    """A model that learned, as PROVIDER:NAME, with what there is to say of how it went. `seconds`
    is how long it trained, whenever that was; None where nothing was trained."""

    model: str
    built: str
    notes: tuple[str, ...] = ()
    seconds: float | None = None


class Trainer(Protocol):
    """Teaches a model of one provider, which has the trainer's name."""

    @property
    def simulated(self) -> bool:
        """Whether a world says what is learned: there is nothing to train, to estimate or to
        forget."""

    def train(self, examples: Sequence[Example], prompt: str, progress: "Progress") -> Tuned:
        """The same examples again give the same model, without training again. `prompt` is the
        system prompt that it will be asked with."""


# ---------------------------------------------------------------- telling


class Report(Protocol):
    """A verdict as text: what a file ending or `--json` asks for. Where the run is at hand,
    `details` has its cases and what each rung answered."""

    @property
    def suffix(self) -> str: ...

    def render(self, verdict: Verdict, details: Details | None = None) -> str: ...


class Progress(Protocol):
    """Told of every answer as it comes."""

    def start(self, title: str, total: int) -> None: ...

    def advance(self, answer: Answer, fresh: bool) -> None:
        """`fresh` is False for an answer that was in the journal."""

    def tick(self, said: str) -> None:
        """One step of work that asks nothing, with how it stands."""

    def finish(self) -> None: ...
