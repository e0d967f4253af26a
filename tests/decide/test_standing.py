"""From trials to a standing: who is in the denominator, and when a bar is met."""

from dataclasses import replace
from math import sqrt

import numpy as np
import pytest

from suffice.decide.bars import held_against
from suffice.decide.measures import BY_NAME, sample, unfair
from suffice.decide.standing import estimates, standing
from suffice.records import (
    Answer,
    Aspect,
    BarResult,
    BarStatus,
    Case,
    Counts,
    Estimate,
    Interval,
    Score,
    Trial,
)
from tests.decide.trials import a_case, a_trial, by_id, graded, some_cases

CORRECT = BY_NAME["correct"]


def found(trials: list[Trial], cases: tuple[Case, ...], measure: str = "correct") -> Estimate:
    return next(
        each for each in estimates(trials, by_id(cases), level=0.95) if each.measure == measure
    )


def an_estimate(
    value: float, reach: float, *, measure: str = "correct", clusters: int = 40, failed: int = 0
) -> Estimate:
    counts = Counts(100, 100 - failed, 100 - failed)
    interval = Interval(value - reach, value + reach)
    return Estimate(measure, value, interval, counts, 100 - failed, clusters)


def bar_of(estimate: Estimate, required: float) -> BarResult:
    (bar,) = held_against({estimate.measure: required}, [estimate])
    return bar


class TestSample:
    def test_replicates_are_averaged_before_anything_else(self) -> None:
        """A case counts once, however often it was asked."""
        cases = some_cases(2)
        often = [a_trial(cases[0], value, replicate=at) for at, value in enumerate([1, 1, 1, 0])]
        drawn = sample([*often, a_trial(cases[1], 0.0)], by_id(cases), CORRECT)
        assert drawn.values == {cases[0].id: 0.75, cases[1].id: 0.0}
        assert np.mean(list(drawn.values.values())) == 0.375

    def test_failures_leave_the_denominator_and_stand_in_the_counts(self) -> None:
        """Of four asked and two answered, the mean is that of the two."""
        cases = some_cases(4)
        drawn = sample(graded(cases, [1, None, 0, None]), by_id(cases), CORRECT)
        assert drawn.counts == Counts(asked=4, answered=2, scored=2)
        assert drawn.values == {cases[0].id: 1.0, cases[2].id: 0.0}

    def test_a_failed_replicate_does_not_pull_its_case_down(self) -> None:
        """Right once and failed once is right."""
        (case,) = some_cases(1)
        trials = [a_trial(case, 1.0), a_trial(case, None, replicate=1)]
        drawn = sample(trials, by_id([case]), CORRECT)
        assert drawn.values == {case.id: 1.0}
        assert str(drawn.counts) == "1/1/2"

    def test_an_unanswerable_case_says_nothing_of_what_is_correct(self) -> None:
        """It is not even asked, as far as `correct` goes; it speaks for `abstains`."""
        cases = (a_case(0), a_case(1, answerable=False))
        trials = [
            *graded(cases, [1, 0]),
            *graded(cases, [1, 1], aspect=Aspect.ABSTENTION),
        ]
        assert list(sample(trials, by_id(cases), CORRECT).values) == [cases[0].id]
        assert list(sample(trials, by_id(cases), BY_NAME["abstains"]).values) == [cases[1].id]
        assert list(sample(trials, by_id(cases), BY_NAME["answers"]).values) == [cases[0].id]

    def test_an_answer_is_as_good_as_the_least_of_its_checks(self) -> None:
        """Right by one check of content and wrong by another is wrong."""
        (case,) = some_cases(1)
        trial = a_trial(case, 1.0)
        both = (*trial.scores, *a_trial(case, 0.0).scores)
        drawn = sample([Trial(case.id, "prompt", 0, trial.answer, both)], by_id([case]), CORRECT)
        assert drawn.values == {case.id: 0.0}


