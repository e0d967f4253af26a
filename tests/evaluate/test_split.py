"""The split: never by row, the same every time, and unmoved by what is appended."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suffice.errors import DataError, UsageError
from suffice.evaluate.leaks import leaks
from suffice.evaluate.split import Split, split
from suffice.records import Case, Message


def case(
    name: str,
    question: str = "",
    *,
    cluster: str | None = None,
    gold: Sequence[str] = (),
    answerable: bool = True,
) -> Case:
    text = question or f"the question numbered {name}"
    return Case(
        name, (Message("user", text),), gold=tuple(gold), cluster=cluster, answerable=answerable
    )


def many(count: int, *, per_group: int = 1, unanswerable: int = 0) -> list[Case]:
    """Groups of equal size; every `unanswerable`-th is unanswerable."""
    return [
        case(
            f"c{number}",
            cluster=f"g{number // per_group}",
            answerable=not unanswerable or number // per_group % unanswerable > 0,
        )
        for number in range(count)
    ]


def sides(found: Split) -> dict[str, str]:
    return {each.id: "dev" for each in found.dev} | {each.id: "held out" for each in found.held_out}


def test_every_case_is_on_one_side() -> None:
    """None is lost, none is on both, and each side keeps the file's order."""
    cases = many(50, per_group=3)
    found = split(cases, dev_share=0.3, seed=0)
    assert len(found.dev) + len(found.held_out) == 50
    assert set(sides(found)) == {each.id for each in cases}
    places = {each.id: place for place, each in enumerate(cases)}
    for side in (found.dev, found.held_out):
        assert [places[each.id] for each in side] == sorted(places[each.id] for each in side)


def test_a_cluster_is_never_parted() -> None:
    """Cases of one document stand on one side."""
    found = split(many(60, per_group=5), dev_share=0.4, seed=1)
    assert not {each.cluster for each in found.dev} & {each.cluster for each in found.held_out}


def test_groups_are_what_hangs_together() -> None:
    """By cluster, by gold document, by near-duplicate question, and by any chain of these."""
    cases = [
        case("a", cluster="x"),
        case("b", cluster="x", gold=["d1"]),
        case("c", gold=["d1", "d2"]),
        case("d", "How do I reset my password?", gold=["d2"]),
        case("e", "how can I reset the password"),
        case("f", "Where is the nearest branch?"),
    ]
    by = split(cases, dev_share=0.5, seed=0).by
    assert len({by[name] for name in "abcde"}) == 1
    assert by["f"] != by["a"]
    assert by["a"] == "x"


def test_no_question_leaks_from_dev() -> None:
    """Whatever the leak check would find has been put on one side: `Study.leaks` relies on it."""
    cases = [
        case(f"c{number}", f"How do I {'please ' * (number % 2)}reset password {number // 3}?")
        for number in range(90)
    ]
    found = split(cases, dev_share=0.5, seed=0)
    assert not leaks(found.held_out, found.dev, ())
    assert leaks(cases[1::3], cases[::3], ())


def test_names_of_groups_differ() -> None:
    """A cluster and a document of the same name are two groups."""
    by = split([case("a", cluster="x"), case("b", gold=["x"])], dev_share=0.5, seed=0).by
    assert by["a"] != by["b"]


def test_the_group_becomes_the_cluster() -> None:
    """The statistics count groups, so each case carries its own."""
    found = split([case("a", gold=["d"]), case("b", gold=["d"]), case("c")], dev_share=0.5, seed=0)
    assert {each.id: each.cluster for each in (*found.dev, *found.held_out)} == found.by
    assert found.by == {"a": "d", "b": "d", "c": "c"}


def test_rows_of_a_template_are_groups_of_their_own() -> None:
    """Plans that differ in a letter are asked about one by one."""
    cases = [case(letter, f"What does plan {letter} cost?") for letter in "ABCDEFGH"]
    assert len(set(split(cases, dev_share=0.5, seed=0).by.values())) == 8


def test_the_seed_decides() -> None:
    """The same seed gives the same split, another seed another."""
    cases = many(40)
    assert split(cases, dev_share=0.3, seed=1) == split(cases, dev_share=0.3, seed=1)
    assert sides(split(cases, dev_share=0.3, seed=1)) != sides(split(cases, dev_share=0.3, seed=2))


