"""A chat model drafts cases from the study's documents.

    pick passages, spread over the documents
    ask for a question whose answer is a few words of its passage
    throw away what is no sound case: the answer is not there, the question gives it away
    ask the model its own question again, with the passage: another answer, and it goes
    drop what is asked already

Every call goes the way of all calls: paced, within the purse, in the journal under the name of its
document, so that a second run pays for nothing twice and `forget` finds it. Unanswerable cases are
not drafted: that no document holds an answer cannot be seen from one passage.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

from suffice.errors import DataError
from suffice.evaluate.ask import Asker, Forecast
from suffice.evaluate.drafts import Draft, agree, draft_of, fault, verbatim
from suffice.evaluate.duplicates import find
from suffice.evaluate.reading import find_json, plain
from suffice.ports import ChatModel, Library
from suffice.records import (
    Answer,
    Case,
    FailureKind,
    Json,
    Message,
    Passage,
    Question,
    Request,
    fingerprint,
)
from suffice.retrieve.chunk import ChunkPlan, chunk
from suffice.retrieve.context import heading_context
from suffice.retrieve.parse import read_folder
from suffice.retrieve.records import Document, Skipped
from suffice.retrieve.search import passage_of

TRIES = 3  # passages that are asked about for each draft that is wanted, at most
_MOST_A_PASSAGE = 4  # questions: cases of one document count as one in the statistics
_SPARE = 1.5  # so many times the drafts that are wanted are asked for where passages are few
_PASSAGE = ChunkPlan(tokens=200, overlap=0)
_FEWEST_WORDS = 15  # of a passage that is worth a question
_QUESTION_TOKENS, _CHECK_TOKENS = 120, 60
_SMALLEST_ROUND = 8
_PAIR: dict[str, Json] = {
    "type": "object",
    "properties": {"question": {"type": "string"}, "answer": {"type": "string"}},
    "required": ["question", "answer"],
    "additionalProperties": False,
}
_SCHEMA: dict[str, Json] = {
    "type": "object",
    "properties": {"drafts": {"type": "array", "items": _PAIR}},
    "required": ["drafts"],
    "additionalProperties": False,
}
_DRAFT = (
    "You write questions that customers or colleagues would really ask, to test an assistant that "
    "answers from documents. Write {wanted} that the passage answers, each with its answer.\n"
    "- An answer is copied from the passage word for word, at most ten words, as few as will do.\n"
    "- A question names what it is about, so that it makes sense to someone who does not see "
    "the passage; it never says `the passage`, `the text` or `the document`.\n"
    "- A question does not hold its answer, and is not worded like the passage.\n"
    'Reply with JSON alone: {"drafts": [{"question": "...", "answer": "..."}]}'
)
_CHECK = (
    "Answer the question from the passage, in as few words as will do, copied from it. If the "
    "passage does not hold the answer, say: not in the passage."
)


@dataclass(frozen=True)
class _Asking:
    """Requests under names, asked as others ask cases: a `ports.System`."""

    model: ChatModel
    requests: Mapping[str, Request]
    rung: str = "drafts"
    built: str = ""
    notes: Sequence[str] = ()
    ruled_out: str = ""

    def prepare(self, question: Question) -> Request:
        return self.requests[question.id]

    @property
    def cases(self) -> list[Case]:
        return [Case(name, (Message("user", name),)) for name in self.requests]


@dataclass
class Drafted:
    """What became of the passages that were asked about: sound drafts out of all that the model
    wrote, and why the others were none."""

    drafts: list[Draft] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    asked: int = 0
    written: int = 0
    stopped: str = ""


@dataclass(frozen=True)
class Drafting:
    """Drafts cases from passages, or counts what that would cost. `each` is how many questions a
    passage is asked for."""

    model: ChatModel
    asker: Asker = field(repr=False)
    each: int = 1

    def forecast(self, passages: Sequence[Passage]) -> Forecast:
        """What `draft` would cost at most: every passage asked about, every draft asked back."""
        blank = "x" * 100  # a long question
        checks = {
            f"{passage.id} {number}": check_request(f"{blank} {number}", passage)
            for passage in passages
            for number in range(self.each)
        }
        drafting, asking = self._drafting(passages), _Asking(self.model, checks)
        return self.asker.forecast(drafting, drafting.cases) + self.asker.forecast(
            asking, asking.cases
        )

    def draft(
        self,
        passages: Sequence[Passage],
        count: int,
        *,
        known: Sequence[str] = (),
        told: Callable[[Sequence[Draft]], None] = lambda _: None,
    ) -> Drafted:
        """Up to `count` drafts out of the first passages that give any. `known` are questions that
        stand already; `told` gets the drafts after each round."""
        done, left = Drafted(), list(passages)
        while left and len(done.drafts) < count and not done.stopped:
            size = max(_SMALLEST_ROUND, -(-(count - len(done.drafts)) // self.each))
            batch, left = left[:size], left[size:]
            sound = self._checked(list(self._sound(batch, done)), done)
            fresh = list(_new(sound, [*known, *(each.question for each in done.drafts)], done))
            done.drafts += fresh[: count - len(done.drafts)]
            told(done.drafts)
        return done

    def _sound(self, batch: Sequence[Passage], done: Drafted) -> Iterator[tuple[Draft, Passage]]:
        """Drafts that their passage bears out."""
        answers = self._answers(self._drafting(batch), "drafting", done)
        for passage in (each for each in batch if each.id in answers):
            pairs = _pairs(answers[passage.id].text)
            done.asked += 1
            done.written += len(pairs)
            if not pairs:
                done.faults["no JSON with questions and answers"] += 1
            for question, answer in pairs[: self.each]:
                if why := fault(question, answer, passage.text):
                    done.faults[why] += 1
                    continue
                spelt = verbatim(answer, passage.text) or answer
                made = draft_of(question, spelt, passage.document, passage.text, self.model.name)
                yield made, passage

    def _checked(self, found: Sequence[tuple[Draft, Passage]], done: Drafted) -> list[Draft]:
        """Those to which the model gives the same answer again, when it is asked."""
        requests = {draft.id: check_request(draft.question, passage) for draft, passage in found}
        answers = self._answers(_Asking(self.model, requests), "asking back", done)
        kept = dict[str, Draft]()
        for draft, _ in found:
            if draft.id in answers and agree(plain(answers[draft.id].text), draft.expected):
                kept[draft.id] = draft
            elif draft.id in answers:
                done.faults["asked back, the answer was another"] += 1
        return list(kept.values())

    def _drafting(self, passages: Sequence[Passage]) -> _Asking:
        return _Asking(self.model, {each.id: draft_request(each, self.each) for each in passages})

    def _answers(self, asking: _Asking, title: str, done: Drafted) -> dict[str, Answer]:
        """What was answered. Money that runs out ends the drafting after what is there."""
        if not asking.requests:
            return {}
        trials = self.asker.ask(asking, asking.cases, title=title)
        for trial in trials:
            if failure := trial.answer.failure:
                done.faults[f"not answered: {failure.kind}"] += 1
                if failure.kind == FailureKind.BUDGET:
                    done.stopped = failure.message
        return {trial.case: trial.answer for trial in trials if trial.answer.failure is None}


def questions_a_passage(count: int, passages: Sequence[Passage]) -> int:
    """One, so that cases come from many places; more where there are too few passages."""
    return max(1, min(_MOST_A_PASSAGE, ceil(_SPARE * count / max(1, len(passages)))))


def passages_of(
    library: Library, count: Callable[[str], int], seed: int
) -> tuple[list[Passage], list[Skipped]]:
    """Passages of all documents, in an order that takes one from each document before a second
    from any, with what could not be read."""
    by_document: dict[str, list[Passage]] = {}
    skipped = []
    for each in _cut(library, count):
        if isinstance(each, Skipped):
            skipped.append(each)
        elif len(each.text.split()) >= _FEWEST_WORDS:
            by_document.setdefault(each.document, []).append(each)
    if not by_document:
        raise DataError(f"{library.path or library.folder}: no document holds enough text to ask")
    ranked = [
        (rank, fingerprint(seed, each.id), each)
        for passages in by_document.values()
        for rank, each in enumerate(
            sorted(passages, key=lambda each: fingerprint(seed, each.id, each.text))
        )
    ]
    return [each for _, _, each in sorted(ranked, key=lambda found: found[:2])], skipped


def draft_request(passage: Passage, questions: int = 1) -> Request:
    """A passage, and how many questions are wanted of it."""
    wanted = "one question" if questions == 1 else f"{questions} different questions"
    return Request(
        messages=(
            Message("system", _DRAFT.replace("{wanted}", wanted)),
            Message("user", _shown(passage)),
        ),
        schema=_SCHEMA,
        max_tokens=questions * _QUESTION_TOKENS + _CHECK_TOKENS,
        passages=(passage,),
    )


def check_request(question: str, passage: Passage) -> Request:
    """A draft's question with its passage, for the answer to be given again."""
    asked = f"{_shown(passage)}\n\n{question}"
    return Request(
        messages=(Message("system", _CHECK), Message("user", asked)),
        max_tokens=_CHECK_TOKENS,
        passages=(passage,),
    )


