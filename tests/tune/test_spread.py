"""A training that is spread over processes: for real, with two of them on a CPU."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from suffice.errors import SufficeError, UsageError
from suffice.ladder import Silence
from suffice.ports import TrainerOptions
from suffice.records import Example
from suffice.tune.batches import learned_tokens, pieces
from suffice.tune.make import Job, LocalTrainer
from suffice.tune.network import Network
from suffice.tune.recipe import Recipe
from suffice.tune.spread import ALONE, Spread
from suffice.tune.spread_worker import joined
from tests.tune.conftest import Fresh

RECIPE = {"epochs": 2, "rank": 2, "seed": 3, "examples_a_step": 4, "replay": 0.0, "rate": 5e-3}


class Ticks(Silence):
    def __init__(self) -> None:
        self.said: list[str] = []

    def tick(self, said: str) -> None:
        self.said.append(said)


def job(folder: Path, tiny: Path, examples: Sequence[Example]) -> Job:
    options = TrainerOptions(folder, {**RECIPE, "validation": 0.4})
    return LocalTrainer(f"huggingface:{tiny}", options).job(examples, "Answer in JSON.")


@pytest.mark.slow
def test_two_processes_learn_what_one_learns(
    tiny: Path, capitals: list[Example], tmp_path: Path
) -> None:
    """One adapter, with the same losses and weights but for rounding; every step is told."""
    alone, two = job(tmp_path / "alone", tiny, capitals), job(tmp_path / "two", tiny, capitals)
    alone.train(Silence())
    ticks = Ticks()
    two.train(ticks, processes=2)
    assert len(ticks.said) == 2 * 4
    assert ticks.said[-1].startswith("epoch 2, loss ")
    assert sorted(path.name for path in two.place.iterdir()) == ["adapter"]
    two.merge()
    alone.merge()
    for one, other in zip(alone.card.looks, two.card.looks, strict=True):
        assert one.learned == pytest.approx(other.learned, abs=1e-4)
        assert one.kept_aside == pytest.approx(other.kept_aside, abs=1e-4)
    first, second = (load_file(each.adapter / "adapter_model.safetensors") for each in (alone, two))
    assert first.keys() == second.keys()
    assert all(torch.allclose(first[name], second[name], atol=1e-4) for name in first)
    assert any(first[name].abs().max() > 1e-2 for name in first if "lora_B" in name)


@pytest.mark.slow
def test_what_goes_wrong_in_a_process_is_told_by_the_first(
    tiny: Path, capitals: list[Example], tmp_path: Path
) -> None:
    """As the same error, without a traceback of the launcher's."""
    wanted = job(tmp_path, tiny, capitals)
    run = wanted.place / "run"
    run.mkdir(parents=True)
    (run / "checkpoint.pt").write_bytes(b"damaged")
    with pytest.raises(SufficeError, match=r"^\S*checkpoint\.pt.*this checkpoint is damaged"):
        wanted.train(Silence(), processes=2)
    assert not wanted.adapter.exists()


def test_the_shares_are_the_batch(fresh: Fresh, capitals: list[Example]) -> None:
    """Every line in one share; the gradients of the shares add up to the batch's."""
    lines = [[row] for row in fresh().writer("").rows(capitals[:7])]
    shares = [Spread(rank, 3).share(lines) for rank in range(3)]
    assert sorted(map(id, lines)) == sorted(id(line) for share in shares for line in share)
    assert Spread(2, 3).share(lines[:1]) == []
    assert ALONE.share(lines) == lines


def test_a_batch_in_pieces_is_the_batch(
    fresh: Fresh, capitals: list[Example], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same loss and the same gradients, whatever the pieces; none is larger than it may be."""
    base = fresh()
    lines = [[row] for row in base.writer("").rows(capitals)]
    longest = max(len(row.tokens) for line in lines for row in line)
    parts = pieces(lines, 2 * longest)
    assert len(parts) > 1
    assert sorted(map(id, lines)) == sorted(id(line) for part in parts for line in part)
    assert all(
        len(part) * max(len(line[0].tokens) for line in part) <= 2 * longest for part in parts
    )
    assert len(pieces(lines, 1)) == len(lines)
    network = Network(base.weights, replace(Recipe(rank=2), dropout=0.0))
    seen = []
    for most in (10**9, 2 * longest):
        monkeypatch.setattr(network, "_at_once", most)
        loss = network.learn(lines)
        seen.append((loss, [weight.grad.clone() for weight in network.trained.values()]))
        for weight in network.trained.values():
            weight.grad = None
    whole = float(network.loss(lines).detach())
    assert seen[0][0] == pytest.approx(whole, abs=1e-6)
    assert seen[1][0] == pytest.approx(whole, abs=1e-5)
    assert all(
        torch.allclose(one, two, atol=1e-5) for one, two in zip(seen[0][1], seen[1][1], strict=True)
    )
    assert learned_tokens(lines) == sum(sum(row.learned) for line in lines for row in line)


def test_sharded_weights_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """`accelerate launch --use_fsdp` would else train as if it were not there."""
    monkeypatch.setenv("ACCELERATE_USE_FSDP", "true")
    with pytest.raises(UsageError, match="FSDP is not supported"), joined():
        pass


def test_a_process_without_a_launcher_says_how_it_is_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Rather than that an environment variable is missing."""
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    with pytest.raises(UsageError, match="suffice tune --processes"), joined():
        pass
