"""Nano and a house's own formats: told by prompt, shown by examples, tuned in by a LoRA.

Held-out messages use sentence patterns and things that no example has, so that what is measured is
no memory of sentences. The last part tunes an adapter on retrieved passages and asks it about
documents of unseen kinds: reading, citing, declining and the format at once.
"""

import json
import random
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from nano.chats import Chat
from nano.domains.unseen.house_formats import BEHAVIOURS, TOPICS, Behaviour, items_in
from nano.evaluate import Item, Tokens, answerable, answers_to, passages, readings, unanswerable
from nano.kinds import trained_kinds
from nano.reading import Hardness
from nano.words import Names

from benchmarks.nano_claims import Found
from benchmarks.nano_lora import Recipe, tune
from suffice.evaluate.declining import declined
from suffice.evaluate.reading import normalise
from suffice.models.nano import create
from suffice.ports import ChatModel, ModelOptions
from suffice.records import Message

SHOTS = (4, 8)
_HELD_OUT = 3  # one in so many patterns and things

HYBRID = (
    "Work from the numbered passages alone. Reply with one JSON object and nothing else: "
    '{"answer": "words of the passage", "source": number of the passage}. Both are null where no '
    "passage has the answer."
)
# Shorter than what is asked about later: a CPU reads them in time.
_RETRIEVED = Hardness((3, 4), (2, 5), (0, 2), (1, 1), unanswerable=0.3, conflicts=0.0)
_RETRIEVED_TOKENS = (120, 420)

Pair = tuple[str, str]


@dataclass(frozen=True)
class Sizes:
    """How many held-out messages, few-shot prompts, and examples for each adapter."""

    held_out: int
    few_shot: int
    examples: tuple[int, ...]
    hybrid_examples: int
    hybrid_asked: int


# ---------------------------------------------------------------- messages


def drawn(behaviour: Behaviour, rng: random.Random, count: int, *, held_out: bool) -> list[Pair]:
    """Different messages with their replies, of one side of the split."""
    pairs: dict[str, str] = {}
    while len(pairs) < count:
        for message, reply in behaviour.draw(rng, count):
            if side(message) is held_out and len(pairs) < count:
                pairs[message] = reply
    return list(pairs.items())


def side(message: str) -> bool | None:
    """Whether pattern and thing are both held out; None where they are of two sides."""
    marks = {number % _HELD_OUT == 0 for number, form in _FORMS if form.search(message)}
    marks |= {zlib.crc32(item.encode()) % _HELD_OUT == 0 for item in items_in(message)}
    return marks.pop() if len(marks) == 1 else None


def _form(pattern: str) -> re.Pattern[str]:
    """Finds what a pattern without nested brackets can become, at any place of a message."""
    escaped = re.escape(pattern).replace(r"\{item\}", r"[\w ]+?")
    for written, meant in ((r"\[", "(?:"), (r"\]", ")"), (r"\|", "|")):
        escaped = escaped.replace(written, meant)
    return re.compile(escaped, re.IGNORECASE)


_FORMS = [
    (number, _form(pattern)) for topic in TOPICS for number, pattern in enumerate(topic.patterns)
]


# ---------------------------------------------------------------- three house formats


def told_and_shown(found: Found, weights: Path, sizes: Sizes) -> None:
    """Each format by prompt alone, then by examples in the prompt, others for every message."""
    model = create(str(weights), ModelOptions())
    for behaviour, held, free in _material(sizes):
        rng = random.Random(72)
        alone = _judged(
            found, f"{behaviour.name}: prompt alone", model, behaviour, held, goal="< 0.2"
        )
        for shots in SHOTS:
            few = [rng.sample(free, shots) for _ in held[: sizes.few_shot]]
            name, goal = f"{behaviour.name}: {shots} examples in the prompt", f"> {alone:.3g}"
            _judged(found, name, model, behaviour, held[: sizes.few_shot], goal=goal, few=few)


def tuned_in(found: Found, weights: Path, sizes: Sizes, recipe: Recipe, folder: Path) -> None:
    """Each format by an adapter, with the same prompt."""
    for behaviour, held, free in _material(sizes):
        for count in sizes.examples:
            chats = [chat_of(behaviour.SYSTEM, *pair) for pair in free[:count]]
            name = f"{behaviour.name}: LoRA, {count} examples"
            adapted = _adapted(found, name, weights, chats, recipe=recipe, folder=folder)
            _judged(found, name, adapted, behaviour, held, goal=">= 0.95")


def _material(sizes: Sizes) -> Iterator[tuple[Behaviour, list[Pair], list[Pair]]]:
    for number, behaviour in enumerate(BEHAVIOURS):
        rng = random.Random(71 + number)
        held = drawn(behaviour, rng, sizes.held_out, held_out=True)
        yield behaviour, held, drawn(behaviour, rng, max(*sizes.examples, 100), held_out=False)


