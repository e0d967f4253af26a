"""How far a judge agrees with people: kappa, sensitivity, specificity.

Kappa is tested against statsmodels, which is not imported (see correction.py).
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from suffice.records import Interval
from suffice.stats.clusters import z_quantile
from suffice.stats.intervals import wilson


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many. `value` and `interval` are None of none."""

    hits: int
    cases: int
    level: float = 0.95

    @property
    def value(self) -> float | None:
        return self.hits / self.cases if self.cases else None

    @property
    def interval(self) -> Interval | None:
        if not self.cases:
            return None
        rate, count = np.asarray(self.hits / self.cases), np.asarray(float(self.cases))
        low, high = wilson(rate, count, z_quantile(self.level))
        return Interval(float(low), float(high), self.level, "Wilson")


def kappa(a: Sequence[Hashable], b: Sequence[Hashable]) -> float | None:
    """Cohen's kappa of two raters' labels: 1 full agreement, 0 that of chance.

    None where it is undefined: no labels, or both raters gave one and the same label throughout.
    """
    if len(a) != len(b):
        raise ValueError(f"two raters of the same cases gave {len(a)} and {len(b)} labels")
    labels = {label: place for place, label in enumerate(dict.fromkeys([*a, *b]))}
    if len(labels) < 2:
        return None
    table = np.zeros((len(labels), len(labels)), np.int64)
    for one, other in zip(a, b, strict=True):
        table[labels[one], labels[other]] += 1
    # Whole numbers to the end: full agreement is 1 and not a hair more.
    agreed = len(a) * int(np.trace(table))
    by_chance = int(table.sum(axis=0) @ table.sum(axis=1))
    return (agreed - by_chance) / (len(a) ** 2 - by_chance)


def sensitivity_specificity(
    judge: Sequence[bool], human: Sequence[bool], level: float = 0.95
) -> tuple[Share, Share]:
    """Of what people accept, the share that the judge accepts; of what they reject, rejects."""
    pairs = [(bool(said), bool(true)) for said, true in zip(judge, human, strict=True)]
    accepted = [said for said, true in pairs if true]
    rejected = [not said for said, true in pairs if not true]
    return (
        Share(sum(accepted), len(accepted), level),
        Share(sum(rejected), len(rejected), level),
    )
