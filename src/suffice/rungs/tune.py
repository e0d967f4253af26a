"""A model that was tuned on your examples, the smallest that is good enough on dev first.

A cure for behaviour: a form, labels, a tone, a reflex. It adds no facts that last.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from suffice.errors import MissingExtra, OutOfReach, ProviderError, UsageError
from suffice.evaluate.workshop import best_of, shaped_or_not, usable, worth
from suffice.plugins import load
from suffice.ports import ChatModel, ModelOptions, Trainer, TrainerOptions, Tuned, Tuning, Workshop
from suffice.records import Answer, Example, Json, Request
from suffice.report.words import count
from suffice.retrieve.chunk import ChunkPlan
from suffice.rungs.chat import ChatSystem, system_of
from suffice.rungs.retrieve import indexed
from suffice.tune.curve import Curve, learning_curve
from suffice.tune.forgetting import FEWEST as FEWEST_GENERAL
from suffice.tune.forgetting import forgetting, general_cases
from suffice.tune.lineage import changed_since

FEWEST = 20  # examples: with fewer there is nothing to learn a rule from
CHEAP_SECONDS = 60.0  # of a training: all parts of a learning curve take about as long again
FEWEST_FOR_A_LINE = 80  # examples: a quarter of them are the fewest that a part may have


@dataclass(frozen=True)
class TuneRung:
    def build(self, workshop: Workshop) -> ChatSystem:
        tuning, examples = material("tune", workshop)
        if workshop.rehearsal:
            untrained = Untrained(tuning.models[0], workshop.model)
            plain = system_of("tune", workshop)
            return replace(plain, model=untrained, built=f"{untrained.name}, not yet trained")
        name, best = smallest(examples, tuning, workshop)
        lost = remembering(name, best.system.model, tuning, workshop)
        curve = None
        if curve_pays(best, len(examples), tuning, workshop):
            curve = curve_of(name, examples, tuning, workshop).record(tuning.enough)
        stood = stale(best.system.model.name, tuning, workshop)
        notes = (*best.system.notes, lost.said, *stood)
        return replace(best.system, notes=notes, ruled_out=lost.ruled_out, curve=curve)


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


def material(rung: str, workshop: Workshop) -> tuple[Tuning, tuple[Example, ...]]:
    """What there is to tune and to learn from. Raises UsageError that says what is missing."""
    tuning, examples = workshop.tuning, tuple(workshop.examples)
    if tuning is None or not tuning.models:
        raise UsageError(
            f"{rung} needs a model whose weights are on this machine: name one that may be tuned "
            "in suffice.yaml, as in `candidates: [huggingface:Qwen/Qwen3-0.6B]`"
        )
    if len(examples) < FEWEST:
        raise UsageError(
            f"{rung} needs {FEWEST} or more worked examples and found {len(examples)}: set "
            "`examples:` in suffice.yaml to a file of them; 500 to 2,000 are usual"
        )
    if tuning.refused:
        raise UsageError(
            f"{rung} needs other examples than `examples:` in suffice.yaml names: {tuning.refused}"
        )
    return tuning, examples


@dataclass(frozen=True, slots=True)
class Attempt:
    """A system that asks a tuned model, and how the model came about."""

    system: ChatSystem
    tuned: Tuned


def smallest(
    examples: Sequence[Example], tuning: Tuning, workshop: Workshop
) -> tuple[str, Attempt]:
    """The smallest that is good enough on dev, else the best; which model, and what it became.
    Raises OutOfReach where each surely misses a bar, unless the study asks for the learning curve,
    which tells what more examples would bring."""
    made: dict[str, Attempt] = {}
    for place, name in enumerate(tuning.models, start=1):
        last = place == len(tuning.models)
        try:
            made[name] = tuned_on(examples, name, tuning, workshop, hopeful=bool(tuning.curve))
        except OutOfReach:
            if last and not made:
                raise
            continue
        if last or worth(workshop, made[name].system) >= tuning.enough:
            break
    if len(made) == 1:  # nothing to hold it against
        return next(iter(made.items()))
    best = max(made, key=lambda each: worth(workshop, made[each].system))  # on a tie the smaller
    return best, made[best]


def tuned_on(
    examples: Sequence[Example],
    name: str,
    tuning: Tuning,
    workshop: Workshop,
    *,
    hopeful: bool = False,
) -> Attempt:
    """Held to the answer's form while it writes only where that is better on dev."""
    model, made = taught(examples, workshop.prompt, name, tuning, workshop)
    plain = system_of("tune", workshop)
    free = replace(plain, model=model, built=f"{name}, {made.built}", notes=made.notes)
    if not any(case.schema for case in workshop.dev):
        return Attempt(best_of(workshop, [free], hopeful=hopeful)[0], made)
    held = replace(free, constrained=True, built=f"{free.built}, held to the form")
    return Attempt(shaped_or_not(workshop, free, held, hopeful=hopeful)[0], made)


