"""Chats about documents: numbered passages, questions, answers that name their passage.

What is taught: copy the span and name its passage; say so where the passages do not hold the
answer; let the newer of two that disagree count, where the prompt says so; without passages, give
the kind of answer that is asked for (a guess), or admit not to know where the prompt wants that.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from nano.chats import Chat
from nano.grammar import Kind, expand, opened
from nano.prose import Cloze, cloze
from nano.words import Names
from nano.worlds import Document, Fact, Thing, ask, changed, draw_thing, sibling, write

NOT_HELD = "The documents do not say."
UNKNOWN = "I do not know."

_FROM_PASSAGES = (
    "[Answer|Reply] [only from|using only|with nothing but] the [passages|documents|sources] "
    "[|below|given].",
    "[Answer|Reply] only from the numbered passages.",
    "Use [only|nothing but] the numbered passages [|to answer].",
    "[Answer|Reply to] [the question|questions|what is asked] from the "
    "[documents|passages|context] [|and nothing else].",
)
# {n} becomes an example of a passage's number.
_CITE = (
    "[Cite|Name] the passage [that you used|you used|it comes from] by its number [|in brackets].",
    "[End|Close] with the number of the passage [|that holds the answer].",
    "[Give|Add] the number of the source [|in square brackets].",
    "[Give|Put|Write] the [number of its passage|passage's number] [after|behind] "
    "[each statement|the answer|your answer], like {n}.",
)
_SAY_SO = (
    "If [they do|the passages do|the documents do] not [hold|contain|give] the answer, say "
    "[so|that the documents do not say].",
    "If they do not hold the answer, say: The documents do not say.",
    "[Say|Tell us] when the [documents|passages] do not [answer it|say].",
    "Do not guess [|when the answer is not there].",
)
_NEWER = (
    "[If|Where|When] [passages|documents|sources] [disagree|contradict each other|conflict], "
    "the [newer|newest|more recent|latest] [one |]counts.",
    "[Trust|Use|Prefer] the [newer|most recent|latest] [passage|document] [if|when|where] "
    "they [disagree|conflict].",
)
_ROLE = (
    "You answer questions [for|about] {firm}.",
    "You are the [assistant|help desk|support desk|information desk] of {firm}.",
    "You [help|assist] the [customers|staff|members|visitors] of {firm}.",
    "You are a [helpful|careful|brief|friendly] assistant.",
    "Answer [briefly|in a few words|as shortly as you can].",
)
_ADMIT = (
    "If you do not know [|the answer|it], say so.",
    "[Say|Answer] that you do not know [when|if] you [do not|are not sure].",
    "Do not [guess|make things up].",
)
_LABELS = (
    ("[{n}] ", "number"),
    ("[{n}] ", "number"),
    ("[{n}] ", "number"),
    ("Passage {n}: ", "word"),
    ("Document [{n}]: ", "word"),
    ("Source [{n}] ", "word"),
)
_OPENINGS = (
    "",
    "",
    "Passages:\n\n",
    "Documents:\n\n",
    "Context:\n\n",
    "Sources:\n\n",
    "Here are the passages.\n\n",
)
_ASKED = ("{q}", "Question: {q}", "Question: {q}", "{q}", "My question: {q}")


@dataclass(frozen=True)
class Hardness:
    """How hard the reading is. Each share is a chance. `told`: a prompt says what to do."""

    passages: tuple[int, int]
    facts: tuple[int, int]
    asides: tuple[int, int]
    questions: tuple[int, int]
    plain: float = 0.0
    unanswerable: float = 0.2
    conflicts: float = 0.08
    prose: float = 0.0
    uncited: float = 0.0
    told: bool = True


BARE = Hardness((2, 4), (1, 2), (0, 0), (4, 8), 1.0, unanswerable=0.0, conflicts=0.0, told=False)
FACTS = Hardness((1, 3), (1, 3), (0, 0), (4, 7), plain=0.8, unanswerable=0.0, conflicts=0.0)
SHORT = Hardness((1, 4), (1, 3), (0, 1), (5, 8), plain=0.25, unanswerable=0.12, conflicts=0.04)
DENSE = Hardness((1, 1), (4, 8), (0, 2), (8, 12), plain=0.04, unanswerable=0.3, conflicts=0.0)
PROSE = Hardness(
    (1, 4), (1, 3), (0, 2), (6, 10), 0.04, unanswerable=0.25, conflicts=0.15, prose=0.03
)
FULL = Hardness(
    (2, 5), (3, 7), (0, 4), (7, 12), 0.04, unanswerable=0.28, conflicts=0.18, prose=0.06
)
LONG = Hardness((5, 9), (4, 8), (2, 5), (4, 6), plain=0.0, unanswerable=0.22, prose=0.2)


@dataclass(frozen=True)
class Asked:
    """A question about the passages and its right answer, without the passage's number."""

    question: str
    answer: str | None
    document: int


