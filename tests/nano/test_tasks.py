"""What the chats about small talk, labels and formats teach is right, and shown before it is asked.

Each claim is checked over many seeded chats, from the chats' own words and not from their makers.
"""

import calendar
import json
import random
import re
from collections.abc import Callable, Iterator
from functools import cache

import pytest
from nano.chats import Chat
from nano.labels import TOPICS, Topic, labelling
from nano.shapes import shaping
from nano.talk import WORDS, invented_name, simple_request, small_talk

CHATS = 1500
# Names of topics that other kinds of groups have too.
_SHARED = {"complaint", "food", "garden", "kitchen", "lost", "music", "praise", "sport"}
MAKERS = [small_talk, labelling, shaping]


@cache
def drawn(make: Callable[[random.Random], Chat], seed: int = 0) -> tuple[Chat, ...]:
    rng = random.Random(seed)
    return tuple(make(rng) for _ in range(CHATS))


def system_of(chat: Chat) -> str:
    role, content = chat.messages[0]
    return content if role == "system" else ""


def exchanges(chat: Chat) -> list[tuple[str, str]]:
    turns = [content for role, content in chat.messages if role != "system"]
    return list(zip(turns[::2], turns[1::2], strict=True))


def requests(pattern: str) -> Iterator[tuple[re.Match[str], str]]:
    rng = random.Random(1)
    found = 0
    for _ in range(12_000):
        asked, answered = simple_request(rng)
        if match := re.fullmatch(pattern, asked):
            found += 1
            yield match, answered
    assert found > 20


@pytest.mark.parametrize("make", MAKERS)
def test_the_same_seed_gives_the_same_chats(make: Callable[[random.Random], Chat]) -> None:
    """A maker draws on nothing but the generator it is given."""
    one, other = random.Random(5), random.Random(5)
    first = [make(one) for _ in range(50)]
    assert first == [make(other) for _ in range(50)]
    assert first != [make(one) for _ in range(50)]


