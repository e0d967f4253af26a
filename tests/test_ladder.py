"""The climb: what is asked, in which order, when it stops, and what it says at the end."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from suffice.decide.runs import find_run, load_trials, only_run
from suffice.errors import BudgetExceeded, ProviderError, UsageError
from suffice.ladder import Study
from suffice.models.planted.laws import uniform
from suffice.ports import Price
from suffice.records import (
    BarStatus,
    Case,
    Check,
    Example,
    FailureKind,
    Message,
    Outcome,
    Request,
    Verdict,
)
from suffice.report.view import view
from tests.rungs.workshops import SCHEMA, question_of, shots_of
from tests.servers.scripted import ScriptedModel
from tests.story.studies import planted_study, write_study

BAR = {"correct": 0.8}
DEAR = Price(input=1000.0, output=1000.0)  # about a cent a call


def a_case(number: int, per_cluster: int = 2) -> Case:
    return Case(
        id=f"case-{number:03d}",
        messages=(Message("user", f"What is the code of item {_word(number)}?"),),
        expected=(f"code {number}",),
        checks=(Check("exact"),),
        cluster=f"page-{number // per_cluster:03d}",
    )


def some_cases(count: int = 60, per_cluster: int = 2) -> list[Case]:
    return [a_case(number, per_cluster) for number in range(count)]


def _word(number: int) -> str:
    """A name for a number that is nearly like no other's."""
    return "".join(chr(97 + int(uniform(0, str(place), str(number)) * 26)) for place in range(12))


def right(cases: list[Case]) -> Callable[[Request], str]:
    answers = {case.messages[-1].content: str(case.expected[0]) for case in cases}
    return lambda request: answers[question_of(request)]


def wrong(_: Request) -> str:
    return "no idea"


def with_examples(cases: list[Case], count: int) -> Callable[[Request], str]:
    """Right once it is shown so many worked examples."""
    known = right(cases)
    return lambda request: known(request) if len(shots_of(request)) >= count else "no idea"


def a_study(
    folder: Path,
    reply: Callable[[Request], str],
    cases: list[Case] | None = None,
    **keys: Any,
) -> tuple[Study, ScriptedModel]:
    """A study in a folder whose model is scripted."""
    write_study(folder, cases or some_cases(), **keys)
    return reopened(folder, reply)


def reopened(folder: Path, reply: Callable[[Request], str]) -> tuple[Study, ScriptedModel]:
    study, model = Study.load(folder), ScriptedModel(reply)
    study.model = model
    return study, model


def rungs_of(verdict: Verdict) -> list[str]:
    return [standing.rung for standing in verdict.standings]


class TestWhereItStops:
    def test_at_the_first_rung_that_suffices(self, tmp_path: Path) -> None:
        """Nothing dearer is built or asked."""
        cases = some_cases()
        study, model = a_study(tmp_path, right(cases), cases, bar=BAR)
        verdict = study.run()
        assert verdict.chosen == "prompt"
        assert rungs_of(verdict) == ["prompt"]
        assert len(model.asked) == len(study.split.held_out)

    def test_it_climbs_past_what_does_not_suffice(self, tmp_path: Path) -> None:
        """From the cheapest upwards, and no further than needed."""
        cases = some_cases()
        study, _ = a_study(tmp_path, with_examples(cases, 2), cases, bar=BAR)
        verdict = study.run()
        assert verdict.chosen == "fewshot"
        assert rungs_of(verdict) == ["prompt", "fewshot"]

    def test_rungs_that_are_named_are_all_run(self, tmp_path: Path) -> None:
        """Also when the first suffices, in the order of their cost, and they are compared."""
        cases = some_cases()
        study, _ = a_study(tmp_path, right(cases), cases, bar=BAR)
        verdict = study.run(rungs=["fewshot", "prompt"])
        assert verdict.chosen == "prompt"
        assert rungs_of(verdict) == ["prompt", "fewshot"]
        assert [(each.candidate, each.baseline) for each in verdict.comparisons] == [
            ("fewshot", "prompt")
        ]

    def test_rungs_named_in_the_study_are_all_run(self, tmp_path: Path) -> None:
        """The key `rungs:` says the same as the option."""
        cases = some_cases()
        study, _ = a_study(tmp_path, right(cases), cases, bar=BAR, rungs=["prompt", "fewshot"])
        assert rungs_of(study.run()) == ["prompt", "fewshot"]

    def test_one_rung_alone(self, tmp_path: Path) -> None:
        """There is nothing to compare, and a verdict nevertheless."""
        study, _ = a_study(tmp_path, wrong, bar=BAR)
        verdict = study.run(rungs=["prompt"])
        assert (verdict.chosen, verdict.comparisons) == (None, ())


