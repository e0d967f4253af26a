"""Figures of a ranking, against ir_measures."""

import random

import ir_measures
import pytest
from ir_measures import RR, P, R, nDCG

from suffice.retrieve.judged import ranked


def drawn(seed: int) -> tuple[list[str], set[str]]:
    rng = random.Random(seed)
    names = [f"d{number}" for number in range(12)]
    gold = set(rng.sample(names, rng.randint(1, 4)))
    return rng.sample(names, rng.randint(1, 10)), gold


class TestRanked:
    @pytest.mark.parametrize("seed", range(20))
    def test_figures_are_those_of_ir_measures(self, seed: int) -> None:
        """At the depth of what is shown, each document once."""
        found, gold = drawn(seed)
        depth = len(found)
        wanted = ir_measures.calc_aggregate(
            [R @ depth, nDCG @ depth, RR, P @ depth],
            [ir_measures.Qrel("q", name, 1) for name in gold],
            [ir_measures.ScoredDoc("q", name, -place) for place, name in enumerate(found)],
        )
        figures = ranked(found, gold)
        assert figures.recall == pytest.approx(wanted[R @ depth])
        assert figures.ndcg == pytest.approx(wanted[nDCG @ depth])
        assert figures.reciprocal_rank == pytest.approx(wanted[RR])
        assert figures.precision == pytest.approx(wanted[P @ depth])

    def test_a_second_passage_of_a_document_finds_nothing_new(self) -> None:
        """It counts for precision alone: it takes room."""
        twice, once = ranked(["a", "a", "b"], {"b"}), ranked(["a", "b"], {"b"})
        assert twice.reciprocal_rank == once.reciprocal_rank
        assert twice.precision < once.precision

    def test_nothing_found_is_worth_nothing(self) -> None:
        """And is no division by zero."""
        figures = ranked([], {"a"})
        assert (figures.recall, figures.ndcg, figures.precision) == (0, 0, 0)
