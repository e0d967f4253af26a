"""Makes worlds of any size with a planted gap, and the study material that belongs to them.

For tests and benchmarks that must know the truth: what the simulated model knows, how well it
keeps to the format, and which cases, documents and examples go with it. The same generator state
always makes the same world. Knows nothing of how the model answers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args
from urllib.parse import parse_qsl

import msgspec
import numpy as np

from suffice.errors import UsageError, suggest
from suffice.models.planted.laws import Laws
from suffice.models.planted.world import Fact, World
from suffice.ports import Price
from suffice.records import Case, Check, Example, Json, Message, Passage

Gap = Literal["none", "knowledge", "format", "both"]

LABELS = ("billing", "shipping", "returns", "product", "account", "warranty")
SCHEMA: dict[str, Json] = {
    "type": "object",
    "properties": {
        "answer": {"type": "string"},
        "category": {"type": "string", "enum": list(LABELS)},
    },
    "required": ["answer", "category"],
    "additionalProperties": False,
}

# What each gap means in numbers: the share known, and how often the shape is right unasked.
KNOWN = {"none": 1.0, "knowledge": 0.5, "format": 1.0, "both": 0.5}
COMPLIANT = {"none": 1.0, "knowledge": 1.0, "format": 0.4, "both": 0.4}

_SYLLABLES = (
    *("bel", "cor", "dan", "fen", "gar", "hol", "kes", "lor", "mar", "nes"),
    *("or", "pel", "quin", "ros", "sel", "tor", "ul", "ver", "wyn", "yar"),
)
_QUALITIES = (
    *("capacity", "weight", "warranty", "price", "range"),
    *("colour", "origin", "lifetime", "voltage", "height"),
)


@dataclass(frozen=True)
class Planted:
    """A world with the cases that ask about it, the documents that hold it, worked examples."""

    world: World
    cases: tuple[Case, ...]
    passages: tuple[Passage, ...]
    examples: tuple[Example, ...]
    schema: Mapping[str, Json]


def make_world(
    generator: np.random.Generator,
    *,
    cases: int = 240,
    per_document: int = 4,
    unanswerable: float = 0.1,
    examples: int = 60,
    gap: Gap = "none",
    known: float | None = None,
    known_by: Literal["fact", "document"] = "fact",
    laws: Laws | None = None,
) -> Planted:
    """Facts in documents of `per_document` each, a case a fact, and examples about other facts.

    `gap` sets what the model lacks; `known` and `laws` say it in numbers instead. `known_by`
    "document" makes whole documents known or unknown, so that cases of a document go together.
    """
    share = KNOWN[gap] if known is None else known
    # No other law may blur the gap that was asked for.
    laws = laws or Laws(
        recall=1.0, skill=1.0, grounding=1.0, distraction=0.0, abstain=1.0, format=COMPLIANT[gap]
    )
    names = _names(generator, -(-cases // per_document))
    facts = [
        _fact(generator, names[at // per_document], at, per_document, unanswerable)
        for at in range(cases)
    ]
    units = [fact.document if known_by == "document" else fact.id for fact in facts]
    distinct = list(dict.fromkeys(units))
    drawn = generator.random(len(distinct)) < share
    known_units = {unit for unit, is_known in zip(distinct, drawn, strict=True) if is_known}
    facts = [
        msgspec.structs.replace(fact, known=unit in known_units)
        for fact, unit in zip(facts, units, strict=True)
    ]
    world = World(
        name=f"generated-{gap}-{cases}",
        seed=int(generator.integers(2**31)),
        facts=tuple(facts),
        laws=laws,
        skill_fields=("category",),
        wrong_shapes=("fence", "prose", "chatty_fence", "explained"),
        price=Price(input=0.15, output=0.6),
    )
    return Planted(
        world=world,
        cases=tuple(case_of(fact) for fact in facts),
        passages=_passages(facts),
        examples=_examples(generator, examples),
        schema=SCHEMA,
    )


def case_of(fact: Fact) -> Case:
    """A fact as a case that asks for it."""
    checks = [Check("json-schema"), Check("abstention")]
    return Case(
        id=fact.id,
        messages=(Message("user", fact.questions[0]),),
        expected=(fact.answer,) if fact.answerable else (),
        checks=(*checks, Check("fields")) if fact.answerable else tuple(checks),
        gold=(fact.document,) if fact.answerable else (),
        answerable=fact.answerable,
        cluster=fact.document,
        schema=SCHEMA,
    )


def world_from_query(query: str) -> World:
    """The world of `planted:generate?cases=10000&gap=both&seed=1`."""
    given = dict(parse_qsl(query))
    known = {"cases", "per_document", "gap", "seed", "unanswerable", "known"}
    for key in given:
        if key not in known:
            near = suggest(key, known)
            raise UsageError(f"generate takes no {key!r}{near}. Known: {', '.join(sorted(known))}")
    gap = given.get("gap", "none")
    if gap not in get_args(Gap):
        near = suggest(gap, KNOWN)
        raise UsageError(f"there is no gap {gap!r}{near}. Known: {', '.join(KNOWN)}")
    return make_world(
        np.random.default_rng(_whole(given, "seed", 0)),
        cases=_whole(given, "cases", 240),
        per_document=max(1, _whole(given, "per_document", 4)),
        unanswerable=_share(given, "unanswerable") or 0.0,
        known=_share(given, "known"),
        examples=0,
        gap=gap,  # type: ignore[arg-type]  # it is one of Gap's values, checked above
    ).world


def _fact(
    generator: np.random.Generator, name: str, at: int, per_document: int, unanswerable: float
) -> Fact:
    quality = _QUALITIES[at % per_document % len(_QUALITIES)]
    turn = at % per_document // len(_QUALITIES)
    thing = f"{quality} number {turn + 1}" if turn else quality
    value = f"{int(generator.integers(100, 10_000))} {_word(generator)}"
    category = LABELS[int(generator.integers(len(LABELS)))]
    answerable = bool(generator.random() >= unanswerable)
    return Fact(
        id=f"fact-{at:06d}",
        question=f"What is the {thing} of the {name}?",
        answer={"answer": value if answerable else None, "category": category},
        evidence=f"The {thing} of the {name} is {value}." if answerable else (),
        document=f"{name.lower().replace(' ', '-')}.md",
        answerable=answerable,
        like=quality,
    )


def _passages(facts: list[Fact]) -> tuple[Passage, ...]:
    texts: dict[str, list[str]] = {}
    for fact in facts:
        texts.setdefault(fact.document, []).extend(fact.sentences)
    return tuple(
        Passage(id=document, document=document, text=" ".join(sentences))
        for document, sentences in texts.items()
    )


def _examples(generator: np.random.Generator, count: int) -> tuple[Example, ...]:
    """Worked examples about things that no case asks for: their names are never drawn again."""
    found = []
    for at in range(count):
        quality = _QUALITIES[at % len(_QUALITIES)]
        reply = {
            "answer": f"{int(generator.integers(100, 10_000))} {_word(generator)}",
            "category": LABELS[int(generator.integers(len(LABELS)))],
        }
        asked = Message("user", f"Tell me the {quality} of sample {at:04d}, please.")
        found.append(
            Example(f"example-{at:04d}", (asked,), msgspec.json.encode(reply).decode(), f"x{at}")
        )
    return tuple(found)


def _names(generator: np.random.Generator, count: int) -> list[str]:
    names: dict[str, None] = {}
    while len(names) < count:
        names[f"{_word(generator).capitalize()} {_word(generator).capitalize()}"] = None
    return list(names)


def _word(generator: np.random.Generator) -> str:
    return "".join(_SYLLABLES[at] for at in generator.integers(len(_SYLLABLES), size=3))


def _whole(given: Mapping[str, str], key: str, default: int) -> int:
    text = given.get(key, str(default))
    if not text.isdecimal():
        raise UsageError(f"generate: {key} is a whole number, not {text!r}")
    return int(text)


def _share(given: Mapping[str, str], key: str) -> float | None:
    if key not in given:
        return None
    try:
        share = float(given[key])
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise UsageError(f"generate: {key} lies between 0 and 1, not {given[key]!r}")
    return share
