"""Applies the laws: what one simulated model makes of one prompt.

Sees the prompt as `reading` gives it and finds the fact by the question's words. The order in
which the laws speak is the order of `_outcome`, and docs/planted.md tells it in the same order.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

import msgspec

from suffice.models.planted.laws import Dice
from suffice.models.planted.lookup import Lookup, normal
from suffice.models.planted.reading import Found, Prompt
from suffice.models.planted.wording import (
    USUAL_FOR_OBJECTS,
    USUAL_FOR_TEXTS,
    Shape,
    cited,
    has_shape,
    in_shape,
    out_of_shape,
)
from suffice.models.planted.world import Fact, World
from suffice.records import Json

_WHOLE = ""  # the name of the only part of an answer that is no object


class Outcome(Enum):
    RIGHT = "right"
    WRONG = "wrong"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Known:
    """A fact with all that is worth working out once."""

    fact: Fact
    known: bool
    sentences: tuple[str, ...]
    keys: Shape
    labels: Shape


class Answering:
    """The laws of a world at work, for a model tuned on so many examples."""

    def __init__(self, world: World, tuned: int) -> None:
        self._world, self._laws, self._tuned = world, world.laws, tuned
        self._known = [self._work_out(fact) for fact in world.facts]
        asked = [(text, at) for at, fact in enumerate(world.facts) for text in fact.questions]
        self._lookup = Lookup([text for text, _ in asked], [at for _, at in asked])
        self._pools = _pools(world)
        self._stranger = lru_cache(maxsize=4096)(self._meet_stranger)

    def free(self, prompt: Prompt, dice: Dice) -> tuple[str, str]:
        """The reply without a schema, in the right shape or not, and the fact's id."""
        known = self._find(prompt)
        examples = _examples(prompt, known)
        value = self._value(known, prompt, dice, examples=examples, constrained=False)
        told = prompt.spells_out(known.keys or known.labels)
        likely = self._laws.compliance(examples=examples, told=told, tuned=self._tuned)
        key = known.fact.id
        if dice.happens("format", key, likely):
            return in_shape(value), key
        usual = USUAL_FOR_OBJECTS if known.keys else USUAL_FOR_TEXTS
        shapes = self._world.wrong_shapes or usual
        shape = shapes[int(dice.roll("wrong shape", key) * len(shapes))]
        return out_of_shape(value, shape, dice.roll("wording", key)), key

    def constrained(self, prompt: Prompt, dice: Dice) -> tuple[Json, str]:
        """What the reply says, to be put into words under a schema, and the fact's id."""
        known = self._find(prompt)
        examples = _examples(prompt, known)
        value = self._value(known, prompt, dice, examples=examples, constrained=True)
        return value, known.fact.id

    def _find(self, prompt: Prompt) -> Known:
        at = self._lookup.find(prompt.question)
        return self._stranger(prompt.question) if at is None else self._known[at]

    def _meet_stranger(self, question: str) -> Known:
        """A question of which the world knows nothing: one without an answer, shaped as usual."""
        usual = self._world.facts[0].answer
        answer = dict.fromkeys(usual) if isinstance(usual, Mapping) else None
        fact = Fact(id=f"? {normal(question)}", question=question, answer=answer, answerable=False)
        return self._work_out(fact)

    def _work_out(self, fact: Fact) -> Known:
        keys = tuple(fact.answer) if isinstance(fact.answer, Mapping) else ()
        labels = () if keys else self._world.labels
        return Known(fact, self._world.knows(fact), fact.sentences, keys, labels)

    def _value(
        self, known: Known, prompt: Prompt, dice: Dice, *, examples: int, constrained: bool
    ) -> Json:
        found = prompt.find(known.sentences)
        outcome, read = self._outcome(known, prompt, found, dice)
        key = known.fact.id
        taxed = constrained and dice.happens("schema tax", key, self._laws.schema_tax)
        if taxed and outcome is Outcome.RIGHT:
            outcome = Outcome.WRONG
        skilled = self._laws.skilled(examples=examples, tuned=self._tuned)
        value = self._spoken(known, outcome, skilled, dice)
        citable = read and found.numbers and prompt.cite and outcome is Outcome.RIGHT
        if citable and dice.happens("citing", key, self._laws.citing):
            return cited(value, found.numbers)
        return value

    def _outcome(
        self, known: Known, prompt: Prompt, found: Found, dice: Dice
    ) -> tuple[Outcome, bool]:
        """What becomes of the knowledge in an answer, and whether evidence was used."""
        laws, key, fact = self._laws, known.fact.id, known.fact
        if found.present and dice.happens("grounding", key, laws.reads(found.distractors)):
            return Outcome.RIGHT, True
        if prompt.only_passages and dice.happens("ungrounded", key, laws.abstain_ungrounded):
            return Outcome.DECLINED, False
        if fact.answerable and known.known:
            right = dice.happens("recall", key, laws.recall)
            return (Outcome.RIGHT if right else Outcome.WRONG), False
        likely = laws.declines(answerable=fact.answerable, told=prompt.may_decline)
        declined = dice.happens("abstain", key, likely)
        return (Outcome.DECLINED if declined else Outcome.WRONG), False

    def _spoken(self, known: Known, outcome: Outcome, skilled: float, dice: Dice) -> Json:
        fact = known.fact
        answer = fact.answer
        parts = answer if isinstance(answer, Mapping) else {_WHOLE: answer}
        spoken = {
            field: self._skilled(fact, field, right, skilled, dice)
            if fact.kind == "skill" or field in self._world.skill_fields
            else self._recalled(fact, field, right, outcome, dice)
            for field, right in parts.items()
        }
        return spoken if isinstance(answer, Mapping) else spoken[_WHOLE]

    def _skilled(self, fact: Fact, field: str, right: Json, skilled: float, dice: Dice) -> Json:
        good = right is not None and dice.happens(f"skill {field}", fact.id, skilled)
        return right if good else self._wrong(fact, field, right, dice)

    def _recalled(self, fact: Fact, field: str, right: Json, outcome: Outcome, dice: Dice) -> Json:
        if outcome is Outcome.DECLINED:
            return self._world.decline
        return right if outcome is Outcome.RIGHT else self._wrong(fact, field, right, dice)

    def _wrong(self, fact: Fact, field: str, right: Json, dice: Dice) -> Json:
        """Another fact's answer to the same kind of question: fluent, and not this one's."""
        pool = self._pools.get((fact.like, field)) or self._pools.get(("", field))
        if not pool:
            return _altered(right)
        at = int(dice.roll(f"wrong {field}", fact.id) * len(pool))
        if pool[at] != right or isinstance(pool[at], bool) is not isinstance(right, bool):
            return pool[at]
        return pool[(at + 1) % len(pool)] if len(pool) > 1 else _altered(right)


def _examples(prompt: Prompt, known: Known) -> int:
    """How many worked examples in the chat show the right shape."""
    return sum([has_shape(reply, known.keys, known.labels) for reply in prompt.replies])


def _pools(world: World) -> dict[tuple[str, str], Sequence[Json]]:
    """The distinct answers by kind and field. The kind "" holds them all."""
    pools: dict[tuple[str, str], dict[bytes, Json]] = defaultdict(dict)
    for fact in world.facts:
        whole = isinstance(fact.answer, Mapping)
        for field, value in fact.answer.items() if whole else [(_WHOLE, fact.answer)]:
            if value is not None:
                for like in {"", fact.like}:
                    pools[(like, field)][msgspec.json.encode(value)] = value
    return {key: list(values.values()) for key, values in pools.items()}


def _altered(value: Json) -> Json:
    """A wrong value where the world holds no other."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    return f"not {value}" if isinstance(value, str) else None
