"""`tune`, `merge`, `export` and the rung, as a user types them, on a tiny random nano."""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import gguf
import pytest

from suffice.errors import MissingExtra
from suffice.models.huggingface import create as huggingface
from suffice.models.nano import create as nano
from suffice.plugins import load
from suffice.ports import ModelOptions
from suffice.records import Example, Json, Message, Request
from suffice.study import Study
from suffice.tune import checkpoint
from suffice.tune.lineage import example_digest
from tests.cli.conftest import Command
from tests.servers.tiny_nano import write_tiny_nano
from tests.tune.test_lint import clean


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_nano(tmp_path_factory.mktemp("weights") / "tiny")


@pytest.fixture
def study(tmp_path: Path, weights: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A study of complaints, whose model is the tiny nano, with 60 examples."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "examples.jsonl", chats_of(clean(60)))
    cases = [
        {"id": f"c{n}", "question": each.messages[0].content,
         "expected": json.loads(each.reply)["label"], "checks": ["label"]}
        for n, each in enumerate(clean(60, seed=5))
    ]  # fmt: skip
    write(tmp_path / "cases.jsonl", cases)
    (tmp_path / "suffice.yaml").write_text(
        f"model: nano:{weights}\ncases: cases.jsonl\nexamples: examples.jsonl\nembedder: static\n"
        "max_tokens: 8\ntuning: {epochs: 1, rank: 4}\n"
    )
    return tmp_path


def chats_of(examples: Sequence[Example]) -> list[dict[str, Json]]:
    """Each with its label as the reply."""
    return [
        {"messages": [{"role": "user", "content": each.messages[0].content},
                      {"role": "assistant", "content": json.loads(each.reply)["label"]}]}
        for each in examples
    ]  # fmt: skip


def write(path: Path, rows: Sequence[object]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_from_examples_to_a_model_that_others_serve(command: Command, study: Path) -> None:
    """Estimated, trained once, merged to the same scores, written as GGUF, for Ollama, as files."""
    foreseen = command("tune", "--dry-run", "--json")
    assert foreseen.code == 0, foreseen.err
    assert foreseen.json["estimate"]["seconds"] > 0
    assert not list(study.glob(".suffice/tuned/*/*"))

    ended = command("tune", "--json")
    assert ended.code == 0, ended.err
    model = Path(ended.json["model"])
    assert len(ended.json["card"]["examples"]) == 60
    assert nano(str(model), ModelOptions()).window == 256
    before = (model / "model.safetensors").stat().st_mtime_ns
    again = command("tune")
    assert again.code == 0, again.err
    assert (model / "model.safetensors").stat().st_mtime_ns == before

    merged = command("merge", ended.json["adapter"], "merged", "--base", base(study), "--json")
    assert merged.code == 0, merged.err
    assert merged.json["largest_difference"] < 1e-4

    for form, place in (("gguf", "m.gguf"), ("ollama", "o"), ("safetensors", "s")):
        done = command("export", f"nano:{model}", place, "--to", form)
        assert done.code == 0, done.err
    reader = gguf.GGUFReader(study / "m.gguf")
    assert {field.name for field in reader.fields.values()} >= {"tokenizer.chat_template"}
    assert 'stop "<|im_end|>"' in (study / "o" / "Modelfile").read_text()
    request = Request((Message("user", "Hello"),), max_tokens=6)
    [ours] = nano("s", ModelOptions(folder=study)).ask([request])
    [theirs] = huggingface(str(study / "s"), ModelOptions()).ask([request])
    assert ours.text == theirs.text
    assert command("export", str(model), "m.gguf", "--to", "gguf").code == 64
    assert command("export", "nano", "shipped", "--to", "safetensors").code == 0
    assert command("export", "nothing", "n", "--to", "safetensors").code == 64


def base(study: Path) -> str:
    return (study / "suffice.yaml").read_text().split("\n")[0].removeprefix("model: ")


def test_the_rung_is_measured_like_any_other(command: Command, study: Path) -> None:
    """And says on what it was trained."""
    ended = command("run", "--rungs", "prompt,tune", "--json")
    assert ended.code in (0, 1, 2), ended.err
    standings = {each["rung"]: each for each in ended.json["standings"]}
    assert "lora on 60 examples" in standings["tune"]["built"]
    assert any("kept epoch 1" in note for note in standings["tune"]["notes"])
    assert any("only 60 examples" in note for note in standings["tune"]["notes"])


def test_the_command_and_the_rung_learn_from_the_same(command: Command, study: Path) -> None:
    """Neither learns from an example of a held-out cluster, and what one trained the other uses."""
    rows = [json.loads(line) for line in (study / "cases.jsonl").read_text().splitlines()]
    write(study / "cases.jsonl", [row | {"cluster": f"k{n % 6}"} for n, row in enumerate(rows)])
    rows = [json.loads(line) for line in (study / "examples.jsonl").read_text().splitlines()]
    write(study / "examples.jsonl", [row | {"cluster": f"k{n % 12}"} for n, row in enumerate(rows)])
    loaded = Study.load(study)
    hidden = {case.cluster for case in loaded.split.held_out}
    assert hidden
    ended = command("tune", "--json")
    assert ended.code == 0, ended.err
    learned = {example_digest(each) for each in loaded.examples if each.cluster not in hidden}
    assert set(ended.json["card"]["examples"]) == learned
    assert 0 < len(learned) < 60
    assert f"{60 - len(learned)} examples left out" in ended.err
    run = command("run", "--rungs", "prompt,tune", "--json")
    assert run.code in (0, 1, 2), run.err
    assert len([each for each in (study / ".suffice/tuned").iterdir() if each.is_dir()]) == 1


def test_a_verdict_says_what_more_examples_would_bring(
    command: Command, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model that falls short, and was trained in seconds: parts are tried, and it is told."""
    monkeypatch.setattr("suffice.rungs.tune.CHEAP_SECONDS", float("inf"))  # whatever else runs here
    settings = study / "suffice.yaml"
    settings.write_text(settings.read_text() + "bar: {correct: 0.9}\n")
    rows = [json.loads(line) for line in (study / "examples.jsonl").read_text().splitlines()]
    more = [row | {"id": f"m{n}"} for n, row in enumerate(chats_of(clean(160, seed=9)))]
    write(study / "examples.jsonl", [*rows, *more])
    ended = command("run", "--rungs", "prompt,tune", "--json")
    assert ended.code in (1, 2), ended.err
    curve = {each["rung"]: each["curve"] for each in ended.json["standings"]}["tune"]
    sizes = [point["examples"] for point in curve["points"]]
    assert len(sizes) == 4
    assert sizes[-1] <= 220
    assert curve["doubled"]["more"] == sizes[-1]
    assert any("more examples" in step for step in ended.json["next_steps"])
    trained = [each for each in (study / ".suffice/tuned").iterdir() if each.is_dir()]
    assert len(trained) == 4  # the last part is the training that was done anyway

    settings.write_text(settings.read_text().replace("epochs: 1", "curve: false, epochs: 1"))
    again = command("run", "--rungs", "prompt,tune", "--json")
    assert all(each["curve"] is None for each in again.json["standings"])


def test_a_simulated_trainer_estimates_nothing(command: Command, study: Path) -> None:
    """A planted world says at once what is learned, in a table or as JSON."""
    ended = command("tune", "--model", "planted:support-desk", "--json")
    assert ended.code == 0, ended.err
    assert ended.json["model"] == "planted:support-desk#tuned=60"
    assert "simulated, on 60 examples" in command("tune", "--model", "planted:support-desk").out


def test_a_dry_run_trains_nothing(command: Command, study: Path) -> None:
    """It counts the calls that the tuned model would get."""
    ended = command("run", "--rungs", "prompt,tune", "--dry-run", "--json")
    assert ended.code == 0, ended.err
    assert ended.json["tune"]["calls"] > 0
    assert not (study / ".suffice" / "tuned").exists()


def test_contradicting_examples_are_refused(command: Command, study: Path) -> None:
    """By `tune` and by the rung, with both lines; `check` names them; `accept` takes them."""
    file = study / "examples.jsonl"
    first = json.loads(file.read_text().splitlines()[0])
    first["messages"][1]["content"] = "warranty"
    with file.open("a") as rows:
        rows.write(json.dumps(first) + "\n")
    ended = command("tune")
    assert ended.code == 64
    assert "examples.jsonl:1" in ended.err
    assert "examples.jsonl:61" in ended.err
    assert "accept: [contradiction]" in ended.err
    run = command("run", "--rungs", "prompt,tune")
    assert run.code == 64
    assert "tune needs other examples" in run.err
    assert "contradiction" in command("check").out
    settings = study / "suffice.yaml"
    settings.write_text(
        settings.read_text().replace("epochs: 1", "accept: [contradiction], epochs: 1")
    )
    assert command("tune", "--dry-run").code == 0


def test_held_out_questions_among_the_examples_are_refused(command: Command, study: Path) -> None:
    """`tune` does not train on the exam."""
    cases = [json.loads(line) for line in (study / "cases.jsonl").read_text().splitlines()]
    rows = [
        {"messages": [{"role": "user", "content": each["question"]},
                      {"role": "assistant", "content": each["expected"]}]}
        for each in cases
    ]  # fmt: skip
    write(study / "examples.jsonl", rows)
    ended = command("tune")
    assert ended.code == 64
    assert "leak" in ended.err


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("model: openai:gpt-4o", "no model of this study can be tuned"),
        ("model: huggingface:./nothing", "there is no model folder"),
        ("model: nano:empty", "holds no *.safetensors"),
    ],
)
def test_a_base_that_cannot_be_tuned_is_refused(
    command: Command, study: Path, line: str, said: str
) -> None:
    """Before anything is written."""
    (study / "empty").mkdir()
    text = (study / "suffice.yaml").read_text().split("\n", 1)[1]
    (study / "suffice.yaml").write_text(f"{line}\n{text}")
    ended = command("tune")
    assert ended.code == 64
    assert said in ended.err
    assert not (study / ".suffice" / "tuned").exists()


def test_an_example_longer_than_the_window_is_refused(command: Command, study: Path) -> None:
    """With its line and both counts."""
    long = {"messages": [{"role": "user", "content": "word " * 900},
                         {"role": "assistant", "content": "billing"}]}  # fmt: skip
    with (study / "examples.jsonl").open("a") as rows:
        rows.write(json.dumps(long) + "\n")
    ended = command("tune")
    assert ended.code == 64
    assert "examples.jsonl:61" in ended.err
    assert "window is 256" in ended.err


def test_what_learned_from_a_forgotten_document_is_put_aside(command: Command, study: Path) -> None:
    """Found by a sentence in the examples; another model stays. The record names it."""
    told = "The warranty of the Wren lasts 24 months from the day of purchase."
    (study / "docs").mkdir()
    (study / "docs" / "wren.md").write_text(f"# Wren\n\n{told} Ask for Jo.\n")
    (study / "docs" / "other.md").write_text("# Other\n\nThe shop opens at nine in the morning.\n")
    settings = study / "suffice.yaml"
    settings.write_text(settings.read_text() + "documents: docs\n")
    assert command("tune").code == 0
    innocent = {path.name for path in (study / ".suffice" / "tuned").iterdir() if path.is_dir()}
    with (study / "examples.jsonl").open("a") as rows:
        turns = [{"role": "user", "content": f"{told} Which is it about?"},
                 {"role": "assistant", "content": "returns"}]  # fmt: skip
        rows.write(json.dumps({"messages": turns}) + "\n")
    assert command("tune").code == 0
    assert command("index", "add", "docs").code == 0
    ended = command("forget", "wren.md", "--json")
    assert ended.code == 0, ended.out
    [aside] = ended.json["adapters"]
    assert {path.name for path in (study / ".suffice" / "quarantine").iterdir()} == {aside}
    left = {path.name for path in (study / ".suffice" / "tuned").iterdir() if path.is_dir()}
    assert left == innocent
    assert aside in (study / ".suffice" / "audit.jsonl").read_text()


def test_without_an_embedder_the_rest_is_looked_at(
    command: Command, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A core install has none: `check` goes on and says what it could not see."""
    from suffice.cli import tune  # noqa: PLC0415 (what it loads is changed)

    def bare(kind: str, name: str) -> object:
        if kind == "embedder":
            raise MissingExtra("the embedder needs onnxruntime, which is not installed")
        return load(kind, name)

    monkeypatch.setattr(tune, "load", bare)
    ended = command("check", "--json")
    assert ended.code == 0, ended.err
    kinds = {each["kind"]: each for each in ended.json["examples"]}
    assert "onnxruntime" in kinds["not compared"]["why"]
    assert "few examples" in kinds


@pytest.mark.slow
def test_a_spread_training_that_is_killed_leaves_nothing_running_and_is_gone_on_with(
    command: Command, study: Path
) -> None:
    """The processes end with the one that started them; the next start takes up their steps."""
    settings = study / "suffice.yaml"
    settings.write_text(settings.read_text("utf-8").replace("epochs: 1", "epochs: 40"))
    started = [sys.executable, "-m", "suffice", "tune", "--processes", "2"]
    with subprocess.Popen(started, cwd=study, stdout=subprocess.DEVNULL) as process:
        while not (saved := list(study.glob(".suffice/tuned/*/run/checkpoint.pt"))):
            assert process.poll() is None
            time.sleep(0.05)
        process.kill()
    [file] = saved
    order = str(file.parents[1] / "order.json")
    deadline = time.monotonic() + 60
    while running(order):
        assert time.monotonic() < deadline, "processes go on without who started them"
        time.sleep(0.2)
    state = checkpoint.load(file.parent)
    assert state is not None
    assert 0 < state["step"] < 40 * 4
    checkpoint.save(file.parent, {**state, "seconds": 1000.0})  # to be known again

    ended = command("tune", "--processes", "2", "--json")
    assert ended.code == 0, ended.err
    assert ended.json["card"]["seconds"] > 1000
    assert len(ended.json["card"]["looks"]) == 40
    assert not file.parent.exists()
    assert Path(ended.json["model"], "model.safetensors").is_file()


def running(argument: str) -> list[int]:
    """The processes that were started with this argument."""
    found = []
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            found += [int(each.parent.name)] if argument.encode() in each.read_bytes() else []
    return found
