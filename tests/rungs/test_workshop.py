"""Where rungs try things out: on dev cases, all of them answered, each paid for once."""

from dataclasses import replace
from pathlib import Path

import pytest

from suffice.errors import BudgetExceeded, ProviderError
from suffice.evaluate.purse import Purse
from suffice.evaluate.workshop import CountingWorkshop, DevWorkshop, usable
from suffice.ports import Price
from suffice.records import Aspect, FailureKind, Request, Score, Trial
from suffice.rungs.fewshot import FewshotRung
from suffice.rungs.prompt import PromptRung
from suffice.rungs.schema import SchemaRung
from tests.decide.trials import a_case as decided_case
from tests.decide.trials import a_trial
from tests.rungs.workshops import (
    always,
    ask_for,
    knowing,
    open_workshop,
    question_of,
    scripted,
    some_cases,
    some_examples,
)

CHEAP = Price(input=1.0, output=1.0)


def test_every_dev_case_is_asked_and_graded(tmp_path: Path) -> None:
    """One trial a case, with the scores of its checks."""
    dev = some_cases(10)
    with open_workshop(tmp_path, scripted(knowing(dev, always)), dev) as workshop:
        trials = workshop.measure(PromptRung().build(workshop))
    assert [trial.case for trial in trials] == [case.id for case in dev]
    assert all(trial.value(Aspect.CONTENT) == 1 for trial in trials)


def test_too_many_dev_cases_without_an_answer_end_the_building(tmp_path: Path) -> None:
    """To choose by what happened to be answered would be to choose by chance."""
    dev = some_cases(10)
    fine = knowing(dev, always)

    def reply(request: Request) -> str:
        if question_of(request) in {dev[place].messages[-1].content for place in (3, 5)}:
            raise ProviderError("broken", kind=FailureKind.SERVER, endpoint="http://model.test/v1")
        return fine(request)

    with (
        open_workshop(tmp_path, scripted(reply), dev, some_examples(4)) as workshop,
        pytest.raises(ProviderError, match=r"2 of 10 dev cases.*case-3.*model\.test") as found,
    ):
        FewshotRung().build(workshop)
    assert found.value.kind is FailureKind.SERVER


def test_an_empty_purse_is_said_to_be_empty(tmp_path: Path) -> None:
    """Not an endpoint's failure: the user can give more."""
    model = scripted(str)
    model.price = CHEAP
    with open_workshop(tmp_path, model, some_cases(10)) as workshop:
        workshop.asker.purse = Purse(0.0)
        with pytest.raises(BudgetExceeded, match="--budget-usd"):
            workshop.measure(PromptRung().build(workshop))


def test_usable_wants_content_and_shape_at_once() -> None:
    """Right in the wrong shape is of no use, and neither is the reverse."""
    trials = []
    for number, (content, shape) in enumerate([(1, 1), (1, 0), (0, 1), (0, 0)]):
        trial = a_trial(decided_case(number), content)
        scores = (*trial.scores, Score("json-schema", Aspect.FORMAT, shape))
        trials.append(replace(trial, scores=scores))
    assert usable(trials) == 0.25


def test_usable_of_nothing_is_nothing() -> None:
    """No trial, or none that could be scored."""
    unscored = Trial("case", "prompt", 0, a_trial(decided_case(0), 1.0).answer)
    assert usable([]) == usable([unscored]) == 0.0


class TestCounting:
    @pytest.mark.parametrize("rung", [FewshotRung(), SchemaRung()])
    def test_asks_nothing_and_counts_no_less_than_building_takes(
        self, rung: FewshotRung | SchemaRung, tmp_path: Path
    ) -> None:
        """Whatever turns out best on dev, the forecast has reckoned with it."""
        dev, examples = some_cases(10, schema=True), some_examples(12)

        def greedy(request: Request) -> bool:
            return len(request.messages) >= 2 + 2 * 8

        model = scripted(knowing(dev, greedy))
        model.price = CHEAP
        with open_workshop(tmp_path / "counted", model, dev, examples) as workshop:
            counting = counting_of(workshop)
            promised = rung.build(counting)
            assert model.asked == []
        with open_workshop(tmp_path / "built", model, dev, examples) as workshop:
            built = rung.build(workshop)
        told = counting.total()
        assert told.calls >= len(model.asked)
        read = sum(
            model.count_tokens("\n".join(message.content for message in request.messages))
            for request in model.asked
        )
        assert told.input_tokens >= read
        question = ask_for("Is it red?", schema=True)
        assert len(promised.prepare(question).messages) >= len(built.prepare(question).messages)


def counting_of(workshop: DevWorkshop) -> CountingWorkshop:
    return CountingWorkshop(
        model=workshop.model,
        prompt=workshop.prompt,
        dev=workshop.dev,
        examples=workshop.examples,
        seed=workshop.seed,
        temperature=workshop.temperature,
        max_tokens=workshop.max_tokens,
        asker=workshop.asker,
        grade=workshop.grade,
    )