class TestWhatDoesNotApply:
    def test_is_left_out_with_a_warning(self, tmp_path: Path) -> None:
        """Where no rung was named, one that the study has nothing for is passed over."""
        study, _ = a_study(tmp_path, wrong, bar=BAR)
        verdict = study.run()
        assert rungs_of(verdict) == ["prompt", "fewshot"]
        schema, retrieve, tune, hybrid = verdict.warnings
        assert schema.startswith("schema was passed over: what fails on dev is 100% content")
        assert retrieve.startswith("retrieve was left out: retrieve needs documents")
        assert tune.startswith("tune was left out: tune needs")
        assert hybrid.startswith("hybrid was left out: hybrid needs")

    def test_with_everything_wanted_nothing_is_passed_over(self, tmp_path: Path) -> None:
        """What the study has nothing for is left out all the same."""
        study, _ = a_study(tmp_path, wrong, bar={"correct": 0.01})
        verdict = study.run(everything=True)
        assert rungs_of(verdict) == ["prompt", "fewshot"]
        assert verdict.warnings[0].startswith("schema was left out: schema needs a JSON Schema")
        assert verdict.causes == ()

    def test_is_refused_when_it_was_named(self, tmp_path: Path) -> None:
        """The user asked for it, so its absence is an error that says what is missing."""
        study, _ = a_study(tmp_path, wrong, bar=BAR)
        with pytest.raises(UsageError, match="schema needs a JSON Schema"):
            study.run(rungs=["prompt", "schema"])

    def test_is_told_once_however_often_is_looked(self, tmp_path: Path) -> None:
        """Three looks at the cases are no reason to say it three times."""
        study, _ = a_study(tmp_path, wrong, bar={"correct": 0.01}, looks=3)
        warnings = study.run().warnings
        assert len(warnings) == len(set(warnings)) == 4

    def test_an_unknown_rung_is_named_with_the_near_one(self, tmp_path: Path) -> None:
        """Before anything is asked."""
        study, model = a_study(tmp_path, wrong, bar=BAR)
        with pytest.raises(UsageError, match="did you mean 'fewshot'"):
            study.run(rungs=["few-shot"])
        assert model.asked == []


class TestHeldOut:
    @pytest.mark.parametrize("seed", range(3))
    def test_a_dev_question_never_equals_a_held_out_one(self, seed: int, tmp_path: Path) -> None:
        """Copies of a question stay on one side, whatever cluster they claim."""
        cases = some_cases(40, per_cluster=1)
        copies = [
            replace(case, id=f"copy-{case.id}", cluster=f"other-{case.id}") for case in cases[::3]
        ]
        study, _ = a_study(tmp_path, wrong, [*cases, *copies], seed=seed)
        dev, held_out = (
            {case.messages[-1].content for case in side}
            for side in (study.split.dev, study.split.held_out)
        )
        assert dev
        assert held_out
        assert not dev & held_out
        assert not {case.cluster for case in study.split.dev} & {
            case.cluster for case in study.split.held_out
        }

    def test_no_rung_is_built_with_a_held_out_case(self, tmp_path: Path) -> None:
        """Before a rung asks its first held-out question, the model has seen dev questions only."""
        cases = some_cases(60)
        study, model = a_study(tmp_path, wrong, cases, bar=BAR)
        study.run()
        held_out = {case.messages[-1].content for case in study.split.held_out}
        answers = {str(case.expected[0]) for case in study.split.held_out}
        shown = [turn for request in model.asked for shot in shots_of(request) for turn in shot]
        assert shown
        assert not held_out & set(shown)
        assert not answers & set(shown)

    def test_an_example_of_a_held_out_page_is_left_out(self, tmp_path: Path) -> None:
        """An example about a page that is held out would show what is to be found out."""
        cases = some_cases(60)
        examples = [
            Example(
                id=f"example-{page:03d}",
                messages=(Message("user", f"Tell me about {_word(1000 + page)}, please."),),
                reply=f"about page {page}",
                cluster=f"page-{page:03d}",
            )
            for page in range(30)
        ]
        study, model = a_study(tmp_path, wrong, cases, bar=BAR, examples=examples)
        verdict = study.run()
        pages = {case.cluster for case in study.split.dev}
        told = {reply for request in model.asked for _, reply in shots_of(request)}
        assert told
        assert told <= {each.reply for each in examples if each.cluster in pages}
        left_out = len({case.cluster for case in study.split.held_out})
        assert any(f"{left_out} examples" in warning for warning in verdict.warnings)

    def test_limit_takes_a_part_and_says_so(self, tmp_path: Path) -> None:
        """Fewer held-out cases, another plan, and a warning in the verdict."""
        study, model = a_study(tmp_path, wrong, bar=BAR)
        verdict = study.run(rungs=["prompt"], limit=12)
        assert len(model.asked) == 12
        assert verdict.standings[0].asked == 12
        whole = len(study.split.held_out)
        assert f"limited to 12 of {whole} held-out cases" in verdict.warnings
        assert study.run(rungs=["prompt"]).look == 2

    def test_a_limit_beyond_all_is_no_limit(self, tmp_path: Path) -> None:
        """Nothing is warned of."""
        study, _ = a_study(tmp_path, wrong, bar=BAR)
        assert not study.run(rungs=["prompt"], limit=10_000).warnings


