"""What a model could do before it was tuned and can no longer: a general set, before and after.

The bundled set is of reading passages, saying that they do not hold the answer, labels and JSON of
all sorts; a study names its own with `tuning: {general: FILE}`. It is asked under its own system
prompts, not under the study's.

Tuning on one task alone makes a model do that task whatever it is asked. So a share of what it
learns from (`replay`) are other prompts with what the base itself said to them: it is reminded of
how it was, whatever it was (Rolnick and others, 2019, called it experience replay).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from suffice.evaluate import cases as case_files
from suffice.evaluate.formats.chat import turns
from suffice.evaluate.lines import read_jsonl
from suffice.ports import ChatModel
from suffice.records import Aspect, Case, Example, Interval, Message, Request, Source, Trial, joined
from suffice.stats.paired import compare
from suffice.tune.files import replaced

GENERAL = Path(__file__).parent / "general"
ALPHA = 0.05
REPLAY_TOKENS = 96  # of an answer of the base
FEWEST = 20  # questions that show anything
_REMINDER_CHARACTERS = 900  # longer ones remind no better, and cost what they are long
_TEMPLATE_TOKENS = 64  # of the chat template, about


def general_cases(path: Path | None, model: ChatModel, most_tokens: int) -> tuple[Case, ...]:
    """The study's own set, else the bundled one, as far as it fits the model's window."""
    cases = case_files.load(path or GENERAL / "cases.jsonl").cases
    return tuple(case for case in cases if _fits(model, case.messages, most_tokens))


@dataclass(frozen=True, slots=True)
class Forgetting:
    """Shares right before and after, on the same questions; `interval` is of after minus before."""

    before: float
    after: float
    interval: Interval
    p: float
    cases: int

    @property
    def significant(self) -> bool:
        return self.after < self.before and self.p < ALPHA

    def __str__(self) -> str:
        said = "forgets" if self.significant else "forgets nothing that could be shown"
        low, high = 100 * self.interval.low, 100 * self.interval.high
        return (
            f"{said}: of {self.cases} general questions {self.before:.0%} were right before and "
            f"{self.after:.0%} after ({100 * (self.after - self.before):+.0f} points, "
            f"{low:+.0f} to {high:+.0f}; p {self.p:.3f})"
        )


def forgetting(before: Sequence[Trial], after: Sequence[Trial], seed: int) -> Forgetting:
    """Both sides' trials of the same cases. A call that failed on either side counts on neither."""
    one, other = _right(before), _right(after)
    shared = sorted(set(one) & set(other))
    left, right = (np.array([of[case] for case in shared]) for of in (one, other))
    found = compare(right, left, shared, np.random.default_rng(seed))
    return Forgetting(float(left.mean()), float(right.mean()), found.interval, found.p, len(shared))


def _right(trials: Sequence[Trial]) -> Mapping[str, float]:
    """1 where all that was scored is right."""
    qualities = (Aspect.CONTENT, Aspect.FORMAT, Aspect.ABSTENTION)
    scored = {
        trial.case: trial.value(*qualities) for trial in trials if trial.answer.failure is None
    }
    return {case: float(value >= 1) for case, value in scored.items() if value is not None}


# ---------------------------------------------------------------- replay


def reminders(base: ChatModel, count: int, kept: Path) -> list[Example]:
    """Prompts of all sorts with what the base says to them, asked once and kept in a file."""
    path = GENERAL / "prompts.jsonl"
    every = (turns(row.get("messages"), Source(str(path), n)) for n, row in read_jsonl(path))
    prompts = [
        each
        for each in every
        if _fits(base, each, REPLAY_TOKENS) and len(joined(each)) <= _REMINDER_CHARACTERS
    ]
    said = _known(kept)[:count]
    missing = prompts[len(said) : count]
    if missing:
        answers = base.ask(
            [Request(each, max_tokens=REPLAY_TOKENS, temperature=0.0) for each in missing]
        )
        said += [answer.text if answer.failure is None else "" for answer in answers]
        replaced(kept, lambda part: part.write_text(json.dumps(said), "utf-8"))
    return [
        Example(f"general-{place}", prompt, reply)
        for place, (prompt, reply) in enumerate(zip(prompts, said, strict=False))
        if reply.strip()
    ]


def _fits(model: ChatModel, messages: Sequence[Message], most_tokens: int) -> bool:
    if model.window is None:
        return True
    return model.count_tokens(joined(messages)) + most_tokens + _TEMPLATE_TOKENS <= model.window


def _known(kept: Path) -> list[str]:
    """What was said before; nothing where the file is damaged, since asking again mends it."""
    try:
        said = json.loads(kept.read_text("utf-8"))
    except (OSError, ValueError):
        return []
    return [each for each in said if isinstance(each, str)] if isinstance(said, list) else []