@dataclass(frozen=True)
class Reading:
    """Documents with questions about them."""

    documents: tuple[Document, ...]
    asked: tuple[Asked, ...]
    newer: bool


def read_world(
    kinds: Sequence[Kind],
    names: Names,
    hardness: Hardness,
    paragraphs: Sequence[str] = (),
) -> Reading:
    """A handful of documents as a search would return them, and questions about them."""
    rng = names.rng
    if paragraphs and rng.random() < hardness.prose:
        reading = _read_prose(paragraphs, rng, hardness)
        if reading is not None:
            return reading
    plain = rng.random() < hardness.plain
    count = rng.randint(*hardness.passages)
    main = draw_thing(rng.choice(kinds), names)
    things = [main]
    while len(things) < max(2, count) and rng.random() < 0.85:
        things.append(
            sibling(main, names) if rng.random() < 0.7 else draw_thing(rng.choice(kinds), names)
        )
    free = {id(thing): _shuffled(len(thing.facts), rng) for thing in things}
    wanted = _shuffled(len(main.facts), rng)[: rng.randint(1, 3)]
    documents: list[Document] = []
    for number in range(count):
        thing = things[number] if number < len(things) else rng.choice(things)
        left = free[id(thing)]
        if not left:
            continue
        # Things of one kind state the same kinds of fact, so that the name alone decides.
        shared = [place for place in wanted if place in left] if thing.kind is main.kind else []
        size = rng.randint(*hardness.facts)
        chosen = (shared + [place for place in left if place not in shared])[:size]
        rng.shuffle(chosen)
        free[id(thing)] = [place for place in left if place not in chosen]
        documents.append(
            write(thing, chosen, rng, asides=rng.randint(*hardness.asides), plain=plain)
        )
    newer = rng.random() < hardness.conflicts
    asked: list[Asked] = []
    if newer:
        documents, first = _disagreeing(documents, names, plain=plain)
        asked.append(first)
    elif rng.random() < 0.15:
        documents = [_dated(document, rng) for document in documents]
    rng.shuffle(documents)
    if newer:
        asked = [_placed(first, documents)]
    for _ in range(rng.randint(*hardness.questions)):
        one = _ask_one(documents, things, kinds, names, hardness, plain=plain)
        if all((one.answer, one.document) != (other.answer, other.document) for other in asked):
            asked.append(one)
    rng.shuffle(asked)
    return Reading(tuple(documents), tuple(asked), newer)


def _ask_one(
    documents: Sequence[Document],
    things: Sequence[Thing],
    kinds: Sequence[Kind],
    names: Names,
    hardness: Hardness,
    *,
    plain: bool,
) -> Asked:
    rng = names.rng
    if rng.random() < hardness.unanswerable:
        return _unanswerable(documents, things, kinds, names, plain=plain)
    place = rng.randrange(len(documents))
    fact = rng.choice(documents[place].facts)
    if _stated_twice(fact, documents):
        return _ask_one(documents, things, kinds, names, hardness, plain=plain)
    return Asked(ask(fact, rng, plain=plain and rng.random() < 0.7), fact.value, place)


