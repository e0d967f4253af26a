"""Your prompt as it is, or, where answers have a wrong form, with the format spelled out, whichever
does better on dev.

Costs nothing to build and nothing to keep. Every other rung has to beat it.
"""

from dataclasses import dataclass, replace

from suffice.evaluate.workshop import shaped_or_not
from suffice.ports import Workshop
from suffice.rungs.chat import ChatSystem, system_of


@dataclass(frozen=True)
class PromptRung:
    def build(self, workshop: Workshop) -> ChatSystem:
        given = system_of("prompt", workshop)
        if not any(case.schema for case in workshop.dev):
            return given
        spelled_out = replace(given, spelled_out=True, built="format spelled out")
        # On a tie the prompt stays as it was given. Others are built on it, so none is hopeless.
        return shaped_or_not(workshop, given, spelled_out, hopeful=True)[0]


create = PromptRung
