"""What is exported answers the same: a tuned, merged nano in llama.cpp, on fifty prompts."""

import json
from pathlib import Path

import pytest

from suffice.errors import UsageError
from suffice.models.nano import SHIPPED, create
from suffice.ports import ModelOptions
from suffice.records import Message, Request
from suffice.tune import adapter, export
from suffice.tune.base import load_base
from suffice.tune.network import Network
from suffice.tune.recipe import Recipe
from suffice.tune.train import Training
from tests.nano.test_gguf import asked, needs_llamacpp
from tests.servers.tiny_llama import write_tiny_llama
from tests.tune.test_lint import clean

RECIPE = Recipe(epochs=1, replay=0.0, validation=0.0)


@pytest.fixture(scope="module")
def merged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped nano after 64 examples: enough to answer otherwise than before."""
    folder = tmp_path_factory.mktemp("tuned")
    base = load_base("nano", Path(), RECIPE, device="cpu")
    examples = clean(64)
    network = Network(base.weights, RECIPE)
    run = Training(network, RECIPE, base.writer("").rows(examples)).run()
    card = adapter.card_of(base.weights, RECIPE, examples, "", run)
    kept = adapter.keep(network, run, card, base.weights, folder / "adapter")
    fresh = load_base("nano", Path(), RECIPE, device="cpu")
    adapter.merge(fresh.weights, kept, folder / "merged")
    return folder / "merged"


@needs_llamacpp
@pytest.mark.slow
def test_the_gguf_answers_as_the_merged_model_does(merged: Path, tmp_path: Path) -> None:
    """Word for word, on fifty prompts; and not as the base does."""
    file = export.to_gguf(merged, tmp_path / "m.gguf", q8=False)
    questions = [each.messages[0].content for each in clean(50, seed=8)]
    chats = [[{"role": "user", "content": each}] for each in questions]
    theirs = asked(file, {"chats": chats, "most": 24})["answers"]
    requests = [Request((Message("user", each),), max_tokens=24) for each in questions]
    ours = [each.text for each in create(str(merged), ModelOptions()).ask(requests)]
    before = [each.text for each in create(str(SHIPPED), ModelOptions()).ask(requests)]
    assert theirs == ours
    assert sum(one != other for one, other in zip(ours, before, strict=True)) > 25


def test_a_model_of_another_make_names_the_converter(tmp_path: Path) -> None:
    """And nothing half-written is left."""
    tiny = write_tiny_llama(tmp_path / "tiny")
    with pytest.raises(UsageError, match="--converter"):
        export.to_gguf(tiny, tmp_path / "m.gguf", q8=False)
    assert not (tmp_path / "m.gguf").exists()


def test_another_converter_is_run_and_its_failure_told(tmp_path: Path) -> None:
    """llama.cpp's own takes the folder, the file and the type."""
    good, bad = tmp_path / "good.py", tmp_path / "bad.py"
    good.write_text(
        "import json, sys\nfrom pathlib import Path\n"
        "Path(sys.argv[3]).write_text(json.dumps(sys.argv[1:]))\n"
    )
    bad.write_text("import sys\nsys.exit('no such architecture')\n")
    export.to_gguf(tmp_path, tmp_path / "m.gguf", q8=True, converter=good)
    assert json.loads((tmp_path / "m.gguf").read_text())[-2:] == ["--outtype", "q8_0"]
    with pytest.raises(Exception, match="no such architecture"):
        export.to_gguf(tmp_path, tmp_path / "n.gguf", q8=False, converter=bad)


def test_what_is_there_is_not_written_over(merged: Path, tmp_path: Path) -> None:
    """Another place has to be named."""
    (tmp_path / "there").mkdir()
    for write in (export.to_safetensors, lambda *each: export.to_gguf(*each, q8=False)):
        with pytest.raises(UsageError, match="is there already"):
            write(merged, tmp_path / "there")