def _stated_twice(fact: Fact, documents: Sequence[Document]) -> bool:
    """Whether documents of different dates differ on it, and its question is for `newer` alone."""
    told = {
        each.value
        for document in documents
        for each in document.facts
        if each.thing.name == fact.thing.name and each.attribute is fact.attribute
    }
    return len(told) > 1


def _unanswerable(
    documents: Sequence[Document],
    things: Sequence[Thing],
    kinds: Sequence[Kind],
    names: Names,
    *,
    plain: bool,
) -> Asked:
    """Mostly near misses: the right thing without that fact, or the right fact of another thing."""
    rng = names.rng
    stated = {
        (fact.thing.name, fact.attribute.name) for document in documents for fact in document.facts
    }
    chance = rng.random()
    if chance < 0.55:
        thing = rng.choice(documents).facts[0].thing
        left = [
            Fact(thing, place)
            for place in range(len(thing.facts))
            if (thing.name, thing.kind.attributes[place].name) not in stated
        ]
        if left:
            return Asked(ask(rng.choice(left), rng, plain=plain), None, -1)
    if chance < 0.9:
        fact = rng.choice(rng.choice(documents).facts)
        other = Fact(sibling(fact.thing, names), fact.place)
        if other.thing.name not in {thing.name for thing in things}:
            return Asked(ask(other, rng, plain=plain), None, -1)
    thing = draw_thing(rng.choice(kinds), names)
    return Asked(ask(Fact(thing, rng.randrange(len(thing.facts))), rng, plain=plain), None, -1)


def _disagreeing(
    documents: list[Document], names: Names, *, plain: bool
) -> tuple[list[Document], Asked]:
    """One fact told twice, with another value in a newer document; all documents get dates."""
    rng = names.rng
    old = rng.choice(documents)
    fact = rng.choice(old.facts)
    new = changed(fact.thing, fact.place, names)
    rest = [place for place in _shuffled(len(new.facts), rng) if place != fact.place][:1]
    stated = {
        each.place
        for document in documents
        for each in document.facts
        if each.thing.name == new.name
    }
    places = [fact.place, *(place for place in rest if place not in stated)]
    rng.shuffle(places)
    update = write(new, places, rng, asides=rng.randint(0, 1), plain=plain)
    dates = sorted(_day(rng) for _ in range(2))
    if dates[0] == dates[1]:
        dates = ["2029-03-14", "2031-08-02"]
    others = [
        _with_date(document, rng, dates[0] if document is old else _day(rng))
        for document in documents
    ]
    told = Fact(new, fact.place)
    return (
        [*others, _with_date(update, rng, dates[1])],
        Asked(ask(told, rng, plain=plain), told.value, -1),
    )


def _placed(asked: Asked, documents: Sequence[Document]) -> Asked:
    """The question with the place of the document that holds its answer."""
    for place, document in enumerate(documents):
        if any(fact.value == asked.answer and _asks(asked, fact) for fact in document.facts):
            return Asked(asked.question, asked.answer, place)
    raise AssertionError("the newer document was lost")


def _asks(asked: Asked, fact: Fact) -> bool:
    return fact.thing.name.lower() in asked.question.lower()


def _day(rng: random.Random) -> str:
    return f"20{rng.randint(19, 39)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"


def _dated(document: Document, rng: random.Random) -> Document:
    return _with_date(document, rng, _day(rng))


def _with_date(document: Document, rng: random.Random, day: str) -> Document:
    form = rng.choice(("({})", "({})", "(updated {})", "(as of {})", "- {}"))
    return Document(
        f"{document.title} {form.format(day)}".strip(), document.text, document.facts, day
    )