def _shown(passage: Passage) -> str:
    where = heading_context(passage.title, passage.headings)
    heading = f"{where}\n" if where else ""
    return f"<passage>\n{heading}{passage.text}\n</passage>"


def _cut(library: Library, count: Callable[[str], int]) -> Iterator[Passage | Skipped]:
    if library.path is None:
        yield from library.passages
        return
    for each in read_folder(library.path):
        if isinstance(each, Document):
            yield from (passage_of(found) for found in chunk(each, _PASSAGE, count))
        else:
            yield each


def _pairs(text: str) -> list[tuple[str, str]]:
    """Questions with answers out of what the model wrote, in any of the shapes that models write
    where no schema holds them."""
    value, _ = find_json(text)
    if isinstance(value, dict):
        value = value.get("drafts", [value])
    rows = value if isinstance(value, list) else []
    return [
        (" ".join(row["question"].split()), " ".join(row["answer"].split()))
        for row in rows
        if isinstance(row, dict)
        and isinstance(row.get("question"), str)
        and isinstance(row.get("answer"), str)
    ]


def _new(found: Sequence[Draft], known: Sequence[str], done: Drafted) -> Iterator[Draft]:
    """Those that are not asked already, by the cases or by a draft before them."""
    texts = [*known, *(draft.question for draft in found)]
    pairs = find(texts).pairs()
    doubled = {max(pair.first, pair.second) for pair in pairs}
    for place, draft in enumerate(found, start=len(known)):
        if place in doubled:
            done.faults["asked already"] += 1
        else:
            yield draft
