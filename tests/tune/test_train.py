"""Training on a tiny model: what is learned, when it stops, and going on after a kill."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from suffice.errors import DataError, SufficeError, UsageError
from suffice.records import Example
from suffice.tune import checkpoint, train
from suffice.tune.base import load_base
from suffice.tune.batches import batches, packed, stacked
from suffice.tune.files import replaced
from suffice.tune.network import Network
from suffice.tune.recipe import Recipe
from suffice.tune.train import Look, Trained, Training, parted
from tests.tune.conftest import Fresh

QUICK = Recipe(rank=4, epochs=3, examples_a_step=4, rate=5e-3, validation=0.0)


def trained(fresh: Fresh, examples: list[Example], recipe: Recipe, folder: Path | None) -> Trained:
    base = fresh()
    rows = base.writer("Answer in JSON.").rows(examples)
    return Training(Network(base.weights, recipe), recipe, rows, folder).run()


def test_the_loss_falls_and_only_adapters_change(fresh: Fresh, capitals: list[Example]) -> None:
    """LoRA trains a small share of the parameters and leaves the base as it was."""
    base = fresh()
    network = Network(base.weights, QUICK)
    before = {n: w.clone() for n, w in network.adapted.named_parameters() if not w.requires_grad}
    run = Training(network, QUICK, base.writer("").rows(capitals)).run()
    assert run.looks[-1].learned < 0.7 * run.looks[0].learned
    assert network.share < 0.3
    assert all(
        torch.equal(dict(network.adapted.named_parameters())[n], w) for n, w in before.items()
    )


@pytest.mark.parametrize("method", ["lora", "rslora", "dora", "full"])
def test_every_method_learns(fresh: Fresh, capitals: list[Example], method: str) -> None:
    """Full tuning trains everything."""
    recipe = replace(QUICK, method=method, rate=None if method == "full" else 5e-3)  # type: ignore[arg-type]
    base = fresh()
    network = Network(base.weights, recipe)
    assert (network.share == 1) == (method == "full")
    run = Training(network, recipe, base.writer("").rows(capitals)).run()
    assert run.looks[-1].learned < run.looks[0].learned


def test_4_bit_weights_need_a_gpu(tiny: Path) -> None:
    """It is refused before anything is read, with what to take instead."""
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    with pytest.raises(UsageError, match="method: lora"):
        load_base(f"huggingface:{tiny}", Path(), Recipe(method="qlora"))


def test_the_same_seed_learns_the_same_and_another_does_not(
    fresh: Fresh, capitals: list[Example]
) -> None:
    """Bit for bit, dropout and order included."""
    one, two = (trained(fresh, capitals, QUICK, None).weights for _ in range(2))
    assert all(torch.equal(one[name], two[name]) for name in one)
    other = trained(fresh, capitals, replace(QUICK, seed=1), None).weights
    assert not all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize(("learned", "epochs"), [(24, 10), (236, 8), (320, 6), (640, 3), (5000, 3)])
def test_few_examples_are_seen_often_enough_to_be_learned(learned: int, epochs: int) -> None:
    """A study's own number stands, however many there are."""
    assert Recipe().for_examples(learned).epochs == epochs
    assert Recipe(epochs=1).for_examples(learned).epochs == 1


def test_packed_examples_see_nothing_of_each_other(fresh: Fresh, capitals: list[Example]) -> None:
    """The loss of a packed batch is that of the same rows a line each."""
    base = fresh()
    rows = base.writer("").rows(capitals[:12])
    [lines] = packed(rows, 12, 0, 0)
    assert len(lines) < len(rows)
    network = Network(base.weights, replace(QUICK, packing=True, dropout=0.0))
    together = float(network.loss(lines))
    alone = float(network.loss([[row] for row in rows]))
    assert together == pytest.approx(alone, abs=1e-5)
    network.packing = False  # what it would be if they saw each other
    assert float(network.loss(lines)) != pytest.approx(alone, abs=1e-3)


