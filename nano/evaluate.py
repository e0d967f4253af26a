"""What nano is asked before it is shipped: worlds of kinds, names and phrasings it never met.

    python -m nano.evaluate WEIGHTS [--count 100] [--seed 7]

Draws four sorts of questions with what a right answer is, and judges answers. The prompts are
written as a user would write them, in no words of the training's own instructions. Knows a model
only as something that answers requests; the benchmark asks the same questions in larger numbers.
"""

import argparse
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nano.grammar import Kind
from nano.kinds import trained_kinds, unseen_kinds
from nano.reading import Hardness, Reading, read_world
from nano.words import Names
from nano.worlds import Document, Fact, ask, changed, draw_thing
from suffice.evaluate.declining import declined
from suffice.evaluate.reading import normalise
from suffice.models.nano import create
from suffice.ports import ChatModel, ModelOptions
from suffice.records import Answer, Message, Request

SYSTEM = (
    "You work for the help desk. Only the passages count. Show which of them you relied on by its "
    "number in brackets, like [2]. When the passages are silent on it, reply that the documents "
    "do not say."
)
NEWER = "An older passage gives way to a more recent one."
CLOSED = "You work for the help desk. Keep it to a few words."
ADMITTING = f"{CLOSED} It is fine not to know: then tell the customer."

MOST_TOKENS = 96
SHORTEST = 600  # tokens of all passages together
_LONGEST = 1400  # so that any tokenizer's prompt fits the window with its answer

_WORLD = Hardness((4, 4), (4, 7), (2, 5), (1, 1), unanswerable=0.0, conflicts=0.0)
_SILENT = replace(_WORLD, unanswerable=1.0)
# The newer of the two is a further passage.
_CONFLICT = replace(_WORLD, passages=(3, 3), facts=(5, 8), questions=(0, 0), conflicts=1.0)

_CITED = re.compile(r"\s*\[(\d+)\]")
_REDRAWN = 40  # values that a fact could have had as well

Tokens = Callable[[str], int]


@dataclass(frozen=True)
class Item:
    """A question with its right answer; None where it has none. `passage` counts from 1, and is 0
    where none holds the answer. `older` is what an overruled passage says."""

    messages: tuple[Message, ...]
    expected: str | None
    passage: int = 0
    older: str | None = None

    @property
    def request(self) -> Request:
        return Request(self.messages, max_tokens=MOST_TOKENS)


# ---------------------------------------------------------------- questions


def answerable(
    names: Names, count: int, tokens: Tokens, kinds: Sequence[Kind] | None = None
) -> list[Item]:
    """One question each about four passages of 600 tokens or more, one of which answers it."""
    return list(_items(names, count, _WORLD, tokens, SYSTEM, kinds=kinds))


def unanswerable(
    names: Names, count: int, tokens: Tokens, kinds: Sequence[Kind] | None = None
) -> list[Item]:
    """Mostly near misses: what the passages leave out of a thing, or what they tell of another."""
    return list(_items(names, count, _SILENT, tokens, SYSTEM, kinds=kinds))


def disagreeing(
    names: Names, count: int, tokens: Tokens, kinds: Sequence[Kind] | None = None
) -> list[Item]:
    """Two passages with dates tell the fact differently, and the newer is to count."""
    return list(_items(names, count, _CONFLICT, tokens, f"{SYSTEM} {NEWER}", kinds=kinds))


def closed(names: Names, count: int, system: str) -> list[Item]:
    """Facts of things that do not exist, asked without passages. What could be guessed, as a
    weekday could, is not asked: a lucky guess would pass for knowledge."""
    kinds = unseen_kinds()
    items: list[Item] = []
    while len(items) < count:
        thing = draw_thing(names.rng.choice(kinds), names)
        fact = Fact(thing, names.rng.randrange(len(thing.facts)))
        if not is_guessable(fact, names):
            messages = (Message("system", system), Message("user", ask(fact, names.rng)))
            items.append(Item(messages, fact.value))
    return items


def readings(
    kinds: Sequence[Kind], names: Names, hardness: Hardness, within: tuple[int, int], tokens: Tokens
) -> Iterator[Reading]:
    """Endless worlds whose passages have so many tokens together."""
    low, high = within
    while True:
        reading = read_world(kinds, names, hardness)
        if reading.asked and low <= tokens(passages(reading.documents)) <= high:
            yield reading


def passages(documents: Sequence[Document]) -> str:
    """As a search would hand them to a model: numbered, each with its title on a line."""
    return "\n\n".join(
        f"[{number}] {document.title}\n{document.text}"
        if document.title
        else f"[{number}] {document.text}"
        for number, document in enumerate(documents, start=1)
    )


