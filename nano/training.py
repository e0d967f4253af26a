"""One training run: batches in, weights out. Knows nothing of what the batches say.

bfloat16 multiplies about ten times faster than float32 on CPUs with the instructions for it and 60
times slower on those without, so a probe chooses. Start it with the environment of `FAST_MALLOC`:
without it a third of a CPU's time goes to giving memory back and getting it again.
"""

import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional

from nano.model import Nano

FAST_MALLOC = {
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
    "MALLOC_MMAP_THRESHOLD_": str(2**32),
    "MALLOC_TRIM_THRESHOLD_": str(2**34),
}


@dataclass(frozen=True)
class Batch:
    """Rows of tokens, padded on the right, and where the next token is to be learned."""

    tokens: np.ndarray[tuple[int, int], np.dtype[np.int64]]
    learned: np.ndarray[tuple[int, int], np.dtype[np.bool_]]


class Run:
    """The network, its optimiser and the step that moves them."""

    def __init__(self, network: Nano, *, device: str, compiled: bool = True) -> None:
        self._dtype = torch.bfloat16 if device != "cpu" or bfloat16_is_fast() else torch.float32
        self.network = network.to(device=device, dtype=self._dtype)
        self._device = device
        trunk = self.network.model
        # A graph for each of the four lengths, whose shapes it knows.
        self._trunk = torch.compile(trunk, dynamic=False) if compiled else trunk
        self._used = list(self.network.parameters())
        self._exact = [weight.detach().float().clone() for weight in self._used]
        for weight in self._exact:
            weight.requires_grad_()
        named = dict(zip((n for n, _ in self.network.named_parameters()), self._exact, strict=True))
        inner = [w for name, w in named.items() if ".layers." in name and w.dim() == 2]
        outer = [w for name, w in named.items() if not (".layers." in name and w.dim() == 2)]
        # Muon learns such matrices in about two thirds of AdamW's steps.
        self._optimisers: list[torch.optim.Optimizer] = [
            torch.optim.Muon(inner, lr=1.0, weight_decay=0.01, adjust_lr_fn="match_rms_adamw"),
            torch.optim.AdamW(outer, lr=1.0, betas=(0.9, 0.95), weight_decay=0.0, fused=True),
        ]
        self.tokens = 0

    def step(self, batch: Batch, rate: float) -> float:
        """Learns from one batch; the loss it had before."""
        tokens = torch.from_numpy(batch.tokens).to(self._device)
        learned = torch.from_numpy(batch.learned).to(self._device)
        thought = self._trunk(tokens)[:, :-1][learned[:, 1:]]
        loss = functional.cross_entropy(
            self.network.scores(thought).float(), tokens[:, 1:][learned[:, 1:]]
        )
        loss.backward()
        for exact, used in zip(self._exact, self._used, strict=True):
            exact.grad, used.grad = None if used.grad is None else used.grad.float(), None
        torch.nn.utils.clip_grad_norm_(self._exact, 1.0)
        for optimiser in self._optimisers:
            for group in optimiser.param_groups:
                group["lr"] = rate
            optimiser.step()
        with torch.no_grad():
            for exact, used in zip(self._exact, self._used, strict=True):
                used.copy_(exact)
        self.tokens += batch.tokens.size
        return float(loss.detach())

    def guesses(self, tokens: Tensor) -> Tensor:
        """The likeliest next token at every place."""
        with torch.inference_mode():
            return self.network.scores(self.network.model(tokens.to(self._device))).argmax(-1)

    def save(self, path: Path, **about: object) -> None:
        """Weights and optimiser, in one file each, replaced at once: a killed run resumes."""
        path.mkdir(parents=True, exist_ok=True)
        names = [name for name, _ in self.network.named_parameters()]
        kept = {name: w.detach().contiguous() for name, w in zip(names, self._exact, strict=True)}
        _replaced(path / "weights.safetensors", lambda part: save_file(kept, part))
        state = [optimiser.state_dict() for optimiser in self._optimisers]
        _replaced(path / "optimisers.pt", lambda part: torch.save(state, part))
        text = json.dumps({"tokens": self.tokens, **about})
        _replaced(path / "about.json", lambda part: part.write_text(text, "utf-8"))

    def load(self, path: Path) -> dict[str, object]:
        kept = load_file(path / "weights.safetensors")
        with torch.no_grad():
            for (name, used), exact in zip(
                self.network.named_parameters(), self._exact, strict=True
            ):
                exact.copy_(kept[name])
                used.copy_(kept[name])
        if (path / "optimisers.pt").exists():
            states = torch.load(path / "optimisers.pt")
            for optimiser, state in zip(self._optimisers, states, strict=True):
                optimiser.load_state_dict(state)
        about: dict[str, object] = json.loads((path / "about.json").read_text("utf-8"))
        self.tokens = int(str(about["tokens"]))
        return about


def _replaced(path: Path, write: Callable[[Path], object]) -> None:
    part = path.with_name(path.name + ".part")
    write(part)
    os.replace(part, path)


def bfloat16_is_fast() -> bool:
    """Whether this CPU multiplies bfloat16 faster than float32."""
    seconds = []
    for kind in (torch.float32, torch.bfloat16):
        one, other = torch.ones(512, 512, dtype=kind), torch.ones(512, 512, dtype=kind)
        one @ other
        started = time.perf_counter()
        for _ in range(5):
            one @ other
        seconds.append(time.perf_counter() - started)
    return seconds[1] < seconds[0]


def echoes(
    rng: np.random.Generator, *, vocabulary: int, length: int, rows: int, first: int = 32
) -> Iterator[Batch]:
    """Random tokens, said twice: to say them again the model must learn to look back and copy."""
    while True:
        half = int(rng.integers(max(4, length // 4), length // 2 + 1))
        once = rng.integers(first, vocabulary, (rows, half))
        lead = rng.integers(first, vocabulary, (rows, length - 2 * half))
        tokens = (
            np.concatenate([once, lead, once], 1)
            if rng.random() < 0.5
            else (np.concatenate([lead, once, once], 1))
        )
        learned = np.zeros_like(tokens, dtype=bool)
        learned[:, length - half + 1 :] = True
        yield Batch(tokens, learned)