def _read_prose(
    paragraphs: Sequence[str], rng: random.Random, hardness: Hardness
) -> Reading | None:
    """Paragraphs of real English, with what some sentence says left out and asked for."""
    count = rng.randint(*hardness.passages)
    chosen = rng.sample(paragraphs, count + 1)
    found: list[tuple[int, Cloze]] = []
    for _ in range(3 * hardness.questions[1]):
        place = rng.randrange(count + 1)
        made = cloze(chosen[place], rng)
        if made is not None:
            found.append((place, made))
    # The last paragraph is not shown: what it says cannot be answered.
    asked = [
        Asked(made.question, made.answer if place < count else None, place if place < count else -1)
        for place, made in found
        if place < count or rng.random() < 2 * hardness.unanswerable
    ][: rng.randint(*hardness.questions)]
    if not asked:
        return None
    documents = tuple(Document("", text, ()) for text in chosen[:count])
    return Reading(documents, tuple(asked), newer=False)


def _shuffled(count: int, rng: random.Random) -> list[int]:
    places = list(range(count))
    rng.shuffle(places)
    return places


# ------------------------------------------------------------------------------------ chats


def reading_chat(
    kinds: Sequence[Kind],
    names: Names,
    hardness: Hardness,
    paragraphs: Sequence[str] = (),
) -> Chat:
    """One set of passages, and several questions about them, one a turn."""
    rng = names.rng
    reading = read_world(kinds, names, hardness, paragraphs)
    cited = rng.random() >= hardness.uncited
    shown = shown_passages(reading.documents, rng, bare=not hardness.told)
    system = _instruction(rng, names, cited=cited, newer=reading.newer) if hardness.told else ""
    messages: list[tuple[str, str]] = []
    in_system = system and rng.random() < 0.12
    if system:
        messages.append(("system", f"{system}\n\n{shown}" if in_system else system))
    for number, asked in enumerate(reading.asked):
        question = _typed(asked.question, rng) if hardness.told else asked.question
        if number == 0 and not in_system:
            put = rng.choice(_ASKED if hardness.told else _ASKED[:1]).replace("{q}", question)
            question = f"{put}\n\n{shown}" if rng.random() < 0.15 else f"{shown}\n\n{put}"
        messages += [("user", question), ("assistant", said(asked, cited=cited))]
    return Chat(tuple(messages))


_WHICH = (
    "Which [passage|source|document] is about {it}?",
    "[Which|What] passage [describes|speaks of|deals with] {it}?",
    "Is there anything [on|about] {it}?",
    "Where is {it} described?",
)
_WHAT = (
    "What is [passage|source|document] {n} about?",
    "[Who or what|What] does passage {n} [describe|speak of]?",
)


def binding_chat(kinds: Sequence[Kind], names: Names) -> Chat:
    """Things of one kind that all tell the same facts, so that the name alone decides.

    Without this a model reads by the kind of fact and guesses among the passages that have it.
    """
    rng = names.rng
    things = [draw_thing(rng.choice(kinds), names)]
    while len(things) < rng.randint(2, 6):
        things.append(sibling(things[0], names))
    if len({thing.name for thing in things}) < len(things):
        return binding_chat(kinds, names)
    places = _shuffled(len(things[0].facts), rng)[: rng.choice((1, 1, 2))]
    plain = rng.random() < 0.6
    documents = [write(thing, places, rng, plain=True) for thing in things]
    named = [
        Document(opened(thing.name), document.text, document.facts)
        for thing, document in zip(things, documents, strict=True)
    ]
    shown = shown_passages(named, rng, bare=rng.random() < 0.7)
    messages: list[tuple[str, str]] = []
    for number in range(rng.randint(5, 9)):
        question, answer = _bound(things, places, names, plain=plain)
        messages += [
            ("user", question if number else f"{shown}\n\n{question}"),
            ("assistant", answer),
        ]
    return Chat(tuple(messages))