def test_what_is_not_learned_counts_for_nothing(fresh: Fresh, capitals: list[Example]) -> None:
    """The loss is that of the reply's tokens, whatever stands in the question."""
    base = fresh()
    row = base.writer("").row(capitals[3])
    batch = stacked([[row]], "cpu")
    scores = base.weights.model(input_ids=batch.tokens).logits[0].float()
    picked = [
        torch.log_softmax(scores[place - 1], -1)[token]
        for place, (token, flag) in enumerate(zip(row.tokens, row.learned, strict=True))
        if flag
    ]
    network = Network(base.weights, replace(QUICK, dropout=0.0))
    assert float(network.loss([[row]])) == pytest.approx(
        -float(sum(picked)) / len(picked), abs=1e-5
    )


def test_every_row_comes_once_an_epoch_in_another_order(
    fresh: Fresh, capitals: list[Example]
) -> None:
    """Packed or not."""
    rows = fresh().writer("").rows(capitals)
    for make in (batches, packed):
        orders = [
            [row.example for lines in make(rows, 4, epoch, 0) for line in lines for row in line]
            for epoch in range(2)
        ]
        assert orders[0] != orders[1]
        assert all(sorted(order) == sorted(row.example for row in rows) for order in orders)


def test_it_stops_when_it_gets_no_better_and_keeps_the_best(
    fresh: Fresh, capitals: list[Example], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the examples that were kept aside and never learned."""
    told = iter([1.0, 0.5, 0.7, 0.8, 0.9])
    monkeypatch.setattr(Network, "mean_loss", lambda *_: next(told))
    recipe = replace(QUICK, epochs=9, validation=0.4, patience=2)
    run = trained(fresh, capitals, recipe, None)
    assert run.best.epoch == 2
    assert [look.epoch for look in run.looks] == [1, 2, 3, 4]
    assert "since epoch 2" in run.stopped


def test_what_is_kept_aside_is_never_learned(fresh: Fresh, capitals: list[Example]) -> None:
    """And of few examples none are spared."""
    rows = fresh().writer("").rows(capitals)
    learned, aside = parted(rows, replace(QUICK, validation=0.4))
    assert len(aside) == 10
    assert {row.example for row in learned} | {row.example for row in aside} == {
        row.example for row in rows
    }
    assert parted(rows[:12], replace(QUICK, validation=0.4))[1] == []


def test_learning_by_heart_is_named() -> None:
    """Falling here while rising there; not where both fall."""
    looks = (Look(1, 0.9, 0.8), Look(2, 0.3, 0.7), Look(3, 0.02, 1.4))
    assert "overfitting after epoch 2" in Trained({}, looks, looks[1], 9, 9, 1.0).overfitted
    fine = (Look(1, 0.9, 0.8), Look(2, 0.3, 0.4))
    assert Trained({}, fine, fine[1], 9, 9, 1.0).overfitted == ""


def test_a_loss_that_is_no_number_stops_it_with_the_best_so_far(
    fresh: Fresh, capitals: list[Example], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says since when; before the first epoch's end there is nothing to keep."""
    loss, calls = Network.loss, [0]

    def broken(network: Network, lines: object) -> torch.Tensor:
        calls[0] += 1
        return loss(network, lines) * (float("nan") if calls[0] == 9 else 1)  # type: ignore[arg-type]

    monkeypatch.setattr(Network, "loss", broken)
    run = trained(fresh, capitals, QUICK, None)
    assert "no number at step 9 of 18" in run.stopped
    assert run.best.epoch == 1
    calls[0] = 8
    with pytest.raises(SufficeError, match="nothing was learned: the loss was no number at step 1"):
        trained(fresh, capitals, QUICK, None)


SCRIPT = """
import sys, time
from pathlib import Path
from suffice.records import Example, Message
from suffice.tune import train
from suffice.tune.base import load_base
from suffice.tune.network import Network
from suffice.tune.recipe import Recipe
train.SAVE_SECONDS = 0.0
recipe = Recipe(rank=4, epochs=3, examples_a_step=4, rate=5e-3, validation=0.0)
base = load_base("huggingface:" + sys.argv[1], Path(), recipe, device="cpu")
examples = [Example(f"e{n}", (Message("user", f"City {n}?"),), "{%d}" % (n % 3)) for n in range(24)]
rows = base.writer("").rows(examples)
def told(step):
    print(step.step, flush=True)
    time.sleep(float(sys.argv[3]))
run = train.Training(Network(base.weights, recipe), recipe, rows, Path(sys.argv[2]), told).run()
import torch
torch.save(dict(run.weights), sys.argv[2] + "/ended.pt")
"""


def test_a_killed_run_goes_on_to_the_same_weights(tiny: Path, tmp_path: Path) -> None:
    """Killed with -9 in the middle, three times: bit-equal to one that was not."""

    def start(folder: str, wait: str) -> "subprocess.Popen[str]":
        (tmp_path / folder).mkdir(exist_ok=True)
        return subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(tiny), str(tmp_path / folder), wait],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
        )

    with start("whole", "0") as whole:
        for until in (4, 9, 13):
            with start("killed", "0.05") as killed:
                assert killed.stdout
                next(line for line in killed.stdout if int(line) >= until)
                killed.send_signal(signal.SIGKILL)
        whole.communicate()
        assert whole.returncode == 0
    with start("killed", "0") as killed:
        said, _ = killed.communicate()
    assert int(said.splitlines()[0]) > 10
    assert killed.returncode == 0
    one, two = (torch.load(tmp_path / name / "ended.pt") for name in ("whole", "killed"))
    assert all(torch.equal(one[name], two[name]) for name in one)


