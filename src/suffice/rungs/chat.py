"""What the first three rungs build: a prompt, perhaps with worked examples, perhaps a schema."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from suffice.ports import ChatModel, Workshop
from suffice.records import Example, LearningCurve, Message, Question, Request


def no_examples(_: Question) -> Sequence[Example]:
    return ()


@dataclass(frozen=True)
class ChatSystem:
    """Turns a question into one request. A `ports.System`.

    `shown` gives the worked examples for a question; `spelled_out` adds the answer's JSON Schema
    to the prompt in words; `constrained` makes the model keep to it while it writes.
    """

    rung: str
    model: ChatModel
    prompt: str
    temperature: float
    max_tokens: int
    built: str = "as given"
    spelled_out: bool = False
    constrained: bool = False
    shown: Callable[[Question], Sequence[Example]] = no_examples
    notes: Sequence[str] = ()
    ruled_out: str = ""
    curve: LearningCurve | None = None

    def prepare(self, question: Question) -> Request:
        turns = [message for message in question.messages if message.role != "system"]
        shots = [turn for example in self.shown(question) for turn in _turns(example)]
        return Request(
            messages=(Message("system", self._system(question)), *shots, *turns),
            schema=question.schema if self.constrained else None,
            temperature=self.temperature,
            max_tokens=self.max_tokens,
        )

    def _system(self, question: Question) -> str:
        """The study's prompt, then what the case itself says as system, then the format."""
        parts = [self.prompt]
        parts += [message.content for message in question.messages if message.role == "system"]
        if self.spelled_out and question.schema is not None:
            parts.append(
                "Answer with one JSON value and nothing else: no code fence, no words around it. "
                f"It must be valid under this JSON Schema:\n{json.dumps(question.schema)}"
            )
        return "\n\n".join(part for part in parts if part)


def system_of(rung: str, workshop: Workshop) -> ChatSystem:
    """The plainest system: the study's prompt as it is."""
    return ChatSystem(
        rung=rung,
        model=workshop.model,
        prompt=workshop.prompt,
        temperature=workshop.temperature,
        max_tokens=workshop.max_tokens,
    )


def _turns(example: Example) -> list[Message]:
    asked = [message for message in example.messages if message.role != "system"]
    return [*asked, Message("assistant", example.reply)]
