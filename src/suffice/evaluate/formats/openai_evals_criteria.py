"""OpenAI's graders as our checks.

Source: the grader types of OpenAI's own Python package, read in November 2026. The service that
ran them closed that month; what it graded is graded here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from suffice.evaluate.formats.chat import text_of
from suffice.evaluate.formats.grading import STRICT, Left, Taken, whole
from suffice.evaluate.formats.template import fill, lookup
from suffice.records import Check, Json

# What graders call the answer under test.
ANSWERS = ("sample.output_text", "sample.output_json", "item.output_text")
_IN_RUBRIC = "(the answer)"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One grader of an eval, and the item that its templates are filled from."""

    grader: Mapping[str, Json]
    item: Mapping[str, Json]

    @property
    def name(self) -> str:
        return str(self.grader.get("name") or self.grader.get("type"))

    def filled(self, key: str) -> str:
        """A template of the grader with the item's values. Raises Left where a place stays open."""
        filled = fill(str(self.grader.get(key, "")), {"item": self.item})
        if filled.left:
            raise Left(f"its {key} needs {', '.join(filled.left)}, which no item holds")
        return filled.text


def take(criterion: Criterion) -> Taken:
    """What a grader becomes. Raises Left where it becomes nothing."""
    rule = _RULES.get(str(criterion.grader.get("type")))
    if rule is None:
        raise Left(f"Suffice has no check like {criterion.grader.get('type')!r} and runs no code")
    return rule(criterion)


def _string_check(it: Criterion) -> Taken:
    _wants_answer(it)
    reference, operation = it.filled("reference"), it.grader.get("operation")
    if operation == "eq":
        return Taken((STRICT,), (reference,))
    if operation in ("ne", "neq"):
        return Taken((whole(reference, negate=True),))
    if operation in ("like", "ilike"):
        options = {"all_of": [reference], "ignore_case": operation == "ilike"}
        return Taken((Check("contains", options),))
    raise Left(f"the operation {operation!r} is not known")


def _text_similarity(it: Criterion) -> Taken:
    _wants_answer(it)
    reference, measure = it.filled("reference"), it.grader.get("evaluation_metric")
    threshold = it.grader.get("pass_threshold")
    if measure == "cosine":
        options = {} if threshold is None else {"threshold": threshold}
        note = "the threshold is kept, the embedding model is ours: check it on a few answers"
        return Taken((Check("similarity", options),), (reference,), note=note)
    note = f"{measure} is measured as token F1 here, and its threshold is dropped"
    return Taken((Check("f1"),), (reference,), note=note)


def _label_model(it: Criterion) -> Taken:
    passing, labels = it.grader.get("passing_labels"), it.grader.get("labels")
    if not isinstance(passing, list) or not isinstance(labels, list):
        raise Left("it lacks `labels` or `passing_labels`")
    rubric = (
        f"{_instructions(it)}\n\nLabel the answer with one of: {', '.join(map(str, labels))}. "
        f"It passes if its label is {' or '.join(map(str, passing))}."
    )
    return Taken((Check("judge", {"rubric": rubric, "scale": "binary"}),))


def _score_model(it: Criterion) -> Taken:
    span = it.grader.get("range") or [0, 1]
    low, high = float(span[0]), float(span[1])
    threshold = it.grader.get("pass_threshold")
    options: dict[str, Json] = {"rubric": _instructions(it), "scale": "1-5"}
    note = f"its score from {low:g} to {high:g} is asked as 1 to 5 here"
    if isinstance(threshold, (int, float)) and high > low:
        share = (threshold - low) / (high - low)
        options["passing"] = min(5, max(1, ceil(1 + 4 * share - 1e-9)))
    return Taken((Check("judge", options),), note=note)


def _instructions(it: Criterion) -> str:
    """The judge's messages as one rubric, the answer under test named in words."""
    messages = it.grader.get("input")
    if not isinstance(messages, list):
        raise Left("it holds no messages for its judge")
    texts = [text_of(message.get("content")) for message in messages if isinstance(message, dict)]
    template = "\n\n".join(text for text in texts if text)
    sample = {"output_text": _IN_RUBRIC, "output_json": _IN_RUBRIC}
    filled = fill(template, {"item": it.item, "sample": sample})
    if filled.left:
        raise Left(f"its judge needs {', '.join(filled.left)}, which no item holds")
    return filled.text


def _wants_answer(it: Criterion) -> None:
    """Graders may compare anything with anything; here the answer is what is graded."""
    subject = str(it.grader.get("input", "")).strip()
    if subject.removeprefix("{{").removesuffix("}}").strip() not in ANSWERS:
        raise Left(f"it grades {subject!r}, not the model's answer as it is")


def reaches(path: str, item: Mapping[str, Json]) -> Json:
    """What `item.path` stands for, as an eval's item reference."""
    return lookup(path, {"item": item})


_RULES = {
    "string_check": _string_check,
    "text_similarity": _text_similarity,
    "label_model": _label_model,
    "score_model": _score_model,
}