class TestGoingOn:
    def test_a_second_run_asks_nothing_and_says_the_same(self, tmp_path: Path) -> None:
        """Every answer is in the journal; the plan is no further look."""
        cases = some_cases()
        study, _ = a_study(tmp_path, with_examples(cases, 4), cases, bar=BAR)
        first = study.run()
        again, model = reopened(tmp_path, with_examples(cases, 4))
        second = again.run()
        assert model.asked == []
        assert replace(second, seconds=0) == replace(first, seconds=0)

    def test_another_plan_is_another_look(self, tmp_path: Path) -> None:
        """The verdict says how often these held-out cases have been looked at."""
        study, _ = a_study(tmp_path, wrong, bar=BAR)
        assert [study.run(rungs=["prompt"]).look, study.run(rungs=["fewshot"]).look] == [1, 2]

    def test_the_trials_of_every_rung_are_kept(self, tmp_path: Path) -> None:
        """One line a trial, for every rung that was asked."""
        study, _ = a_study(tmp_path, wrong, bar=BAR)
        verdict = study.run(rungs=["prompt", "fewshot"])
        kept = load_trials(find_run(study.store, verdict.run))
        held_out = [case.id for case in study.split.held_out]
        for rung in ("prompt", "fewshot"):
            asked = [trial.case for trial in kept if trial.rung == rung]
            assert sorted(asked) == sorted(held_out)

    def test_replicates_ask_every_case_so_often(self, tmp_path: Path) -> None:
        """Each with a seed of its own, and a case still counts once."""
        study, model = a_study(tmp_path, wrong, bar=BAR, replicates=3)
        verdict = study.run(rungs=["prompt"])
        held_out = len(study.split.held_out)
        assert verdict.standings[0].asked == len(model.asked) == 3 * held_out
        assert {request.seed for request in model.asked} == {0, 1, 2}
        correct = verdict.standings[0].estimate("correct")
        assert correct is not None
        assert correct.cases == held_out

    @pytest.mark.parametrize(
        "changed",
        [
            {"bar": {"correct": 0.7}},
            {"margin": 0.1},
            {"seed": 5},
            {"split": {"dev": 0.5}},
            {"replicates": 2},
            {"looks": 2},
            {"temperature": 0.5},
            {"max_tokens": 100},
            {"rungs": ["prompt"]},
            {"judge": "planted:support-desk"},
            {"checks": ["contains"]},
        ],
        ids=lambda changed: next(iter(changed)),
    )
    def test_whatever_the_study_decides_is_in_the_plan(
        self, changed: dict[str, object], tmp_path: Path
    ) -> None:
        """Change a key that could change the outcome, and it is another plan."""
        cases = [replace(case, checks=()) for case in some_cases(20)]
        plans = []
        for number, keys in enumerate(({}, changed)):
            study, _ = a_study(tmp_path / str(number), wrong, cases, **({"bar": BAR} | keys))
            plans.append(study.run().plan)
        assert plans[0] != plans[1]

    def test_the_prompt_and_the_examples_are_in_the_plan(self, tmp_path: Path) -> None:
        """Their words, not their files' names."""
        examples = [Example("e1", (Message("user", "Hello?"),), "Hi.")]
        first, _ = a_study(tmp_path / "a", wrong, examples=examples)
        plan = first.run(rungs=["prompt"]).plan
        (tmp_path / "a").rename(tmp_path / "b")
        moved, _ = reopened(tmp_path / "b", wrong)
        assert moved.run(rungs=["prompt"]).plan == plan
        (tmp_path / "b" / "prompt.md").write_text("Another prompt.")
        other, _ = reopened(tmp_path / "b", wrong)
        assert other.run(rungs=["prompt"]).plan != plan
        examples = [replace(examples[0], reply="Good day.")]
        third, _ = a_study(tmp_path / "c", wrong, examples=examples)
        assert third.run(rungs=["prompt"]).plan != plan