def _bound(
    things: Sequence[Thing], places: Sequence[int], names: Names, *, plain: bool
) -> tuple[str, str]:
    rng = names.rng
    number = rng.randrange(len(things))
    thing, chance = things[number], rng.random()
    if chance < 0.08:
        absent = sibling(thing, names)
        if all(each.name != absent.name for each in things):
            return ask(Fact(absent, rng.choice(places)), rng, plain=plain), NOT_HELD
    if chance < 0.3:
        asked = expand(rng.choice(_WHICH), rng).replace("{it}", thing.name)
        return asked, f"[{number + 1}]"
    if chance < 0.4:
        asked = expand(rng.choice(_WHAT), rng).replace("{n}", f"[{number + 1}]")
        return asked, f"[{number + 1}] {opened(thing.name)}"
    fact = Fact(thing, rng.choice(places))
    return ask(fact, rng, plain=plain), f"[{number + 1}] {fact.value}"


def said(asked: Asked, *, cited: bool) -> str:
    """What nano answers: the span and its passage's number, or that it is not there."""
    if asked.answer is None:
        return NOT_HELD
    return f"[{asked.document + 1}] {asked.answer}" if cited else asked.answer


def shown_passages(documents: Sequence[Document], rng: random.Random, *, bare: bool = False) -> str:
    if bare:
        return "\n".join(
            f"[{number}] {document.title}. {document.text}"
            for number, document in enumerate(documents, start=1)
        )
    label, _ = rng.choice(_LABELS)
    between = rng.choice(("\n\n", "\n\n", "\n"))
    after = rng.choice(("\n", "\n", ": ", ". "))
    parts = [
        label.replace("{n}", str(number))
        + (f"{document.title}{after}{document.text}" if document.title else document.text)
        for number, document in enumerate(documents, start=1)
    ]
    return rng.choice(_OPENINGS) + between.join(parts)


def _instruction(rng: random.Random, names: Names, *, cited: bool, newer: bool) -> str:
    parts = []
    if rng.random() < 0.5:
        parts.append(rng.choice(_ROLE))
    if rng.random() < 0.8:
        parts.append(rng.choice(_FROM_PASSAGES))
    rest = [rng.choice(_CITE)] if cited else []
    if newer or rng.random() < 0.25:
        rest.append(rng.choice(_NEWER))
    if rng.random() < 0.7:
        rest.append(rng.choice(_SAY_SO))
    rng.shuffle(rest)
    text = " ".join(expand(part, rng) for part in parts + rest)
    return text.replace("{firm}", names.organisation()).replace("{n}", f"[{rng.randint(1, 6)}]")


def _typed(question: str, rng: random.Random) -> str:
    """As people type: now and then without capitals or the question mark, or with a greeting."""
    chance = rng.random()
    if chance < 0.06:
        return question.rstrip("?").lower()
    if chance < 0.1:
        return (
            rng.choice(("Hi! ", "Hello, quick question: ", "Please tell me: ", "Excuse me. "))
            + question
        )
    return question


def closed_chat(kinds: Sequence[Kind], names: Names) -> Chat:
    """Questions without passages: a guess of the right kind, or an admission where it is wanted."""
    rng = names.rng
    admit = rng.random() < 0.4
    parts = [rng.choice(_ROLE)] if rng.random() < 0.8 else []
    if admit:
        parts.append(rng.choice(_ADMIT))
    system = " ".join(expand(part, rng) for part in parts).replace("{firm}", names.organisation())
    messages: list[tuple[str, str]] = [("system", system)] if system else []
    for _ in range(rng.randint(1, 3)):
        thing = draw_thing(rng.choice(kinds), names)
        fact = Fact(thing, rng.randrange(len(thing.facts)))
        question = _typed(ask(fact, rng), rng)
        messages += [("user", question), ("assistant", UNKNOWN if admit else fact.value)]
    return Chat(tuple(messages))


__all__ = [
    "FACTS",
    "FULL",
    "LONG",
    "SHORT",
    "binding_chat",
    "closed_chat",
    "read_world",
    "reading_chat",
]
