"""Passages in the prompt, and a model that was tuned on your examples with such passages before it.

It learns the skill of using what your own search brings: the right passage among distractors, in
your form. A model that was tuned without them may use them worse than one that was not tuned.
"""

from dataclasses import dataclass, replace

from suffice.ports import Workshop
from suffice.records import Example, Question
from suffice.rungs.retrieve import RetrieveRung, RetrieveSystem
from suffice.rungs.tune import Untrained, material, remembering, taught


@dataclass(frozen=True)
class HybridRung:
    def build(self, workshop: Workshop) -> RetrieveSystem:
        tuning, examples = material("hybrid", workshop)
        shown = RetrieveRung("hybrid").build(workshop)
        name = tuning.models[0]
        if workshop.rehearsal:
            untrained = Untrained(name, workshop.model)
            base = replace(shown.base, model=untrained, built=f"{name}, not yet trained")
            return replace(shown, base=base)
        learned = [in_context(each, shown) for each in examples]
        model, made = taught(learned, "", name, tuning, workshop)
        lost = remembering(name, model, tuning, workshop)
        base = replace(shown.base, model=model, built=f"{name}, {made.built}")
        return replace(
            shown,
            base=base,
            notes=(*shown.notes, *made.notes, lost.said),
            ruled_out=lost.ruled_out,
        )


def in_context(example: Example, shown: RetrieveSystem) -> Example:
    """The example as serving would ask it: with the passages that the search finds for it."""
    request = shown.prepare(Question(example.id, example.messages))
    return replace(example, messages=request.messages)


create = HybridRung