class TestBudget:
    def run(self, folder: Path, budget_usd: float) -> tuple[Verdict, ScriptedModel]:
        study, model = reopened(folder, wrong)
        model.price = DEAR
        return study.run(budget_usd=budget_usd), model

    def test_stops_with_a_verdict_that_says_so(self, tmp_path: Path) -> None:
        """What was asked is concluded from, and what could not be reached is named."""
        write_study(tmp_path, some_cases(), bar=BAR, max_tokens=4)
        verdict, model = self.run(tmp_path, 0.3)
        assert verdict.usd is not None
        assert verdict.usd <= 0.3
        assert 0 < len(model.asked) < 100
        assert any("budget of $0.30" in warning for warning in verdict.warnings)

    def test_a_rung_that_was_cut_off_is_not_measurable(self, tmp_path: Path) -> None:
        """Cases that were not asked are not wrong: too few answers decide nothing."""
        write_study(tmp_path, some_cases(), bar=BAR, max_tokens=4)
        verdict, _ = self.run(tmp_path, 0.1)
        (standing,) = verdict.standings
        assert 0 < standing.answered < standing.asked
        assert standing.bars[0].status is BarStatus.UNDECIDED
        assert verdict.chosen is None

    def test_a_later_look_that_it_cuts_off_leaves_the_one_before_whole(
        self, tmp_path: Path
    ) -> None:
        """Nothing of what was half asked counts, and the verdict says that it is not complete."""
        cases = some_cases(200)
        knows = right(cases)

        def four_in_five(request: Request) -> str:
            return knows(request) if len(request.messages[-1].content) % 5 else "no idea"

        def climbed(folder: Path, budget_usd: float) -> Verdict:
            write_study(folder, cases, bar={"correct": 0.8}, max_tokens=4)
            study, model = reopened(folder, four_in_five)
            model.price = DEAR
            return study.run(budget_usd=budget_usd)

        whole = climbed(tmp_path / "whole", 1000.0)
        cut = climbed(tmp_path / "cut", 0.5 * (whole.usd or 0.0))
        assert whole.standings[0].asked > cut.standings[0].asked > 0
        assert cut.standings[0].answered == cut.standings[0].asked
        assert not cut.complete
        assert any("not asked all that was planned" in warning for warning in cut.warnings)

    def test_goes_on_with_a_larger_one(self, tmp_path: Path) -> None:
        """Nothing that was paid for is asked again, and the end is as if it had never stopped."""
        write_study(tmp_path / "stopped", some_cases(), bar=BAR, max_tokens=4)
        write_study(tmp_path / "whole", some_cases(), bar=BAR, max_tokens=4)
        _, before = self.run(tmp_path / "stopped", 0.2)
        resumed, after = self.run(tmp_path / "stopped", 1000.0)
        straight, all_at_once = self.run(tmp_path / "whole", 1000.0)
        assert len(before.asked) + len(after.asked) == len(all_at_once.asked)
        assert resumed.standings == straight.standings
        assert resumed.comparisons == straight.comparisons
        assert resumed.usd == pytest.approx(straight.usd)
        assert resumed.look == 1

    def test_nothing_can_be_built_on_nothing(self, tmp_path: Path) -> None:
        """Where not even the first rung can be tried out, the error says what to do."""
        write_study(tmp_path, some_cases(), bar=BAR, schema=SCHEMA)
        with pytest.raises(BudgetExceeded, match="does not fit the budget"):
            self.run(tmp_path, 0.001)


