"""How good a ranking is, where it is known which documents hold the answer.

Figures of one question each, between 0 and 1; tested against ir_measures. A document counts where
its first passage stands: who reads the second one of the same document has found nothing new.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ranked:
    """The figures of one ranking."""

    recall: float
    ndcg: float
    reciprocal_rank: float
    precision: float


def ranked(found: Sequence[str], gold: Collection[str]) -> Ranked:
    """Of the documents of passages in their order, and those that hold the answer.

    `precision` is the share of passages that are of gold documents, each at its place.
    """
    order = list(dict.fromkeys(found))
    places = [place for place, name in enumerate(order) if name in gold]
    best = sum(1 / math.log2(place + 2) for place in range(min(len(gold), len(found))))
    gained = sum(1 / math.log2(place + 2) for place in places)
    return Ranked(
        recall=len(places) / len(gold) if gold else 0.0,
        ndcg=gained / best if best else 0.0,
        reciprocal_rank=1 / (places[0] + 1) if places else 0.0,
        precision=sum(name in gold for name in found) / len(found) if found else 0.0,
    )
