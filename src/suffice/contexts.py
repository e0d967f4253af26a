"""A chat model writes what each chunk is about, before it is indexed.

Every call goes the way of all calls: at the endpoint's pace and into the journal under the name of
its document, so that nothing is paid twice and `forget` finds it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from suffice.errors import ProviderError
from suffice.evaluate.ask import Asker, Forecast
from suffice.ports import ChatModel
from suffice.records import Case, Message, Question, Request
from suffice.retrieve.chunk import in_context
from suffice.retrieve.context import context_request
from suffice.retrieve.ports import Cut
from suffice.retrieve.records import Chunk
from suffice.retrieve.search import passage_of

DOCUMENT_TOKENS = 6000  # of a document that are shown with each of its chunks


@dataclass(frozen=True)
class _Describing:
    """Asks for the context of a chunk as others ask cases: a `ports.System`."""

    model: ChatModel
    requests: Mapping[str, Request]
    rung: str = "contexts"
    built: str = "one for each chunk"
    notes: Sequence[str] = ()
    ruled_out: str = ""

    def prepare(self, question: Question) -> Request:
        return self.requests[question.id]


@dataclass(frozen=True)
class Contexts:
    """Writes the contexts of chunks, or counts what writing them would cost."""

    model: ChatModel
    asker: Asker = field(repr=False)

    @property
    def name(self) -> str:
        return self.model.name

    def write(self, cut: Sequence[Cut]) -> list[Cut]:
        """The same chunks, each with what the model says of it behind its title and headings."""
        system, cases = self._asking(cut)
        trials = self.asker.ask(system, cases, title="writing contexts")
        for trial in trials:
            if failure := trial.answer.failure:
                raise ProviderError(
                    f"no context could be written for {trial.case}: {failure.message} (contexts "
                    "that were written are kept: the same command goes on from here)",
                    kind=failure.kind,
                    endpoint=self.model.endpoint,
                )
        said = {trial.case: " ".join(trial.answer.text.split()) for trial in trials}
        return [
            (document, [_told(each, said[each.id]) for each in chunks]) for document, chunks in cut
        ]

    def forecast(self, cut: Iterable[Cut]) -> Forecast:
        """What `write` would cost at most."""
        return sum((self.asker.forecast(*self._asking([each])) for each in cut), start=Forecast())

    def _asking(self, cut: Sequence[Cut]) -> tuple[_Describing, list[Case]]:
        window = self.model.window
        shown = DOCUMENT_TOKENS if window is None else min(DOCUMENT_TOKENS, window // 2)
        requests = {
            each.id: replace(
                context_request(document.parsed.text, each.text, shown),
                passages=(passage_of(each),),
            )
            for document, chunks in cut
            for each in chunks
        }
        cases = [Case(name, (Message("user", name),)) for name in requests]
        return _Describing(self.model, requests), cases


def _told(chunk: Chunk, said: str) -> Chunk:
    return in_context(chunk, f"{chunk.context}\n{said}".strip())
