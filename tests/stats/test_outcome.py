"""The four outcomes."""

import numpy as np
import pytest

from suffice.records import Outcome
from suffice.stats.noninferiority import lower_bound
from suffice.stats.outcome import MINIMUM_CLUSTERS, better_by, decide
from suffice.stats.paired import Paired, compare


def systems(wins: int, losses: int, cases: int, clusters: int) -> tuple[Paired, float]:
    candidate, baseline = np.ones(cases), np.ones(cases)
    baseline[:wins] = 0.0
    candidate[wins : wins + losses] = 0.0
    names = [str(place % clusters) for place in range(cases)]
    paired = compare(candidate, baseline, names, np.random.default_rng(1))
    return paired, lower_bound(candidate, baseline, names, 0.05)


@pytest.mark.parametrize(
    ("wins", "losses", "cases", "outcome", "word"),
    [
        (30, 5, 200, Outcome.BETTER, "better by +0.125"),
        (5, 30, 200, Outcome.WORSE, "worse by -0.125"),
        (4, 4, 200, Outcome.NOT_WORSE, "not worse by 0.05"),
        (20, 24, 200, Outcome.NOT_ENOUGH, "200 cases in 200 clusters cannot tell"),
    ],
)
def test_each_outcome_and_its_reason(
    wins: int, losses: int, cases: int, outcome: Outcome, word: str
) -> None:
    """Better, worse, not worse by the margin, or not enough data, with a sentence why."""
    paired, bound = systems(wins, losses, cases, cases)
    found, reason = decide(paired, p_corrected=paired.p, lower_bound=bound, margin=0.05)
    assert found is outcome
    assert word in reason


def test_the_correction_decides() -> None:
    """A difference whose corrected p-value fails is no winner, whatever its interval."""
    paired, bound = systems(30, 5, 200, 200)
    found, _ = decide(paired, p_corrected=0.06, lower_bound=bound, margin=0.05)
    assert found is Outcome.NOT_WORSE


def test_the_interval_decides_too() -> None:
    """A p-value alone names no winner where the interval still holds zero."""
    paired, _ = systems(3, 1, 100, 100)
    found, _ = decide(paired, p_corrected=0.001, lower_bound=-1.0, margin=0.05)
    assert found is Outcome.NOT_ENOUGH


def test_no_verdict_below_ten_clusters() -> None:
    """60 wins of 60 in 9 clusters are not enough data; in 10 clusters they are."""
    few, bound = systems(60, 0, 60, MINIMUM_CLUSTERS - 1)
    found, reason = decide(few, p_corrected=few.p, lower_bound=bound, margin=0.5)
    assert found is Outcome.NOT_ENOUGH
    assert "9 clusters" in reason
    assert not better_by(few, 0.0, 0.05)
    enough, bound = systems(60, 0, 60, MINIMUM_CLUSTERS)
    found, _ = decide(enough, p_corrected=enough.p, lower_bound=bound, margin=0.5)
    assert found is Outcome.BETTER


def test_a_dearer_rung_must_win_by_the_margin() -> None:
    """Surely better is not surely better by 10 points."""
    paired, _ = systems(30, 5, 200, 200)
    assert better_by(paired, 0.05, 0.05)
    assert not better_by(paired, 0.10, 0.05)
    assert not better_by(paired, 0.05, 0.0001)
