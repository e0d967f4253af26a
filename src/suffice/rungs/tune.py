"""A model that was tuned on your examples, the smallest that is good enough on dev first.

A cure for behaviour: a form, labels, a tone, a reflex. It adds no facts that last.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from suffice.errors import UsageError
from suffice.evaluate.workshop import worth
from suffice.plugins import load
from suffice.ports import ChatModel, ModelOptions, TrainerOptions, Tuning, Workshop
from suffice.records import Answer, Example, Json, Request
from suffice.rungs.chat import ChatSystem, system_of
from suffice.tune.forgetting import FEWEST as FEWEST_GENERAL
from suffice.tune.forgetting import forgetting, general_cases

FEWEST = 20  # examples: with fewer there is nothing to learn a rule from


@dataclass(frozen=True)
class TuneRung:
    def build(self, workshop: Workshop) -> ChatSystem:
        tuning, examples = _material(workshop)
        plain = system_of("tune", workshop)
        if workshop.rehearsal:
            untrained = Untrained(tuning.models[0], workshop.model)
            return replace(plain, model=untrained, built=f"{untrained.name}, not yet trained")
        made: dict[str, ChatSystem] = {}
        for name in tuning.models:
            made[name] = tuned_on(examples, name, tuning, workshop)
            if worth(workshop, made[name]) >= tuning.enough:
                break
        # On a tie the smaller stands first.
        best = max(made, key=lambda each: worth(workshop, made[each]))
        return _remembering(best, made[best], tuning, workshop)


@dataclass(frozen=True)
class Untrained:
    """What is not trained for a forecast: counted like the study's model, and never asked."""

    name: str
    like: ChatModel = field(repr=False)
    price: None = None

    @property
    def endpoint(self) -> str:
        return f"{self.name}, tuned"

    @property
    def batch(self) -> int:
        return self.like.batch

    @property
    def window(self) -> int | None:
        return self.like.window

    def identity(self) -> Json:
        return {"untrained": self.name}

    def count_tokens(self, text: str) -> int:
        return self.like.count_tokens(text)

    def ask(self, requests: Sequence[Request]) -> Sequence[Answer]:
        raise NotImplementedError(f"{self.name} was not trained: only a forecast was wanted")


def _material(workshop: Workshop) -> tuple[Tuning, tuple[Example, ...]]:
    tuning, examples = workshop.tuning, tuple(workshop.examples)
    if tuning is None or not tuning.models:
        raise UsageError(
            "tune needs a model whose weights are on this machine: name one that may be tuned in "
            "suffice.yaml, as in `candidates: [huggingface:Qwen/Qwen3-0.6B]`"
        )
    if len(examples) < FEWEST:
        raise UsageError(
            f"tune needs {FEWEST} or more worked examples and found {len(examples)}: set "
            "`examples:` in suffice.yaml to a file of them; 500 to 2,000 are usual"
        )
    if tuning.refused:
        raise UsageError(
            f"tune needs other examples than `examples:` in suffice.yaml names: {tuning.refused}"
        )
    return tuning, examples


def tuned_on(
    examples: Sequence[Example], name: str, tuning: Tuning, workshop: Workshop
) -> ChatSystem:
    """Held to the answer's form while it writes only where that is better on dev."""
    provider, _, rest = name.partition(":")
    options = TrainerOptions(tuning.folder, tuning.recipe)
    made = load("trainer", provider)(rest, options).train(
        examples, workshop.prompt, workshop.progress
    )
    kind, _, place = made.model.partition(":")
    model: ChatModel = load("model", kind)(place, ModelOptions(folder=tuning.folder))
    plain = system_of("tune", workshop)
    free = replace(plain, model=model, built=f"{name}, {made.built}", notes=made.notes)
    if not any(case.schema for case in workshop.dev):
        return free
    held = replace(free, constrained=True, built=f"{free.built}, held to the form")
    return max((free, held), key=lambda each: worth(workshop, each))


def _remembering(name: str, tuned: ChatSystem, tuning: Tuning, workshop: Workshop) -> ChatSystem:
    """With what it can no longer do; a model that surely lost something is not chosen."""
    provider, _, rest = name.partition(":")
    if provider == "planted":  # a simulated model knows nothing but its world
        return tuned
    base: ChatModel = load("model", provider)(rest, ModelOptions(folder=tuning.folder))
    cases = general_cases(tuning.general, base, workshop.max_tokens)
    if len(cases) < FEWEST_GENERAL:
        said = f"forgetting was not measured: {len(cases)} general questions fit the model's window"
        return replace(tuned, notes=(*tuned.notes, said))
    # Under the questions' own system prompts: in the house's own form they may well be answered.
    after = replace(tuned, prompt="", constrained=False, spelled_out=False)
    before = replace(after, model=base, built=f"{name}, before")
    found = forgetting(
        workshop.measure(before, cases), workshop.measure(after, cases), workshop.seed
    )
    return replace(
        tuned,
        notes=(*tuned.notes, str(found)),
        ruled_out=f"it {found}" if found.significant else "",
    )


create = TuneRung
