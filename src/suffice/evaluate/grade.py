"""Grades answers: each check of a case becomes a score, and scores of a set become rates.

A call that failed is never graded. A metric that raises leaves its answer unscored and says where;
what the user can mend (a judge's wrong key, an empty purse, a broken journal) ends the grading.
Nothing here asks a system under test; a judge is asked through what it is given.
"""

import inspect
import re
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, is_dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from suffice import plugins
from suffice.errors import SufficeError, UsageError, suggest
from suffice.evaluate.ask import Asker
from suffice.evaluate.metrics.cost import Cost
from suffice.evaluate.metrics.latency import Latency
from suffice.ports import ChatModel, Context, Embedder, Metric, ModelOptions
from suffice.records import Answer, Case, Check, Json, Request, Score, Trial, as_json

_ALWAYS: tuple[Metric, ...] = (Latency(), Cost())
_EMBEDDER = "minilm"


def grade(
    trial: Trial,
    case: Case,
    *,
    judge: Callable[[Request], Answer] | None = None,
    embedder: Embedder | None = None,
) -> Trial:
    """The trial with a score for every check of its case, and for latency and cost."""
    metrics = _metrics_of(case)
    failure = trial.answer.failure
    if failure:
        why = f"{failure.kind}: {failure.message}"
        scores = tuple(Score(each.name, each.aspect, None, why) for each in metrics)
    else:
        context = Context(case, trial.answer, trial.passages, judge, embedder)
        scores = tuple([_score(metric, context) for metric in metrics])
    return Trial(trial.case, trial.rung, trial.replicate, trial.answer, scores, trial.passages)


def metric_of(check: Check) -> Metric:
    """The metric that a check asks for. Raises UsageError for an option that it does not take."""
    options = as_json(check.options) if check.options else b""
    return _metric(check.metric, options)


@dataclass(frozen=True)
class Grader:
    """Grades all trials of a run; where a judge is asked, side by side."""

    judge: Callable[[Request], Answer] | None
    embedder: Embedder | None
    asker: Asker

    @classmethod
    def of(
        cls,
        judge: ChatModel | None,
        asker: Asker,
        embedder: str = _EMBEDDER,
        folder: Path = Path(),
    ) -> "Grader":
        """The judge is asked through the run's asker: journaled, paced and within the budget.

        `embedder` is PROVIDER[:NAME]. It is loaded when a metric first needs it; local weights
        are looked for in `folder`.
        """
        ask = None if judge is None else lambda request: asker.ask_once(judge, request)
        return cls(ask, _OnDemand(embedder, folder), asker)

    def grade(self, trials: Sequence[Trial], cases: Sequence[Case]) -> list[Trial]:
        """The same trials with their scores, in the same order."""
        known = {case.id: case for case in cases}
        if self.judge is None:
            return [self._grade(trial, known) for trial in trials]

        def work(numbered: tuple[int, Trial]) -> tuple[int, Trial]:
            return numbered[0], self._grade(numbered[1], known)

        graded = dict(self.asker.executor.map(work, enumerate(trials)))
        return [graded[number] for number in range(len(trials))]

    def _grade(self, trial: Trial, cases: Mapping[str, Case]) -> Trial:
        return grade(trial, cases[trial.case], judge=self.judge, embedder=self.embedder)


# ---------------------------------------------------------------- checks to metrics


def _metrics_of(case: Case) -> list[Metric]:
    asked = [metric_of(check) for check in case.checks]
    names = {metric.name for metric in asked}
    return asked + [metric for metric in _ALWAYS if metric.name not in names]


@lru_cache(maxsize=1 << 14)
def _metric(name: str, options: bytes) -> Metric:
    create = plugins.load("metric", name)
    given: dict[str, Any] = msgspec.json.decode(options) if options else {}
    known = _options(create)
    for option in given:
        if option not in known:
            takes = f"known: {', '.join(known)}" if known else "it takes none"
            raise UsageError(
                f"{name}: there is no option {option!r}{suggest(option, known)}; {takes}"
            )
    if missing := [option for option, needed in known.items() if needed and option not in given]:
        raise UsageError(f"{name}: the option {missing[0]!r} is missing; the metric needs it")
    try:
        made = msgspec.convert(given, create) if is_dataclass(create) else create(**given)
    except msgspec.ValidationError as error:
        raise UsageError(f"{name}: {_in_words(str(error))}") from None
    return cast(Metric, made)


def _options(create: Callable[..., Any]) -> dict[str, bool]:
    """The options that a plug-in's `create` takes, and whether each is needed."""
    parameters = inspect.signature(create).parameters.values()
    return {each.name: each.default is inspect.Parameter.empty for each in parameters}


def _in_words(error: str) -> str:
    """msgspec's "Expected `bool`, got `int` - at `$.ignore_case`" with the option first."""
    found = re.fullmatch(r"(.*?) - at `\$\.?(.*?)`", error, re.DOTALL)
    return f"the option {found[2]!r}: {found[1].lower()}" if found else error


# ---------------------------------------------------------------- scoring


def _score(metric: Metric, context: Context) -> Score:
    try:
        score = metric.score(context)
    except SufficeError:
        raise  # it would befall every answer, and its message says what to do
    except Exception as error:
        return Score(metric.name, metric.aspect, None, _failed(metric, error), _where(error))
    value = score.value
    if value is not None and not -1e300 < value < 1e300:  # NaN fails both
        why = f"metric {metric.name} failed: its value is {value}"
        return replace(score, value=None, unscored=why)
    return score


def _failed(metric: Metric, error: Exception) -> str:
    return f"metric {metric.name} failed: {type(error).__name__}: {str(error)[:500]}"


def _where(error: Exception) -> str:
    """The last two lines of code that an exception came through: it is a defect until shown not."""
    frames = traceback.extract_tb(error.__traceback__)[-2:]
    return " > ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames)


class _OnDemand:
    """An embedder that is loaded when the first text comes: few studies need one."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self._folder = folder

    @property
    def dimensions(self) -> int:
        return self._opened.dimensions

    @property
    def tokens(self) -> int | None:
        return self._opened.tokens

    def identity(self) -> Json:
        return self._opened.identity()

    def count_tokens(self, text: str) -> int:
        return self._opened.count_tokens(text)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._opened.embed(texts)

    @property
    def _opened(self) -> Embedder:
        return _embedder(self.name, self._folder)


@lru_cache(maxsize=4)
def _embedder(name: str, folder: Path) -> Embedder:
    provider, _, rest = name.partition(":")
    embedder: Embedder = plugins.load("embedder", provider)(rest, ModelOptions(folder=folder))
    return embedder