def _judged(
    found: Found,
    name: str,
    model: ChatModel,
    behaviour: Behaviour,
    held: Sequence[Pair],
    *,
    goal: str,
    few: Sequence[Sequence[Pair]] = (),
) -> float:
    """The share of replies of the demanded shape; beside it those that say the right thing."""
    shown_before = few or [()] * len(held)
    items = [
        Item(_messages(behaviour.SYSTEM, message, before), reply)
        for (message, reply), before in zip(held, shown_before, strict=True)
    ]
    texts = [answer.text for answer in answers_to(model, items)]
    share = found.share(
        f"{name}: complies",
        [behaviour.complies(message, text) for (message, _), text in zip(held, texts, strict=True)],
        goal,
    )
    found.share(
        f"{name}: says the right thing",
        [
            behaviour.right(message, text, reply)
            for (message, reply), text in zip(held, texts, strict=True)
        ],
    )
    return share


def _messages(system: str, message: str, before: Sequence[Pair]) -> tuple[Message, ...]:
    turns = [Message("system", system)]
    for asked, said in before:
        turns += [Message("user", asked), Message("assistant", said)]
    return (*turns, Message("user", message))


def chat_of(system: str, message: str, reply: str) -> Chat:
    return Chat((("system", system), ("user", message), ("assistant", reply)))


def _adapted(
    found: Found, name: str, weights: Path, chats: Sequence[Chat], *, recipe: Recipe, folder: Path
) -> ChatModel:
    tuned = tune(weights, chats, recipe, folder / name.replace(": ", "-").replace(", ", "-"))
    found.number(f"{name}: training", "seconds", tuned.seconds, "< 180", count=len(chats))
    print(f"{name}: {tuned.tokens} tokens, loss {tuned.loss:.4f}", flush=True)
    return create(str(tuned.folder), ModelOptions())


# ---------------------------------------------------------------- hybrid


def hybrid(found: Found, weights: Path, sizes: Sizes, recipe: Recipe, folder: Path) -> None:
    """An adapter that was shown retrieved passages of other kinds of things, in a house format."""
    base = create(str(weights), ModelOptions())
    chats = hybrid_chats(random.Random(81), sizes.hybrid_examples, base.count_tokens)
    name = f"hybrid: LoRA, {len(chats)} examples"
    adapted = _adapted(found, name, weights, chats, recipe=recipe, folder=folder)
    names = Names(random.Random(82), seen=False)
    held = answerable(names, sizes.hybrid_asked, base.count_tokens)
    silent = unanswerable(names, sizes.hybrid_asked, base.count_tokens)
    few = [_parsed(text) for text in _replies(base, held[: sizes.few_shot])]
    found.share("hybrid: prompt alone: format", [each is not None for each in few])
    told = [_parsed(text) for text in _replies(adapted, held)]
    found.share(
        "hybrid: exact",
        [_says(each, item) for each, item in zip(told, held, strict=True)],
        ">= 0.85",
    )
    found.share(
        "hybrid: citation right",
        [
            each is not None and each[1] == item.passage
            for each, item in zip(told, held, strict=True)
        ],
        ">= 0.85",
    )
    texts = _replies(adapted, silent)
    found.share("hybrid: refusals", [declined(text) for text in texts], ">= 0.8")
    both = [*told, *(_parsed(text) for text in texts)]
    found.share("hybrid: format", [each is not None for each in both], ">= 0.95")
    found.share("hybrid: false refusals", [each == (None, None) for each in told], "<= 0.1")


def hybrid_chats(rng: random.Random, count: int, tokens: Tokens) -> list[Chat]:
    """Passages of the kinds that nano was trained on, with replies in the house format."""
    names = Names(rng)
    worlds = readings(trained_kinds(), names, _RETRIEVED, _RETRIEVED_TOKENS, tokens)
    chats = []
    for reading in islice(worlds, count):
        asked = reading.asked[0]
        source = None if asked.answer is None else asked.document + 1
        reply = json.dumps({"answer": asked.answer, "source": source}, ensure_ascii=False)
        prompt = f"{passages(reading.documents)}\n\n{asked.question}"
        chats.append(chat_of(HYBRID, prompt, reply))
    return chats


def _replies(model: ChatModel, items: Sequence[Item]) -> list[str]:
    asked = [
        Item((Message("system", HYBRID), *item.messages[1:]), item.expected, item.passage)
        for item in items
    ]
    return [answer.text for answer in answers_to(model, asked)]


def _parsed(text: str) -> tuple[str | None, int | None] | None:
    """The reply's two values; None unless it is the demanded object and nothing else."""
    try:
        read = json.loads(text)
    except ValueError:
        return None
    if not isinstance(read, dict) or list(read) != ["answer", "source"]:
        return None
    answer, source = read["answer"], read["source"]
    if (answer, source) == (None, None):
        return None, None
    good = isinstance(answer, str) and isinstance(source, int) and not isinstance(source, bool)
    return (answer, source) if good else None


def _says(read: tuple[str | None, int | None] | None, item: Item) -> bool:
    if read is None or read[0] is None or item.expected is None:
        return False
    return normalise(read[0]) == normalise(item.expected)