class TestEstimates:
    def test_every_number_says_on_how_many_it_rests(self) -> None:
        """Counts, cases and clusters stand beside the value and its interval."""
        cases = some_cases(40, per_cluster=2)
        estimate = found(graded(cases, [1, 0] * 20), cases)
        assert estimate.value == 0.5
        assert (estimate.cases, estimate.clusters) == (40, 20)
        assert estimate.interval is not None
        assert estimate.interval.low < 0.5 < estimate.interval.high

    def test_a_measure_that_nothing_checks_is_not_made_up(self) -> None:
        """Without a check of format there is no estimate of format."""
        cases = some_cases(20)
        measures = {
            each.measure for each in estimates(graded(cases, [1] * 20), by_id(cases), level=0.95)
        }
        assert measures == {"correct", "latency_p95_s", "usd_per_1k"}

    def test_nothing_scored_is_no_number(self) -> None:
        """All calls failed: no value, no interval, and the reason in the note."""
        cases = some_cases(12)
        estimate = found(graded(cases, [None] * 12), cases)
        assert (estimate.value, estimate.interval) == (None, None)
        assert estimate.counts == Counts(12, 0, 0)

    def test_cost_is_per_thousand_answers_and_needs_a_price(self) -> None:
        """A tenth of a cent each makes a dollar; without a price it is said how to set one."""
        cases = some_cases(20)
        assert found(graded(cases, [1] * 20), cases, "usd_per_1k").value == pytest.approx(1.0)
        free = [a_trial(case, 1.0, usd=None) for case in cases]
        assert "price" in found(free, cases, "usd_per_1k").note

    def test_latency_is_bounded_only_where_cases_lie_beyond_the_mark(self) -> None:
        """Twenty answers cannot bound a 95th percentile; two hundred can."""
        for count, bounded in ((20, False), (200, True)):
            cases = some_cases(count)
            trials = [a_trial(case, 1.0, seconds=at / 100) for at, case in enumerate(cases)]
            interval = found(trials, cases, "latency_p95_s").interval
            assert (interval is not None) is bounded


class TestBars:
    @pytest.mark.parametrize(
        ("value", "reach", "status"),
        [
            (0.90, 0.04, BarStatus.MET),
            (0.90, 0.05, BarStatus.MET),
            (0.90, 0.06, BarStatus.UNDECIDED),
            (0.80, 0.06, BarStatus.UNDECIDED),
            (0.80, 0.05, BarStatus.UNDECIDED),
            (0.80, 0.04, BarStatus.MISSED),
        ],
    )
    def test_the_whole_interval_decides(
        self, value: float, reach: float, status: BarStatus
    ) -> None:
        """Met when all of it clears 0.85, missed when none of it does, else undecided."""
        assert bar_of(an_estimate(value, reach), 0.85).status is status

    @pytest.mark.parametrize("measure", ["latency_p95_s", "usd_per_1k"])
    @pytest.mark.parametrize(
        ("value", "status"),
        [(1.5, BarStatus.MET), (1.9, BarStatus.UNDECIDED), (2.5, BarStatus.MISSED)],
    )
    def test_seconds_and_dollars_must_stay_below(
        self, measure: str, value: float, status: BarStatus
    ) -> None:
        """For what is better when lower, the interval must lie under the bar."""
        assert bar_of(an_estimate(value, 0.3, measure=measure), 2.0).status is status

    @pytest.mark.parametrize(
        ("clusters", "status"), [(9, BarStatus.UNDECIDED), (10, BarStatus.MET)]
    )
    def test_below_ten_clusters_nothing_is_decided(self, clusters: int, status: BarStatus) -> None:
        """No method holds its error there, however clear the numbers look."""
        bar = bar_of(an_estimate(0.99, 0.005, clusters=clusters), 0.85)
        assert bar.status is status

    def test_too_few_clusters_ask_for_the_cases_that_make_ten(self) -> None:
        """Five clusters of twenty cases: another hundred cases make ten."""
        assert bar_of(an_estimate(0.99, 0.005, clusters=5), 0.85).more_cases == 100

    @pytest.mark.parametrize(("failed", "status"), [(5, BarStatus.MET), (6, BarStatus.UNDECIDED)])
    def test_more_than_a_twentieth_failed_decides_nothing(
        self, failed: int, status: BarStatus
    ) -> None:
        """What is left may be no fair sample: the easy questions may be those that came back."""
        assert bar_of(an_estimate(0.99, 0.005, failed=failed), 0.85).status is status

    def test_more_cases_do_not_cure_failed_calls(self) -> None:
        """The reason is the endpoint, and it is told in place of a number of cases."""
        cases = some_cases(100)
        values = [None] * 10 + [1.0] * 90
        stood = standing(
            "prompt",
            "as given",
            graded(cases, values),
            estimates(graded(cases, values), by_id(cases), level=0.95),
            {"correct": 0.5},
        )
        (bar,) = stood.bars
        assert bar.status is BarStatus.UNDECIDED
        assert bar.more_cases is None
        assert "10 of 100 calls gave no answer" in bar.estimate.note
        assert (stood.asked, stood.answered) == (100, 90)

    def test_a_bar_of_what_was_never_scored_is_undecided(self) -> None:
        """A bar without a check that speaks of it is not met by silence."""
        (bar,) = held_against({"format": 0.9}, [an_estimate(0.9, 0.01)])
        assert (bar.status, bar.estimate.value) == (BarStatus.UNDECIDED, None)
        assert bar.more_cases is None

    def test_unfair_names_both_numbers(self) -> None:
        """How many failed, of how many."""
        assert unfair(Counts(200, 195, 190)) == ""
        assert unfair(Counts(200, 150, 150)).startswith("50 of 200 calls")