def test_a_checkpoint_of_another_run_is_not_gone_on_from(
    fresh: Fresh, capitals: list[Example], tmp_path: Path
) -> None:
    """Other examples or another recipe begin anew."""
    trained(fresh, capitals, QUICK, tmp_path)
    run = trained(fresh, capitals[:20], QUICK, tmp_path)
    assert run.steps == 15


def test_a_damaged_checkpoint_is_named(
    fresh: Fresh, capitals: list[Example], tmp_path: Path
) -> None:
    """With what to do about it."""
    trained(fresh, capitals, QUICK, tmp_path)
    file = tmp_path / checkpoint.FILE
    file.write_bytes(file.read_bytes()[:5000])
    with pytest.raises(DataError, match=r"checkpoint\.pt.*delete it"):
        trained(fresh, capitals, QUICK, tmp_path)


def test_a_full_disk_keeps_the_last_checkpoint(
    fresh: Fresh, capitals: list[Example], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """/dev/full says what a full disk says."""
    trained(fresh, capitals, QUICK, tmp_path)
    before = (tmp_path / checkpoint.FILE).read_bytes()

    def full(part: Path) -> None:
        part.symlink_to("/dev/full")
        with part.open("wb") as file:
            file.write(b"0" * 10**6)

    with pytest.raises(SufficeError, match="Make room and run again"):
        replaced(tmp_path / checkpoint.FILE, full)
    assert (tmp_path / checkpoint.FILE).read_bytes() == before
    assert not list(tmp_path.glob("*.part"))


def test_progress_is_told_at_every_step(fresh: Fresh, capitals: list[Example]) -> None:
    """Loss, tokens a second and the time that is left."""
    base = fresh()
    seen: list[train.Step] = []
    rows = base.writer("").rows(capitals)
    started = time.monotonic()
    Training(Network(base.weights, QUICK), QUICK, rows, None, seen.append).run()
    took = time.monotonic() - started
    assert [each.step for each in seen] == list(range(1, 19))
    assert seen[-1].seconds_left == 0
    total = 3 * sum(len(row.tokens) for row in rows)
    assert seen[-1].tokens_per_second > 0.8 * total / took
    assert seen[8].seconds_left < 20 * took
