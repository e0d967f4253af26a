"""One question to the passages that most likely answer it.

Up to two legs look for it, by meaning (vectors) and by words (BM25); their lists are fused, thinned
of near-repeats, and a reranker may order the best anew. All legs of one question read one snapshot.
Which settings serve best is a matter of the corpus: the `retrieve` rung chooses them on dev cases.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from suffice.errors import UsageError
from suffice.ports import Embedder
from suffice.records import Passage
from suffice.retrieve.ports import Reranker, Snapshot
from suffice.retrieve.records import Chunk, Filter, Found, Hit

Mode = Literal["hybrid", "vector", "bm25"]
Fusion = Literal["convex", "rrf"]

# Cormack, Clarke and Buettcher (2009) found 60 good across collections; so have most since.
_RRF_CONSTANT = 60


@dataclass(frozen=True, slots=True)
class SearchPlan:
    """How a question is searched for. `weight` is the share of the vectors in a convex fusion;
    `pool` is how many each leg brings; `diversity` is the price of repeating a better passage."""

    mode: Mode = "hybrid"
    fusion: Fusion = "convex"
    weight: float = 0.5
    k: int = 5
    pool: int = 50
    diversity: float = 0.0
    parents: bool = False

    def __post_init__(self) -> None:
        if self.mode not in get_args(Mode):
            raise UsageError(f"mode {self.mode!r} is unknown: {', '.join(get_args(Mode))}")
        if self.fusion not in get_args(Fusion):
            raise UsageError(f"fusion {self.fusion!r} is unknown: {', '.join(get_args(Fusion))}")
        if not 0 <= self.weight <= 1 or not 0 <= self.diversity <= 1:
            raise UsageError("weight and diversity are shares, from 0 to 1")
        if not 1 <= self.k <= self.pool:
            raise UsageError(f"k is {self.k} and pool {self.pool}; take 1 <= k <= pool")

    def __str__(self) -> str:
        parts = [self.mode, f"k={self.k}"]
        if self.mode == "hybrid":
            parts.insert(1, f"{self.fusion} {self.weight:g}" if self.fusion == "convex" else "rrf")
        if self.diversity:
            parts.append(f"diversity {self.diversity:g}")
        return ", ".join(parts + ["whole sections"] * self.parents)


@dataclass(frozen=True, slots=True)
class Ranked:
    """A row that the legs found, with its rank (from 1) and score in each."""

    row: int
    score: float
    ranks: Mapping[str, int]
    scores: Mapping[str, float]


def search(
    snapshot: Snapshot,
    embedder: Embedder | None,
    question: str,
    plan: SearchPlan,
    *,
    where: Filter | None = None,
    reranker: Reranker | None = None,
    also: Sequence[str] = (),
) -> list[Hit]:
    """The best `plan.k` hits. `also` are other wordings of the question, each searched for too."""
    ranked = fused(legs_of(snapshot, embedder, [question, *also], plan, where=where), plan)
    if reranker is None:
        return shown_of(snapshot, ranked, plan)
    return thinned(snapshot, reranker.rank(question, hits_of(snapshot, ranked[: plan.pool])), plan)


def legs_of(
    snapshot: Snapshot,
    embedder: Embedder | None,
    wordings: Sequence[str],
    plan: SearchPlan,
    *,
    where: Filter | None = None,
) -> dict[str, list[Found]]:
    """What each leg finds: by meaning and by words, for each wording of a question."""
    if plan.mode != "bm25" and embedder is None:
        raise UsageError(f"mode {plan.mode} needs an embedder; bm25 needs none")
    legs: dict[str, list[Found]] = {}
    # One after the other: a thread for the words saved nothing (docs/experiments.md).
    for number, asked in enumerate(wordings):
        mark = f" {number + 1}" if number else ""
        if plan.mode != "bm25" and embedder is not None:
            [vector] = embedder.embed([asked])
            legs[f"vector{mark}"] = snapshot.nearest(vector, plan.pool, where)
        if plan.mode != "vector":
            legs[f"bm25{mark}"] = snapshot.matching(asked, plan.pool, where)
    return legs


def shown_of(snapshot: Snapshot, ranked: Sequence[Ranked], plan: SearchPlan) -> list[Hit]:
    """The hits that are shown, thinned of repeats or widened to their sections, as planned."""
    needed = plan.pool if plan.diversity else plan.k
    return thinned(snapshot, hits_of(snapshot, ranked[:needed]), plan)


def thinned(snapshot: Snapshot, best: Sequence[Hit], plan: SearchPlan) -> list[Hit]:
    kept = _diverse(best, plan) if plan.diversity else list(best[: plan.k])
    return _widened(snapshot, kept) if plan.parents else kept


def hits_of(snapshot: Snapshot, ranked: Sequence[Ranked]) -> list[Hit]:
    """What stands in the rows."""
    chunks = snapshot.read([each.row for each in ranked])
    return [
        Hit(passage_of(chunk), each.score, each.ranks, each.scores)
        for each, chunk in zip(ranked, chunks, strict=True)
    ]


def fused(legs: Mapping[str, Sequence[Found]], plan: SearchPlan) -> list[Ranked]:
    """The lists of all legs as one, best first; ties fall to the row that came first."""
    ranks: dict[int, dict[str, int]] = {}
    scores: dict[int, dict[str, float]] = {}
    totals: dict[int, float] = {}
    for leg, found in legs.items():
        share = _share(leg, plan, legs)
        for rank, (each, worth) in enumerate(zip(found, _worths(found, plan), strict=True), 1):
            ranks.setdefault(each.row, {})[leg] = rank
            scores.setdefault(each.row, {})[leg] = each.score
            totals[each.row] = totals.get(each.row, 0.0) + share * worth
    ordered = sorted(totals, key=lambda row: (-totals[row], row))
    return [Ranked(row, totals[row], ranks[row], scores[row]) for row in ordered]


def _worths(found: Sequence[Found], plan: SearchPlan) -> list[float]:
    """What a place in one leg is worth, between 0 and 1, so that legs can be added."""
    if not found:
        return []
    if plan.mode == "hybrid" and plan.fusion == "rrf":
        return [1 / (_RRF_CONSTANT + rank) for rank in range(1, len(found) + 1)]
    # BM25 is 0 where no word is shared. The worst cosine found is the natural zero of the other.
    scores = [each.score for each in found]
    low = min(scores)
    spread = max(scores) - low
    return [(score - low) / spread if spread > 0 else 1.0 for score in scores]


def _share(leg: str, plan: SearchPlan, legs: Mapping[str, Sequence[Found]]) -> float:
    alike = sum(each.split()[0] == leg.split(maxsplit=1)[0] for each in legs)
    if plan.mode != "hybrid" or plan.fusion == "rrf":
        return 1 / alike
    return (plan.weight if leg.startswith("vector") else 1 - plan.weight) / alike


def passage_of(chunk: Chunk) -> Passage:
    return Passage(
        id=chunk.id,
        document=chunk.document,
        text=chunk.text,
        title=chunk.title,
        start=chunk.start,
        end=chunk.end,
        page=chunk.page,
        headings=chunk.headings,
        dated=chunk.dated,
    )


def _diverse(hits: Sequence[Hit], plan: SearchPlan) -> list[Hit]:
    """Best first, where each pays for what it repeats of those chosen before (as in Carbonell and
    Goldstein's maximal marginal relevance, 1998, by shared words)."""
    left = [(hit, _words(hit.passage.text)) for hit in hits[: plan.pool]]
    top = max((hit.score for hit, _ in left), default=1.0) or 1.0
    chosen: list[tuple[Hit, frozenset[str]]] = []
    while left and len(chosen) < plan.k:
        best = max(
            range(len(left)),
            key=lambda place: (
                (1 - plan.diversity) * left[place][0].score / top
                - plan.diversity
                * max((_alike(left[place][1], words) for _, words in chosen), default=0.0)
            ),
        )
        chosen.append(left.pop(best))
    return [hit for hit, _ in chosen]


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w{3,}", text.lower()))


def _alike(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(1, min(len(one), len(other)))


def _widened(snapshot: Snapshot, hits: Sequence[Hit]) -> list[Hit]:
    """Each passage with the whole section that it stands in; hits of one section become one."""
    wide: dict[tuple[str, int], Hit] = {}
    for hit in hits:
        chunks = snapshot.chunks(hit.passage.document)
        own = next((chunk for chunk in chunks if chunk.id == hit.passage.id), None)
        if own is None:
            continue
        low, high = own.parent
        inside = [chunk for chunk in chunks if chunk.start >= low and chunk.end <= high] or [own]
        passage = replace(
            hit.passage,
            id=f"{own.document}#{inside[0].start}-{inside[-1].end}",
            text=_one_text(inside),
            start=inside[0].start,
            end=inside[-1].end,
        )
        wide.setdefault((own.document, low), replace(hit, passage=passage))
    return list(wide.values())


def _one_text(chunks: Sequence[Chunk]) -> str:
    """The text that chunks cover; what lies between two (a heading) is left as a line's end."""
    text, end = chunks[0].text, chunks[0].end
    for chunk in chunks[1:]:
        if chunk.start > end:
            text += "\n" + chunk.text
        elif chunk.end > end:
            text += chunk.text[end - chunk.start :]
        end = max(end, chunk.end)
    return text


def explain(hit: Hit, plan: SearchPlan, stems: Callable[[str], Sequence[str]], asked: str) -> str:
    """Why a passage ranks where it does, in one line a leg."""
    lines = [f"{hit.score:.3f} in all ({plan})"]
    for leg, rank in hit.ranks.items():
        lines.append(f"{leg}: rank {rank}, score {hit.scores[leg]:.3f}")
    lines += [
        f"{leg}: score {score:.3f}" for leg, score in hit.scores.items() if leg not in hit.ranks
    ]
    shared = sorted(set(stems(asked)) & set(stems(hit.passage.text)))
    lines.append(f"words in common: {', '.join(shared) or 'none'}")
    return "\n".join(lines)
