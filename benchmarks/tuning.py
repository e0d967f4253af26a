"""Tuning: tokens a second, memory and loss beside plain TRL and plain peft; and what is foretold.

    python -m benchmarks.tuning [--quick] [--weights FOLDER]

The same LoRA on the same chats of very different lengths, from nano's weights, in the same run and
in turns, each in a process of its own: ours, TRL's SFTTrainer with its defaults and without
gradient checkpointing, and peft with transformers' Trainer. Equal epochs, batches and rate; the
loss is measured by one piece of code on examples that none has seen. Then: what was foretold of
time and memory against what it took, full tuning against LoRA, merged against unmerged answers, and
changing adapters against loading.
"""

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.nano_claims import Found
from benchmarks.results_file import Row, print_claims, print_table, write
from suffice.models.nano import SHIPPED
from suffice.records import Example, Message
from suffice.tune import adapter
from suffice.tune.base import Base, load_base
from suffice.tune.batches import batches
from suffice.tune.estimate import estimate
from suffice.tune.network import Network
from suffice.tune.recipe import Recipe
from suffice.tune.rows import Row as Tokens
from suffice.tune.swap import Adapters
from suffice.tune.train import Training

PEERS_PYTHON = Path(__file__).parents[1] / ".venv-peers" / "bin" / "python"
PEERS = ("trl", "trl_plain", "peft")
THREADS = os.cpu_count() or 1
RECIPE = Recipe(epochs=2, validation=0.0, replay=0.0, rate=1e-3, dropout=0.0)
_WORDS = ("parcel", "invoice", "garden", "window", "driver", "market", "Monday", "letter", "blue")
_LABELS = ("billing", "delivery", "returns")


def chats(count: int, seed: int) -> list[Example]:
    """From a line to a page, with a reply in JSON: lengths are as uneven as those of real chats."""
    rng = random.Random(seed)
    made = []
    for number in range(count):
        length = min(700, int(rng.lognormvariate(3.6, 1.0)) + 5)
        words = " ".join(rng.choices(_WORDS, k=length))
        reply = json.dumps({"label": rng.choice(_LABELS), "words": length})
        made.append(Example(f"e{number}", (Message("user", words),), reply))
    return made


def base_of(weights: Path) -> Base:
    return load_base(f"nano:{weights}", Path(), RECIPE, device="cpu")


def child(weights: Path, count: int, dest: Path) -> dict[str, float]:
    """Our training, alone in this process."""
    torch.set_num_threads(THREADS)
    base = base_of(weights)
    rows = base.writer("").rows(chats(count, 1))
    training = Training(Network(base.weights, RECIPE), RECIPE, rows)
    foreseen = estimate(training)
    started = time.perf_counter()
    run = training.run()
    seconds = time.perf_counter() - started
    card = adapter.card_of(base.weights, RECIPE, chats(count, 1), "", run)
    adapter.keep(training.network, run, card, base.weights, dest)
    return {
        "seconds": seconds,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
        "foreseen_seconds": foreseen.seconds,
        "foreseen_mb": (foreseen.bytes or 0) / 1e6,
    }