@pytest.mark.parametrize("make", MAKERS)
def test_user_and_assistant_take_turns(make: Callable[[random.Random], Chat]) -> None:
    """At most one system prompt comes first; then each user turn has its answer."""
    for chat in drawn(make):
        roles = [role for role, _ in chat.messages]
        spoken = roles[1:] if roles[0] == "system" else roles
        assert spoken == ["user", "assistant"] * (len(spoken) // 2)
        assert all(content.strip() for _, content in chat.messages)


@pytest.mark.parametrize("make", MAKERS)
def test_chats_are_short(make: Callable[[random.Random], Chat]) -> None:
    """No chat has more than 350 words, and half of them fewer than 150."""
    sizes = sorted(sum(len(text.split()) for _, text in chat.messages) for chat in drawn(make))
    assert sizes[-1] <= 350
    assert sizes[len(sizes) // 2] < 150


@pytest.mark.parametrize("make", [small_talk, labelling])
def test_no_pattern_is_left_unfilled(make: Callable[[random.Random], Chat]) -> None:
    """Neither a choice nor a slot of a pattern reaches a message."""
    for chat in drawn(make):
        for role, content in chat.messages:
            assert not re.search(r"\{\w*\}|\|", content), content
            if role == "user":
                assert not re.search(r"[\[\]]", content), content


def test_nano_says_that_it_is_nano() -> None:
    """Asked who it is with no system prompt, the model is nano and comes with Suffice."""
    answers = {
        answered
        for chat in drawn(small_talk)
        if not system_of(chat)
        for asked, answered in exchanges(chat)
        if asked in ("Who are you?", "What are you?")
    }
    assert answers == {"I am nano, a small language model that comes with Suffice."}


def test_an_assistant_takes_the_name_its_system_prompt_gives() -> None:
    """An assistant told that it is Mira of some firm says so, and does not say that it is nano."""
    named = 0
    for chat in drawn(small_talk):
        if told := re.match(r"You are (\w+), the (?:\w+ )?assistant of (.+?)\.", system_of(chat)):
            for asked, answered in exchanges(chat):
                if asked in ("Who are you?", "What are you?"):
                    named += 1
                    assert answered == f"I am {told[1]}, the assistant of {told[2]}."
    assert named > 2


def test_small_talk_has_at_most_a_few_exchanges() -> None:
    """A chat is one to four exchanges, and some have two or more."""
    sizes = [len(exchanges(chat)) for chat in drawn(small_talk)]
    assert max(sizes) <= 4
    assert min(sizes) == 1
    assert sum(size > 1 for size in sizes) > CHATS / 3


def test_a_larger_number_is_larger() -> None:
    """The answer to which of two numbers is larger is the larger one."""
    for match, answered in requests(r"(?:Which|What) .*is (?:larger|bigger).*?(\d+) or (\d+)\?"):
        assert int(answered) == max(int(match[1]), int(match[2]))


def test_counting_goes_from_the_first_to_the_last() -> None:
    """A count starts and ends where it was asked to."""
    for match, answered in requests(r".*ount from (\d+) to (\d+)[.?]?"):
        first, last = int(match[1]), int(match[2])
        assert answered == ", ".join(str(number) for number in range(first, last + 1))


def test_days_follow_each_other() -> None:
    """The day after Sunday is Monday, and so for each."""
    days = [*calendar.day_name, "Monday"]
    for match, answered in requests(r".*day is after (\w+)\?"):
        assert answered == days[days.index(match[1]) + 1]


def test_a_spelled_word_has_its_letters() -> None:
    """Spelling a word gives its letters in order."""
    for match, answered in requests(r"Spell (?:the word )?['\"]?(\w+)['\"]?\.?"):
        assert answered.replace("-", "") == match[1].upper()


def test_what_was_told_is_remembered() -> None:
    """A name, word or number told in an earlier turn is the answer when it is asked for."""
    asked_for = 0
    for chat in drawn(small_talk):
        told = ""
        for asked, answered in exchanges(chat):
            told_now = r"(?:I am|I'm|My name is|\w+(?: in mind)? the (?:word|number)) (\w+)\."
            if match := re.fullmatch(told_now, asked):
                told = match[1]
            if asked == "What is my name?" or re.fullmatch(r"W\w+ (?:word|number) was it\?", asked):
                asked_for += 1
                assert answered == told
    assert asked_for > 5


def test_invented_names_are_many() -> None:
    """Names are drawn from so many that they cannot be learned by heart."""
    rng = random.Random(0)
    assert len({invented_name(rng) for _ in range(5000)}) > 4000


def test_topics_are_many_and_worded_in_many_ways() -> None:
    """There are forty topics or more, with ten patterns and ten things each, none shared."""
    assert len(TOPICS) >= 40
    assert all(len(topic.says) >= 10 and len(topic.items) >= 10 for topic in TOPICS)
    names = [name for topic in TOPICS for name in topic.names]
    assert len(set(names)) == len(names)
    patterns = [pattern for topic in TOPICS for pattern in topic.says]
    assert len(set(patterns)) == len(patterns)


def test_the_last_label_was_shown_or_told() -> None:
    """What the last message is to be labelled can be found earlier in the chat."""
    for chat in drawn(labelling):
        *before, (_, last) = exchanges(chat)
        assert last in [label for _, label in before] or last in system_of(chat)


def test_some_labels_are_told_and_not_shown() -> None:
    """Some chats have no examples, and their labels stand in the system prompt."""
    chats = drawn(labelling)
    bare = [chat for chat in chats if len(exchanges(chat)) == 1]
    assert 0.04 < len(bare) / len(chats) < 0.12
    assert all(label in system_of(chat) for chat in bare for _, label in exchanges(chat))


def _worded(topic: Topic) -> re.Pattern[str]:
    """What any message of a topic looks like."""
    signs = {"[": "(?:", "]": ")", "|": "|"}
    patterns = [
        "".join(
            signs.get(part) or (".+?" if part.startswith("{") else re.escape(part))
            for part in re.split(r"([\[\]|]|\{\w+\})", pattern)
        ).replace("\\ ", " *")
        for pattern in topic.says
    ]
    return re.compile("|".join(patterns), re.IGNORECASE)


def test_a_label_that_names_a_topic_is_right() -> None:
    """Where a label is a topic's own name, its message is worded as that topic's messages are."""
    worded = {name: _worded(topic) for topic in TOPICS for name in topic.names}
    checked = 0
    for chat in drawn(labelling):
        told = [label for _, label in exchanges(chat)]
        if " = " in system_of(chat) or not set(told) <= set(worded) - set(WORDS) - _SHARED:
            continue
        for asked, label in exchanges(chat):
            checked += 1
            assert worded[label].search(asked), (asked, label)
    assert checked > 300


def test_labels_do_not_contradict_each_other() -> None:
    """A message said twice in one chat would have the same label twice."""
    for chat in drawn(labelling):
        labels: dict[str, str] = {}
        for asked, label in exchanges(chat):
            assert labels.setdefault(asked, label) == label


def test_labels_mean_something_else_in_each_chat() -> None:
    """Most chats call their labels by words that say nothing of the topics."""
    topics = {name.lower() for topic in TOPICS for name in topic.names}
    chats = [chat for chat in drawn(labelling) if len(exchanges(chat)) > 3]
    strange = [chat for chat in chats if exchanges(chat)[-1][1].lower() not in topics]
    assert len(strange) > len(chats) / 2


def _parsed(reply: str) -> object:
    try:
        return json.loads(reply)
    except json.JSONDecodeError:
        return None


def test_every_reply_of_a_chat_has_the_same_json_keys() -> None:
    """Where replies are JSON objects, all of a chat have the same keys in the same order."""
    seen = set()
    for chat in drawn(shaping):
        objects = [_parsed(reply) for _, reply in exchanges(chat)]
        if isinstance(objects[0], dict):
            keys = [tuple(each) for each in objects if isinstance(each, dict)]
            assert len(keys) == len(objects)
            assert len(set(keys)) == 1
            seen.add(keys[0])
    assert len(seen) > 100


def test_formats_differ_between_chats() -> None:
    """Replies with their words and numbers taken out are of very many kinds."""
    shapes = {re.sub(r"\w+", "w", exchanges(chat)[0][1]) for chat in drawn(shaping)}
    assert len(shapes) > CHATS / 5


def test_a_format_is_shown_twice_before_it_is_asked_for() -> None:
    """Almost every chat has two examples and a new message, or more."""
    sizes = [len(exchanges(chat)) for chat in drawn(shaping)]
    assert sum(size >= 3 for size in sizes) > 0.98 * len(sizes)
    assert max(sizes) <= 8


def test_no_prompt_tells_a_format() -> None:
    """No system prompt speaks of JSON or lists keys: only the examples can teach the format."""
    for chat in drawn(shaping):
        system = system_of(chat)
        assert "json" not in system.lower()
        first = _parsed(exchanges(chat)[0][1])
        if isinstance(first, dict):
            # One key may be an everyday word, such as "what".
            assert sum(bool(re.search(rf"\b{re.escape(key)}\b", system)) for key in first) < 2


def test_copied_names_stand_in_the_message() -> None:
    """A capitalised name in a JSON reply comes from its message or is the same in every reply."""
    checked = 0
    for chat in drawn(shaping):
        for asked, reply in exchanges(chat):
            inner = _parsed(reply)
            if isinstance(inner, dict):
                for value in inner.values():
                    if isinstance(value, str) and re.fullmatch(r"[A-Z][a-z]+ [A-Z][a-z]+", value):
                        checked += 1
                        assert value in asked
    assert checked > 40
