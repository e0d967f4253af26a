"""What is wrong with a folder is named; what is right loads without torch."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from safetensors.numpy import load_file, save_file

from suffice.errors import UsageError
from suffice.models import nano
from suffice.ports import ModelOptions
from suffice.settings import read
from tests.servers.tiny_nano import write_checksums


@pytest.fixture
def copy(tiny: Path, tmp_path: Path) -> Path:
    return shutil.copytree(tiny, tmp_path / "copy")


def changed(folder: Path, file: str, **keys: object) -> None:
    path = folder / file
    path.write_text(json.dumps(json.loads(path.read_text()) | keys))
    write_checksums(folder)


def test_it_needs_neither_torch_nor_transformers(tiny: Path) -> None:
    """Nor the tokenizers package: it is part of the core install."""
    code = (
        "import sys; from suffice.models.nano import create; from suffice.ports import *; "
        "from suffice.records import *; "
        f"model = create({str(tiny)!r}, ModelOptions()); "
        "schema = {'type': 'boolean'}; "
        "print(model.ask([Request((Message('user', 'x'),), schema=schema)])[0].text); "
        "heavy = {'torch', 'transformers', 'tokenizers', 'huggingface_hub'} & set(sys.modules); "
        "assert not heavy, heavy"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip() in ("true", "false")


@pytest.mark.parametrize("file", ["model.safetensors", "tokenizer.json", "chat_template.jinja"])
def test_a_damaged_file_is_named_with_its_checksum(copy: Path, file: str) -> None:
    """One flipped bit is enough, and nothing is answered with it."""
    data = bytearray((copy / file).read_bytes())
    data[-1] ^= 1
    (copy / file).write_bytes(data)
    wanted = json.loads((copy / "checksums.json").read_text())[file]
    with pytest.raises(UsageError, match=rf"{file} is damaged.*sha256.*{wanted}"):
        nano.create(str(copy), ModelOptions())


def test_a_file_that_is_missing_is_named(copy: Path) -> None:
    """Where the checksums know it."""
    (copy / "tokenizer.json").unlink()
    with pytest.raises(UsageError, match=r"tokenizer\.json is missing"):
        nano.create(str(copy), ModelOptions())


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        ("model.safetensors", "short", "cannot be read as"),
        ("config.json", "{", "cannot be used"),
        ("config.json", '{"model_type": "llama"}', "vocab_size"),
        ("tokenizer.json", '{"added_tokens": []}', "not of one model"),
    ],
)
def test_a_broken_file_without_checksums_is_named(
    copy: Path, file: str, text: str, says: str
) -> None:
    """A folder that somebody made need not have checksums."""
    (copy / "checksums.json").unlink()
    (copy / file).write_text(text)
    with pytest.raises(UsageError, match=says) as caught:
        nano.create(str(copy), ModelOptions())
    assert str(copy) in str(caught.value)


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    """And so is one that holds no weights."""
    with pytest.raises(UsageError, match=r"no model folder.*gone"):
        nano.create("gone", ModelOptions(folder=tmp_path))
    with pytest.raises(UsageError, match="holds no"):
        nano.create(".", ModelOptions(folder=tmp_path))


def test_an_installation_without_weights_says_how_to_mend_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names the command that makes weights, and how a study names them."""
    monkeypatch.setattr(nano, "SHIPPED", tmp_path / "weights")
    with pytest.raises(UsageError, match=r"nano\.recipe.*nano:DEST"):
        nano.create("", ModelOptions())


def test_a_study_names_it_without_a_colon(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`model: nano` is the shipped model."""
    (tmp_path / "suffice.yaml").write_text("model: nano\ncases: cases.jsonl\n")
    assert read(tmp_path).model == "nano"
    monkeypatch.setattr(nano, "SHIPPED", tiny)
    model = nano.create("", ModelOptions())
    assert (model.name, model.endpoint) == ("nano", str(tiny.resolve()))


def test_another_make_is_sent_to_the_provider_that_runs_it(copy: Path) -> None:
    """Arithmetic that is not done here is refused, not done wrong."""
    changed(copy, "config.json", rope_parameters={"rope_type": "llama3", "rope_theta": 1e4})
    with pytest.raises(UsageError, match="huggingface:"):
        nano.create(str(copy), ModelOptions())


def test_files_of_two_models_do_not_load(copy: Path) -> None:
    """A configuration with more layers than the weights have."""
    changed(copy, "config.json", num_hidden_layers=9)
    with pytest.raises(UsageError, match=r"not of one model.*model\.layers"):
        nano.create(str(copy), ModelOptions())


def test_identity_tells_weights_apart_and_copies_together(tiny: Path, copy: Path) -> None:
    """One changed number in the weights is another model; a copy elsewhere is the same."""
    first = nano.create(str(tiny), ModelOptions()).identity()
    assert first["provider"] == "nano"
    assert nano.create(str(copy), ModelOptions()).identity() == first
    weights = load_file(copy / "model.safetensors")
    weights["model.norm.weight"][0] += 1
    save_file(weights, copy / "model.safetensors")
    write_checksums(copy)
    assert nano.create(str(copy), ModelOptions()).identity() != first


def test_extras_are_refused(tiny: Path) -> None:
    """There is nothing to choose, and what would be ignored is named."""
    with pytest.raises(UsageError, match=r"extra\.top_p"):
        nano.create(str(tiny), ModelOptions(extra={"top_p": 0.9}))
