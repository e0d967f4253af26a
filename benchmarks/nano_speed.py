"""Nano's speed and size beside transformers on the same weights, and whether both say the same.

Each engine is measured in fresh processes, in turns, so that what is loaded is loaded anew and the
peak of memory is its own.
"""

import json
import random
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from nano.evaluate import SYSTEM, Item, Tokens, answers_to, passages, readings
from nano.kinds import unseen_kinds
from nano.reading import Hardness
from nano.words import Names
from safetensors import safe_open

from benchmarks.nano_claims import Found
from benchmarks.nano_speed_child import BATCH
from suffice.models.local import LocalModel
from suffice.records import Message

_WITHIN = (600, 640)  # tokens of a prompt, all included
_PASSAGES = Hardness((3, 4), (4, 7), (2, 5), (1, 1))
_ROOT = Path(__file__).parents[1]

Chats = list[list[dict[str, str]]]


def size(found: Found, weights: Path) -> None:
    with safe_open(weights / "model.safetensors", "np") as file:
        count = sum(_product(file.get_slice(name).get_shape()) for name in file.keys())  # noqa: SIM118
    disk = sum(file.stat().st_size for file in weights.iterdir() if file.is_file())
    found.number("size: parameters", "millions", count / 1e6, "<= 25")
    found.number("size: on disk, all files", "MB", disk / 1e6, "<= 30")


def speed(
    found: Found,
    model: LocalModel,
    weights: Path,
    items: Sequence[Item],
    *,
    repetitions: int,
    folder: Path,
) -> None:
    """`items` are asked of both, and their answers compared."""
    prompts, asked = folder / "prompts.json", folder / "asked.json"
    prompts.write_text(json.dumps(_prompts(model.count_tokens)), "utf-8")
    asked.write_text(json.dumps([_turns(item.messages) for item in items]), "utf-8")
    both = find_spec("transformers") is not None and find_spec("torch") is not None
    if not both:
        print("transformers is absent and not measured: pip install 'suffice[local]'")
    engines = ("suffice", "transformers") if both else ("suffice",)
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in engines}
    for repetition in range(repetitions):
        for name in engines:
            # Its answers are the same each time.
            answered = asked if repetition == 0 else _empty(folder)
            print(f"{name}, {repetition + 1} of {repetitions} ...", flush=True)
            runs[name].append(_run(name, weights, prompts, answered))
    for name, measured in runs.items():
        _tell(found, name, measured)
    if both:
        _compare(found, runs)
        _same(found, model, items, runs["transformers"][0])


def _prompts(tokens: Tokens) -> Chats:
    names = Names(random.Random(61), seen=False)
    chats: Chats = []
    for reading in readings(unseen_kinds(), names, _PASSAGES, (300, 800), tokens):
        user = f"{passages(reading.documents)}\n\n{reading.asked[0].question}"
        if _WITHIN[0] <= tokens(SYSTEM) + tokens(user) + 12 <= _WITHIN[1]:
            chats.append(_turns((Message("system", SYSTEM), Message("user", user))))
        if len(chats) == BATCH:
            return chats
    raise AssertionError("readings never end")


def _turns(messages: Sequence[Message]) -> list[dict[str, str]]:
    return [{key: str(value) for key, value in asdict(message).items()} for message in messages]


def _empty(folder: Path) -> Path:
    path = folder / "nothing.json"
    path.write_text("[]", "utf-8")
    return path


def _run(engine: str, weights: Path, prompts: Path, asked: Path) -> dict[str, Any]:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "benchmarks.nano_speed_child"),
            *(engine, str(weights), str(prompts), str(asked)),
        ],
        cwd=_ROOT,
        stdout=subprocess.PIPE,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _tell(found: Found, name: str, runs: Sequence[dict[str, Any]]) -> None:
    ours = name == "suffice"
    for key, unit, goal in (
        ("load_seconds", "seconds", "< 1"),
        ("prompt_seconds", "seconds", "< 0.3"),
        ("tokens_per_second", "tokens/s", ">= 300"),
        ("peak_mib", "MiB", ""),
    ):
        values = sorted(float(run[key]) for run in runs)
        told = {
            "load_seconds": "load, imports included",
            "prompt_seconds": "600-token prompt in a batch of 8",
            "tokens_per_second": "decoding in a batch of 8",
            "peak_mib": "peak memory",
        }[key]
        found.number(
            f"speed: {name}: {told}",
            unit,
            statistics.median(values),
            goal if ours else "",
            between=(values[0], values[-1]),
            count=len(values),
        )


def _compare(found: Found, runs: dict[str, list[dict[str, Any]]]) -> None:
    """How many times faster ours is: of the medians, between the worst and the best of pairs."""
    for key, told, better in (
        ("load_seconds", "load", "low"),
        ("prompt_seconds", "prompts", "low"),
        ("tokens_per_second", "decoding", "high"),
    ):
        ours = [float(run[key]) for run in runs["suffice"]]
        theirs = [float(run[key]) for run in runs["transformers"]]
        if better == "high":
            ours, theirs = theirs, ours
        ratio = statistics.median(theirs) / statistics.median(ours)
        between = (min(theirs) / max(ours), max(theirs) / min(ours))
        found.number(
            f"speed: {told}, times as fast as transformers",
            "times",
            ratio,
            between=between,
            count=len(ours),
        )


def _same(found: Found, model: LocalModel, items: Sequence[Item], theirs: dict[str, Any]) -> None:
    answers = answers_to(model, items)
    found.share(
        "answers: the same as transformers'",
        [ours.text == text for ours, text in zip(answers, theirs["answers"], strict=True)],
        ">= 1",
    )
    found.share(
        "template: prompts of the same tokens as transformers'",
        [
            model.engine.encode_messages(item.messages) == list(tokens)
            for item, tokens in zip(items, theirs["chats"], strict=True)
        ],
        ">= 1",
    )


def _product(shape: Sequence[int]) -> int:
    total = 1
    for side in shape:
        total *= side
    return total
