"""A deterministic simulated model whose truth is known: planted:support-desk or planted:WORLD.yaml.

For tests, benchmarks and teaching. A world (`world.py`) says what is true and what of it the model
knows; the laws (`laws.py`) say how it answers. In short, with the names of the numbers in a world:

- knowledge: a known fact comes out right with probability `recall`; an unknown one is declined
  with `abstain_unknown`, and else gets a fluent wrong value out of other facts' answers.
- grounding: evidence in the prompt is used with `grounding` minus `distraction` for each other
  numbered passage, and then cited as [n] with `citing` where the prompt asks for citations.
  Evidence that is not used is as if it were not there. Told to answer only from passages that
  (for the model) lack the evidence, it declines with `abstain_ungrounded`.
- format: 1 - (1 - start) * exp(-k / `examples_scale` - n / `tuning_scale`) for k worked examples
  in the chat and n examples tuned on; start is `format`, plus `format_told` where the system
  prompt names every key or label. With a schema it is 1, at the cost of content in a share
  `schema_tax` of the answers.
- skill: 1 - (1 - `skill`) * exp(-k / `skill_examples_scale` - n / `skill_tuning_scale`), for facts
  of kind "skill" and the world's `skill_fields`. Tuning teaches no facts.
- abstention: an unanswerable question is declined with `abstain`. An instruction to say when it
  does not know adds `abstain_told` to that and to `abstain_unknown`.
- time and price: `seconds` and so much a token, spread by `jitter`; reported, not slept. A token
  is four characters.

It reads only the messages, schema, seed, temperature and max_tokens of a request; never an id.
docs/planted.md explains every key of a world file.
"""

import time
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import msgspec

from suffice.errors import ProviderError, UsageError, suggest
from suffice.models.planted.answering import Answering
from suffice.models.planted.constrained import Constraint
from suffice.models.planted.generate import world_from_query
from suffice.models.planted.laws import Dice, uniform
from suffice.models.planted.reading import read_prompt
from suffice.models.planted.world import World, find_world
from suffice.ports import ModelOptions, Price
from suffice.records import Answer, FailureKind, Json, Request, Usage

__all__ = ["PlantedModel", "create"]

_CHARACTERS_A_TOKEN = 4
_TOKENS_A_MESSAGE = 4  # what chat templates add, about
_EXTRAS = ("sleep", "tuned")


def create(name: str, options: ModelOptions) -> "PlantedModel":
    """NAME is a world, a world file's path or `generate?cases=...`, with `#tuned=N` after it."""
    place, _, fragment = name.partition("#")
    for key in options.extra:
        if key not in _EXTRAS:
            near = suggest(key, _EXTRAS)
            raise UsageError(f"planted takes no option {key!r}{near}. Known: {', '.join(_EXTRAS)}")
    kind, _, query = place.partition("?")
    world = world_from_query(query) if kind == "generate" else find_world(place, options.folder)
    tuned = _tuned(name, fragment) if fragment else options.extra.get("tuned", 0)
    return PlantedModel(world, name=name, tuned=tuned, options=options)


class PlantedModel:
    """Answers by the laws of one world. Holds nothing that changes, so threads may share it."""

    def __init__(
        self,
        world: World,
        *,
        name: str = "",
        tuned: int = 0,
        options: ModelOptions | None = None,
    ) -> None:
        options = options or ModelOptions()
        self.world = world
        self.tuned = tuned
        self.name = f"planted:{name or world.name}"
        self.endpoint = self.name
        self.batch = options.batch or 1
        self.price: Price | None = options.price or world.price
        self.window: int | None = None
        self._sleeps = bool(options.extra.get("sleep", False))
        self._answering = Answering(world, tuned)
        self._constraint = lru_cache(maxsize=256)(self._read_schema)

    def identity(self) -> Json:
        return {"provider": "planted", "world": self.world.digest(), "tuned": self.tuned}

    def count_tokens(self, text: str) -> int:
        return -(-len(text) // _CHARACTERS_A_TOKEN)

    def ask(self, requests: Sequence[Request]) -> Sequence[Answer]:
        answers = [self._answer(request) for request in requests]
        if self._sleeps:
            time.sleep(max((answer.seconds for answer in answers), default=0.0))
        return answers

    def _answer(self, request: Request) -> Answer:
        text, key = self._reply(request)
        most = request.max_tokens * _CHARACTERS_A_TOKEN
        read, written = self._input_tokens(request), self.count_tokens(text[:most])
        usage = Usage(read, written)
        latency = self.world.laws.latency
        spread = uniform(self.world.seed, "jitter", key)
        return Answer(
            text=text[:most],
            usage=usage,
            seconds=latency(input_tokens=read, output_tokens=written, uniform=spread),
            first_token_seconds=latency(input_tokens=read, output_tokens=1, uniform=spread),
            usd=self.price.usd(usage) if self.price else None,
            finish="length" if len(text) > most else "stop",
        )

    def _reply(self, request: Request) -> tuple[str, str]:
        """The reply's text, and what the dice know its question by."""
        if not any(message.role == "user" for message in request.messages):
            raise ProviderError(
                "the chat holds no user message; give the case a question",
                kind=FailureKind.REFUSED_REQUEST,
                endpoint=self.endpoint,
            )
        prompt = read_prompt(request.messages)
        dice = Dice(self.world.seed, request.temperature, request.seed)
        if request.schema is None:
            return self._answering.free(prompt, dice)
        constraint = self._constraint(msgspec.json.encode(request.schema))
        value, key = self._answering.constrained(prompt, dice)
        return constraint.write(value), key

    def _read_schema(self, schema: bytes) -> Constraint:
        found: dict[str, Any] = msgspec.json.decode(schema)
        return Constraint(found, self.endpoint)

    def _input_tokens(self, request: Request) -> int:
        written = [-(-len(each.content) // _CHARACTERS_A_TOKEN) for each in request.messages]
        return sum(written) + _TOKENS_A_MESSAGE * len(written)


def _tuned(name: str, fragment: str) -> int:
    key, _, count = fragment.partition("=")
    if key != "tuned" or not count.isdecimal():
        raise UsageError(f"planted:{name}: write `#tuned=N` with a count, not `#{fragment}`")
    return int(count)
