"""Kinds that are made up on the spot: whole kinds, of facts that nobody could know."""

import random

from nano.loose import loose_kind
from nano.words import Names
from nano.worlds import Fact, ask, draw_thing, write


def drawn(seed: int) -> list[Fact]:
    names = Names(random.Random(seed))
    thing = draw_thing(loose_kind(names.rng), names)
    return [Fact(thing, place) for place in range(len(thing.facts))]


class TestLooseKind:
    def test_documents_say_their_values_word_for_word(self) -> None:
        """So that answers can be copied."""
        for seed in range(50):
            facts = drawn(seed)
            document = write(facts[0].thing, range(len(facts)), random.Random(seed))
            assert all(fact.value in document.text for fact in document.facts)

    def test_no_gap_of_a_pattern_is_left(self) -> None:
        """Neither in what is said nor in what is asked."""
        for seed in range(50):
            facts = drawn(seed)
            text = write(facts[0].thing, range(len(facts)), random.Random(seed)).text
            asked = " ".join(ask(fact, random.Random(seed)) for fact in facts)
            assert not set("{}[]") & set(asked)
            assert not set("{}[]") & set(text)

    def test_facts_of_a_kind_are_told_apart_by_their_words(self) -> None:
        """No two have the same name, or a question would have two answers."""
        for seed in range(50):
            names = [fact.attribute.name for fact in drawn(seed)]
            assert len(set(names)) == len(names)

    def test_two_kinds_share_few_facts(self) -> None:
        """There are far too many to learn by heart."""
        seen = [fact.attribute.name for seed in range(100) for fact in drawn(seed)]
        assert len(set(seen)) > 0.9 * len(seen)
