"""Searching: two legs, fused, thinned and widened."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from suffice.errors import UsageError
from suffice.retrieve.records import Chunk, Filter, Found, Hit
from suffice.retrieve.search import SearchPlan, explain, fused, passage_of, search


def chunk(name: str, text: str = "", *, start: int = 0, parent: tuple[int, int] = (0, 0)) -> Chunk:
    text = text or name
    return Chunk(
        id=f"{name}#{start}",
        document=name,
        text=text,
        start=start,
        end=start + len(text),
        tokens=len(text.split()),
        digest=name,
        parent=parent,
    )


def found(**scores: float) -> list[Found]:
    """Rows whose number spells a name."""
    return [Found(int.from_bytes(name.encode()), score) for name, score in scores.items()]


def order(legs: dict[str, list[Found]], plan: SearchPlan) -> list[str]:
    return [each.row.to_bytes(4).lstrip(b"\0").decode() for each in fused(legs, plan)]


class Shelf:
    """A snapshot where words find what they were told to, best first."""

    def __init__(self, *matching: tuple[Chunk, float]) -> None:
        self.held = [chunk for chunk, _ in matching]
        self.scores = [score for _, score in matching]
        self.rows_read: list[int] = []

    def nearest(self, vector: NDArray[np.float32], k: int, where: Filter | None) -> list[Found]:
        return []

    def matching(self, text: str, k: int, where: Filter | None) -> list[Found]:
        return [Found(row, score) for row, score in enumerate(self.scores)][:k]

    def read(self, rows: Sequence[int]) -> list[Chunk]:
        self.rows_read += rows
        return [self.held[row] for row in rows]

    def chunks(self, document: str) -> list[Chunk]:
        held = [each for each in self.held if each.document == document]
        return sorted(held, key=lambda each: each.start)


def bm25(shelf: Shelf, plan: SearchPlan) -> list[str]:
    return [hit.passage.text for hit in search(shelf, None, "q", plan)]


def test_the_weight_decides_between_the_legs() -> None:
    """A convex fusion follows the vectors at weight 1 and the words at weight 0."""
    legs = {"vector": found(a=0.9, b=0.1), "bm25": found(b=7.0, a=1.0)}

    assert order(legs, SearchPlan(weight=1.0)) == ["a", "b"]
    assert order(legs, SearchPlan(weight=0.0)) == ["b", "a"]


def test_found_by_both_beats_found_by_one() -> None:
    """Reciprocal ranks add up: second in both lists is better than first in one."""
    legs = {"vector": found(a=0.9, both=0.8), "bm25": found(b=9.0, both=8.0)}

    assert order(legs, SearchPlan(fusion="rrf"))[0] == "both"


def test_a_hit_says_its_rank_in_each_leg() -> None:
    """Why a passage stands where it does can be told."""
    plan = SearchPlan()
    [ranked, *_] = fused({"vector": found(a=0.9, b=0.2), "bm25": found(a=7.0)}, plan)

    assert ranked.ranks == {"vector": 1, "bm25": 1}
    hit = Hit(passage_of(chunk("a", "a fee")), ranked.score, ranked.ranks, ranked.scores)
    said = explain(hit, plan, str.split, "a fee")
    assert "vector: rank 1, score 0.900" in said
    assert "words in common: a" in said


def test_only_what_is_shown_is_read() -> None:
    """Fifty are found and five shown: reading the others would cost more than the search."""
    shelf = Shelf(*((chunk(f"d{n}"), 50.0 - n) for n in range(50)))

    assert bm25(shelf, SearchPlan(mode="bm25", k=3)) == ["d0", "d1", "d2"]
    assert shelf.rows_read == [0, 1, 2]


def test_equal_scores_fall_to_the_smaller_id() -> None:
    """The order never hangs on chance."""
    assert order({"bm25": found(z=1.0, b=1.0)}, SearchPlan(mode="bm25")) == ["b", "z"]


def test_diversity_passes_over_a_repetition() -> None:
    """The same text again gives way to another one, however good its score."""
    first, again = chunk("a", "the fee is ten euros"), chunk("b", "the fee is ten euros")
    other = chunk("c", "opening hours in winter")
    shelf = Shelf((first, 9.0), (again, 8.9), (other, 5.0), (chunk("d"), 1))

    assert bm25(shelf, SearchPlan(mode="bm25", k=2)) == [first.text, again.text]
    assert bm25(shelf, SearchPlan(mode="bm25", k=2, diversity=0.5)) == [first.text, other.text]


def test_parents_bring_the_whole_section() -> None:
    """A hit is widened to its section, and two hits of one section become one."""
    one = chunk("a", "First sentence. ", start=0, parent=(0, 33))
    two = chunk("a", "Second sentence. ", start=16, parent=(0, 33))
    shelf = Shelf((two, 2.0), (one, 1.0))

    assert bm25(shelf, SearchPlan(mode="bm25", parents=True)) == [one.text + two.text]


def test_vectors_need_an_embedder() -> None:
    """The error names the mode that needs none."""
    with pytest.raises(UsageError, match="bm25 needs none"):
        search(Shelf(), None, "q", SearchPlan())


@pytest.mark.parametrize(
    "wrong", [{"k": 0}, {"k": 60}, {"weight": 1.5}, {"mode": "magic"}, {"fusion": "sum"}]
)
def test_a_plan_that_cannot_work_is_refused(wrong: dict[str, object]) -> None:
    """Each limit is told."""
    with pytest.raises(UsageError):
        SearchPlan(**wrong)  # type: ignore[arg-type]
