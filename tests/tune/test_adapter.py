"""What tuning leaves on disk: whole, on its own base only, and the same when merged."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from suffice.errors import DataError, UsageError
from suffice.models.huggingface import create
from suffice.ports import ModelOptions
from suffice.records import Example, Message, Request
from suffice.tune import adapter
from suffice.tune.base import load_base
from suffice.tune.lineage import CARD, example_digest
from suffice.tune.network import Network
from suffice.tune.recipe import Recipe
from suffice.tune.train import Training
from tests.servers.tiny_llama import write_tiny_llama
from tests.servers.tiny_nano import write_tiny_nano
from tests.tune.conftest import Fresh

QUICK = Recipe(rank=4, epochs=2, examples_a_step=4, rate=5e-3, validation=0.0)


def kept(fresh: Fresh, examples: list[Example], folder: Path, recipe: Recipe = QUICK) -> Path:
    base = fresh()
    network = Network(base.weights, recipe)
    run = Training(network, recipe, base.writer("").rows(examples)).run()
    card = adapter.card_of(base.weights, recipe, examples, "", run)
    return adapter.keep(network, run, card, base.weights, folder)


def test_the_card_says_where_it_comes_from(
    fresh: Fresh, capitals: list[Example], tmp_path: Path
) -> None:
    """The base, every example, the recipe, how it went; for people too."""
    card = adapter.read_card(kept(fresh, capitals, tmp_path / "a"))
    assert card.base_digest == fresh().digest
    assert card.examples == tuple(example_digest(each) for each in capitals)
    assert [look.epoch for look in card.looks] == [1, 2]
    assert card.versions["peft"]
    assert "| 2 |" in (tmp_path / "a" / "README.md").read_text()


@pytest.mark.parametrize("method", ["lora", "rslora", "dora"])
def test_merged_answers_as_the_adapter_does(
    fresh: Fresh, capitals: list[Example], tmp_path: Path, method: str
) -> None:
    """And not as the base does; the folder loads like any model."""
    recipe = replace(QUICK, method=method)  # type: ignore[arg-type]
    folder = kept(fresh, capitals, tmp_path / "a", recipe)
    rows = fresh().writer("").rows(capitals)
    gap = adapter.merge(fresh().weights, folder, tmp_path / "merged", rows)
    assert gap < 1e-4
    ids = torch.tensor([rows[0].tokens])
    merged = load_base(f"huggingface:{tmp_path / 'merged'}", Path(), QUICK, device="cpu")
    with torch.inference_mode():
        ours = merged.weights.model(input_ids=ids).logits
        theirs = adapter.on(fresh().weights, folder)(input_ids=ids).logits
        plain = fresh().weights.model(input_ids=ids).logits
    assert torch.allclose(ours, theirs, atol=1e-4)
    assert not torch.allclose(ours, plain, atol=1e-2)
    model = create(str(tmp_path / "merged"), ModelOptions())
    assert model.ask([Request((Message("user", "City 1?"),), max_tokens=8)])[0].failure is None


def test_an_adapter_refuses_another_base(
    fresh: Fresh, capitals: list[Example], tmp_path: Path
) -> None:
    """Of the same shape, with other weights: it would answer, and wrongly."""
    folder = kept(fresh, capitals, tmp_path / "a")
    write_tiny_llama(tmp_path / "other", seed=1)
    other = load_base(f"huggingface:{tmp_path / 'other'}", Path(), QUICK, device="cpu")
    with pytest.raises(UsageError, match="is another model"):
        adapter.on(other.weights, folder)


def test_an_adapter_cut_in_half_is_named(
    fresh: Fresh, capitals: list[Example], tmp_path: Path
) -> None:
    """The file, and what to do."""
    folder = kept(fresh, capitals, tmp_path / "a")
    file = folder / adapter.WEIGHTS
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(DataError, match=r"adapter_model\.safetensors.*damaged"):
        adapter.on(fresh().weights, folder)


def test_a_folder_without_a_card_is_no_adapter(fresh: Fresh, tmp_path: Path) -> None:
    """What it lacks is said; a broken card too."""
    with pytest.raises(DataError, match="no adapter of ours"):
        adapter.on(fresh().weights, tmp_path)
    (tmp_path / CARD).write_text('{"base": 1}')
    with pytest.raises(DataError, match="cannot be read"):
        adapter.read_card(tmp_path)


def test_a_folder_is_whole_or_not_there(
    fresh: Fresh, capitals: list[Example], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where writing fails, what stood there before stands there still."""
    folder = kept(fresh, capitals, tmp_path / "a")
    before = adapter.read_card(folder)

    def full(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(adapter, "_readme", full)
    with pytest.raises(Exception, match="could not be written"):
        kept(fresh, capitals[:10], folder)
    assert adapter.read_card(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_full_tuning_leaves_a_whole_model(
    fresh: Fresh, capitals: list[Example], tmp_path: Path
) -> None:
    """Which is named like any other, and is no adapter."""
    recipe = Recipe(method="full", epochs=1, rate=1e-3, validation=0.0)
    folder = kept(fresh, capitals, tmp_path / "a", recipe)
    assert create(str(folder), ModelOptions()).window == 256
    with pytest.raises(UsageError, match="whole model"):
        adapter.on(fresh().weights, folder)


def test_nano_is_tuned_by_torch_and_answers_by_numpy(
    capitals: list[Example], tmp_path: Path
) -> None:
    """The merged folder is one of nano's make; both say the same of the same tokens."""
    from suffice.models.nano import create as nano  # noqa: PLC0415

    place = write_tiny_nano(tmp_path / "nano")

    def fresh_nano() -> object:
        return load_base(f"nano:{place}", Path(), QUICK, device="cpu")

    folder = kept(fresh_nano, capitals, tmp_path / "a")  # type: ignore[arg-type]
    base = load_base(f"nano:{place}", Path(), QUICK, device="cpu")
    rows = base.writer("").rows(capitals)
    adapter.merge(base.weights, folder, tmp_path / "merged", rows)
    request = Request((Message("user", "City 1?"),), max_tokens=12)
    [ours] = nano(str(tmp_path / "merged"), ModelOptions()).ask([request])
    [theirs] = create(str(tmp_path / "merged"), ModelOptions()).ask([request])
    assert ours.text == theirs.text
