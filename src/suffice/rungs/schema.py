"""Constrained decoding: the model cannot write anything but the answer's JSON Schema.

Cures many format gaps with no training. Stands on whichever of the cheaper rungs did better on dev.
"""

from contextlib import suppress
from dataclasses import dataclass, replace

from suffice.errors import OutOfReach, UsageError
from suffice.evaluate.workshop import best_of, supposed
from suffice.ports import Workshop
from suffice.rungs.chat import ChatSystem
from suffice.rungs.fewshot import chosen, manners
from suffice.rungs.prompt import PromptRung


@dataclass(frozen=True)
class SchemaRung:
    def build(self, workshop: Workshop) -> ChatSystem:
        if not any(case.schema for case in workshop.dev):
            raise UsageError(
                "schema needs a JSON Schema of the answers: set `schema:` in suffice.yaml, "
                "or give the cases a `schema`"
            )
        return best_of(workshop, [_constrained(base) for base in _bases(workshop)])[0]


def _bases(workshop: Workshop) -> list[ChatSystem]:
    """Examples that do nothing for a model that writes freely may do much for one that is held to
    the form: where none of them was any use, all are tried again."""
    bases = [PromptRung().build(workshop)]
    with suppress(UsageError):  # no examples, or none that fits: the prompt alone is the base
        try:
            best, value = chosen(workshop)
            helps = value > 0 and not supposed(workshop, best)
            bases += [best] if helps else manners(workshop)
        except OutOfReach:
            bases += manners(workshop)
    return bases


def _constrained(base: ChatSystem) -> ChatSystem:
    return replace(base, rung="schema", built=f"schema on: {base.built}", constrained=True)


create = SchemaRung
