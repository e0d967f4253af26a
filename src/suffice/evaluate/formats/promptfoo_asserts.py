"""promptfoo's assertions as our checks, one small function a family.

Source: promptfoo's documentation of expected outputs, read in November 2026. Any type may be
negated with `not-`. Sends nothing and runs nothing: javascript, python and webhooks stay behind.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from suffice.evaluate.formats.grading import STRICT, Left, Taken, whole
from suffice.records import Check, Json

ANY_JSON: dict[str, Json] = {"type": ["object", "array"]}
SIMILAR_THRESHOLD = 0.75  # promptfoo's default

# Known to promptfoo and to nobody here; the CSV reader must tell them from plain answers.
UNMAPPED = {
    "javascript": "Suffice runs no code from a case file; write a metric plug-in",
    "python": "Suffice runs no code from a case file; write a metric plug-in",
    "ruby": "Suffice runs no code from a case file; write a metric plug-in",
    "webhook": "Suffice sends answers nowhere while grading",
    "levenshtein": "there is no edit-distance check; `similar` or `f1` come near",
    "rouge-n": "there is no ROUGE check; `f1` comes near",
    "bleu": "there is no BLEU check; `f1` comes near",
    "gleu": "there is no GLEU check; `f1` comes near",
    "meteor": "there is no METEOR check; `f1` comes near",
    "perplexity": "token probabilities are not read",
    "perplexity-score": "token probabilities are not read",
    "classifier": "there is no classifier check",
    "moderation": "there is no moderation check",
    "select-best": "rungs are compared by statistics, not by a vote",
    "context-recall": "retrieval is measured by `gold`",
    "context-relevance": "retrieval is measured by `gold`",
    "context-faithfulness": "grounding is measured by the `citations` check",
    "answer-relevance": "there is no such check; a `judge` rubric can say it",
    "contains-html": "there is no HTML check",
    "is-html": "there is no HTML check",
    "contains-sql": "there is no SQL check",
    "is-sql": "there is no SQL check",
    "contains-xml": "there is no XML check",
    "is-xml": "there is no XML check",
}


@dataclass(frozen=True, slots=True)
class Assertion:
    """One assertion with its variables filled in."""

    kind: str
    value: Json = None
    threshold: float | None = None
    negated: bool = False

    @property
    def text(self) -> str:
        if isinstance(self.value, (str, int, float)) and not isinstance(self.value, bool):
            return str(self.value)
        raise Left(f"its value must be a text, not {self.value!r}")

    @property
    def texts(self) -> list[str]:
        """The texts of a list, or of one text parted at its commas."""
        if isinstance(self.value, str):
            return [part.strip() for part in self.value.split(",")]
        if isinstance(self.value, list) and self.value:
            return [str(item) for item in self.value]
        raise Left(f"its value must be a list of texts, not {self.value!r}")


def take(assertion: Assertion) -> Taken:
    """What an assertion becomes. Raises Left where it becomes nothing."""
    rule = _RULES.get(assertion.kind)
    if rule is None:
        raise Left(UNMAPPED.get(assertion.kind, "Suffice has no such check"))
    if assertion.negated and assertion.kind not in _NEGATABLE:
        raise Left("its negation has no check of ours")
    return rule(assertion)


def _equals(it: Assertion) -> Taken:
    if isinstance(it.value, (dict, list)):
        if it.negated:
            raise Left("the negation of an equal object has no check of ours")
        return Taken((Check("fields"),), (it.value,))
    if it.negated:
        return Taken((whole(it.text, negate=True),))
    return Taken((STRICT,), (it.text,))


def _contains(it: Assertion) -> Taken:
    key = "none_of" if it.negated else "all_of"
    return Taken((_containing(it, key, [it.text]),))


def _contains_any(it: Assertion) -> Taken:
    return Taken((_containing(it, "none_of" if it.negated else "any_of", it.texts),))


def _contains_all(it: Assertion) -> Taken:
    if it.negated and len(it.texts) > 1:
        raise Left("`not all of several` has no check of ours")
    return Taken((_containing(it, "none_of" if it.negated else "all_of", it.texts),))


def _containing(it: Assertion, key: str, texts: list[str]) -> Check:
    return Check("contains", {key: texts, "ignore_case": it.kind.startswith("i")})


def _regex(it: Assertion) -> Taken:
    options: dict[str, Json] = {"pattern": it.text}
    return Taken((Check("regex", options | ({"negate": True} if it.negated else {})),))


def _starts_with(it: Assertion) -> Taken:
    if it.negated:
        return Taken((whole(it.text, negate=True, start_only=True),))
    return Taken((Check("style", {"starts_with": it.text}),))


def _is_json(it: Assertion) -> Taken:
    note = ""
    if it.kind == "contains-json":
        note = "taken as `json-schema`, which wants the whole answer to be the JSON"
    if it.value is None:
        return Taken((Check("json-schema"),), schema=ANY_JSON, note=note)
    if not isinstance(it.value, dict):
        raise Left(f"its value must be a JSON Schema, not {it.value!r}")
    return Taken((Check("json-schema"),), schema=it.value, note=note)


def _rubric(it: Assertion) -> Taken:
    lines = it.value if isinstance(it.value, list) else [it.text]
    rubric = "\n".join(str(line) for line in lines)
    note = ""
    if it.threshold is not None:
        note = f"its threshold {it.threshold:g} is dropped; the judge says yes or no"
    return Taken((Check("judge", {"rubric": rubric, "scale": "binary"}),), note=note)


def _factuality(it: Assertion) -> Taken:
    rubric = f"The answer agrees with the facts of this reference:\n{it.text}"
    return Taken((Check("judge", {"rubric": rubric, "scale": "binary"}),))


def _similar(it: Assertion) -> Taken:
    threshold = SIMILAR_THRESHOLD if it.threshold is None else it.threshold
    expected = it.value if isinstance(it.value, list) else [it.text]
    note = "the threshold is kept, the embedding model is ours: check it on a few answers"
    return Taken((Check("similarity", {"threshold": threshold}),), tuple(expected), note=note)


def _latency(it: Assertion) -> Taken:
    if it.threshold is None:
        raise Left("it has no threshold")
    return Taken((Check("latency", {"max_seconds": it.threshold / 1000}),))


def _cost(it: Assertion) -> Taken:
    return Taken(
        (Check("cost", {} if it.threshold is None else {"max_usd": it.threshold}),),
    )


def _is_refusal(it: Assertion) -> Taken:
    return Taken((Check("abstention"),), answerable=it.negated)


def _word_count(it: Assertion) -> Taken:
    limits = it.value if isinstance(it.value, Mapping) else {"min": it.value, "max": it.value}
    names = {"min": "min_words", "max": "max_words"}
    options: dict[str, Json] = {}
    for key, name in names.items():
        if limits.get(key) is not None:
            try:
                options[name] = int(limits[key])
            except (TypeError, ValueError):
                raise Left(f"its {key} must be a number, not {limits[key]!r}") from None
    if not options:
        raise Left("it has no limits")
    return Taken((Check("style", options),))


_RULES: Mapping[str, Callable[[Assertion], Taken]] = {
    "equals": _equals,
    "contains": _contains,
    "icontains": _contains,
    "contains-any": _contains_any,
    "icontains-any": _contains_any,
    "contains-all": _contains_all,
    "icontains-all": _contains_all,
    "regex": _regex,
    "starts-with": _starts_with,
    "is-json": _is_json,
    "contains-json": _is_json,
    "llm-rubric": _rubric,
    "g-eval": _rubric,
    "model-graded-closedqa": _rubric,
    "factuality": _factuality,
    "model-graded-factuality": _factuality,
    "similar": _similar,
    "latency": _latency,
    "cost": _cost,
    "is-refusal": _is_refusal,
    "word-count": _word_count,
}
_NEGATABLE = {
    *("equals", "contains", "icontains", "contains-any", "icontains-any"),
    *("contains-all", "icontains-all", "regex", "starts-with", "is-refusal"),
}
KINDS = frozenset(_RULES) | frozenset(UNMAPPED)
