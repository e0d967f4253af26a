"""Measuring on dev: a case that is always refused is borne, and nothing is counted twice."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from suffice.decide.reach import falls_short
from suffice.errors import BudgetExceeded, OutOfReach, ProviderError
from suffice.evaluate.purse import Purse
from suffice.evaluate.workshop import CountingWorkshop, DevWorkshop, best_of, usable
from suffice.ports import Price
from suffice.records import Aspect, Case, FailureKind, Request
from suffice.rungs.fewshot import FewshotRung
from suffice.rungs.prompt import PromptRung
from suffice.rungs.schema import SchemaRung
from tests.rungs.workshops import (
    always,
    knowing,
    open_workshop,
    question_of,
    scripted,
    some_cases,
    some_examples,
    system_of,
)
from tests.servers.scripted import ScriptedModel


def refusing(dev: tuple[Case, ...], count: int) -> ScriptedModel:
    """Answers all dev cases rightly but the first few, which it always refuses."""
    refused = {case.messages[-1].content for case in dev[:count]}
    fine = knowing(dev, always)

    def reply(request: Request) -> str:
        if question_of(request) in refused:
            raise ProviderError("filtered", kind=FailureKind.REFUSED_REQUEST, endpoint="e")
        return fine(request)

    return scripted(reply)


@pytest.mark.parametrize(("cases", "refused"), [(6, 1), (40, 2)])
def test_few_refused_dev_cases_are_left_out(cases: int, refused: int, tmp_path: Path) -> None:
    """One case, or a twentieth of them, may fail: the others are graded, these are not."""
    dev = some_cases(cases)
    with open_workshop(tmp_path, refusing(dev, refused), dev) as workshop:
        trials = workshop.measure(PromptRung().build(workshop))
    values = [trial.value(Aspect.CONTENT) for trial in trials]
    assert values == [None] * refused + [1.0] * (cases - refused)
    assert usable(trials) == 1


def test_more_than_a_twentieth_ends_the_building(tmp_path: Path) -> None:
    """Three refusals of forty are too many to choose by the rest."""
    dev = some_cases(40)
    with (
        open_workshop(tmp_path, refusing(dev, 3), dev) as workshop,
        pytest.raises(ProviderError, match=r"3 of 40 dev cases.*at most 2.*filtered"),
    ):
        workshop.measure(PromptRung().build(workshop))


def test_one_dev_case_that_cannot_be_paid_is_too_many(tmp_path: Path) -> None:
    """An empty purse is not borne like a refusal: the user can give more."""
    dev = some_cases(40)
    model = scripted(knowing(dev, always))
    model.price = Price(input=0, output=1e6 / 64)  # at most $1 an answer, in truth 2/64 of it
    with open_workshop(tmp_path, model, dev) as workshop:
        workshop.asker.purse = Purse(1.0 + 39.5 * 2 / 64, spent_usd=1.0)
        with pytest.raises(BudgetExceeded):
            workshop.measure(PromptRung().build(workshop))
    assert len(model.asked) < 40


def test_what_rungs_share_is_counted_once(tmp_path: Path) -> None:
    """`schema` tries again what `prompt` and `fewshot` tried: over all it is asked only once."""
    dev, examples = some_cases(10, schema=True), some_examples(12)
    model = scripted(knowing(dev, lambda request: request.schema is not None))
    rungs = (PromptRung(), FewshotRung(), SchemaRung())
    with open_workshop(tmp_path / "counted", model, dev, examples) as workshop:
        counting, told = counting_of(workshop), 0
        for rung in rungs:
            rung.build(counting)
            told += counting.total().calls
            counting.counted.clear()
    assert model.asked == []
    with open_workshop(tmp_path / "built", model, dev, examples) as workshop:
        for rung in rungs:
            rung.build(workshop)
    assert told == len(model.asked)


def test_measuring_the_same_again_takes_nothing_back(tmp_path: Path) -> None:
    """The second count of a system is none, and the first still stands."""
    dev = some_cases(10)
    with open_workshop(tmp_path, scripted(str), dev) as workshop:
        counting = counting_of(workshop)
        system = PromptRung().build(counting)
        counting.measure(system)
        counting.measure(system)
        assert counting.total().calls == 10


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


class TestBest:
    """The best of several systems, with few calls for those that are plainly worse."""

    def chosen(self, tmp_path: Path, good: int, cases: int) -> tuple[str, int]:
        """Of eight systems, of which from one on all are right; and how many calls that took."""
        dev = some_cases(cases)
        model = scripted(knowing(dev, lambda request: len(system_of(request)) >= good))
        with open_workshop(tmp_path, model, dev) as workshop:
            plain = replace(PromptRung().build(workshop))
            model.asked.clear()
            tried = [replace(plain, prompt="x" * place, built=str(place)) for place in range(8)]
            best, value = best_of(workshop, tried)
        assert value == 1
        return best.built, len(model.asked)

    def test_few_cases_are_asked_of_all(self, tmp_path: Path) -> None:
        """12 of all eight; the best three are asked all 20."""
        assert self.chosen(tmp_path, 5, 20) == ("5", 8 * 12 + 3 * 8)

    def test_the_worse_are_asked_no_further(self, tmp_path: Path) -> None:
        """12 of all eight, 24 of the best three."""
        best, asked = self.chosen(tmp_path, 5, 60)
        assert best == "5"
        assert asked == 8 * 12 + 3 * 12

    def test_two_are_held_against_each_other_on_more(self, tmp_path: Path) -> None:
        dev = some_cases(60)
        model = scripted(knowing(dev, always))
        with open_workshop(tmp_path, model, dev) as workshop:
            plain = PromptRung().build(workshop)
            best_of(workshop, [replace(plain, prompt="x" * place) for place in (1, 2)])
        assert len(model.asked) == 2 * 24

    def test_where_all_surely_miss_a_bar_no_more_is_tried(self, tmp_path: Path) -> None:
        """What the first 12 cases say of the best of them is enough."""
        dev = [replace(case, cluster=case.id) for case in some_cases(60)]
        model = scripted(knowing(dev, lambda _: False))
        with open_workshop(tmp_path, model, dev) as opened:
            plain = PromptRung().build(opened)
            tried = [replace(plain, prompt="x" * place, built=str(place)) for place in range(3)]
            barred = replace(opened, falls_short=partial(falls_short, bars={"correct": 0.8}))
            with pytest.raises(OutOfReach, match=r"12 dev cases.*at least 80% is required"):
                best_of(barred, tried)
            assert len(model.asked) == 3 * 12
            assert best_of(barred, tried, hopeful=True)[1] == 0

    def test_on_a_tie_the_cheaper_stays(self, tmp_path: Path) -> None:
        assert self.chosen(tmp_path, 0, 60)[0] == "0"

    def test_nothing_to_choose_from(self, tmp_path: Path) -> None:
        dev = some_cases(4)
        with (
            open_workshop(tmp_path, scripted(knowing(dev, always)), dev) as workshop,
            pytest.raises(ValueError, match="nothing to choose from"),
        ):
            best_of(workshop, [])
