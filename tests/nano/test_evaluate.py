"""The questions that nano is judged by, and the judgements."""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest
from nano.evaluate import (
    CLOSED,
    NEWER,
    SHORTEST,
    SYSTEM,
    Item,
    answerable,
    answers_to,
    cites,
    closed,
    disagreeing,
    exact,
    is_guessable,
    refuses,
    shares,
    speaks,
    unanswerable,
)
from nano.kinds import trained_kinds
from nano.reading import FULL, reading_chat
from nano.words import Names
from nano.worlds import Fact, draw_thing

from suffice.ports import Price
from suffice.records import Answer, Failure, FailureKind, Json, Message, Request

Draw = Callable[[Names, int, Callable[[str], int]], list[Item]]


@dataclass(frozen=True)
class Repeating:
    """A model that says one thing to everything."""

    answer: Answer
    name: str = "repeating"
    endpoint: str = "here"
    batch: int = 8
    price: Price | None = None
    window: int | None = None

    def identity(self) -> Json:
        return self.answer.text

    def count_tokens(self, text: str) -> int:
        return tokens(text)

    def ask(self, requests: Sequence[Request]) -> list[Answer]:
        return [self.answer for _ in requests]


def tokens(text: str) -> int:
    """About what nano's tokenizer makes of it."""
    return len(text) // 3


def names(seed: int = 3) -> Names:
    return Names(random.Random(seed), seen=False)


def passages_of(item: Item) -> list[str]:
    return item.messages[-1].content.split("\n\n")[:-1]


def test_the_answer_stands_in_the_passage_that_is_to_be_named() -> None:
    """The passage with the right number holds the expected words, and no question is without."""
    for item in answerable(names(), 20, tokens):
        assert item.expected is not None
        assert item.expected in passages_of(item)[item.passage - 1]
        assert passages_of(item)[item.passage - 1].startswith(f"[{item.passage}] ")


@pytest.mark.parametrize("draw", [answerable, unanswerable, disagreeing])
def test_a_question_comes_with_passages_of_600_tokens_or_more(draw: Draw) -> None:
    """There are three or four passages, long enough together, and the question is last."""
    for item in draw(names(), 6, tokens):
        shown = passages_of(item)
        assert 3 <= len(shown) <= 4
        assert tokens("\n\n".join(shown)) >= SHORTEST
        assert "[" not in item.messages[-1].content.rpartition("\n\n")[2]


def test_an_unanswerable_question_names_no_passage() -> None:
    """Nothing is expected where the passages are silent."""
    items = unanswerable(names(), 12, tokens)
    assert {(item.expected, item.passage) for item in items} == {(None, 0)}


def test_of_two_that_disagree_the_newer_is_expected() -> None:
    """Both values are shown, and the passage that is expected has the later date."""
    for item in disagreeing(names(), 12, tokens):
        shown = passages_of(item)
        right = shown[item.passage - 1]
        old = [text for text in shown if item.older and item.older in text and text != right]
        assert item.expected is not None
        assert item.expected in right
        assert old
        assert _date(right) > min(_date(text) for text in old)
        assert item.messages[0].content.endswith(NEWER)


def _date(passage: str) -> str:
    """The one in its title."""
    found = re.search(r"20\d\d-\d\d-\d\d", passage.partition("\n")[0])
    assert found
    return found.group()


def test_a_closed_book_holds_no_passage_and_nothing_to_guess() -> None:
    """A system prompt and one line, about a fact that other draws rarely repeat."""
    for item in closed(names(), 20, CLOSED):
        assert [message.role for message in item.messages] == ["system", "user"]
        assert "\n" not in item.messages[1].content
        assert item.expected


def test_a_weekday_can_be_guessed_and_a_person_cannot() -> None:
    """What has few values is guessable."""
    things = [draw_thing(kind, names()) for kind in trained_kinds()]
    facts = [Fact(thing, place) for thing in things for place in range(len(thing.facts))]
    days = [fact for fact in facts if fact.attribute.value == "weekday"]
    people = [fact for fact in facts if fact.attribute.value == "person"]
    assert days
    assert people
    assert all(is_guessable(fact, names()) for fact in days)
    assert not any(is_guessable(fact, names()) for fact in people)


def test_the_prompts_are_worded_as_no_training_instruction_is() -> None:
    """No seven words in a row are those of an instruction that nano was trained with."""
    drawn = names(8)
    trained = [
        content
        for _ in range(150)
        for role, content in reading_chat(trained_kinds(), drawn, FULL).messages
        if role == "system"
    ]
    assert not _runs(f"{SYSTEM} {NEWER}") & {run for content in trained for run in _runs(content)}


def _runs(text: str, length: int = 7) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[start : start + length]) for start in range(len(words) - length + 1)}


def test_one_seed_draws_one_set_of_questions() -> None:
    """The benchmark asks the same of every run."""
    first, again, other = (answerable(names(seed), 4, tokens) for seed in (5, 5, 6))
    assert first == again
    assert first != other


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("22 hours [3]", True),
        ("The 22 hours. [3]", True),
        ("22 hours", True),
        ("22 hours of rest [3]", False),
        ("2 hours [3]", False),
        ("", False),
    ],
)
def test_an_answer_is_the_span_and_nothing_else(text: str, right: bool) -> None:
    """Citations, articles, case and points do not matter; more words do."""
    assert exact(Answer(text), "22 hours") is right


@pytest.mark.parametrize(
    ("text", "right"),
    [("22 hours [3]", True), ("22 hours [2]", False), ("22 hours [3] [2]", False), ("22", False)],
)
def test_a_citation_names_the_passage_and_no_other(text: str, right: bool) -> None:
    """Naming several passages is no citation of one."""
    assert cites(Answer(text), 3) is right


def test_an_answer_that_is_cut_off_or_empty_does_not_count_as_speech() -> None:
    """Who speaks says something and stops by itself."""
    assert speaks(Answer("I do not know."))
    assert not speaks(Answer("on and on and", finish="length"))
    assert not speaks(Answer(" "))


def test_a_refusal_is_told_from_an_answer() -> None:
    """nano's own refusal is one, a span is none."""
    assert refuses(Answer("The documents do not say."))
    assert not refuses(Answer("22 hours [3]"))


def test_a_model_that_always_refuses_is_found_out() -> None:
    """Every unanswerable question is refused, every answerable one falsely so."""
    found = shares(Repeating(Answer("The documents do not say.")), 3, seed=1)
    assert found["refused"] == found["falsely refused"] == found["spoke"] == 1
    assert found["read"] == found["cited"] == found["newer"] == found["known"] == 0


def test_a_failed_call_is_no_wrong_answer() -> None:
    """Where one question could not be asked, nothing is measured."""
    failing = Repeating(Answer("", failure=Failure(FailureKind.TIMEOUT, "too late")))
    with pytest.raises(RuntimeError, match="too late"):
        answers_to(failing, [Item((Message("user", "Hello"),), "Hello")])
