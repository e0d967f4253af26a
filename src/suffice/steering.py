"""Where to climb: why dev cases fail, by asking them in three ways, and so which rungs could help.

Held-out cases have no part in it.
"""

from functools import cached_property

from suffice.decide.attribute import Probed, attribute, helpless
from suffice.decide.probe import GOLD, RETRIEVED, Evidence, gold_of, probes
from suffice.errors import MissingExtra, ProviderError, UsageError
from suffice.evaluate.workshop import DevWorkshop
from suffice.ports import System
from suffice.records import CauseShare, Trial
from suffice.retrieve.chunk import ChunkPlan
from suffice.retrieve.index import Index
from suffice.rungs.retrieve import indexed

REPLICATES = 3  # where a temperature makes answers vary


class Steering:
    """`base` is the plainest system, which the others are to mend."""

    def __init__(self, workshop: DevWorkshop, base: System) -> None:
        self._workshop, self._base = workshop, base
        self.notes: list[str] = []
        self.causes: tuple[CauseShare, ...] = ()
        """Why dev cases fail, the commonest first. Empty where none does, and until it is known."""

    @cached_property
    def probed(self) -> list[Probed]:
        """Every dev case with its trials."""
        dev = self._workshop.dev
        closed = self._asked(self._base)
        index = self._index()
        if index is None:
            return [Probed(case, closed.get(case.id, ())) for case in dev]
        golds, inferred = gold_of(dev, index)
        model = self._base.model
        reserved = self._workshop.max_tokens + model.count_tokens(self._workshop.prompt)
        found = Evidence(index, golds, model.window, model.count_tokens, reserved)
        asked = {name: self._asked(probe) for name, probe in probes(self._base, found).items()}
        return [
            Probed(
                case,
                closed.get(case.id, ()),
                asked[GOLD].get(case.id, ()) if case.id in golds else (),
                asked[RETRIEVED].get(case.id, ()),
                golds.get(case.id, frozenset()),
                case.id in inferred,
            )
            for case in dev
        ]

    def passed_over(self, rung: str) -> str:
        """Why a rung is not worth building, or nothing. A rehearsal asks nothing, so it passes
        over nothing."""
        if self._workshop.rehearsal:
            return ""
        self.causes = attribute(self.probed)
        malformed = any(each.malformed for each in self.probed)
        return helpless(rung, self.causes, malformed=malformed)

    def _asked(self, system: System) -> dict[str, list[Trial]]:
        workshop = self._workshop
        count = REPLICATES if workshop.temperature else 1
        trials = workshop.asker.ask(system, workshop.dev, count, f"{system.rung} on dev")
        by_case: dict[str, list[Trial]] = {}
        for trial in workshop.grade(trials, workshop.dev):
            by_case.setdefault(trial.case, []).append(trial)
        return by_case

    def _index(self) -> Index | None:
        """Of the study's documents, as the plainest search reads them. Without one, or without the
        packages for it, what documents would mend cannot be seen."""
        library = self._workshop.library
        if library is None:
            return None
        try:
            return indexed(library, ChunkPlan())
        except (UsageError, MissingExtra, ProviderError) as error:
            self.notes.append(f"the documents could not be probed: {error}")
            return None