class TestMoreCases:
    def test_none_where_the_value_sits_on_the_bar(self) -> None:
        """No number of cases parts a value from itself."""
        assert bar_of(an_estimate(0.85, 0.03), 0.85).more_cases is None

    def test_none_where_the_bar_is_decided(self) -> None:
        """A number of further cases belongs to what is open."""
        assert bar_of(an_estimate(0.95, 0.03), 0.85).more_cases is None

    def test_the_nearer_the_bar_the_more(self) -> None:
        """Half the distance takes about four times the cases."""
        far, near = (bar_of(an_estimate(value, 0.08), 0.85) for value in (0.91, 0.88))
        assert far.more_cases is not None
        assert near.more_cases is not None
        assert 3.0 < (near.more_cases + 100) / (far.more_cases + 100) < 5.0

    def test_with_that_many_more_the_bar_is_usually_decided(self) -> None:
        """Told from one draw and tried with another: four in five, give or take."""
        generator = np.random.default_rng(7)
        decided = told = 0
        for _ in range(300):
            rate, size = 0.90, 120
            value = generator.binomial(size, rate) / size
            bar = bar_of(_drawn(value, size), 0.85)
            if bar.status is not BarStatus.UNDECIDED or bar.more_cases is None or value < 0.87:
                continue
            told += 1
            more = bar.more_cases
            # As if the value stayed as it was found, which is all that the number promises.
            again = generator.binomial(size + more, value) / (size + more)
            decided += bar_of(_drawn(again, size + more), 0.85).status is BarStatus.MET
        assert told > 100
        assert 0.7 < decided / told < 0.95


def _drawn(value: float, size: int) -> Estimate:
    """A plain share with the normal interval: enough to try a number of cases."""
    reach = 1.96 * sqrt(max(value * (1 - value), 1e-4) / size)
    interval = Interval(value - reach, value + reach)
    return Estimate("correct", value, interval, Counts(size, size, size), size, size)


class TestStanding:
    def test_its_cost_is_unknown_where_one_answer_has_no_price(self) -> None:
        """A sum of known and unknown dollars is unknown."""
        cases = some_cases(3)
        trials = [*graded(cases[:2], [1, 1]), a_trial(cases[2], 1.0, usd=None)]
        assert standing("prompt", "", trials, (), {}).usd is None
        assert standing("prompt", "", trials[:2], (), {}).usd == pytest.approx(0.002)


def test_answers_that_could_not_be_scored_leave_the_measure_undecided() -> None:
    """A metric that fails on half of the answers leaves no fair sample, however right the rest."""
    cases = some_cases(40)
    scored = graded(cases, [1.0] * 40, "prompt")
    trials = [
        replace(trial, scores=(Score("exact", Aspect.CONTENT, None, "metric exact failed: x"),))
        if place % 2
        else trial
        for place, trial in enumerate(scored)
    ]
    (correct,) = [
        each for each in estimates(trials, by_id(cases), level=0.95) if each.measure == "correct"
    ]
    assert correct.counts == Counts(40, 40, 20)
    assert "20 of 40 answers could not be scored" in correct.note
    (bar,) = held_against({"correct": 0.1}, [correct])
    assert bar.status is BarStatus.UNDECIDED


def test_latency_is_that_of_answers_and_not_of_their_means() -> None:
    """One answer in ten takes 10 s: the p95 is 10 s, though every case's mean is below 2 s."""
    cases = some_cases(60)
    trials = [
        Trial(
            case=case.id,
            rung="prompt",
            replicate=replicate,
            answer=Answer(text="x"),
            scores=(Score("latency", Aspect.LATENCY, 10.0 if replicate == 0 else 1.0),),
        )
        for case in cases
        for replicate in range(10)
    ]
    (latency,) = [
        each
        for each in estimates(trials, by_id(cases), level=0.95)
        if each.measure == "latency_p95_s"
    ]
    assert latency.value == 10.0
    assert latency.cases == 60
