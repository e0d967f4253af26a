"""The arithmetic, against transformers with the same files."""

from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
import torch
from nano.model import Size
from transformers import AutoModelForCausalLM

from suffice.models import huggingface, nano
from suffice.models.local import LocalModel
from suffice.models.nano.blocks import Floats
from suffice.models.nano.engine import NumpyEngine
from suffice.models.nano.network import Memory, Network
from suffice.ports import ModelOptions
from suffice.records import Message, Request
from tests.servers.tiny_nano import write_tiny_nano

# Wider than one block, with uneven last blocks, and heads that share their keys by three.
WIDE = Size(
    vocabulary=601, width=288, layers=2, heads=9, key_heads=3, inner=400, window=512, theta=500.0
)


def network_of(model: LocalModel) -> Network:
    assert isinstance(model.engine, NumpyEngine)
    return model.engine.network


def peer_of(folder: Path) -> Any:
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()


def tokens(count: int, seed: int = 0, below: int = 600) -> list[int]:
    random = Random(seed)
    return [random.randrange(below) for _ in range(count)]


def scores_after(network: Network, prompt: list[int], said: list[int]) -> list[Floats]:
    """The scores after a prompt and after each token said then."""
    memory = Memory(network.shape, len(prompt) + len(said))
    scores = [network.read(prompt, memory)]
    return scores + [network.say([token], [memory])[0] for token in said]


@pytest.mark.parametrize("length", [1, 2, 31, 128, 129, 200])
def test_the_scores_are_those_of_transformers(model: LocalModel, tiny: Path, length: int) -> None:
    """After a prompt of any length and after every token said, within a thousandth."""
    prompt, said = tokens(length), tokens(20, seed=1)
    found = scores_after(network_of(model), prompt, said)
    with torch.inference_mode():
        wanted = peer_of(tiny)(torch.tensor([prompt + said])).logits[0, length - 1 :].numpy()
    assert np.abs(np.array(found) - wanted).max() < 1e-3
    assert np.abs(wanted).max() > 1


def test_other_shapes_come_out_right_too(tmp_path: Path) -> None:
    """All of the arithmetic's numbers are config.json's."""
    folder = write_tiny_nano(tmp_path / "wide", WIDE)
    network = network_of(nano.create(str(folder), ModelOptions()))
    prompt, said = tokens(150), tokens(5, seed=1)
    with torch.inference_mode():
        wanted = peer_of(folder)(torch.tensor([prompt + said])).logits[0, 149:].numpy()
    assert np.abs(np.array(scores_after(network, prompt, said)) - wanted).max() < 2e-3


def test_answers_are_those_of_transformers(model: LocalModel, tiny: Path) -> None:
    """The same greedy answers, batched and padded there, of the same folder."""
    peer = huggingface.create(str(tiny), ModelOptions(batch=4, extra={"threads": 1}))
    texts = ["Who?", "What is the capital of France?", "a b c " * 20, "12 [3]"]
    requests = [Request((Message("user", text),), max_tokens=40) for text in texts]
    ours, theirs = model.ask(requests), peer.ask(requests)
    assert [each.text for each in ours] == [each.text for each in theirs]
    assert [each.usage for each in ours] == [each.usage for each in theirs]
    assert len({each.text for each in ours}) == len(texts)


@pytest.mark.parametrize("size", [1, 2, 3, 8])
def test_scores_do_not_hang_on_the_rows_beside(model: LocalModel, size: int) -> None:
    """To the last bit: a row has the same scores in a batch of any size."""
    network = network_of(model)
    prompts = [tokens(20 + 17 * row, seed=row) for row in range(size)]
    memories = [Memory(network.shape, len(prompt) + 3) for prompt in prompts]
    for prompt, memory in zip(prompts, memories, strict=True):
        network.read(prompt, memory)
    together = [network.say([5 + step] * size, memories) for step in range(3)]
    for row, prompt in enumerate(prompts):
        alone = scores_after(network, prompt, [5, 6, 7])[1:]
        assert all((alone[step] == together[step][row]).all() for step in range(3))


def test_scores_far_apart_neither_overflow_nor_become_nan(model: LocalModel) -> None:
    """A gate far below zero shuts, and attention on one token alone is exact."""
    weights = {
        name: weight.numpy() * (30 if weight.dim() == 2 else 1)
        for name, weight in peer_of(Path(model.endpoint)).state_dict().items()
    }
    network = Network(network_of(model).shape, weights)
    with np.errstate(over="ignore"):
        assert all(np.isfinite(scores).all() for scores in scores_after(network, [1, 2, 3], [4]))