class TestTime:
    def test_after_its_time_no_further_rung_is_begun(self, tmp_path: Path) -> None:
        """What was measured till then is told, and what was not reached."""
        cases = some_cases()
        study, model = a_study(tmp_path, wrong, cases, bar=BAR)
        climbing = study.run
        started: list[str] = []

        def slow(request: Request) -> str:
            if not started:
                started.append("now")
                time.sleep(0.7)
            return wrong(request)

        study.model = ScriptedModel(slow)
        verdict = climbing(minutes=0.01)
        assert not verdict.complete
        assert rungs_of(verdict) == ["prompt"]
        assert any("fewshot was not reached: the time" in each for each in verdict.warnings)
        assert model.asked == []

    def test_with_enough_of_it_nothing_changes(self, tmp_path: Path) -> None:
        cases = some_cases()
        study, _ = a_study(tmp_path, right(cases), cases, bar=BAR)
        assert study.run(minutes=5).complete


class TestWhenNothingCouldBeBetter:
    def test_a_flawless_rung_is_not_climbed_past(self, tmp_path: Path) -> None:
        """All cases right and still open: too few of them, which no dearer rung changes."""
        cases = some_cases(60, per_cluster=4)
        study, model = a_study(tmp_path, right(cases), cases, bar={"correct": 0.99})
        verdict = study.run()
        assert rungs_of(verdict) == ["prompt"]
        assert verdict.chosen is None
        assert verdict.leading is not None
        assert verdict.leading.rung == "prompt"
        assert len(model.asked) == len(study.split.held_out)

    def test_one_that_very_likely_suffices_is_not_climbed_past(self, tmp_path: Path) -> None:
        """Four points above the bar: open for want of cases, and `fewshot` is not tried."""
        cases = some_cases(160, per_cluster=1)
        known = right(cases)

        def mostly(request: Request) -> str:
            good = uniform(1, "right", question_of(request)) < 0.93
            return known(request) if good else "no idea"

        study, _ = a_study(tmp_path, mostly, cases, bar={"correct": 0.9})
        verdict = study.run()
        assert rungs_of(verdict) == ["prompt"]
        assert (verdict.chosen, verdict.standings[0].may_suffice) == (None, True)
        assert verdict.leading is not None
        assert verdict.leading.chance >= 0.8

    def test_what_no_rung_could_tell_is_not_climbed_past(self, tmp_path: Path) -> None:
        """Nothing is unanswerable here, so that no rung can surely decline: only cases help."""
        cases = some_cases()
        study, model = a_study(tmp_path, right(cases), cases, bar=BAR | {"abstains": 0.5})
        verdict = study.run()
        assert rungs_of(verdict) == ["prompt"]
        assert "no held-out case speaks of it" in verdict.reason
        assert len(model.asked) == len(study.split.held_out)


class TestWhereNothingIsToBeGained:
    """Calls are not spent on what is plain already."""

    def test_a_rung_that_surely_misses_is_asked_no_further(self, tmp_path: Path) -> None:
        """And the next is asked as many cases as its own bars take."""
        cases = some_cases(160, per_cluster=1)
        study, _ = a_study(tmp_path, with_examples(cases, 2), cases, bar=BAR)
        verdict = study.run()
        prompt, fewshot = verdict.standings
        assert verdict.chosen == "fewshot"
        assert prompt.bars[0].status is BarStatus.MISSED
        assert prompt.asked < fewshot.asked < len(study.split.held_out)
        (compared,) = verdict.comparisons
        assert compared.cases == prompt.asked

    def test_a_rung_that_surely_misses_on_dev_is_asked_no_held_out_case(
        self, tmp_path: Path
    ) -> None:
        cases = some_cases(160, per_cluster=1)
        study, model = a_study(tmp_path, wrong, cases, bar=BAR)
        verdict = study.run()
        assert rungs_of(verdict) == ["prompt"]
        assert any(
            each.startswith("fewshot was passed over: tried on 12 dev cases")
            for each in verdict.warnings
        )
        held_out = {case.messages[-1].content for case in study.split.held_out}
        assert not any(shots_of(each) for each in model.asked if question_of(each) in held_out)

    def test_where_rungs_are_compared_all_are_asked_everything(self, tmp_path: Path) -> None:
        cases = some_cases(160, per_cluster=1)
        study, _ = a_study(tmp_path, wrong, cases, bar=BAR)
        verdict = study.run(rungs=["prompt", "fewshot"])
        assert [each.asked for each in verdict.standings] == [len(study.split.held_out)] * 2


