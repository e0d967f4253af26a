"""Answers: their ends, their neighbours, chance and schemas."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from suffice.errors import ProviderError
from suffice.models.local import LocalModel
from suffice.models.nano.engine import NumpyEngine
from suffice.models.nano.network import Memory
from suffice.records import Answer, FailureKind, Message, Request
from tests.servers.tiny_nano import SMALL

SCHEMA = {
    "type": "object",
    "properties": {"sure": {"type": "boolean"}, "city": {"enum": ["Paris", "Rome"]}},
    "required": ["sure", "city"],
    "additionalProperties": False,
}


def question(text: str, **changes: Any) -> Request:
    return replace(Request((Message("user", text),), max_tokens=12), **changes)


def ask(model: LocalModel, request: Request) -> Answer:
    return model.ask([request])[0]


LENGTHS = [question("x" * size) for size in (1, 60, 5, 30, 90, 2, 45)]


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_an_answer_does_not_hang_on_its_neighbours(model: LocalModel, temperature: float) -> None:
    """Alone, together, in another order: each request has the same answer."""
    requests = [
        replace(each, temperature=temperature, seed=seed) for seed, each in enumerate(LENGTHS)
    ]
    alone = [ask(model, request).text for request in requests]
    assert [each.text for each in model.ask(requests)] == alone
    assert [each.text for each in model.ask(requests[::-1])] == alone[::-1]
    assert len(set(alone)) > 3


def test_the_seed_is_what_chance_hangs_on(model: LocalModel) -> None:
    """The same seed twice is one answer, another seed another."""
    first, again, other = (
        ask(model, question("hello", temperature=1.5, seed=seed)).text for seed in (5, 5, 6)
    )
    assert first == again != other


def test_sampling_follows_the_models_probabilities(model: LocalModel) -> None:
    """First tokens of 600 seeds against the softmax of the scores at that temperature."""
    request = question("hello", temperature=0.7, max_tokens=1)
    engine = model.engine
    assert isinstance(engine, NumpyEngine)
    prompt = engine.encode_messages(request.messages)
    scores = engine.network.read(prompt, Memory(engine.network.shape, len(prompt))) / 0.7
    expected = np.exp(scores - scores.max()) / np.exp(scores - scores.max()).sum()
    word = engine.decode([int(expected.argmax())])
    wanted = sum(float(p) for each, p in enumerate(expected) if engine.decode([each]) == word)
    answers = model.ask([replace(request, seed=seed) for seed in range(600)])
    share = sum(answer.text == word for answer in answers) / 600
    assert abs(share - wanted) < 4 * (wanted * (1 - wanted) / 600) ** 0.5


def test_threads_take_turns(model: LocalModel) -> None:
    """One model in memory serves many threads, each with its own answer."""
    alone = [ask(model, request).text for request in LENGTHS]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda request: ask(model, request).text, LENGTHS)) == alone


def test_a_prompt_longer_than_the_window_is_an_error(model: LocalModel) -> None:
    """With both counts; it is never cut to fit, and the others are answered all the same."""
    long = question("word " * 300)
    count = len(model.engine.encode_messages(long.messages))
    with pytest.raises(ProviderError, match=f"{count} tokens.*window is {SMALL.window}") as caught:
        ask(model, long)
    assert caught.value.kind is FailureKind.TOO_LONG
    bad, good = model.ask([long, question("hello")])
    assert bad.failure is not None
    assert bad.failure.kind is FailureKind.TOO_LONG
    assert good.text == ask(model, question("hello")).text


def test_the_window_cuts_an_answer_and_says_so(model: LocalModel) -> None:
    """The window holds prompt and answer: what the limit asks for beyond it is not said."""
    request = question(" a" * 200, max_tokens=500)
    prompt = len(model.engine.encode_messages(request.messages))
    answer = next(
        each
        for seed in range(20)
        if (each := ask(model, replace(request, temperature=1.0, seed=seed))).finish == "length"
    )
    assert prompt + answer.usage.output_tokens == SMALL.window


def test_a_stop_string_ends_the_answer_before_it(model: LocalModel) -> None:
    """The stop string itself is no part of the answer."""
    whole = ask(model, question("xxx")).text
    answer = ask(model, question("xxx", stop=(whole[4:6],)))
    assert answer.text == whole.partition(whole[4:6])[0]
    assert answer.finish == "stop"


@pytest.mark.parametrize("temperature", [0.0, 2.0])
def test_a_schema_is_held_beside_free_answers(model: LocalModel, temperature: float) -> None:
    """Whatever the weights would say; and the free answer is the same as alone."""
    bound = [
        question(text, schema=SCHEMA, max_tokens=60, temperature=temperature, seed=7)
        for text in ("a", "hello there, how are you?")
    ]
    first, free, second = model.ask([bound[0], question("hello"), bound[1]])
    for answer in (first, second):
        value = json.loads(answer.text)
        assert set(value) == {"sure", "city"}
        assert answer.finish == "stop"
    assert free.text == ask(model, question("hello")).text


def test_a_schema_that_cannot_be_held_is_refused(model: LocalModel) -> None:
    """With what is wrong with it, and not as an answer."""
    with pytest.raises(ProviderError, match="nonsense") as caught:
        ask(model, question("a", schema={"type": "nonsense"}))
    assert caught.value.kind is FailureKind.REFUSED_REQUEST


def test_a_role_that_it_does_not_know_is_refused(model: LocalModel) -> None:
    """With the roles that it knows."""
    role: Any = "tool"
    with pytest.raises(ProviderError, match="system, user and assistant, not tool") as caught:
        ask(model, Request((Message(role, "42"),)))
    assert caught.value.kind is FailureKind.REFUSED_REQUEST
