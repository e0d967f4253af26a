"""One question to the rung that won, and its answer with citations that were checked.

What `suffice ask` shows and what a server would serve. Without a finished run the documents of
`suffice index` are searched in the plainest way.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from suffice.decide.runs import find_run, load_verdict, runs
from suffice.errors import OutOfReach, ProviderError, UsageError
from suffice.evaluate.ask import Asker
from suffice.evaluate.journal import Journal
from suffice.evaluate.purse import Purse
from suffice.kit import Kit
from suffice.ladder import Silence
from suffice.planned import Planned
from suffice.ports import System
from suffice.records import Answer, Message, Passage, Question
from suffice.retrieve.choose import Way
from suffice.retrieve.chunk import ChunkPlan
from suffice.retrieve.cite import Cited, check
from suffice.retrieve.index import Index
from suffice.retrieve.search import SearchPlan
from suffice.rungs.chat import ChatSystem
from suffice.rungs.retrieve import RetrieveSystem
from suffice.study import Study

ASKED = "asked"  # what a question is called that is of no case


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, what it was given from, and which of its citations hold."""

    rung: str
    built: str
    answer: Answer
    passages: tuple[Passage, ...]
    cited: Cited


@dataclass(frozen=True)
class Winner:
    """A built system, ready to be asked."""

    system: System
    asker: Asker
    schema: dict[str, object] | None = None

    @classmethod
    def of(cls, study: Study, journal: Journal, rung: str | None = None) -> "Winner":
        """The named rung, else the one that the last run chose, else the plain index."""
        named = rung or _chosen(study)
        if named is None:
            return cls(_plain(study), asker_of(study, journal))
        kit = Kit(study, Planned(study, (named,)), journal, Silence())
        return cls(*_as_measured(kit, named, _measured(study, named)), study.schema)

    def reply(self, messages: Sequence[Message]) -> Reply:
        request = self.system.prepare(Question(ASKED, tuple(messages), self.schema))
        answer = self.asker.ask_once(self.system.model, request)
        if failure := answer.failure:
            raise ProviderError(
                failure.message, kind=failure.kind, endpoint=self.system.model.endpoint
            )
        return Reply(
            self.system.rung,
            self.system.built,
            answer,
            request.passages,
            check(answer.text, request.passages),
        )


def asker_of(study: Study, journal: Journal) -> Asker:
    """Who asks where there is no plan and no run: journaled like everything else."""
    return Asker(
        journal=journal,
        executor=study.executor,
        purse=Purse(),
        progress=Silence(),
        limits=study.limits,
        run=ASKED,
        seed=study.settings.seed,
    )


def _as_measured(kit: Kit, rung: str, built: str | None) -> tuple[System, Asker]:
    """The system that the verdict is about. What a climb builds stops trying where a bar is surely
    missed, so it may be another than the one that is built where rungs are named."""
    made = None
    for climbed in (True, False):
        try:
            made = kit.build(rung, climbed=climbed)
        except OutOfReach:
            continue
        if built is None or made[0].built == built:
            return made
    return made or kit.build(rung)


def _measured(study: Study, rung: str) -> str | None:
    """How the last run built a rung, if it did."""
    if not runs(study.store):
        return None
    verdict = load_verdict(find_run(study.store, None))
    return next((each.built for each in verdict.standings if each.rung == rung), None)


def _chosen(study: Study) -> str | None:
    """The rung that the last finished run chose; None where there was no run."""
    if not runs(study.store):
        return None
    verdict = load_verdict(find_run(study.store, None))
    if verdict.chosen is None:
        known = ", ".join(each.rung for each in verdict.standings)
        raise UsageError(
            f"the last run chose no rung ({verdict.reason}); name one with --rung: {known}"
        )
    return verdict.chosen


def _plain(study: Study) -> RetrieveSystem:
    """The documents of `suffice index`, searched in the usual way."""
    keys = study.settings
    index = Index.open(study.folder, store=keys.store, embedder=keys.embedder)
    if not index.store.documents():
        raise UsageError(
            "there is neither a finished run nor an index to answer from: `suffice run` makes the "
            "one, `suffice index add FOLDER` the other"
        )
    base = ChatSystem("prompt", study.model, study.prompt, keys.temperature, keys.max_tokens)
    way = Way(ChunkPlan(), SearchPlan())
    return RetrieveSystem(base, index, way, keys.retrieval.most_tokens)