class TestFailures:
    def failing(self, cases: list[Case], share: float) -> Callable[[Request], str]:
        """The endpoint refuses a share of the questions, always the same ones."""
        known = right(cases)

        def reply(request: Request) -> str:
            if uniform(1, "fails", question_of(request)) < share:
                raise ProviderError(
                    "refused", kind=FailureKind.REFUSED_REQUEST, endpoint="http://model.test/v1"
                )
            return known(request)

        return reply

    def test_are_told_with_the_endpoint_s_own_words(self, tmp_path: Path) -> None:
        """How many, of which rung, and why: in the verdict, not only in its counts."""
        cases = some_cases()
        study, _ = a_study(tmp_path, self.failing(cases, 0.5), cases, bar=BAR)
        verdict = study.run(rungs=["prompt"])
        (standing,) = verdict.standings
        failed = standing.asked - standing.answered
        assert any(
            warning.startswith(f"prompt: {failed} of {standing.asked} calls failed")
            and "http://model.test/v1: refused" in warning
            for warning in verdict.warnings
        )

    def test_decide_nothing_and_count_as_nothing(self, tmp_path: Path) -> None:
        """Half of the calls failed and every answer is right: neither met nor missed."""
        cases = some_cases()
        study, _ = a_study(tmp_path, self.failing(cases, 0.5), cases, bar=BAR)
        verdict = study.run(rungs=["prompt"])
        (bar,) = verdict.standings[0].bars
        assert (bar.status, bar.estimate.value) == (BarStatus.UNDECIDED, 1.0)
        assert verdict.chosen is None

    def test_are_asked_again_by_the_next_run(self, tmp_path: Path) -> None:
        """A failure is not an answer, so it is not in the journal."""
        cases = some_cases()
        study, _ = a_study(tmp_path, self.failing(cases, 0.3), cases, bar=BAR)
        first = study.run(rungs=["prompt"])
        mended, model = reopened(tmp_path, right(cases))
        second = mended.run(rungs=["prompt"])
        assert len(model.asked) == first.standings[0].asked - first.standings[0].answered
        assert second.chosen == "prompt"


class TestARungThatBreaks:
    """Half-way, by a refusal that holds for it alone or by a defect of its own."""

    @pytest.mark.parametrize(
        ("error", "said"),
        [
            (
                ProviderError(
                    "no schemas here",
                    kind=FailureKind.REFUSED_REQUEST,
                    endpoint="http://model.test/v1",
                ),
                "no schemas here",
            ),
            (KeyError("properties"), "KeyError: 'properties'"),
        ],
    )
    def test_ends_alone_and_is_missing_from_the_verdict(
        self, error: Exception, said: str, tmp_path: Path
    ) -> None:
        checked = (Check("exact"), Check("json-schema"))
        cases = [replace(case, checks=checked) for case in some_cases(80)]

        def reply(request: Request) -> str:
            if request.schema is not None:
                raise error
            return "no idea"

        study, _ = a_study(tmp_path, reply, cases, bar={"format": 0.9}, schema=SCHEMA)
        verdict = study.run()
        assert rungs_of(verdict) == ["prompt"]
        assert not verdict.complete
        [broken] = [each for each in verdict.warnings if each.startswith("schema broke off: ")]
        assert said in broken
        assert "`suffice run --rungs schema --debug` shows where" in broken
        assert view(verdict).headline == "Not decided: `schema` broke off and was not measured"

    def test_is_an_error_where_it_was_named(self, tmp_path: Path) -> None:
        def reply(request: Request) -> str:
            if request.schema is not None:
                raise KeyError("properties")
            return "no idea"

        study, _ = a_study(tmp_path, reply, bar=BAR, schema=SCHEMA)
        with pytest.raises(KeyError, match="properties"):
            study.run(rungs=["prompt", "schema"])


