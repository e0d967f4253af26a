"""What is foretold before a training, and what is refused because it would not fit."""

import itertools
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from suffice.errors import UsageError
from suffice.records import Example
from suffice.tune import estimate as estimates
from suffice.tune.estimate import Estimate, duration, estimate, refuse_what_does_not_fit
from suffice.tune.network import Network
from suffice.tune.recipe import Recipe
from suffice.tune.train import Training
from tests.tune.conftest import Fresh

QUICK = Recipe(rank=4, epochs=4, examples_a_step=4, validation=0.0)


def training(fresh: Fresh, examples: list[Example], recipe: Recipe = QUICK) -> Training:
    base = fresh()
    return Training(Network(base.weights, recipe), recipe, base.writer("").rows(examples))


def test_it_moves_no_weight_and_says_what_will_be_trained(
    fresh: Fresh, capitals: list[Example]
) -> None:
    """A probe step does everything but move the weights."""
    foretold, plain = training(fresh, capitals), training(fresh, capitals)
    found = estimate(foretold, usd_per_hour=2.0)
    assert found.trained == sum(w.numel() for w in foretold.network.trained.values())
    assert found.usd == pytest.approx(found.seconds / 1800)
    one, two = foretold.run().weights, plain.run().weights
    assert all((one[name] == two[name]).all() for name in one)


def test_twice_the_epochs_take_twice_the_time(
    fresh: Fresh, capitals: list[Example], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the same probes, which take a second each by this clock."""
    ticking = itertools.count()
    clock = SimpleNamespace(perf_counter=lambda: next(ticking))
    monkeypatch.setattr("suffice.tune.estimate.time", clock)
    once = estimate(training(fresh, capitals)).seconds
    twice = estimate(training(fresh, capitals, replace(QUICK, epochs=2 * QUICK.epochs))).seconds
    assert twice == pytest.approx(2 * once)
    assert once > 0


def test_memory_is_that_of_the_process(fresh: Fresh, capitals: list[Example]) -> None:
    """More than the weights take, less than the machine has; unknown where no peak can be reset."""
    found = estimate(training(fresh, capitals))
    if found.bytes is None:
        pytest.skip("this system keeps no peak that can be reset")
    assert found.free is not None
    assert 50e6 < found.bytes < found.free


def test_what_does_not_fit_is_refused_with_what_to_change() -> None:
    """With both figures; nothing is refused where one is unknown."""
    large = Estimate(10, 10, 10, 0.1, bytes=40 * 10**9, free=24 * 10**9)
    with pytest.raises(UsageError, match=r"40\.0 GB.*24\.0 GB.*examples_a_step"):
        refuse_what_does_not_fit(large)
    refuse_what_does_not_fit(replace(large, bytes=None))
    refuse_what_does_not_fit(replace(large, free=None))


def test_a_process_that_cannot_reset_its_peak_says_nothing_of_memory(
    fresh: Fresh, capitals: list[Example], monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    """As on macOS."""
    monkeypatch.setattr(estimates, "_CLEAR", Path("/proc/self/nothing/here"))
    found = estimate(training(fresh, capitals))
    assert found.bytes is None
    assert "GB" not in str(found)


@pytest.mark.parametrize(
    ("seconds", "said"), [(7, "7 s"), (89, "89 s"), (600, "10 min"), (9000, "2.5 h")]
)
def test_durations_are_said_in_one_unit(seconds: float, said: str) -> None:
    """Nobody needs the seconds of an hour."""
    assert duration(seconds) == said
