"""MiniLM on ONNX Runtime against the arithmetic that it must repeat."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from suffice.errors import MissingExtra, UsageError
from suffice.retrieve.embedders.bert_graph import Bert, written
from suffice.retrieve.embedders.minilm import opened, threads
from suffice.retrieve.embedders.minilm_weights import packaged

TEXTS = [
    "Refunds take 14 days after we receive the parcel.",
    "What is the capital of France?",
    "The half-life of the isotope was measured as 3.2 hours in vitro; see table 4.",
    "def embed(texts): return [model(text) for text in texts]",
    "cat",
    "Versand nach Norwegen kostet 12,50 Euro.",
    "| name | price |\n|---|---|\n| small | 4 |\n| large | 9 |",
    "The committee met on Tuesday and adjourned without a decision on the budget. " * 9,
]


@pytest.mark.slow
def test_float32_repeats_sentence_transformers() -> None:
    """The same weights through another engine, so the same vectors."""
    from suffice.retrieve.embedders import sentence_transformers  # noqa: PLC0415 (torch)

    theirs = sentence_transformers.opened("x", str(packaged().folder), offline=True)
    theirs.model.tokenizer.backend_tokenizer.no_truncation()
    theirs.model.max_seq_length = 256
    cosines = (theirs.embed(TEXTS) * opened(exact=True).embed(TEXTS)).sum(axis=1)
    assert cosines.min() > 0.99999


@pytest.mark.slow
def test_int8_stays_near_float32() -> None:
    """One scale for a whole batch would give .93; one a token and an output gives .996."""
    cosines = (opened().embed(TEXTS) * opened(exact=True).embed(TEXTS)).sum(axis=1)
    assert cosines.min() > 0.99


@pytest.mark.slow
def test_an_outlier_in_the_batch_changes_no_neighbour() -> None:
    """Every token has a scale of its own, so a vector does not hang on its company."""
    alone = opened().embed(TEXTS[:1])
    beside = opened().embed([TEXTS[0], "\u2603 zzzz 99999999 !!!!", *TEXTS])
    assert np.abs(alone[0] - beside[0]).max() < 1e-6


@pytest.mark.slow
def test_cores_side_by_side_give_what_one_gives() -> None:
    """Each batch is one core's."""
    many = [f"{text} {number}" for number in range(8) for text in TEXTS]
    model = opened()
    one, three = (type(model)(model.session, model.pieces, "w", threads=n) for n in (1, 3))
    assert np.array_equal(one.embed(many), three.embed(many))


@pytest.mark.slow
def test_precisions_do_not_mix() -> None:
    """Their vectors differ, so their identities do."""
    assert opened().identity() != opened(exact=True).identity()
    assert opened().tokens == 254


@pytest.mark.slow
def test_the_graph_is_the_same_each_time() -> None:
    """Two processes that write it at once write the same file."""
    weights = {
        name: array[:64] if name == "embeddings.word_embeddings.weight" else array
        for name, array in load_file(packaged().tensors).items()
    }
    assert written(weights, Bert(384, 1, 12)) == written(weights, Bert(384, 1, 12))


@pytest.mark.slow
def test_minilm_needs_no_torch() -> None:
    """Nor anything else that the package with the weights would pull."""
    code = (
        "import sys; from suffice.retrieve.embedders.minilm import opened; opened();"
        "print({'torch', 'transformers', 'sentence_transformers'} & set(sys.modules))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "set()"


def test_weights_that_are_not_installed_name_the_extra() -> None:
    """As the command that brings them."""
    with pytest.raises(MissingExtra, match=r"suffice\[local\]"):
        packaged("no_such_package_of_weights")


def test_a_package_without_its_weights_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file that is missing, and what to do."""
    (tmp_path / "hollow_weights").mkdir()
    (tmp_path / "hollow_weights" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(UsageError, match=r"model\.safetensors is missing; reinstall hollow"):
        packaged("hollow_weights")


def test_how_many_cores_may_work_can_be_set() -> None:
    """All that this process may use unless told."""
    assert threads({"SUFFICE_THREADS": "3"}) == 3
    assert threads({}) >= 1
    for wrong in ("0", "-1", "all"):
        with pytest.raises(UsageError, match=f"SUFFICE_THREADS is '{wrong}'"):
            threads({"SUFFICE_THREADS": wrong})