class TestPrice:
    def test_a_price_that_is_set_later_counts_for_what_was_asked_before(
        self, tmp_path: Path
    ) -> None:
        """The advice to set `price:` helps without asking anything again."""

        cases = some_cases()
        keys = {"bar": {"usd_per_1k": 100.0}}
        study, _ = a_study(tmp_path, right(cases), cases, **keys)
        before = study.run(rungs=["prompt"])
        priced, model = reopened(tmp_path, right(cases))
        model.price = Price(input=1.0, output=2.0)
        after = priced.run(rungs=["prompt"])
        assert model.asked == []
        assert before.standings[0].bars[0].estimate.value is None
        assert "price" in before.standings[0].bars[0].estimate.note
        assert after.standings[0].bars[0].status is BarStatus.MET
        assert after.standings[0].usd is not None


class TestLooks:
    def test_a_clear_result_ends_the_run_early(self, tmp_path: Path) -> None:
        """Two thirds of the cases are enough where one is always right and the other never."""
        cases = some_cases(120)
        study, model = a_study(tmp_path, with_examples(cases, 2), cases, looks=3)
        verdict = study.run(rungs=["prompt", "fewshot"])
        held_out = study.split.held_out
        clusters = {case.cluster for case in held_out}
        assert verdict.comparisons[0].outcome is Outcome.BETTER
        assert verdict.comparisons[0].clusters == len(clusters) * 2 // 3
        assert verdict.standings[0].asked < len(held_out)
        on_held_out = {question_of(each) for each in model.asked} & {
            case.messages[-1].content for case in held_out
        }
        assert len(on_held_out) == verdict.standings[0].asked

    def test_an_open_result_goes_on_to_the_last(self, tmp_path: Path) -> None:
        """What cannot be told yet is looked at again, up to all the cases."""
        cases = some_cases(60)
        known = right(cases)

        def sometimes(request: Request) -> str:
            seen = f"{question_of(request)} {len(shots_of(request))}"
            return known(request) if uniform(3, "right", seen) < 0.5 else "no idea"

        study, _ = a_study(tmp_path, sometimes, cases, looks=3, margin=0.01)
        verdict = study.run(rungs=["prompt", "fewshot"])
        assert verdict.standings[0].asked == len(study.split.held_out)

    def test_it_is_one_look_in_the_ledger(self, tmp_path: Path) -> None:
        """Looks that were planned are paid for in their levels, not in the ledger."""
        study, _ = a_study(tmp_path, wrong, looks=3)
        assert study.run(rungs=["prompt"]).look == 1

    def test_an_early_look_is_stricter_and_leaves_nothing_behind(self, tmp_path: Path) -> None:
        """A third of the cases, all right, would clear the bar at 95% and does not yet; a later
        look clears it, and compares with nothing that an earlier look may have tried."""
        cases = some_cases(120)
        study, _ = a_study(tmp_path, right(cases), cases, looks=3, bar={"correct": 0.7})
        verdict = study.run()
        assert verdict.chosen == "prompt"
        assert verdict.standings[0].asked > len(study.split.held_out) / 3
        assert verdict.comparisons == ()


