"""suffice.yaml: every key, its type, its default and its description, in one place.

The published JSON Schema and the configuration reference are generated from these classes, so
they cannot say another default than the code. Reading names the file and the line of what is
wrong, and the near key where one was mistyped.
"""

import re
from collections.abc import Iterator
from datetime import date
from math import isfinite
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

import jsonschema
import msgspec
import yaml
from msgspec import Meta

from suffice.errors import DataError, suggest
from suffice.records import Json, Source

FILE = "suffice.yaml"
LARGEST_BYTES = 256 * 1024

Share: TypeAlias = Annotated[float, Meta(ge=0, le=1)]
Positive: TypeAlias = Annotated[float, Meta(gt=0)]
NotNegative: TypeAlias = Annotated[float, Meta(ge=0)]
Count: TypeAlias = Annotated[int, Meta(ge=1)]
Text: TypeAlias = Annotated[str, Meta(min_length=1)]
ModelName: TypeAlias = Annotated[
    str,
    Meta(
        pattern=r"^[a-z][a-z0-9-]*(:.+)?$", examples=["openai:gpt-4o-mini", "planted:support-desk"]
    ),
]


class _Keys(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A mapping in suffice.yaml that takes the keys below and no others."""


class Bar(_Keys, frozen=True, kw_only=True):
    """What is good enough. A rung suffices when it surely clears every bar."""

    correct: Annotated[
        Share | None, Meta(description="Share of answerable cases whose content is right.")
    ] = None
    format: Annotated[
        Share | None, Meta(description="Share of answers in the shape that is asked for.")
    ] = None
    abstains: Annotated[
        Share | None, Meta(description="Share of unanswerable cases that are declined.")
    ] = None
    answers: Annotated[
        Share | None,
        Meta(description="Share of answerable cases that are answered, not declined."),
    ] = None
    grounded: Annotated[
        Share | None, Meta(description="How well citations name passages that support them.")
    ] = None
    style: Annotated[
        Share | None, Meta(description="Share of answers that keep the rules of style.")
    ] = None
    latency_p95_s: Annotated[
        Positive | None, Meta(description="Seconds within which 95% of the answers come.")
    ] = None
    usd_per_1k: Annotated[
        Positive | None, Meta(description="US dollars for a thousand answers.")
    ] = None


class SplitKeys(_Keys, frozen=True, kw_only=True):
    """How the cases are parted. Always by source document or cluster, never by row."""

    dev: Annotated[
        float,
        Meta(gt=0, lt=1, description="Share of the cases that rungs may be built and tried on."),
    ] = 0.3


class LimitKeys(_Keys, frozen=True, kw_only=True):
    """How an endpoint may be asked."""

    concurrency: Annotated[
        Count, Meta(description="Most calls in flight; halved when the endpoint is overloaded.")
    ] = 32
    requests_per_minute: Annotated[
        Positive | None, Meta(description="The provider's limit, if you know it.")
    ] = None
    tokens_per_minute: Annotated[
        Positive | None, Meta(description="The provider's limit, if you know it.")
    ] = None
    tries: Annotated[Count, Meta(description="Tries per call before it counts as failed.")] = 6
    timeout_seconds: Annotated[
        Positive, Meta(description="A whole call may take so long, however slowly it drips.")
    ] = 120.0
    longest_wait_seconds: Annotated[
        Positive, Meta(description="Longest wait between two tries of a call.")
    ] = 60.0


class PriceKeys(_Keys, frozen=True, kw_only=True):
    """US dollars per million tokens. Stands before the shipped list prices."""

    input: Annotated[float, Meta(ge=0, description="Fresh input tokens.")]
    output: Annotated[float, Meta(ge=0, description="Output tokens, reasoning included.")]
    cached_input: Annotated[
        NotNegative | None, Meta(description="Input tokens read from the provider's cache.")
    ] = None
    cache_write: Annotated[
        NotNegative | None, Meta(description="Input tokens written to the provider's cache.")
    ] = None
    as_of: Annotated[date | None, Meta(description="When the price was read, like 2026-03-31.")] = (
        None
    )
    shutdown: Annotated[
        date | None, Meta(description="When the provider takes the model away, if that is known.")
    ] = None


class NeedKeys(_Keys, frozen=True, kw_only=True):
    """What a fix must offer whatever it scores."""

    citations: Annotated[bool, Meta(description="Answers name their source.")] = False
    deletion: Annotated[bool, Meta(description="A document can be erased, provably.")] = False
    tenants: Annotated[bool, Meta(description="Customers never see each other's data.")] = False
    offline: Annotated[bool, Meta(description="Nothing leaves the machine.")] = False


class TrafficKeys(_Keys, frozen=True, kw_only=True):
    """What the feature will bear, for the money."""

    requests_per_month: Annotated[Count | None, Meta(description="Questions a month.")] = None
    knowledge_changes: Annotated[
        Literal["never", "yearly", "monthly", "weekly", "daily"] | None,
        Meta(description="How often the facts behind the answers change."),
    ] = None
    months: Annotated[Count, Meta(description="Over how many months costs are summed.")] = 12


Span = tuple[Annotated[float, Meta(ge=0)], Annotated[float, Meta(ge=0)]]


class CostKeys(_Keys, frozen=True, kw_only=True):
    """Dollars, [from, to]. What is left out is what is usual."""

    tuning_data: Annotated[
        Span | None, Meta(description="Writing and reviewing examples; [500, 5000].")
    ] = None
    retrieval_data: Annotated[
        Span | None, Meta(description="Cleaning and preparing documents; [50, 500].")
    ] = None
    training: Annotated[Span | None, Meta(description="One training; [20, 100].")] = None
    training_tries: Annotated[Count | None, Meta(description="Trainings until one is good; 3.")] = (
        None
    )
    vector_store_month: Annotated[
        Span | None, Meta(description="Embedded costs nothing; managed [70, 300].")
    ] = None
    embedding_million: Annotated[
        Span | None, Meta(description="A million documents; 0 here, by API [10, 130].")
    ] = None
    machine_month: Annotated[
        Span | None, Meta(description="One server for a model of your own; [300, 2000].")
    ] = None
    peak: Annotated[Positive | None, Meta(description="Peak traffic over the mean; 4.")] = None
    changed_share: Annotated[
        Share | None, Meta(description="Of the documents, at each change; 0.05.")
    ] = None


class JudgeKeys(_Keys, frozen=True, kw_only=True):
    """A model that grades open answers. It decides nothing until people have checked it."""

    model: Annotated[ModelName, Meta(description="PROVIDER:NAME.")]
    labels: Annotated[
        Text | None, Meta(description="JSONL with people's verdicts on the same answers.")
    ] = None
    kappa: Annotated[
        Share, Meta(description="Agreement with people below which it may not decide.")
    ] = 0.6
    price: Annotated[
        PriceKeys | None, Meta(description="What the judge costs; list prices when left out.")
    ] = None


class RetrievalKeys(_Keys, frozen=True, kw_only=True):
    """How documents are searched. What is left out the rung `retrieve` chooses on dev cases."""

    chunk_tokens: Annotated[
        Annotated[int, Meta(ge=16, le=8192)] | None, Meta(description="Most tokens of a chunk.")
    ] = None
    context: Annotated[
        Literal["none", "headings"] | None,
        Meta(description="What a chunk is found by besides its own words: title and headings."),
    ] = None
    mode: Annotated[
        Literal["hybrid", "vector", "bm25"] | None,
        Meta(description="By meaning, by words, or both."),
    ] = None
    k: Annotated[Count | None, Meta(description="How many passages a question gets.")] = None
    reranker: Annotated[
        Text | None,
        Meta(description="Orders the best anew: cross-encoder:NAME.", examples=["cross-encoder:m"]),
    ] = None
    most_tokens: Annotated[
        Count, Meta(description="Most tokens that the passages of a prompt may have together.")
    ] = 4000
    adapt: Annotated[
        bool,
        Meta(description="Fit questions to documents on dev pairs; kept if that finds more."),
    ] = False


class TuningKeys(_Keys, frozen=True, kw_only=True):
    """How a model is tuned. What is left out is chosen by what is usual for its size."""

    method: Annotated[
        Literal["lora", "rslora", "dora", "qlora", "full"] | None,
        Meta(description="lora when left out; qlora needs a GPU; full forgets most."),
    ] = None
    rank: Annotated[Count | None, Meta(description="Of the adapter; 16 when left out.")] = None
    alpha: Annotated[Count | None, Meta(description="Twice the rank when left out.")] = None
    dropout: Annotated[
        Share | None, Meta(description="0.05 on a GPU, 0 on a CPU when left out.")
    ] = None
    rate: Annotated[
        Positive | None, Meta(description="The learning rate; by the model's width when left out.")
    ] = None
    epochs: Annotated[
        Count | None,
        Meta(
            description="Most times that every example is seen; when left out as many as make 240 "
            "steps, but 3 at least and 10 at most."
        ),
    ] = None
    examples_a_step: Annotated[Count | None, Meta(description="8 when left out.")] = None
    packing: Annotated[
        bool | None, Meta(description="Several examples on a line: for GPUs; off when left out.")
    ] = None
    precision: Annotated[
        Literal["float32", "bfloat16"] | None,
        Meta(description="Of the multiplications; float32 when left out."),
    ] = None
    search: Annotated[
        bool, Meta(description="Try ranks and rates first; takes about four times as long.")
    ] = False
    replay: Annotated[
        Share | None,
        Meta(description="Reminders of other tasks to an example, against forgetting; 0.2."),
    ] = None
    general: Annotated[
        Text | None,
        Meta(description="Cases by which forgetting is seen; a bundled set when left out."),
    ] = None
    curve: Annotated[
        bool | None,
        Meta(
            description="Train on parts too: what would more examples bring? When left out, where "
            "tuning falls short of the bar and takes a minute at most."
        ),
    ] = None
    accept: Annotated[
        list[str],
        Meta(description="Errors in the examples that you know of, by their kind."),
    ] = []


class Settings(_Keys, frozen=True, kw_only=True):
    """A study. Only `model` and `cases` are needed; paths are relative to this file."""

    model: Annotated[
        ModelName,
        Meta(description="The model of the feature, PROVIDER:NAME, split at the first colon."),
    ]
    cases: Annotated[
        Text,
        Meta(description="What it must answer well: a file or folder, or FORMAT:PATH."),
    ]
    name: Annotated[
        str,
        Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", description="What runs are called."),
    ] = "study"
    prompt: Annotated[
        Text | None, Meta(description="File with the system prompt that is used today.")
    ] = None
    examples: Annotated[
        Text | None,
        Meta(description="Worked examples: OpenAI chat, ShareGPT, Alpaca or prompt/completion."),
    ] = None
    documents: Annotated[
        Text | None, Meta(description="Folder with what the model should know, or a JSONL corpus.")
    ] = None
    schema: Annotated[
        Text | None, Meta(description="JSON Schema file that answers must be valid under.")
    ] = None
    checks: Annotated[
        list[str | dict[str, Any]],
        Meta(
            description="Metrics for cases that name none: a name, or {metric: name, option: ...}."
        ),
    ] = []
    bar: Annotated[Bar, Meta(description="What is good enough.")] = Bar()
    margin: Annotated[
        float,
        Meta(
            gt=0, lt=1, description="A dearer rung must win by this much, surely, to be worth it."
        ),
    ] = 0.03
    rungs: Annotated[
        list[str], Meta(description="The rungs to climb; all that apply when left out.")
    ] = []
    candidates: Annotated[
        list[ModelName],
        Meta(description="Smaller or open models that may be tuned or distilled into."),
    ] = []
    judge: Annotated[
        ModelName | JudgeKeys | None,
        Meta(description="A model that grades open answers; barred from verdicts until checked."),
    ] = None
    embedder: Annotated[
        str,
        Meta(
            pattern=r"^[a-z][a-z0-9-]*(:.+)?$",
            description="What turns texts into vectors, for searching and for metrics that compare "
            "them, PROVIDER[:NAME].",
        ),
    ] = "minilm"
    replicates: Annotated[
        Count, Meta(description="How often each held-out case is asked; a case counts once.")
    ] = 1
    looks: Annotated[
        Annotated[int, Meta(ge=1, le=10)] | None,
        Meta(
            description="Planned looks at the held-out cases: what is clear early is asked no "
            "further. 5 in a climb, 1 where rungs are compared."
        ),
    ] = None
    split: Annotated[SplitKeys, Meta(description="How the cases are parted.")] = SplitKeys()
    seed: Annotated[int, Meta(ge=0, description="Parts the cases and seeds the model.")] = 0
    temperature: Annotated[float, Meta(ge=0, le=2, description="Of every answer.")] = 0.0
    max_tokens: Annotated[Count, Meta(description="Most tokens an answer may have.")] = 512
    stream: Annotated[
        bool, Meta(description="Stream answers, which also measures the time to the first token.")
    ] = False
    limits: Annotated[LimitKeys, Meta(description="How the endpoint may be asked.")] = LimitKeys()
    price: Annotated[
        PriceKeys | None, Meta(description="What the model costs; list prices when left out.")
    ] = None
    extra: Annotated[
        dict[str, Any], Meta(description="Passed through to the provider's request body.")
    ] = {}
    needs: Annotated[NeedKeys, Meta(description="What a fix must offer.")] = NeedKeys()
    traffic: Annotated[TrafficKeys, Meta(description="What it will bear.")] = TrafficKeys()
    costs: Annotated[CostKeys, Meta(description="What `suffice price` reckons with.")] = CostKeys()
    retrieval: Annotated[RetrievalKeys, Meta(description="How documents are searched.")] = (
        RetrievalKeys()
    )
    tuning: Annotated[TuningKeys, Meta(description="How a model is tuned.")] = TuningKeys()
    store: Annotated[str, Meta(description="Where passages are kept.")] = "lance"
    executor: Annotated[str, Meta(description="What runs the work side by side.")] = "local"


def json_schema() -> dict[str, Any]:
    """The JSON Schema of suffice.yaml, as it is published."""
    schema = msgspec.json.schema(Settings)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": FILE, **schema}


def read(path: Path) -> Settings:
    """Reads and validates a suffice.yaml; every error names its line."""
    if path.is_dir():
        path = path / FILE
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise DataError("larger than any study: is this the right file?", Source(str(path)))
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise DataError(
            "there is no such study; `suffice init` writes one", Source(str(path))
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot be read as UTF-8 text: {error}", Source(str(path))) from error
    tree, values = _parse(text, path)
    _refuse_numberless(values, tree, path)
    _refuse_first_error(values, tree, path)
    try:
        return msgspec.convert(values, Settings)
    except msgspec.ValidationError as error:  # what JSON Schema lets through: a key that is 1
        raise DataError(str(error), Source(str(path), _line(tree, _steps(error)))) from error


def _parse(text: str, path: Path) -> tuple[yaml.Node, Json]:
    """The tree, which knows the lines, and the values."""
    try:
        events = yaml.parse(text, Loader=yaml.SafeLoader)
        if any(isinstance(event, yaml.AliasEvent) for event in events):
            raise DataError("YAML aliases are not supported here", Source(str(path)))
        tree, values = yaml.compose(text, Loader=yaml.SafeLoader), yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise DataError(f"not valid YAML: {error.problem}", Source(str(path), line)) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise DataError(f"not valid YAML: {error}", Source(str(path))) from error
    if not isinstance(tree, yaml.MappingNode):
        raise DataError(
            "a study is a mapping with at least `model:` and `cases:`", Source(str(path), 1)
        )
    _refuse_twice(tree, path)
    return tree, _plain(values)


def _plain(values: Json) -> Json:
    """YAML reads 2026-03-31 as a date; to everything here it is text like all else."""
    if isinstance(values, dict):
        return {key: _plain(value) for key, value in values.items()}
    if isinstance(values, list):
        return [_plain(value) for value in values]
    return values.isoformat() if isinstance(values, date) else values


def _refuse_twice(tree: yaml.MappingNode, path: Path) -> None:
    """YAML lets the last of two equal keys win; here that would hide a setting."""
    seen: set[str] = set()
    for key, value in tree.value:
        if key.value in seen:
            raise DataError(
                f"{key.value!r} is set twice; keep one", Source(str(path), key.start_mark.line + 1)
            )
        seen.add(key.value)
        if isinstance(value, yaml.MappingNode):
            _refuse_twice(value, path)


def _refuse_numberless(values: Json, tree: yaml.Node, path: Path) -> None:
    """YAML knows .nan and .inf. No bound catches a NaN, which is neither above nor below it."""
    for where, value in _leaves(values):
        if isinstance(value, float) and not isfinite(value):
            name = ".".join(str(step) for step in where)
            raise DataError(
                f"{name}: {value} is no number that can be meant here; write a finite one",
                Source(str(path), _line(tree, where)),
            )


def _leaves(value: Json, where: tuple[Any, ...] = ()) -> Iterator[tuple[list[Any], Json]]:
    """Every value that holds no others, and every key of a mapping, with the path to it."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield [*where, key], key
            yield from _leaves(each, (*where, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _leaves(each, (*where, index))
    else:
        yield list(where), value


def _steps(error: msgspec.ValidationError) -> list[str | int]:
    """The path in msgspec's "Expected `str`, got `int` - at `key` in `$.extra[0]`"."""
    found = re.search(r"`\$([^`]*)`$", str(error))
    steps = re.findall(r"[^.\[\]]+", found[1]) if found else []
    return [int(step) if step.isdigit() else step for step in steps]


def _refuse_first_error(values: Json, tree: yaml.Node, path: Path) -> None:
    validator = jsonschema.Draft202012Validator(json_schema())
    error = jsonschema.exceptions.best_match(validator.iter_errors(values))
    if error is None:
        return
    where = list(error.absolute_path)
    if error.validator == "additionalProperties":
        # An unknown key: point at the key itself, and at the one that was probably meant.
        known = error.schema.get("properties", {})
        key = next(key for key in error.instance if key not in known)
        message = f"{key!r} is not a key here{suggest(str(key), known)}; known: {', '.join(known)}"
        where.append(key)
    elif error.validator == "required":
        missing = re.sub(r" is a required property$", "", error.message)
        message = f"{missing} is missing"
    else:
        name = ".".join(str(part) for part in where)
        message = f"{name}: {error.message}"
    raise DataError(message, Source(str(path), _line(tree, where)))


def _line(node: yaml.Node, where: list[str | int]) -> int:
    """The line of the value at a path, or of its key where the value is an unknown one."""
    line: int = node.start_mark.line + 1
    for step in where:
        if isinstance(node, yaml.MappingNode):
            pair = next(((k, v) for k, v in node.value if k.value == str(step)), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            node = node.value[step]
            line = node.start_mark.line + 1
    return line
