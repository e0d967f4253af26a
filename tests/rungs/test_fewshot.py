"""Worked examples: how many and which is chosen on dev, and none of them gives an answer away."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from suffice.errors import UsageError
from suffice.records import Example, Message, Request
from suffice.rungs.fewshot import FewshotRung, Pool, Shown
from tests.rungs.workshops import (
    a_case,
    always,
    ask_for,
    knowing,
    never,
    open_workshop,
    question_of,
    scripted,
    shots_of,
    some_cases,
    some_examples,
)


def pool_of(folder: Path, examples: tuple[Example, ...]) -> Pool:
    with open_workshop(folder, scripted(str), some_cases(10), examples) as workshop:
        return Pool.of(workshop)


class TestWhatIsShown:
    def test_dev_cases_stand_in_for_missing_examples(self, tmp_path: Path) -> None:
        """With the answer that was expected of them."""
        dev = some_cases(20)
        with open_workshop(tmp_path, scripted(knowing(dev, always)), dev) as workshop:
            system = FewshotRung().build(workshop)
        shots = shots_of(system.prepare(ask_for("What is the smell of the kettle?")))
        assert len(shots) == 2
        assert set(shots) <= {(c.messages[-1].content, c.expected[0]) for c in dev}

    def test_a_dev_question_never_sees_itself_or_its_cluster(self, tmp_path: Path) -> None:
        """Else the choice on dev would be a choice among cheats."""
        dev = some_cases(40)
        clusters = {case.messages[-1].content: case.cluster for case in dev}
        model = scripted(knowing(dev, always))
        with open_workshop(tmp_path, model, dev) as workshop:
            FewshotRung().build(workshop)
        shown = [(question_of(request), shots_of(request)) for request in model.asked]
        assert sum(len(shots) for _, shots in shown) > 40
        for question, shots in shown:
            for example, _ in shots:
                assert clusters[example] != clusters[question]

    def test_the_study_s_examples_keep_clear_of_the_question_s_cluster(
        self, tmp_path: Path
    ) -> None:
        """An example about the kettle does not stand beside a dev question about the kettle."""
        kettle = replace(some_examples(1)[0], cluster="kettle", reply="about kettles")
        pool = (kettle, *some_examples(9)[1:])
        dev = some_cases(10)
        model = scripted(knowing(dev, always))
        with open_workshop(tmp_path, model, dev, pool) as workshop:
            FewshotRung().build(workshop)
        beside = {
            question_of(request)
            for request in model.asked
            if "about kettles" in [reply for _, reply in shots_of(request)]
        }
        assert beside
        assert a_case(0).messages[-1].content not in beside

    def test_the_study_s_examples_go_before_dev_cases(self, tmp_path: Path) -> None:
        """Where there are examples, no dev case is shown."""
        dev, examples = some_cases(10), some_examples(10)
        model = scripted(knowing(dev, always))
        with open_workshop(tmp_path, model, dev, examples) as workshop:
            FewshotRung().build(workshop)
        replies = {reply for request in model.asked for _, reply in shots_of(request)}
        assert replies <= {example.reply for example in examples}

    def test_nearest_puts_the_most_alike_last(self, tmp_path: Path) -> None:
        """Closest to the question, where a model heeds it most."""
        texts = ("red paint", "dry red paint on a wall", "how long does red paint dry", "a goat")
        examples = tuple(
            Example(f"e{at}", (Message("user", text),), f"reply {at}")
            for at, text in enumerate(texts)
        )
        shown = Shown(pool_of(tmp_path, examples), 3, "nearest")
        found = shown(ask_for("How long does red paint dry?"))
        assert found[-1].id == "e2"
        assert "e3" not in [example.id for example in found]

    def test_spread_shows_the_same_to_every_question(self, tmp_path: Path) -> None:
        """Unlike each other, and cached by the provider as one prefix."""
        shown = Shown(pool_of(tmp_path, some_examples(20)), 4, "spread")
        assert shown(ask_for("the colour of thing 3")) == shown(ask_for("the weight of thing 9"))

    def test_spread_takes_what_is_least_alike(self, tmp_path: Path) -> None:
        """Of two near copies and a stranger, the stranger comes before the copy."""
        texts = ("red paint dries slowly", "red paint dries very slowly", "goats eat roses")
        examples = tuple(
            Example(f"e{at}", (Message("user", text),), "reply") for at, text in enumerate(texts)
        )
        shown = Shown(pool_of(tmp_path, examples), 2, "spread")
        assert [example.id for example in shown(ask_for("anything"))] == ["e2", "e0"]


class TestWhatIsChosen:
    @pytest.mark.parametrize(
        ("good", "built"), [(4, "4 examples, spread"), (8, "8 examples, spread")]
    )
    def test_the_number_that_does_best_on_dev(self, good: int, built: str, tmp_path: Path) -> None:
        """A model that needs so many examples gets so many."""
        dev = some_cases(10)
        model = scripted(knowing(dev, lambda request: len(shots_of(request)) >= good))
        with open_workshop(tmp_path, model, dev, some_examples(12)) as workshop:
            assert FewshotRung().build(workshop).built == built

    @pytest.mark.parametrize("when", [always, never])
    def test_a_tie_keeps_the_smaller_prompt(
        self, when: Callable[[Request], bool], tmp_path: Path
    ) -> None:
        """Two examples that do as well as eight are enough."""
        dev = some_cases(10)
        model = scripted(knowing(dev, when))
        with open_workshop(tmp_path, model, dev, some_examples(12)) as workshop:
            assert FewshotRung().build(workshop).built == "2 examples, spread"

    def test_no_more_than_there_are(self, tmp_path: Path) -> None:
        """Five examples are tried as two and as four, not as eight."""
        dev = some_cases(10)
        model = scripted(knowing(dev, always))
        with open_workshop(tmp_path, model, dev, some_examples(5)) as workshop:
            FewshotRung().build(workshop)
        assert {len(shots_of(request)) for request in model.asked} == {2, 4}

    def test_it_stands_on_the_better_prompt(self, tmp_path: Path) -> None:
        """Where the format spelled out does better, examples come with it."""
        dev = some_cases(10, schema=True)
        model = scripted(knowing(dev, lambda each: "JSON Schema" in each.messages[0].content))
        with open_workshop(tmp_path, model, dev, some_examples(5)) as workshop:
            system = FewshotRung().build(workshop)
        assert system.built == "2 examples, spread, format spelled out"

    def test_too_few_examples_say_what_is_missing(self, tmp_path: Path) -> None:
        """How many there are, how many it takes, and where to put them."""
        with (
            open_workshop(tmp_path, scripted(str), some_cases(10), some_examples(1)) as workshop,
            pytest.raises(UsageError, match=r"needs 2 .* found 1: set `examples:`"),
        ):
            FewshotRung().build(workshop)

    def test_cases_that_should_be_declined_are_no_examples(self, tmp_path: Path) -> None:
        """A case without an expected answer has nothing to show."""
        bare = [replace(case, expected=(), answerable=False) for case in some_cases(10)]
        with (
            open_workshop(tmp_path, scripted(str), bare) as workshop,
            pytest.raises(UsageError, match="found 0"),
        ):
            FewshotRung().build(workshop)


def test_a_structured_answer_is_shown_as_json(tmp_path: Path) -> None:
    """The example has the very shape that is asked for."""
    dev = some_cases(10, schema=True)
    with open_workshop(tmp_path, scripted(knowing(dev, always)), dev) as workshop:
        system = FewshotRung().build(workshop)
    shots = shots_of(system.prepare(ask_for("Is it red?", schema=True)))
    assert all(reply.startswith('{"answer": "value ') for _, reply in shots)
