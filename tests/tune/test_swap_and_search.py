"""Adapters that change places on one base, and the search for a recipe."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from suffice.errors import UsageError
from suffice.records import Example
from suffice.tune import search
from suffice.tune.recipe import Recipe
from suffice.tune.search import searched
from suffice.tune.swap import Adapters
from suffice.tune.train import Training
from tests.tune.conftest import Fresh
from tests.tune.test_adapter import QUICK, kept


def test_adapters_change_places_and_leave_the_base_as_it_was(
    fresh: Fresh, capitals: list[Example], tmp_path: Path
) -> None:
    """Each speaks as it does alone; without one the base speaks as before."""
    from suffice.tune import adapter  # noqa: PLC0415 (beside its fixtures)

    one = kept(fresh, capitals, tmp_path / "one")
    two = kept(fresh, capitals[:12], tmp_path / "two")
    ids = torch.tensor([fresh().writer("").row(capitals[0]).tokens])
    base = fresh().weights
    with torch.inference_mode():
        plain = base.model(input_ids=ids).logits
        alone = {
            path.name: adapter.on(fresh().weights, path)(input_ids=ids).logits
            for path in (one, two)
        }
        adapters = Adapters(base)
        for path in (one, two):
            adapters.add(path.name, path)
        for name in ("one", "two", "one", None, "two"):
            with adapters.speaking(name) as model:
                said = model(input_ids=ids).logits
            assert torch.allclose(said, alone[name] if name else plain, atol=1e-6)
    assert adapters.names == ["one", "two"]
    with pytest.raises(UsageError, match="no adapter 'on' was added"), adapters.speaking("on"):
        pass


def test_the_search_keeps_what_does_best_on_what_was_kept_aside(
    fresh: Fresh, capitals: list[Example], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Six recipes for an epoch, three for two, one for the rest; each is tried once a round."""
    rows = fresh().writer("").rows(capitals)
    ran: list[tuple[int, float | None, int]] = []
    run = Training.run

    def counted(training: Training) -> object:
        recipe = training.recipe
        ran.append((recipe.rank, recipe.rate, recipe.epochs))
        return run(training)

    monkeypatch.setattr(Training, "run", counted)
    recipe = replace(QUICK, epochs=4, validation=0.4, rate=1e-3)
    best, tried = searched(fresh, rows, recipe)
    assert [epochs for _, _, epochs in ran] == [1] * 6 + [2] * 3 + [4]
    assert best.epochs == 4
    assert (best.rank, best.rate) == (tried[0].recipe.rank, tried[0].recipe.rate)
    assert tried[0].loss == min(each.loss for each in tried)
    # A tiny random model learns fastest at the highest rate.
    assert best.rate == pytest.approx(max(search.RATES) * 1e-3)


def test_too_few_examples_cannot_be_searched_on(fresh: Fresh, capitals: list[Example]) -> None:
    """Nothing can be spared to judge by."""
    rows = fresh().writer("").rows(capitals[:10])
    with pytest.raises(UsageError, match="too few to search on"):
        searched(fresh, rows, Recipe())
