"""Trains nano: `python -m nano.learn DEST [--minutes 110]`. Resumes where a killed run stood.

DEST holds tokenizer.json (`python -m nano.vocabulary`); paragraphs come from `nano.sources`.
Chats are made in a process of their own while the network learns.
"""

import argparse
import json
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.queues import Queue
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from nano.chats import row_of
from nano.kinds import trained_kinds, unseen_kinds
from nano.model import Nano, Size
from nano.prose import load
from nano.reading import NOT_HELD
from nano.stages import LOOSE, READING, STAGES, Mixture, Stage, batches
from nano.training import FAST_MALLOC, Batch, Run, echoes

_SAVE_STEPS = 400
_LOOK_STEPS = 800
_QUEUED = 6


@dataclass(frozen=True)
class Material:
    """What the makers of chats need, in any process."""

    tokenizer: Path
    paragraphs: Path | None


def produce(stage: Stage, material: Material, seed: int, queue: "Queue[Batch]") -> None:
    """Fills the queue for ever; ends with the process that started it."""
    os.nice(2)
    tokenizer = Tokenizer.from_file(str(material.tokenizer))
    paragraphs = load(material.paragraphs) if material.paragraphs else []
    mixture = Mixture(trained_kinds(), paragraphs, seed, loose=LOOSE)
    for batch in batches(stage, mixture, tokenizer, seed):
        queue.put(batch)


def from_process(stage: Stage, material: Material, seed: int) -> Iterator[Batch]:
    context = multiprocessing.get_context("spawn")
    queue: Queue[Batch] = context.Queue(_QUEUED)
    maker = context.Process(target=produce, args=(stage, material, seed, queue), daemon=True)
    maker.start()
    try:
        while True:
            yield queue.get()
    finally:
        maker.kill()


@dataclass
class Measured:
    """Shares of fresh questions answered exactly (greedily: every token is the likeliest)."""

    answered: float
    refused: float
    unseen_answered: float
    unseen_refused: float

    @property
    def total(self) -> float:
        return 0.8 * self.answered + 0.2 * self.refused


def measure(run: Run, stage: Stage, material: Material, chats: int = 100) -> dict[str, float]:
    """Exact shares on chats never trained on, of known and of unseen kinds of things."""
    tokenizer = Tokenizer.from_file(str(material.tokenizer))
    found: dict[str, float] = {}
    parts = {name: share for name, share in stage.parts.items() if name in READING}
    for name, kinds, seen in (("known", trained_kinds(), True), ("unseen", unseen_kinds(), False)):
        if not kinds:
            continue
        mixture = Mixture(kinds, [], 987_654_321, seen=seen)
        counts = {"answer": [0, 0], "refusal": [0, 0]}
        for _ in range(chats):
            chat = mixture.draw(parts)
            row = row_of(chat, tokenizer)
            if len(row.tokens) > 1024:
                continue
            width = next(size for size in (256, 512, 1024) if len(row.tokens) <= size)
            tokens = np.zeros((1, width), dtype=np.int64)
            tokens[0, : len(row.tokens)] = row.tokens
            guessed = run.guesses(torch.from_numpy(tokens))[0].tolist()
            said = [text for role, text in chat.messages if role == "assistant"]
            for text, (start, end) in zip(said, _spans(row.learned), strict=True):
                right = guessed[start - 1 : end - 1] == row.tokens[start:end]
                count = counts["refusal" if text == NOT_HELD else "answer"]
                count[0] += right
                count[1] += 1
        for kind, (right, total) in counts.items():
            found[f"{name} {kind}"] = round(right / total, 3) if total else 0.0
    return found


def _spans(learned: list[bool]) -> Iterator[tuple[int, int]]:
    start = None
    for place, flag in enumerate([*learned, False]):
        if flag and start is None:
            start = place
        if not flag and start is not None:
            yield start, place
            start = None


def copied(run: Run, vocabulary: int) -> float:
    """The share of tokens of random sequences that are said again rightly."""
    stream = echoes(np.random.default_rng(99), vocabulary=vocabulary, length=256, rows=32)
    batch = next(stream)
    guessed = run.guesses(torch.from_numpy(batch.tokens)).numpy()
    right = guessed[:, :-1] == batch.tokens[:, 1:]
    return float(right[batch.learned[:, 1:]].mean())


def learn(dest: Path, material: Material, minutes: float, rate: float, first: str) -> None:
    size = Size(vocabulary=Tokenizer.from_file(str(material.tokenizer)).get_vocab_size())
    run = Run(Nano(size, seed=0), device="cuda" if torch.cuda.is_available() else "cpu")
    kept = dest / "run"
    about: dict[str, object] = {"stage": first, "step": 0}
    if (kept / "about.json").exists():
        about = {**run.load(kept), **({"stage": first} if first else {})}
    names = [stage.name for stage in STAGES]
    step, started = int(str(about["step"])), time.monotonic()
    seed = step + 1
    total = sum(stage.share for stage in STAGES[names.index(str(about["stage"] or names[0])) :])
    for stage in STAGES[names.index(str(about["stage"] or names[0])) :]:
        begun = time.monotonic()
        budget = 60 * minutes * stage.share / total
        losses: list[float] = []
        for batch in from_process(stage, material, seed):
            gone = (time.monotonic() - started) / (60 * minutes)
            # Warm-up, a long plain, and a descent over the last third of the time.
            height = min(1.0, (step + 1) / 100) * min(1.0, max(0.02, (1 - gone) / 0.35))
            losses.append(run.step(batch, rate * height))
            step += 1
            if step % _LOOK_STEPS == 0:
                seen = (
                    {"copied": round(copied(run, size.vocabulary), 3)}
                    if stage.name == "copy"
                    else measure(run, stage, material)
                )
                minutes_gone = round((time.monotonic() - started) / 60, 1)
                line = {
                    "stage": stage.name,
                    "step": step,
                    "tokens": run.tokens,
                    "minutes": minutes_gone,
                    "rate": round(rate * height, 6),
                    "loss": round(float(np.mean(losses[-_LOOK_STEPS:])), 4),
                    **seen,
                }
                with (dest / "curve.jsonl").open("a", encoding="utf-8") as curve:
                    curve.write(json.dumps(line) + "\n")
                print(json.dumps(line), file=sys.stderr, flush=True)
                reached = seen.get("copied", seen.get("known answer", 0.0))
                if reached >= stage.goal:
                    break
            if step % _SAVE_STEPS == 0:
                run.save(kept, stage=stage.name, step=step)
            if time.monotonic() - begun > budget:
                break
        run.save(kept, stage=stage.name, step=step)
        seed = step + 1
    (dest / "finished.json").write_text(json.dumps({"tokens": run.tokens, "step": step}), "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dest", type=Path)
    parser.add_argument("--paragraphs", type=Path)
    parser.add_argument("--minutes", type=float, default=110)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--stage", default="", help="begin with this stage")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    chosen = parser.parse_args()
    if any(os.environ.get(key) != text for key, text in FAST_MALLOC.items()):
        os.execve(  # noqa: S606 - this very program again, with the allocator's settings
            sys.executable,
            [sys.executable, "-m", "nano.learn", *sys.argv[1:]],
            os.environ | FAST_MALLOC,
        )
    torch.set_num_threads(chosen.threads)
    torch.manual_seed(0)
    material = Material(chosen.dest / "tokenizer.json", chosen.paragraphs)
    learn(chosen.dest, material, chosen.minutes, chosen.rate, chosen.stage)


if __name__ == "__main__":
    main()
