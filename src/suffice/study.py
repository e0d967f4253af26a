"""A study: suffice.yaml and the files it names, as objects.

Everything is read when it is first used and then kept, so that `suffice check` needs no key and a
broken file is named by the command that needs it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import jsonschema
import msgspec

from suffice import settings
from suffice.errors import DataError, UsageError
from suffice.evaluate import cases as case_files
from suffice.evaluate.examples import load_examples
from suffice.evaluate.leaks import Leak, leaks
from suffice.evaluate.pace import Limits
from suffice.evaluate.split import Split, split
from suffice.plugins import load, names
from suffice.ports import Cases, ChatModel, Executor, Library, ModelOptions, Price, Tuning
from suffice.records import Check, Example, Json, Source, fingerprint
from suffice.report.words import count
from suffice.retrieve.folder import Entry, entries, folder_digest

STORE = ".suffice"
DEFAULT_PROMPT = "You are a helpful assistant. Answer the question as briefly as you can."


class Study:
    """One team's question: their model, their cases, their bar."""

    def __init__(self, values: settings.Settings, folder: Path) -> None:
        self.settings = values
        self.folder = folder

    @classmethod
    def load(cls, path: str | Path = settings.FILE) -> Self:
        """Reads suffice.yaml (or the one in a folder). Files it names are read when used."""
        path = Path(path)
        values = settings.read(path)
        return cls(values, path if path.is_dir() else path.parent)

    @property
    def name(self) -> str:
        return self.settings.name

    @property
    def store(self) -> Path:
        """Where the journal, the plans and the runs of this study are kept."""
        return self.folder / STORE

    @cached_property
    def cases(self) -> Cases:
        kind, path = case_files.named(self.settings.cases)
        return case_files.load(
            self.folder / path,
            format=kind,
            default_checks=self.checks,
            default_schema=self.schema,
        )

    @cached_property
    def split(self) -> Split:
        return split(self.cases.cases, dev_share=self.settings.split.dev, seed=self.settings.seed)

    @cached_property
    def examples(self) -> tuple[Example, ...]:
        path = self._path(self.settings.examples, "examples")
        return load_examples(path) if path else ()

    @cached_property
    def leaks(self) -> tuple[Leak, ...]:
        """Held-out questions that stand nearly the same among the examples. None can stand among
        the dev cases: the split puts near-duplicates on one side, by the same measure."""
        return leaks(self.split.held_out, (), self.examples) if self.examples else ()

    @cached_property
    def lessons(self) -> tuple[Example, ...]:
        """What may be learned from or shown, by every rung and by `suffice tune`: the examples
        under the split's own names of clusters, without those of held-out ones."""
        by = self.split.by
        groups = {case.cluster: by[case.id] for case in self.cases.cases if case.cluster}
        hidden = {case.cluster for case in self.split.held_out}
        leaked = {leak.other for leak in self.leaks if leak.kind == "example"}
        named = [
            replace(each, cluster=groups.get(each.cluster, each.cluster)) if each.cluster else each
            for each in self.examples
        ]
        return tuple(each for each in named if each.cluster not in hidden and each.id not in leaked)

    @property
    def kept_from_lessons(self) -> str:
        """How many examples may not be learned from, and why; nothing where all may."""
        hidden = len(self.examples) - len(self.lessons)
        if not hidden:
            return ""
        return (
            f"{count(hidden, 'example')} left out: of a held-out cluster, or nearly the same as a "
            "held-out question"
        )

    @cached_property
    def documents(self) -> Path | None:
        """The folder or the JSONL corpus with what the model should know."""
        return self._path(self.settings.documents, "documents")

    @cached_property
    def library(self) -> Library | None:
        """The documents, with how the study wants them searched; None where it has none."""
        passages = () if self.documents else self.cases.passages
        if self.documents is None and not passages:
            return None
        keys = self.settings.retrieval
        return Library(
            folder=self.folder,
            path=self.documents,
            passages=passages,
            digest=folder_digest(self.documents) if self.documents else fingerprint(passages),
            embedder=self.settings.embedder,
            store=self.settings.store,
            **{name: getattr(keys, name) for name in keys.__struct_fields__},
        )

    @cached_property
    def tuning(self) -> Tuning:
        """What may be tuned: the candidates, else the model itself where it can be."""
        named = tuple(self.settings.candidates) or (self.settings.model,)
        keys = msgspec.structs.asdict(self.settings.tuning)
        del keys["accept"], keys["general"], keys["curve"]
        bar = self.settings.bar
        wanted = [value for value in (bar.correct, bar.format) if value is not None]
        return Tuning(
            folder=self.folder,
            models=tuple(name for name in named if name.partition(":")[0] in names("trainer")),
            recipe={name: value for name, value in keys.items() if value is not None}
            | {"seed": self.settings.seed},
            enough=max(wanted, default=1.0),
            general=self._path(self.settings.tuning.general, "tuning.general"),
            curve=self.settings.tuning.curve,
        )

    @cached_property
    def prompt(self) -> str:
        path = self._path(self.settings.prompt, "prompt")
        return _text(path).strip() if path else DEFAULT_PROMPT

    @cached_property
    def schema(self) -> dict[str, Json] | None:
        path = self._path(self.settings.schema, "schema")
        if path is None:
            return None
        try:
            schema: dict[str, Json] = json.loads(_text(path))
            jsonschema.Draft202012Validator.check_schema(schema)
        except json.JSONDecodeError as error:
            raise DataError(f"not JSON: {error.msg}", Source(str(path), error.lineno)) from error
        except jsonschema.SchemaError as error:
            raise DataError(f"not a JSON Schema: {error.message}", Source(str(path))) from error
        return schema

    @cached_property
    def checks(self) -> tuple[Check, ...]:
        """The study's own checks, for cases that name none."""
        return tuple(_check(value) for value in self.settings.checks)

    @cached_property
    def model(self) -> ChatModel:
        return self._connect(self.settings.model, self.settings.price, self.settings.extra)

    @cached_property
    def judge(self) -> ChatModel | None:
        keys = self.judge_keys
        return self._connect(keys.model, keys.price, {}) if keys else None

    @cached_property
    def judge_keys(self) -> settings.JudgeKeys | None:
        judge = self.settings.judge
        return settings.JudgeKeys(model=judge) if isinstance(judge, str) else judge

    @cached_property
    def judge_labels(self) -> Path | None:
        keys = self.judge_keys
        return self._path(keys.labels, "judge.labels") if keys else None

    @cached_property
    def limits(self) -> Limits:
        keys = self.settings.limits
        return Limits(
            concurrency=keys.concurrency,
            requests_per_minute=keys.requests_per_minute,
            tokens_per_minute=keys.tokens_per_minute,
            tries=keys.tries,
            longest_wait_seconds=keys.longest_wait_seconds,
        )

    @cached_property
    def executor(self) -> Executor:
        kind, _, name = self.settings.executor.partition(":")
        executor: Executor = load("executor", kind)(name, self.settings.limits.concurrency)
        return executor

    @cached_property
    def inputs(self) -> str:
        """A digest of what the study says and holds: a verdict on other inputs is out of date."""
        return fingerprint(
            self.settings,
            self.prompt,
            [replace(case, source=None) for case in self.cases.cases],
            [replace(example, source=None) for example in self.examples],
            self.library.digest if self.library else "",
        )

    @property
    def document_count(self) -> int:
        """How many files the documents are, or passages that came with the cases."""
        root = self.documents
        if root is None:
            return len(self.cases.passages)
        return sum(isinstance(each, Entry) for each in entries(root)) if root.is_dir() else 1

    def _connect(
        self, name: str, price: settings.PriceKeys | None, extra: Mapping[str, Json]
    ) -> ChatModel:
        """A model by PROVIDER:NAME, at a price of its own where the study gives one."""
        provider, _, rest = name.partition(":")
        if kept := sorted(_SECRETS & {key.lower().replace("-", "_") for key in extra}):
            raise UsageError(
                f"extra.{kept[0]}: a key does not belong into suffice.yaml; set it in the "
                "environment or in .env, as docs/models.md says"
            )
        options = ModelOptions(
            folder=self.folder,
            price=_price(price) if price else None,
            timeout_seconds=self.settings.limits.timeout_seconds,
            stream=self.settings.stream,
            extra=extra,
        )
        model: ChatModel = load("model", provider)(rest, options)
        if self.settings.needs.offline and not is_here(model.endpoint):
            raise UsageError(
                f"needs.offline: nothing may leave this machine, but {name} is reached at "
                f"{model.endpoint}; name a model that runs here, or take the need out"
            )
        return model

    def _path(self, name: str | None, key: str) -> Path | None:
        if name is None:
            return None
        path = self.folder / name
        if not path.exists():
            raise DataError(
                f"{key}: there is no file {name!r}; make it, or take the key out",
                Source(str(self.folder / settings.FILE)),
            )
        return path


