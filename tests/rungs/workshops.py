"""A workshop over a scripted model: what a rung has to work with, and a record of what it asked.

with open_workshop(tmp_path, model, dev) as workshop:
    system = FewshotRung().build(workshop)
model.asked  # every request that reached the model
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from suffice.decide.reach import falls_short
from suffice.evaluate.ask import Asker
from suffice.evaluate.grade import Grader
from suffice.evaluate.journal import Journal
from suffice.evaluate.pace import Limits
from suffice.evaluate.purse import Purse
from suffice.evaluate.workshop import DevWorkshop
from suffice.executors.local import LocalExecutor
from suffice.ladder import Silence
from suffice.ports import ChatModel, Library, Tuning
from suffice.records import Case, Check, Example, Json, Message, Passage, Question, Request
from tests.servers.scripted import ScriptedModel

PROMPT = "You answer for the shop."
QUICK = Limits(concurrency=4, tries=2, first_wait_seconds=0.001, longest_wait_seconds=0.01)
SCHEMA: dict[str, Json] = {
    "type": "object",
    "properties": {"answer": {"type": "string"}},
    "required": ["answer"],
    "additionalProperties": False,
}

# Words apart enough that no question resembles another by chance.
GOODS = ("kettle", "lamp", "rug", "chair", "mirror", "clock", "vase", "shelf", "bench", "stool")
QUALITIES = ("price", "weight", "colour", "height", "age", "origin")


def a_case(number: int, *, schema: bool = False, cluster: str | None = None) -> Case:
    good, quality = GOODS[number % 10], QUALITIES[number // 10 % 6]
    answer: Json = f"value {number}"
    return Case(
        id=f"case-{number}",
        messages=(Message("user", f"What is the {quality} of the {good}?"),),
        expected=({"answer": answer} if schema else answer,),
        checks=(Check("json-schema"), Check("fields")) if schema else (Check("exact"),),
        cluster=cluster or good,
        schema=SCHEMA if schema else None,
    )


def some_cases(count: int, *, schema: bool = False) -> tuple[Case, ...]:
    return tuple(a_case(number, schema=schema) for number in range(count))


def some_examples(count: int) -> tuple[Example, ...]:
    return tuple(
        Example(
            id=f"example-{number}",
            messages=(Message("user", f"Tell me the {QUALITIES[number % 6]} of thing {number}."),),
            reply=f"thing {number}",
            cluster=f"thing-{number}",
        )
        for number in range(count)
    )


def question_of(request: Request) -> str:
    """The last paragraph of what the user says last; before it may stand passages."""
    return request.messages[-1].content.rpartition("\n\n")[2]


def system_of(request: Request) -> str:
    return request.messages[0].content


def shots_of(request: Request) -> list[tuple[str, str]]:
    """The worked examples that a request shows, as (question, reply)."""
    turns = [message.content for message in request.messages[1:-1]]
    return list(zip(turns[::2], turns[1::2], strict=True))


def knowing(cases: Sequence[Case], when: Callable[[Request], bool]) -> Callable[[Request], str]:
    """Says what is expected where `when` holds of the request, else something wrong."""
    answers = {case.messages[-1].content: case.expected[0] for case in cases}

    def reply(request: Request) -> str:
        if not when(request):
            return "I would rather talk about the weather."
        answer = answers[question_of(request)]
        return answer if isinstance(answer, str) else json.dumps(answer)

    return reply


def always(_: Request) -> bool:
    return True


def never(_: Request) -> bool:
    return False


def a_library(folder: Path, passages: Sequence[Passage]) -> Library:
    return Library(folder, passages=tuple(passages), embedder="static", chunk_tokens=64)


def some_passages(cases: Sequence[Case]) -> tuple[Passage, ...]:
    """A document for each case, which answers it."""
    return tuple(
        Passage(f"doc-{case.id}", f"doc-{case.id}", f"{case.question.text} It is {answer}.")
        for case in cases
        for answer in case.expected
    )


@contextmanager
def open_workshop(
    folder: Path,
    model: ChatModel,
    dev: Sequence[Case],
    examples: Sequence[Example] = (),
    passages: Sequence[Passage] = (),
    *,
    candidates: Sequence[str] = (),
    bars: Mapping[str, float] | None = None,
) -> Iterator[DevWorkshop]:
    with Journal(folder / "journal.db") as journal:
        asker = Asker(
            journal=journal,
            executor=LocalExecutor(4),
            purse=Purse(),
            progress=Silence(),
            limits=QUICK,
            run="run",
        )
        yield DevWorkshop(
            model=model,
            prompt=PROMPT,
            dev=dev,
            examples=examples,
            seed=0,
            temperature=0.3,
            max_tokens=64,
            asker=asker,
            grade=Grader.of(None, asker).grade,
            library=a_library(folder, passages) if passages else None,
            tuning=Tuning(folder, tuple(candidates), {"epochs": 1}) if candidates else None,
            falls_short=lambda trials, cases: falls_short(trials, cases, bars or {}),
        )


def scripted(reply: Callable[[Request], str]) -> ScriptedModel:
    return ScriptedModel(reply)


def ask_for(text: str, *, case: str = "held-out-1", schema: bool = False) -> Question:
    return Question(case, (Message("user", text),), SCHEMA if schema else None)