def ours(weights: Path, count: int, folder: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.tuning", "--child", str(folder / "ours")]
    command += ["--weights", str(weights), "--count", str(count)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(ran.stdout.splitlines()[-1])
    return found


def peer(name: str, folder: Path) -> dict[str, float] | None:
    """None where it failed, which is told."""
    script = Path(__file__).parent / "tuning_peers.py"
    ran = subprocess.run(
        [str(PEERS_PYTHON), str(script), name, str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        reason = ran.stderr.strip().splitlines()[-1:] or ["no reason given"]
        print(f"{name} failed and is left out: {reason[0]}", file=sys.stderr)
        return None
    found: dict[str, float] = json.loads((folder / f"{name}.json").read_text("utf-8"))
    return found


def loss_of(weights: Path, folder: Path, rows: Sequence[Tokens]) -> float:
    """On examples that were not learned, of anybody's adapter."""
    from peft import PeftModel  # noqa: PLC0415 (beside torch, which the children load)

    base = base_of(weights)
    network = Network(base.weights, replace(RECIPE, method="full"))
    PeftModel.from_pretrained(network.inner, str(folder))
    return network.mean_loss(batches(rows, 8, 0, 0))


def compared(found: Found, rows: list[Row], weights: Path, count: int, rounds: int) -> None:
    examples = chats(count, 1)
    base = base_of(weights)
    writer = base.writer("")
    learned, unseen = writer.rows(examples), writer.rows(chats(100, 2))
    tokens = RECIPE.epochs * sum(len(row.tokens) for row in learned)
    given = {
        **asdict(RECIPE),
        "alpha": RECIPE.scale,
        "weights": str(weights),
        "window": writer.window,
        "threads": THREADS,
        "rows": [
            {
                "messages": [{"role": m.role, "content": m.content} for m in each.messages],
                "reply": each.reply,
            }
            for each in examples
        ],
    }
    times: dict[str, list[dict[str, float]]] = {}
    losses: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "given.json").write_text(json.dumps(given), "utf-8")
        runs: dict[str, Callable[[], dict[str, float] | None]] = {
            "ours": lambda: ours(weights, count, folder)
        }
        if PEERS_PYTHON.exists():
            runs |= {name: lambda name=name: peer(name, folder) for name in PEERS}  # type: ignore[misc]
        else:
            print(f"{PEERS_PYTHON} is absent: {', '.join(PEERS)} are not measured; make bench")
        for _ in range(rounds):
            for name, run in runs.items():
                took = run()
                if took is not None:
                    times.setdefault(name, []).append(took)
        for name in times:
            losses[name] = loss_of(weights, folder / name, unseen)
    for name, rounds_of in times.items():
        seconds = [each["seconds"] for each in rounds_of]
        rows.append(
            {
                "what": name,
                "tokens/s": tokens / float(np.median(seconds)),
                "seconds": float(np.median(seconds)),
                "peak MB": float(np.median([each["peak_mb"] for each in rounds_of])),
                "loss on others": losses[name],
            }
        )
    if "trl" in times:
        ratios = [
            theirs["seconds"] / mine["seconds"]
            for mine, theirs in zip(times["ours"], times["trl"], strict=False)
        ]
        found.number(
            "tokens a second over TRL's default",
            "ratio",
            float(np.median(ratios)),
            ">= 1.5",
            between=(min(ratios), max(ratios)),
            count=rounds,
        )
        gap = losses["ours"] - losses["trl"]
        found.number("loss on others, above TRL's", "nats", gap, "<= 0.05", count=100)
    foretold(found, times["ours"])


def foretold(found: Found, took: Sequence[dict[str, float]]) -> None:
    for what in ("seconds", "mb"):
        actual = "seconds" if what == "seconds" else "peak_mb"
        off = [abs(each[f"foreseen_{what}"] / each[actual] - 1) for each in took]
        found.number(
            f"foretold {'time' if what == 'seconds' else 'memory'}, off by",
            "share",
            float(np.median(off)),
            "<= 0.2",
            between=(min(off), max(off)),
            count=len(off),
        )


def artifacts(found: Found, rows: list[Row], weights: Path) -> None:
    """Full against LoRA; merged against unmerged; changing adapters against loading."""
    examples = chats(80, 3)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for method in ("lora", "full"):
            base = base_of(weights)
            recipe = replace(RECIPE, method=method, epochs=1, rate=None)
            network = Network(base.weights, recipe)
            state = 3 * 4 * sum(weight.numel() for weight in network.trained.values())
            run = Training(network, recipe, base.writer("").rows(examples)).run()
            card = adapter.card_of(base.weights, recipe, examples, "", run)
            adapter.keep(network, run, card, base.weights, folder / method)
            rows.append(
                {"what": f"{method}: trained share", "seconds": run.seconds, "share": network.share,
                 "optimiser and gradients MB": state / 1e6}
            )  # fmt: skip
        base = base_of(weights)
        probes = base.writer("").rows(chats(4, 4))
        gap = adapter.merge(base.weights, folder / "lora", folder / "merged", probes)
        found.number(
            "merged against unmerged, largest difference of scores", "nats", gap, "<= 1e-3"
        )
        plain, merged = base_of(weights), base_of(folder / "merged")
        unmerged = adapter.on(base_of(weights).weights, folder / "lora")
        ids = torch.tensor([probes[0].tokens])
        speeds = _in_turns(
            {
                "base": lambda: plain.weights.model(input_ids=ids),
                "merged": lambda: merged.weights.model(input_ids=ids),
                "unmerged": lambda: unmerged(input_ids=ids),
            }
        )
        for name in ("merged", "unmerged"):
            ratios = [one / other for one, other in zip(speeds[name], speeds["base"], strict=True)]
            found.number(
                f"{name} over the base, time of a prompt",
                "ratio",
                float(np.median(ratios)),
                "<= 1.05" if name == "merged" else "",
                between=(float(np.percentile(ratios, 5)), float(np.percentile(ratios, 95))),
                count=len(ratios),
            )
        _swapping(found, weights, folder)


def _swapping(found: Found, weights: Path, folder: Path) -> None:
    adapters = Adapters(base_of(weights).weights)
    for name in ("one", "two"):
        adapters.add(name, folder / "lora")
    swaps, loads = [], []
    for turn in range(21):
        started = time.perf_counter()
        with adapters.speaking(("one", "two")[turn % 2]):
            swaps.append(time.perf_counter() - started)
    for _ in range(3):
        started = time.perf_counter()
        adapter.on(base_of(weights).weights, folder / "lora")
        loads.append(time.perf_counter() - started)
    swap, load = float(np.median(swaps[1:])), float(np.median(loads))
    found.number("changing adapters", "ms", 1000 * swap, "< 50", count=len(swaps) - 1)
    found.number("changing adapters over loading", "share", swap / load, "< 0.05")


def _in_turns(work: dict[str, Callable[[], Any]], rounds: int = 40) -> dict[str, list[float]]:
    took: dict[str, list[float]] = {name: [] for name in work}
    with torch.inference_mode():
        for turn in range(rounds + 3):
            for name, each in work.items():
                started = time.perf_counter()
                each()
                if turn >= 3:
                    took[name].append(time.perf_counter() - started)
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one round of fewer chats")
    parser.add_argument("--weights", type=Path, default=SHIPPED)
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--count", type=int, default=300, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    weights = chosen.weights.resolve()
    if chosen.child:
        print(json.dumps(child(weights, chosen.count, chosen.child)))
        return
    found, rows = Found(), list[Row]()
    count, rounds = (80, 1) if chosen.quick else (chosen.count, 3)
    compared(found, rows, weights, count, rounds)
    artifacts(found, rows, weights)
    print_table(rows, title="tuning")
    print_claims(found.claims)
    if not chosen.quick:
        write("tuning", rows, found.claims, ("torch", "transformers", "peft"))


if __name__ == "__main__":
    main()