def is_here(endpoint: str) -> bool:
    """Whether a model runs on this machine: no URL, or one of the loopback."""
    host = urlsplit(endpoint).hostname if "://" in endpoint else None
    return host is None or host == "localhost" or host.startswith("127.") or host == "::1"


def _price(keys: settings.PriceKeys) -> Price:
    return Price(
        input=keys.input,
        output=keys.output,
        cached_input=keys.cached_input,
        cache_write=keys.cache_write,
        as_of=keys.as_of.isoformat() if keys.as_of else "",
        source=settings.FILE,
        shutdown=keys.shutdown.isoformat() if keys.shutdown else "",
    )


def known_rungs(wanted: Sequence[str]) -> list[str]:
    """The wanted rungs from cheapest to dearest; all that exist when none is named."""
    found = names("rung")
    for name in wanted:
        if name not in found:
            load("rung", name)  # raises with the near name
    order = {name: place for place, name in enumerate(LADDER)}
    chosen = dict.fromkeys(wanted) if wanted else dict.fromkeys(found)
    return sorted(chosen, key=lambda name: order.get(name, len(order)))


_SECRETS = frozenset({"api_key", "apikey", "authorization", "secret", "password"})

# Cheapest first. A rung of another package comes after ours.
LADDER = ("prompt", "fewshot", "schema", "longcontext", "retrieve", "tune", "hybrid", "distil")


def _check(value: str | dict[str, Json]) -> Check:
    if isinstance(value, str):
        return Check(value)
    options = dict(value)
    metric = options.pop("metric", None)
    if not isinstance(metric, str):
        raise UsageError(f"checks: {value!r} names no metric; write {{metric: NAME, ...}}")
    return Check(metric, options)


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot be read as UTF-8 text: {error}", Source(str(path))) from error
