"""What is fixed before any held-out case is asked: their order, the looks, what is explained."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from suffice.planned import EXPLAINED, LOOKS, Planned
from tests.test_ladder import BAR, a_study, some_cases, wrong


def planned(folder: Path, **keys: Any) -> Planned:
    return Planned(a_study(folder, wrong, some_cases(240, per_cluster=3), **keys)[0])


def test_looks_see_whole_clusters_one_after_the_other(tmp_path: Path) -> None:
    """Each look sees what the one before saw, and the last sees all."""
    found = planned(tmp_path, bar=BAR)
    seen = [found.until_look(stage) for stage in range(LOOKS)]
    assert seen[-1] == found.held_out
    for early, late in pairwise(seen):
        assert late[: len(early)] == early
        assert not {case.cluster for case in early} & {case.cluster for case in late[len(early) :]}


@pytest.mark.parametrize(
    ("keys", "looks"),
    [
        ({"bar": BAR}, LOOKS),
        ({"bar": BAR, "looks": 2}, 2),
        ({"bar": BAR, "rungs": ["prompt"]}, 1),
        ({}, 1),
    ],
)
def test_a_climb_looks_early_and_a_comparison_once(
    keys: dict[str, Any], looks: int, tmp_path: Path
) -> None:
    """What a study says of looks counts in any case."""
    assert len(planned(tmp_path, **keys).plan.fractions) == looks


def test_about_a_hundred_cases_are_explained(tmp_path: Path) -> None:
    """Whole clusters of what a rung was asked, the first in drawn order."""
    found = planned(tmp_path, bar=BAR)
    every = {case.id: () for case in found.held_out}
    chosen = found.sampled(every)
    assert EXPLAINED <= len(chosen) < EXPLAINED + 3
    assert tuple(chosen) == found.held_out[: len(chosen)]
    few = {case.id: () for case in found.until_look(0)}
    assert found.sampled(few) == list(found.until_look(0))
