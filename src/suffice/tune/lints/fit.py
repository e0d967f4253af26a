"""Whether the examples are enough, and like what the model will be asked."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from suffice.evaluate.leaks import said
from suffice.records import Case, Example
from suffice.tune.findings import Finding, Material, Severity, asked, sources

FEW = 200
FOR_FORM = 500
FOR_A_TASK = 1000

_MOST = 400  # texts of each side that are compared
_FEWEST = 20
_DRAWS = 200
_SURE = 0.01
_APART = 0.62  # of the nearest neighbours, how many are of one's own side; 0.5 by chance
_SHOWN = 3

_Vectors = NDArray[np.float32]


def few(material: Material) -> Iterator[Finding]:
    """Too few for what they are for."""
    held = len(material.examples)
    if held >= FOR_FORM:
        return
    yield Finding(
        "few examples",
        Severity.WARNING if held < FEW else Severity.NOTE,
        f"{held:,} examples",
        f"With LoRA {FOR_FORM} to 2,000 good ones are usual for a form or a style, {FOR_A_TASK:,} "
        "at least for a task; below a few hundred a model learns them by heart.",
        "The learning curve of `suffice tune --curve` says what more of them would bring.",
        (),
        held,
    )


def shift(material: Material) -> Iterator[Finding]:
    """Training inputs that are not what will be asked: do nearest neighbours keep to their side?

    Tested by permutation (Schilling, 1986; Henze, 1988): among equal numbers of both, the share of
    nearest neighbours from the own side, against that under shuffled sides.
    """
    embedder = material.embedder
    cases = [*material.dev, *material.held_out]
    if embedder is None or min(len(cases), len(material.examples)) < _FEWEST:
        return
    rng = np.random.default_rng(material.seed)
    size = min(_MOST, len(cases), len(material.examples))
    some_cases = _drawn(cases, size, rng)
    some_examples = _drawn(material.examples, size, rng)
    learned = embedder.embed([asked(each) for each in some_examples])
    wanted = embedder.embed([said(each.messages) for each in some_cases])
    together = np.concatenate([learned, wanted])
    nearest = _nearest(together)
    side = np.arange(2 * size) < size
    own = float((side[nearest] == side).mean())
    by_chance = [float((mixed[nearest] == mixed).mean()) for mixed in _shuffles(side, rng)]
    p = (1 + sum(each >= own for each in by_chance)) / (1 + _DRAWS)
    if p > _SURE or own < _APART:
        return
    closest = (wanted @ learned.T).max(axis=1)
    odd = [some_cases[place] for place in np.argsort(closest)[:_SHOWN]]
    shown = "; ".join(_short(said(each.messages)) for each in odd)
    yield Finding(
        "distribution shift",
        Severity.WARNING,
        f"the examples' questions are not like the cases' ({own:.0%} of nearest neighbours keep to "
        f"their side, p {p:.3f}); farthest from all examples: {shown}",
        "A model does what it learned on what looks like what it learned from.",
        "Add examples of what is really asked.",
        sources(some_examples[:_SHOWN]),
        size,
    )


def _drawn(of: Sequence[Example] | Sequence[Case], size: int, rng: np.random.Generator) -> list:  # type: ignore[type-arg]
    return [of[place] for place in sorted(rng.permutation(len(of))[:size].tolist())]


def _nearest(vectors: _Vectors) -> NDArray[np.intp]:
    alike = vectors @ vectors.T
    np.fill_diagonal(alike, -np.inf)
    nearest: NDArray[np.intp] = alike.argmax(axis=1)
    return nearest


def _shuffles(side: NDArray[np.bool_], rng: np.random.Generator) -> Iterator[NDArray[np.bool_]]:
    for _ in range(_DRAWS):
        yield rng.permutation(side)


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return repr(flat if len(flat) <= 60 else flat[:59] + "…")
