"""Nano on questions that people asked about Wikipedia: XQuAD's English part, scored by SQuAD's F1.

Needs the file of github.com/google-deepmind/xquad under $SUFFICE_DATA/xquad; without it this part
is left out, and says so.
"""

import json
import os
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from nano.evaluate import (
    MOST_TOKENS,
    SYSTEM,
    Item,
    answers_to,
    cites,
    without_citation,
)

from benchmarks.nano_claims import Found
from suffice.evaluate.metrics.f1 import F1
from suffice.ports import ChatModel, Context
from suffice.records import Answer, Case, Message
from suffice.stats.intervals import rate_interval

DATA = Path(os.environ.get("SUFFICE_DATA", Path(__file__).parents[2] / "shared" / "data"))
FILE = DATA / "xquad" / "xquad.en.json"
_TEMPLATE_TOKENS = 32  # about
_DISTRACTORS = 3


@dataclass(frozen=True)
class Asked:
    """A question about a paragraph; `others` are paragraphs of the same article."""

    question: str
    answers: tuple[str, ...]
    paragraph: str
    others: tuple[str, ...]


def squad(found: Found, model: ChatModel, count: int) -> None:
    """With the paragraph alone as passage [1], then hidden among three of the same article."""
    if not FILE.exists():
        print(f"{FILE} is absent: SQuAD is not measured; set SUFFICE_DATA to where xquad/ lies")
        return
    chosen = random.Random(91).sample(_read(FILE), count)
    places = random.Random(92)
    _measured(found, model, "SQuAD, 1 passage", [(each, [each.paragraph]) for each in chosen])
    hidden = []
    for each in chosen:
        shown = places.sample(each.others, _DISTRACTORS)
        shown.insert(places.randint(0, _DISTRACTORS), each.paragraph)
        hidden.append((each, shown))
    _measured(found, model, "SQuAD, 4 passages", hidden)


def _read(path: Path) -> list[Asked]:
    articles = json.loads(path.read_text("utf-8"))["data"]
    found = []
    for article in articles:
        texts = [each["context"] for each in article["paragraphs"]]
        for place, paragraph in enumerate(article["paragraphs"]):
            others = tuple(texts[:place] + texts[place + 1 :])
            for asked in paragraph["qas"]:
                answers = tuple(each["text"] for each in asked["answers"])
                found.append(Asked(asked["question"], answers, texts[place], others))
    return found


def _measured(
    found: Found, model: ChatModel, name: str, asked: Sequence[tuple[Asked, Sequence[str]]]
) -> None:
    fitting = [each for each in asked if _fits(model, _item(*each))]
    if left_out := len(asked) - len(fitting):
        print(f"{name}: {left_out} of {len(asked)} questions are left out, longer than the window")
    asked = fitting
    answers = answers_to(model, [_item(each, shown) for each, shown in asked])
    values = [_f1(answer, each.answers) for answer, (each, _) in zip(answers, asked, strict=True)]
    # Questions about one paragraph are easy or hard together.
    between = rate_interval(np.array(values), [each.paragraph for each, _ in asked])
    mean = 100 * sum(values) / len(values)
    bounds = (100 * between.low, 100 * between.high)
    found.number(f"{name}: F1", "of 100", mean, ">= 40", between=bounds, count=len(values))
    found.share(f"{name}: exact", [value == 1.0 for value in values])
    found.share(
        f"{name}: citation right",
        [
            cites(answer, list(shown).index(each.paragraph) + 1)
            for answer, (each, shown) in zip(answers, asked, strict=True)
        ],
    )


def _fits(model: ChatModel, item: Item) -> bool:
    taken = sum(model.count_tokens(each.content) for each in item.messages)
    return model.window is None or taken + _TEMPLATE_TOKENS + MOST_TOKENS <= model.window


def _item(asked: Asked, shown: Sequence[str]) -> Item:
    numbered = "\n\n".join(f"[{number}] {text}" for number, text in enumerate(shown, start=1))
    messages = (Message("system", SYSTEM), Message("user", f"{numbered}\n\n{asked.question}"))
    return Item(messages, asked.answers[0])


def _f1(answer: Answer, expected: Sequence[str]) -> float:
    case = Case("", (), expected=tuple(expected))
    score = F1().score(Context(case, Answer(without_citation(answer.text))))
    if score.value is None:
        raise RuntimeError(f"F1 could not be told: {score.unscored}")
    return score.value
