"""The cases of a study: finds the format, reads, and completes each case with its checks.

Knows what the study gives by default, and nothing of how any format is written.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from inspect import signature
from pathlib import Path

from jsonschema import Draft202012Validator

from suffice import plugins
from suffice.errors import DataError, UsageError, suggest
from suffice.evaluate.drafts import UNREVIEWED
from suffice.evaluate.formats.chat import object_or_text
from suffice.evaluate.lines import opened
from suffice.ports import Cases, Format
from suffice.records import Case, Check, Json, Source, fingerprint

# The narrowest first: each is asked whether it recognises the file. Formats of other packages come
# after the foreign ones and before our own two, which take whatever has their ending.
FOREIGN = ("beir", "promptfoo", "openai-evals", "openai-chat")
OWN = ("csv", "jsonl")

# A refusal has no content to grade, but it too can be slow, dear or in a bad tone.
CHECKS_OF_REFUSALS = ("latency", "cost", "style")

_BROKEN_SHOWN = 3


def load(
    path: Path,
    *,
    format: str | None = None,  # noqa: A002 (it is what the study calls it)
    default_checks: Sequence[Check] = (),
    default_schema: Mapping[str, Json] | None = None,
) -> Cases:
    """The cases of a file or folder, each with at least one check."""
    name = format or recognised(path)
    reader: Format = plugins.load("format", name)()
    read = reader.read(path)
    if not read.cases:
        raise DataError("there are no cases here", Source(str(path)))
    _refuse_doubles(read.cases)
    _refuse_unfit_checks(read.cases, default_checks)
    kept, bare = _parted(read.cases, default_checks, default_schema)
    warnings = [*read.warnings, *_about_bare(bare, kept, strict=name in OWN)]
    abstain = any(not case.answerable for case in kept)
    cases = tuple(_completed(case, default_checks, default_schema, abstain) for case in kept)
    said = (*warnings, *about_drafts(cases), *_about_schemas(cases))
    return replace(read, cases=cases, warnings=said)


def named(cases: str) -> tuple[str | None, str]:
    """`cases:` of a study as format, where it says FORMAT:PATH, and path."""
    kind, _, rest = cases.partition(":")
    return (kind, rest) if rest and kind in plugins.names("format") else (None, cases)


def recognised(path: Path) -> str:
    """The first format that takes a path for its own."""
    if not path.is_dir():
        opened(path).close()  # a missing file is told as that
    for name in order():
        reader: Format = plugins.load("format", name)()
        if reader.recognises(path):
            return name
    raise DataError(
        f"no format takes this for its own. Name it in the study as `cases: FORMAT:PATH`, with one "
        f"of {', '.join(order())}",
        Source(str(path)),
    )


def order() -> tuple[str, ...]:
    """Formats in the order in which they are tried."""
    others = [name for name in plugins.names("format") if name not in (*FOREIGN, *OWN)]
    return (*FOREIGN, *others, *OWN)


def inferred(case: Case) -> tuple[Check, ...]:
    """The checks that follow from what a case expects."""
    checks = []
    if case.schema is not None:
        checks.append(Check("json-schema"))
    if case.expected:
        checks.append(Check(_content_metric(case)))
    elif case.gold and not checks:
        checks.append(Check("citations"))  # where the answer stands is all that is known
    return tuple(checks)


def _content_metric(case: Case) -> str:
    if all(isinstance(value, dict) for value in case.expected) or _asks_for_object(case.schema):
        return "fields"
    numbers = (isinstance(v, (int, float)) and not isinstance(v, bool) for v in case.expected)
    return "number" if all(numbers) else "exact"


def _asks_for_object(schema: Mapping[str, Json] | None) -> bool:
    return schema is not None and (schema.get("type") == "object" or "properties" in schema)


def _completed(
    case: Case, defaults: Sequence[Check], schema: Mapping[str, Json] | None, abstain: bool
) -> Case:
    checks = _checks(_with_schema(case, schema), defaults)
    if abstain and all(check.metric != "abstention" for check in checks):
        checks = (*checks, Check("abstention"))
    return replace(_with_schema(case, schema), checks=checks)


def _checks(case: Case, defaults: Sequence[Check]) -> tuple[Check, ...]:
    """The case's own, else the study's, else what follows from what is expected."""
    if case.checks:
        return case.checks
    if not case.answerable:
        return tuple(check for check in defaults if check.metric in CHECKS_OF_REFUSALS)
    return tuple(defaults) or inferred(case)


def _with_schema(case: Case, schema: Mapping[str, Json] | None) -> Case:
    """The study's schema holds for unanswerable cases too: a question must not give that away."""
    return replace(case, schema=schema) if case.schema is None and schema is not None else case


