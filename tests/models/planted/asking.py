"""Worlds of many equal facts, ways to ask them, and how far a share may stray by chance."""

from collections.abc import Iterable, Mapping, Sequence
from math import sqrt
from typing import Any

from suffice.models.planted import PlantedModel
from suffice.models.planted.laws import Laws
from suffice.models.planted.world import Fact, World
from suffice.records import Json, Message, Request

FACTS = 3000
SCHEMA: dict[str, Json] = {
    "type": "object",
    "properties": {
        "answer": {"type": "string"},
        "category": {"enum": ["red", "green", "blue"]},
    },
    "required": ["answer", "category"],
    "additionalProperties": False,
}


def facts(count: int = FACTS, **same: Any) -> tuple[Fact, ...]:
    return tuple(
        Fact(
            **{
                "id": f"f{at}",
                "question": f"What is the mass of body {at}?",
                "answer": {"answer": f"{at} grams", "category": ("red", "green", "blue")[at % 3]},
                "evidence": f"Body {at} has a mass of {at} grams in all.",
            }
            | same
        )
        for at in range(count)
    )


def model(
    *,
    told_of: Iterable[Fact] = (),
    tuned: int = 0,
    world: Mapping[str, Any] | None = None,
    **laws: float,
) -> PlantedModel:
    """A model that is perfect but for the laws that are given."""
    perfect = Laws(
        recall=1, abstain_unknown=0, abstain=1, abstain_told=0, grounding=1, distraction=0,
        citing=1, abstain_ungrounded=1, format=1, format_told=0, skill=1,
    )  # fmt: skip
    values = {name: getattr(perfect, name) for name in Laws.__struct_fields__} | laws
    made = World(
        name="test",
        facts=tuple(told_of) or facts(),
        laws=Laws(**values),
        **{"skill_fields": ("category",)} | dict(world or {}),
    )
    return PlantedModel(made, tuned=tuned)


def request(
    question: str, *, system: str = "", replies: Sequence[str] = (), **more: Any
) -> Request:
    """A chat with worked examples before the question."""
    shots = [
        turn
        for at, reply in enumerate(replies)
        for turn in (Message("user", f"Example {at}?"), Message("assistant", reply))
    ]
    head = [Message("system", system)] if system else []
    return Request((*head, *shots, Message("user", question)), **more)


def replies(made: PlantedModel, **how: Any) -> list[str]:
    """What the model says to every fact of its world, in order."""
    asked = [request(fact.questions[0], **how) for fact in made.world.facts]
    return [answer.text for answer in made.ask(asked)]


def good_reply(at: int) -> str:
    return f'{{"answer": "{at} kilos", "category": "red"}}'


def close(share: float, law: float, count: int = FACTS) -> bool:
    """Within four standard errors of the law: a draw of chance strays further once in 16,000."""
    return abs(share - law) <= 4 * sqrt(law * (1 - law) / count) + 1e-9


def share(values: Iterable[bool]) -> float:
    held = list(values)
    return sum(held) / len(held)