def curve_pays(made: Attempt, examples: int, tuning: Tuning, workshop: Workshop) -> bool:
    """Whether to find out what more examples would bring: where the study says so; else where the
    model falls short, there are enough for a line, and its training was short."""
    if tuning.curve is not None:
        return tuning.curve
    seconds = made.tuned.seconds
    if seconds is None or seconds > CHEAP_SECONDS or examples < FEWEST_FOR_A_LINE:
        return False
    return worth(workshop, made.system) < tuning.enough


def curve_of(name: str, examples: Sequence[Example], tuning: Tuning, workshop: Workshop) -> Curve:
    """Asks every dev case of a model that was tuned on each part of the examples."""

    def measured(part: Sequence[Example]) -> list[float]:
        system = tuned_on(part, name, tuning, workshop, hopeful=True).system
        right = {each.case: float(usable([each]) >= 1) for each in workshop.measure(system)}
        return [right[case.id] for case in workshop.dev]

    clusters = {case.id: case.cluster or case.id for case in workshop.dev}
    return learning_curve(examples, measured, workshop.seed, clusters)


def taught(
    examples: Sequence[Example], prompt: str, name: str, tuning: Tuning, workshop: Workshop
) -> tuple[ChatModel, Tuned]:
    """A model that learned from examples, ready to be asked."""
    made = trainer_of(name, tuning).train(examples, prompt, workshop.progress)
    return _loaded(made.model, tuning), made


def trainer_of(name: str, tuning: Tuning) -> Trainer:
    provider, _, rest = name.partition(":")
    made: Trainer = load("trainer", provider)(rest, TrainerOptions(tuning.folder, tuning.recipe))
    return made


@dataclass(frozen=True, slots=True)
class Lost:
    """What a tuned model can no longer do, and whether that rules it out."""

    said: str
    ruled_out: str = ""


def remembering(name: str, tuned: ChatModel, tuning: Tuning, workshop: Workshop) -> Lost:
    """Asks both the general set, under its own system prompts: in the house's form it may well be
    answered."""
    if trainer_of(name, tuning).simulated:
        return Lost("a simulated model knows nothing but its world, so it forgets nothing")
    base = _loaded(name, tuning)
    cases = general_cases(tuning.general, base, workshop.max_tokens)
    if len(cases) < FEWEST_GENERAL:
        return Lost(f"forgetting was not measured: {len(cases)} general questions fit the window")
    plain = replace(system_of("tune", workshop), prompt="")
    before, after = (
        workshop.measure(replace(plain, model=model, built=built), cases)
        for model, built in ((base, f"{name}, before"), (tuned, f"{name}, tuned"))
    )
    found = forgetting(before, after, workshop.seed)
    return Lost(str(found), f"it {found}" if found.significant else "")


def stale(name: str, tuning: Tuning, workshop: Workshop) -> list[str]:
    """Which documents changed since a model learned what they said: it says so still."""
    place = (tuning.folder / (name.partition(":")[2] or name)).parent
    if workshop.library is None or not (place / "adapter").is_dir():
        return []
    try:
        store = indexed(workshop.library, ChunkPlan()).store
    except (UsageError, MissingExtra, ProviderError) as error:
        return [f"whether documents changed since the training was not seen: {error}"]
    snapshot = store.snapshot()
    texts = {
        document: "\n\n".join(chunk.text for chunk in snapshot.chunks(document))
        for document in store.documents()
    }
    changed = changed_since(place, texts)
    if not changed:
        return []
    shown = ", ".join(changed[:3]) + (", ..." if len(changed) > 3 else "")
    return [
        f"{count(len(changed), 'document')} changed since the training ({shown}): what it learned "
        "of them it says still; mend the examples and tune again"
    ]


def _loaded(name: str, tuning: Tuning) -> ChatModel:
    provider, _, rest = name.partition(":")
    model: ChatModel = load("model", provider)(rest, ModelOptions(folder=tuning.folder))
    return model


create = TuneRung