class TestForecast:
    def test_asks_nothing(self, tmp_path: Path) -> None:
        """It counts calls for building and for the held-out cases of each rung."""
        study, model = a_study(tmp_path, wrong, bar=BAR)
        counted = study.forecast(rungs=["prompt", "fewshot"])
        assert model.asked == []
        assert counted["prompt"].calls == len(study.split.held_out)
        assert counted["fewshot"].calls > 2 * len(study.split.dev)

    @pytest.mark.parametrize("max_tokens", [512, 40])
    def test_is_not_below_what_the_run_spends(self, max_tokens: int, tmp_path: Path) -> None:
        """Dollars and calls at most, whatever the rungs end up with."""
        planted_study(tmp_path, seed=4, cases=120, gap="format", max_tokens=max_tokens, bar=BAR)
        rungs = ["prompt", "fewshot", "schema"]
        counted = Study.load(tmp_path).forecast(rungs=rungs)
        verdict = Study.load(tmp_path).run(rungs=rungs)
        promised = [each.usd for each in counted.values()]
        assert None not in promised
        assert verdict.usd is not None
        assert verdict.usd <= sum(usd for usd in promised if usd is not None)

    def test_after_a_whole_run_the_whole_forecast_is_nought(self, tmp_path: Path) -> None:
        """What was tried on dev is graded as it was, so the very systems of the run come out."""
        planted_study(tmp_path, seed=4, cases=120, gap="format", bar=BAR)
        rungs = ["prompt", "fewshot", "schema"]
        Study.load(tmp_path).run(rungs=rungs)
        counted = Study.load(tmp_path).forecast(rungs=rungs)
        assert [each.calls for each in counted.values()] == [0, 0, 0]

    def test_after_a_run_there_is_nothing_to_pay(self, tmp_path: Path) -> None:
        """What is in the journal is known, and counted as that."""
        study, _ = a_study(tmp_path, wrong, bar=BAR)
        study.run(rungs=["prompt"])
        again, _ = reopened(tmp_path, wrong)
        counted = again.forecast(rungs=["prompt"])["prompt"]
        assert (counted.calls, counted.known) == (0, len(study.split.held_out))
        assert counted.input_tokens == 0


def test_a_bar_that_no_case_speaks_for_is_undecided(tmp_path: Path) -> None:
    """Without an unanswerable case nothing can be said of declining, and nothing is compared."""
    cases = some_cases()
    study, _ = a_study(tmp_path, right(cases), cases, bar={"abstains": 0.5})
    verdict = study.run(rungs=["prompt", "fewshot"])
    assert verdict.chosen is None
    assert verdict.comparisons == ()
    assert "abstain" in verdict.reason


class TestPromises:
    def test_a_budget_without_a_price_is_refused(self, tmp_path: Path) -> None:
        """What cannot be kept is not promised, and nothing is asked."""
        study, model = a_study(tmp_path, wrong)
        with pytest.raises(UsageError, match="a budget needs the price of scripted:model"):
            study.run(rungs=["prompt"], budget_usd=1.0)
        assert model.asked == []

    @pytest.mark.parametrize("budget", [float("nan"), float("inf")])
    def test_a_budget_is_a_sum_of_money(self, budget: float, tmp_path: Path) -> None:
        """NaN would switch the brake off without a word."""
        study, _ = a_study(tmp_path, wrong)
        with pytest.raises(UsageError, match="no sum of money"):
            study.run(rungs=["prompt"], budget_usd=budget)

    def test_two_runs_of_one_study_do_not_pay_twice(self, tmp_path: Path) -> None:
        """The second is told that the first is under way."""
        study, model = a_study(tmp_path, wrong)
        with only_run(study.store), pytest.raises(UsageError, match="another run"):
            study.run(rungs=["prompt"])
        assert model.asked == []

    def test_an_example_that_is_a_held_out_question_is_left_out(self, tmp_path: Path) -> None:
        """A copy of the cases as examples would otherwise make few-shot look perfect."""
        cases = some_cases()
        study, model = a_study(tmp_path, with_examples(cases, 2), cases, bar=BAR)
        study.examples = tuple(
            Example(f"copy-{case.id}", case.messages, str(case.expected[0])) for case in cases
        )
        verdict = study.run(rungs=["prompt", "fewshot"])
        held_out = {question_of(Request(case.messages)) for case in study.split.held_out}
        shown = {asked for request in model.asked for asked, _ in shots_of(request)}
        assert shown
        assert not shown & held_out
        assert any("left out" in warning for warning in verdict.warnings)


def test_prompts_beyond_the_window_rule_out_only_themselves(tmp_path: Path) -> None:
    """Eight examples that do not fit leave four; the run goes on."""
    cases = some_cases()
    known = with_examples(cases, 2)

    def reply(request: Request) -> str:
        if len(shots_of(request)) > 4:
            raise ProviderError("too long", kind=FailureKind.TOO_LONG, endpoint="window")
        return known(request)

    verdict = a_study(tmp_path, reply, cases, bar=BAR)[0].run(rungs=["prompt", "fewshot"])
    assert verdict.chosen == "fewshot"
    assert verdict.standings[1].built.startswith(("2", "4"))
