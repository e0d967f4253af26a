"""Why cases fail, by asking those that do in other ways, and so which rungs could help.

Where to climb is steered by the dev cases alone, but for which bars are still open: those that the
first rung does not even likely meet on the held-out cases. The same is asked of held-out cases only
once the decision stands, to tell a reader what was behind it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from suffice.decide.attribute import Limits, Probed, attribute, helpless
from suffice.decide.bars import COST, LATENCY
from suffice.decide.probe import GOLD, RETRIEVED, ROOM_TOKENS, Evidence, Held, gold_of, probes
from suffice.decide.reach import out_of_reach
from suffice.errors import BudgetExceeded, SufficeError
from suffice.evaluate.ask import Forecast
from suffice.evaluate.calibrate import JUDGED
from suffice.evaluate.workshop import DevWorkshop
from suffice.ports import System
from suffice.records import Case, CauseShare, FailureKind, Trial, Usage, joined
from suffice.retrieve.chunk import ChunkPlan
from suffice.retrieve.index import Index
from suffice.rungs.retrieve import indexed, is_indexed

REPLICATES = 3  # where a temperature makes answers vary

Trials = Mapping[str, Sequence[Trial]]  # by case


class Probing:
    """Asks failing cases with their documents before them. `base` is the plainest system, which
    the others are to mend."""

    def __init__(self, workshop: DevWorkshop, base: System, limits: Limits) -> None:
        self._workshop, self._base, self._limits = workshop, base, limits
        self.notes: list[str] = []

    def probed(self, cases: Sequence[Case], closed: Trials, where: str) -> list[Probed]:
        """Every case with its trials: those that were asked, and those of the probes."""
        over = self._limits.over(closed)
        golds, inferred = gold_of(cases, self._index) if self._index else ({}, set[str]())
        found = [
            Probed(
                case,
                closed.get(case.id, ()),
                golds=golds.get(case.id, frozenset()),
                inferred=case.id in inferred,
                over=case.id in over,
            )
            for case in cases
        ]
        if hidden := [each.case for each in found if each.hidden]:
            held = self._held(hidden, where)
            found = [replace(each, held=held.get(each.case.id, ())) for each in found]
        failing = [each.case for each in found if each.unexplained]
        if self._index is None or not failing:
            return found
        base = Held(self._base) if hidden and held else self._base
        ways = self._ways(base, self._index, golds)
        retrieved = self.ask(ways[RETRIEVED], failing, where)
        found = [replace(each, retrieved=retrieved.get(each.case.id, ())) for each in found]
        # What a search makes right lacks a fact, whatever its own documents would make of it.
        lost = [each.case for each in found if each.unexplained and each.golds and not each.found]
        gold = self.ask(ways[GOLD], lost, where) if lost else {}
        return [replace(each, gold=gold.get(each.case.id, ())) for each in found]

    def _held(self, hidden: Sequence[Case], where: str) -> Trials:
        """What a wrong form hides. A model that keeps to no schema shows it not, and that is all:
        where the schema is a rung of its own, it says so there."""
        try:
            return self.ask(Held(self._base), hidden, where)
        except BudgetExceeded:
            raise
        except Exception as error:  # whatever the model does with a schema
            self.notes.append(f"what a wrong form hides was not seen: {error}")
            return {}

    def ask(self, system: System, cases: Sequence[Case], where: str) -> Trials:
        """The trials of these cases, graded."""
        workshop = self._workshop
        title = f"{system.rung} on {where}"
        trials = workshop.asker.ask(system, cases, self._replicates, title)
        for trial in trials:
            if trial.answer.failure and trial.answer.failure.kind is FailureKind.BUDGET:
                raise BudgetExceeded(trial.answer.failure.message)
        return by_case(workshop.grade(trials, cases))

    def forecast(self, cases: Sequence[Case]) -> Forecast:
        """What asking all of these cases in all three ways would cost at most. Nothing is indexed
        or embedded for it that costs anything: a probe is then reckoned with all its room."""
        ask, count = self._workshop.asker.forecast, self._replicates
        plain = ask(self._base, cases, count)
        if shaped := [case for case in cases if case.schema is not None]:
            plain += ask(Held(self._base), shaped, count)
        library = self._workshop.library
        if library is None:
            return plain
        if is_indexed(library, ChunkPlan()) and self._index is not None:
            golds, _ = gold_of(cases, self._index)
            ways = self._ways(self._base, self._index, golds).values()
            return sum((ask(each, cases, count) for each in ways), start=plain)
        return plain + self._most(cases, count)

    def _most(self, cases: Sequence[Case], count: int) -> Forecast:
        """Of both probes, where nothing is known of what they will show."""
        model, calls = self._base.model, 2 * count * len(cases)
        asked = [joined(self._base.prepare(case.question).messages) for case in cases]
        read = 2 * count * sum(model.count_tokens(text) + ROOM_TOKENS for text in asked)
        written = calls * self._workshop.max_tokens
        usd = model.price.usd(Usage(read, written)) if model.price else None
        return Forecast(calls, 0, read, written, usd, None)

    @property
    def _replicates(self) -> int:
        return REPLICATES if self._workshop.temperature else 1

    def _ways(
        self, base: System, index: Index, golds: Mapping[str, frozenset[str]]
    ) -> dict[str, System]:
        model = self._base.model
        reserved = self._workshop.max_tokens + model.count_tokens(self._workshop.prompt)
        evidence = Evidence(index, golds, model.window, model.count_tokens, reserved)
        return probes(base, evidence)

    @cached_property
    def _index(self) -> Index | None:
        """Of the study's documents, as the plainest search reads them. Without one, or without the
        packages for it, what documents would mend cannot be seen."""
        library = self._workshop.library
        if library is None:
            return None
        try:
            return indexed(library, ChunkPlan())
        except SufficeError as error:
            self.notes.append(f"the documents could not be probed: {error}")
            return None


class Steering:
    """Which rungs could help enough for the bars, by the dev cases."""

    def __init__(self, workshop: DevWorkshop, base: System, bars: Mapping[str, float]) -> None:
        self._workshop, self._base, self._bars = workshop, base, bars
        self.probing = Probing(workshop, base, limits_of(bars))
        self.causes: tuple[CauseShare, ...] = ()
        """Why dev cases fail, the commonest first. Empty where none does, and until it is known."""

    @property
    def notes(self) -> list[str]:
        return self.probing.notes

    @cached_property
    def probed(self) -> list[Probed]:
        """Every dev case with its trials."""
        dev = self._workshop.dev
        return self.probing.probed(dev, self.probing.ask(self._base, dev, "dev"), "dev")

    def passed_over(self, rung: str, unmet: Collection[str] = ()) -> str:
        """Why a rung is not worth building, or nothing. `unmet` are the bars that the first rung
        does not even likely meet. A rehearsal asks nothing, so it passes over nothing."""
        if self._workshop.rehearsal:
            return ""
        self.causes = attribute(self.probed)
        malformed = any(each.malformed for each in self.probed)
        # A judge that nobody has confirmed decides nothing, neither what is built.
        judged = any(
            score.metric in JUDGED
            for each in self.probed
            for trial in each.closed
            for score in trial.scores
        )
        if judged:
            return helpless(rung, self.causes, malformed=malformed)
        return helpless(rung, self.causes, malformed=malformed) or out_of_reach(
            rung, self.probed, self._bars, unmet
        )


def limits_of(bars: Mapping[str, float]) -> Limits:
    return Limits(bars.get(LATENCY), bars.get(COST))


def by_case(trials: Sequence[Trial]) -> dict[str, list[Trial]]:
    found: dict[str, list[Trial]] = {}
    for trial in trials:
        found.setdefault(trial.case, []).append(trial)
    return found