def _parted(
    cases: Sequence[Case], defaults: Sequence[Check], schema: Mapping[str, Json] | None
) -> tuple[list[Case], list[Case]]:
    """Cases that something can be checked of, and those with nothing to check."""
    kept: list[Case] = []
    bare: list[Case] = []
    for case in cases:
        found = not case.answerable or _checks(_with_schema(case, schema), defaults)
        (kept if found else bare).append(case)
    return kept, bare


def _about_bare(bare: list[Case], kept: list[Case], *, strict: bool) -> Iterator[str]:
    """Our own files are refused; of an import the rest is kept, and what is left out is told."""
    if not bare:
        return
    shown = ", ".join(str(case.source or case.id) for case in bare[:_BROKEN_SHOWN])
    more = f" and {len(bare) - _BROKEN_SHOWN} more" if len(bare) > _BROKEN_SHOWN else ""
    if strict or not kept:
        raise DataError(
            f"nothing to check: the case {bare[0].id!r} has no `expected`, no `any_of` and no "
            "`checks`, and the study gives no `checks` for all. Add one of them"
            + (f". The same holds at {shown}{more}" if len(bare) > 1 else ""),
            bare[0].source,
        )
    yield (
        f"{len(bare)} of {len(bare) + len(kept)} cases are left out, as no check of theirs could "
        f"be taken over and the study gives no `checks`: {shown}{more}"
    )


def _refuse_doubles(cases: Sequence[Case]) -> None:
    seen: dict[str, Case] = {}
    for case in cases:
        first = seen.setdefault(case.id, case)
        if first is not case:
            raise DataError(
                f"the id {case.id!r} stands here and at {first.source}; ids must differ",
                case.source,
            )


def _refuse_unfit_checks(cases: Sequence[Case], defaults: Sequence[Check]) -> None:
    """A check that no metric can do is told now, and not after the answers are paid for."""
    if not plugins.names("metric"):
        return
    sound: set[str] = set()
    for check, source in _all_checks(cases, defaults):
        key = fingerprint(check)
        if key in sound:
            continue
        if why := _unfit(check):
            raise DataError(why, source) if source else UsageError(why)
        sound.add(key)


def _all_checks(
    cases: Sequence[Case], defaults: Sequence[Check]
) -> Iterator[tuple[Check, Source | None]]:
    yield from ((check, None) for check in defaults)
    yield from ((check, case.source or Source(case.id)) for case in cases for check in case.checks)


def _unfit(check: Check) -> str:
    """Why a check cannot be done, or an empty text."""
    known = plugins.names("metric")
    if check.metric not in known:
        near = suggest(check.metric, known)
        return f"there is no metric {check.metric!r}{near}. Known: {', '.join(known)}"
    create = plugins.load("metric", check.metric)
    options = list(signature(create).parameters)
    for option in check.options:
        if option not in options:
            takes = f"It takes {', '.join(options)}" if options else "It takes none"
            return f"{check.metric!r} has no option {option!r}{suggest(option, options)}. {takes}"
    try:
        create(**check.options)
    except (TypeError, ValueError, UsageError) as error:
        return f"the check {check.metric!r} cannot be done so: {error}"
    return ""


def about_drafts(cases: Sequence[Case]) -> Iterator[str]:
    """A model's questions are like a model, and some of its answers are wrong."""
    unread = [case for case in cases if UNREVIEWED in case.tags]
    if unread:
        yield (
            f"{len(unread)} of {len(cases)} cases were drafted by a model and read by nobody (tag "
            f"{UNREVIEWED!r}): some will be wrong or trivial, and count like the others. "
            "`suffice review` shows them one by one"
        )


def _about_schemas(cases: Sequence[Case]) -> Iterator[str]:
    """An answer that breaks its own schema can never be given by constrained decoding."""
    validators: dict[str, Draft202012Validator] = {}
    broken = []
    for case in cases:
        if case.schema is None or not case.expected:
            continue
        key = fingerprint(case.schema)
        validator = validators.setdefault(key, Draft202012Validator(dict(case.schema)))
        if not any(validator.is_valid(form) for value in case.expected for form in _forms(value)):
            broken.append(case)
    if broken:
        shown = ", ".join(str(case.source or case.id) for case in broken[:_BROKEN_SHOWN])
        yield (
            f"{len(broken)} cases expect an answer that their own schema forbids, "
            f"{shown} among them; no system can be right there"
        )


def _forms(value: Json) -> tuple[Json, ...]:
    """A value, and what it is as JSON where it is a text that holds JSON."""
    return (value, object_or_text(value)) if isinstance(value, str) else (value,)