def _items(
    names: Names,
    count: int,
    hardness: Hardness,
    tokens: Tokens,
    system: str,
    *,
    kinds: Sequence[Kind] | None,
) -> Iterator[Item]:
    """Of the kinds that training never met, unless others are given."""
    drawn = unseen_kinds() if kinds is None else kinds
    worlds = readings(drawn, names, hardness, (SHORTEST, _LONGEST), tokens)
    for _, reading in zip(range(count), worlds, strict=False):
        asked = reading.asked[0]
        yield Item(
            messages=(
                Message("system", system),
                Message("user", f"{passages(reading.documents)}\n\n{asked.question}"),
            ),
            expected=asked.answer,
            passage=asked.document + 1,
            older=_older(reading) if reading.newer else None,
        )


def _older(reading: Reading) -> str:
    """What the passage says that the newer one overrules."""
    asked = reading.asked[0]
    facts = [fact for document in reading.documents for fact in document.facts]
    newest = [f for f in reading.documents[asked.document].facts if f.value == asked.answer]
    overruled = (
        fact.value
        for told in newest
        for fact in facts
        if (fact.thing.name, fact.place) == (told.thing.name, told.place)
        and fact.value != told.value
    )
    return next(overruled)


def is_guessable(fact: Fact, names: Names) -> bool:
    """Whether other draws of the fact soon give the same values again."""
    redrawn = {changed(fact.thing, fact.place, names).facts[fact.place] for _ in range(_REDRAWN)}
    return len(redrawn) < 0.75 * _REDRAWN


# ---------------------------------------------------------------- judgements


def exact(answer: Answer, expected: str) -> bool:
    """Whether the answer is the span and nothing else, apart from its citation."""
    return normalise(without_citation(answer.text)) == normalise(expected)


def without_citation(text: str) -> str:
    return _CITED.sub("", text)


def cites(answer: Answer, passage: int) -> bool:
    """Whether the answer names that passage and no other."""
    return {int(number) for number in _CITED.findall(answer.text)} == {passage}


def refuses(answer: Answer) -> bool:
    return declined(answer.text)


def speaks(answer: Answer) -> bool:
    """Whether it says something and comes to an end by itself."""
    return bool(answer.text.strip()) and answer.finish == "stop"


def answers_to(model: ChatModel, items: Sequence[Item]) -> list[Answer]:
    """All answers. Raises where one failed: a failure is no answer, and must not count as wrong."""
    answers = list(model.ask([item.request for item in items]))
    for answer in answers:
        if answer.failure is not None:
            raise RuntimeError(f"an item could not be asked: {answer.failure.message}")
    return answers


def shares(
    model: ChatModel, count: int, seed: int, kinds: Sequence[Kind] | None = None
) -> Mapping[str, float]:
    """The recipe's look at a run: each share on `count` fresh questions."""
    names = Names(random.Random(seed), seen=False)
    held = answerable(names, count, model.count_tokens, kinds)
    silent = unanswerable(names, count, model.count_tokens, kinds)
    newer = disagreeing(names, count, model.count_tokens, kinds)
    unknown = closed(names, count, CLOSED)
    told = answers_to(model, held)
    found = {
        "read": [exact(a, i.expected or "") for a, i in zip(told, held, strict=True)],
        "cited": [cites(a, i.passage) for a, i in zip(told, held, strict=True)],
        "falsely refused": [refuses(a) for a in told],
        "refused": [refuses(a) for a in answers_to(model, silent)],
    }
    told = answers_to(model, newer)
    found["newer"] = [exact(a, i.expected or "") for a, i in zip(told, newer, strict=True)]
    found["older"] = [exact(a, i.older or "") for a, i in zip(told, newer, strict=True)]
    told = answers_to(model, unknown)
    found["known"] = [exact(a, i.expected or "") for a, i in zip(told, unknown, strict=True)]
    found["spoke"] = [speaks(a) for a in told]
    return {name: sum(values) / len(values) for name, values in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(prog="nano.evaluate", description=__doc__)
    parser.add_argument("weights", type=Path, help="the folder that nano.export wrote")
    parser.add_argument("--count", type=int, default=100, help="questions of each sort")
    parser.add_argument("--seed", type=int, default=7)
    chosen = parser.parse_args()
    model = create(str(chosen.weights.resolve()), ModelOptions())
    for title, kinds in (("kinds of the training", trained_kinds()), ("other kinds", None)):
        print(title)
        for name, share in shares(model, chosen.count, chosen.seed, kinds).items():
            print(f"  {name:16} {share:.3f}")


if __name__ == "__main__":
    main()