@settings(max_examples=40, deadline=None)
@given(
    groups=st.lists(st.integers(0, 30), min_size=25, max_size=80),
    kept=st.integers(20, 60),
    share=st.sampled_from([0.1, 0.3, 0.5, 0.75]),
    seed=st.integers(0, 99),
)
def test_appended_cases_move_no_earlier_one(
    groups: list[int], kept: int, share: float, seed: int
) -> None:
    """Neither new groups nor new members of old groups change a side."""
    cases = [case(f"c{place}", cluster=f"g{group}") for place, group in enumerate(groups)]
    early = cases[:kept]
    if len({each.cluster for each in early}) < 11:
        return  # fewer groups than one run: the side that must not be empty may be filled by hand
    before = sides(split(early, dev_share=share, seed=seed))
    after = sides(split(cases, dev_share=share, seed=seed))
    assert {name: after[name] for name in before} == before


@pytest.mark.parametrize("share", [0.1, 0.2, 0.3, 0.5, 0.6, 0.8])
@pytest.mark.parametrize("count", [20, 57, 200])
def test_the_share_is_kept(share: float, count: int) -> None:
    """Within one group of what was asked for, with any seed."""
    for seed in range(8):
        found = split(many(count), dev_share=share, seed=seed)
        assert abs(len(found.dev) - share * count) <= 1.5


@pytest.mark.parametrize("share", [0.01, 0.3, 0.5, 0.99])
@pytest.mark.parametrize("count", [2, 3, 7])
def test_no_side_is_empty(share: float, count: int) -> None:
    """Two groups are enough for two sides."""
    for seed in range(8):
        found = split(many(count), dev_share=share, seed=seed)
        assert found.dev
        assert found.held_out


def test_both_sides_get_unanswerable_cases() -> None:
    """Abstention can be tried on dev and measured on held-out."""
    for seed in range(8):
        found = split(many(40, unanswerable=8), dev_share=0.3, seed=seed)
        for side in (found.dev, found.held_out):
            assert {each.answerable for each in side} == {True, False}


def test_every_place_may_fall_to_either_side() -> None:
    """Over the seeds, each group is on dev about as often as the share says."""
    counts = dict.fromkeys((each.id for each in many(20)), 0)
    for seed in range(200):
        for each in split(many(20), dev_share=0.3, seed=seed).dev:
            counts[each.id] += 1
    # 200 draws at 0.3: five standard deviations are 32
    assert all(abs(count - 60) < 32 for count in counts.values()), counts


def test_a_group_that_is_too_large_is_said() -> None:
    """One document behind most cases leaves little to measure."""
    cases = [case(f"c{number}", gold=["handbook"]) for number in range(8)]
    found = split([*cases, case("x"), case("y"), case("z")], dev_share=0.5, seed=0)
    assert any("8 of 11 cases hang together in the group 'handbook'" in w for w in found.warnings)


def test_an_uneven_share_is_said() -> None:
    """The user hears what whole groups cost."""
    cases = [*(case(f"b{number}", cluster="big") for number in range(20)), *many(4)]
    found = split(cases, dev_share=0.3, seed=0)
    assert any("of the cases where 30% was asked for" in w for w in found.warnings)


def test_unanswerable_cases_of_one_group_are_said() -> None:
    """What is on one side alone cannot be both tried and measured."""
    cases = [*many(10), case("u", answerable=False)]
    assert any(
        "all 1 unanswerable cases fell to" in w
        for w in split(cases, dev_share=0.5, seed=0).warnings
    )


def test_a_fair_split_has_nothing_to_say() -> None:
    """No warnings without a reason."""
    assert split(many(40, per_group=2), dev_share=0.3, seed=0).warnings == ()


def test_one_group_cannot_be_split() -> None:
    """It is an error that says why, not an empty side."""
    with pytest.raises(DataError, match="all 3 cases hang together in one group"):
        split([case(name, cluster="x") for name in "abc"], dev_share=0.3, seed=0)


@pytest.mark.parametrize("share", [0, 1, -0.1, 30])
def test_the_share_must_be_one(share: float) -> None:
    """0 and 1 leave a side empty."""
    with pytest.raises(UsageError, match="between 0 and 1"):
        split(many(4), dev_share=share, seed=0)
