"""Things with facts, and the documents that state them.

A thing is drawn from a kind: a name that nobody bears and a value for each attribute. A document
says some of its facts as prose, list, table, questions and answers, or notes.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from nano.grammar import Attribute, Kind, expand, opened
from nano.values import value
from nano.words import Names


@dataclass(frozen=True)
class Thing:
    """`facts` holds the value of each attribute of its kind, in the kind's order."""

    kind: Kind
    name: str
    noun: str
    facts: tuple[str, ...]


@dataclass(frozen=True)
class Fact:
    thing: Thing
    place: int

    @property
    def attribute(self) -> Attribute:
        return self.thing.kind.attributes[self.place]

    @property
    def value(self) -> str:
        return self.thing.facts[self.place]


@dataclass(frozen=True)
class Document:
    """`facts` are those it states. `dated` is a year-month-day, where it has one."""

    title: str
    text: str
    facts: tuple[Fact, ...]
    dated: str = ""


def draw_thing(kind: Kind, names: Names) -> Thing:
    name = getattr(names, kind.named)()
    facts: list[str] = []
    for attribute in kind.attributes:
        drawn = _drawn(attribute, names)
        for _ in range(4):  # two facts of one thing rarely share a value, or no answer is certain
            if drawn not in facts:
                break
            drawn = _drawn(attribute, names)
        facts.append(drawn)
    return Thing(kind, name, names.rng.choice(kind.nouns), tuple(facts))


def sibling(thing: Thing, names: Names) -> Thing:
    """Another thing of the kind; now and then one whose name is nearly the same."""
    other = draw_thing(thing.kind, names)
    if names.rng.random() < 0.25 and " " in thing.name and " " in other.name:
        mixed = [*other.name.split()[:-1], thing.name.split()[-1]]
        other = replace(other, name=" ".join(mixed))
    return other if other.name != thing.name else draw_thing(thing.kind, names)


def changed(thing: Thing, place: int, names: Names) -> Thing:
    """The thing after one of its facts was replaced by another."""
    new = thing.facts[place]
    while new == thing.facts[place]:
        new = _drawn(thing.kind.attributes[place], names)
    facts = (*thing.facts[:place], new, *thing.facts[place + 1 :])
    return replace(thing, facts=facts)


def _drawn(attribute: Attribute, names: Names) -> str:
    if isinstance(attribute.value, str):
        return value(attribute.value, names)
    return expand(names.rng.choice(attribute.value), names.rng)


# ------------------------------------------------------------------------------- documents


def write(
    thing: Thing, places: Sequence[int], rng: random.Random, *, asides: int = 0, plain: bool = False
) -> Document:
    """A document that states the facts at `places`, with so many sentences that state none."""
    facts = tuple(Fact(thing, place) for place in places)
    style = (
        "lines"
        if plain
        else rng.choices(("prose", "list", "table", "questions", "lines"), (10, 3, 2, 2, 1))[0]
    )
    text = {
        "prose": _prose,
        "list": _list,
        "table": _table,
        "questions": _questions,
        "lines": _lines,
    }[style](facts, rng, asides)
    named = style == "prose" and thing.name.lower() in text.lower()
    return Document(_title(thing, rng, needed=not named), text, facts)


_BOOKS = ("Handbook", "Catalogue", "Notes", "Guide", "Records", "Wiki", "Manual", "Files")


def _title(thing: Thing, rng: random.Random, *, needed: bool) -> str:
    name = opened(thing.name)
    if not needed and rng.random() < 0.35:
        return ""
    if not needed and rng.random() < 0.3:
        return rng.choice(("Overview", "Notes", "Details", "Handbook, page 4", opened(thing.noun)))
    return rng.choice(
        (
            name,
            name,
            name,
            f"{name}: {rng.choice(('overview', 'facts', 'details', 'at a glance', 'notes'))}",
            f"About {thing.name}",
            f"{rng.choice(_BOOKS)} > {name}",
            f"{opened(thing.noun)} file: {thing.name}",
        )
    )


def _prose(facts: Sequence[Fact], rng: random.Random, asides: int) -> str:
    said = [(fact, rng.choice(fact.attribute.says)) for fact in facts]
    thing = facts[0].thing
    free = list(thing.kind.asides)
    rng.shuffle(free)
    sentences: list[tuple[str, str]] = [(pattern, fact.value) for fact, pattern in said]
    for pattern in free[:asides]:
        sentences.insert(rng.randint(0, len(sentences)), (pattern, ""))
    return " ".join(
        _sentence(pattern, told, thing, rng, first=place == 0)
        for place, (pattern, told) in enumerate(sentences)
    )


def _sentence(pattern: str, told: str, thing: Thing, rng: random.Random, *, first: bool) -> str:
    spoken = thing.name
    if not first and rng.random() < 0.45:
        spoken = f"the {thing.noun}"
    # Values come last: brackets or braces of theirs are no grammar.
    text = expand(pattern, rng).replace("{it}", spoken).replace("{value}", told)
    return opened(text)


def _list(facts: Sequence[Fact], rng: random.Random, asides: int) -> str:
    bullet = rng.choice(("- ", "* ", "• ", ""))
    lines = [f"{bullet}{opened(fact.attribute.name)}: {fact.value}" for fact in facts]
    return "\n".join(_leading(facts, rng, asides) + lines)


def _table(facts: Sequence[Fact], rng: random.Random, asides: int) -> str:
    lines = [f"| {fact.attribute.name} | {fact.value} |" for fact in facts]
    return "\n".join(_leading(facts, rng, asides) + lines)


def _questions(facts: Sequence[Fact], rng: random.Random, asides: int) -> str:
    lines = _leading(facts, rng, asides)
    for fact in facts:
        asked = ask(fact, rng)
        said = _sentence(rng.choice(fact.attribute.says), fact.value, fact.thing, rng, first=False)
        lines.append(f"Q: {asked}\nA: {said}")
    return "\n".join(lines)


def _lines(facts: Sequence[Fact], rng: random.Random, asides: int) -> str:
    lines = [f"{opened(fact.attribute.name)}: {fact.value}." for fact in facts]
    return " ".join(_leading(facts, rng, asides) + lines)


def _leading(facts: Sequence[Fact], rng: random.Random, asides: int) -> list[str]:
    if not asides:
        return []
    thing = facts[0].thing
    chosen = rng.sample(thing.kind.asides, min(asides, len(thing.kind.asides)))
    return [" ".join(_sentence(each, "", thing, rng, first=True) for each in chosen)]


def ask(fact: Fact, rng: random.Random, *, plain: bool = False) -> str:
    """A question whose answer is the fact."""
    if plain:
        pattern = f"What is the {fact.attribute.name} of {{it}}?"
    else:
        pattern = rng.choice(fact.attribute.asks)
    return opened(expand(pattern, rng).replace("{it}", fact.thing.name))
