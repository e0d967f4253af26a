"""Parts cases into dev and held-out: by group, never by row.

A group is everything that hangs together by a shared cluster, a shared gold document or a
near-duplicate question. It goes to one side whole, or what was tuned on dev would have seen the
held-out side.

**What stays put.** A group's side follows from the seed, its first case's id, and how many groups
began before it in the file. Cases that are appended therefore never move earlier ones, unless they
tie two groups together. What that costs: groups are dealt without regard to their sizes, so that
uneven groups give another share of cases than was asked for (said in `warnings`); and a case that
is inserted or removed higher up may move the groups below it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from math import ceil

from suffice.errors import DataError, UsageError
from suffice.evaluate.leaks import answer, near_duplicates, said
from suffice.records import Case, Source

_LARGE = 0.5  # a group with more of the cases than this leaves little to split
_OFF = 0.1  # a share that is off by more is said


@dataclass(frozen=True, slots=True)
class Split:
    """Both sides in file order, each case's group as its cluster, and what was noticed.

    `by` gives the group of every case by the case's id.
    """

    dev: tuple[Case, ...]
    held_out: tuple[Case, ...]
    by: Mapping[str, str]
    warnings: tuple[str, ...] = ()


def split(cases: Sequence[Case], *, dev_share: float, seed: int) -> Split:
    """About `dev_share` of the groups on the dev side. Both sides get at least one."""
    if not 0 < dev_share < 1:
        raise UsageError(f"the share of dev cases must lie between 0 and 1, not {dev_share:g}")
    groups = groups_of(cases)
    if len(groups) < 2:
        raise DataError(
            f"all {len(cases)} cases hang together in one group, so they cannot be split: they "
            "share a cluster, a gold document or their question. Add cases from other sources",
            cases[0].source if cases else None,
        )
    by = _names(cases, groups)
    dev = _dev_places(cases, groups, dev_share, seed)
    named = [replace(case, cluster=by[case.id]) for case in cases]
    return Split(
        dev=tuple(case for place, case in enumerate(named) if place in dev),
        held_out=tuple(case for place, case in enumerate(named) if place not in dev),
        by=by,
        warnings=tuple(_warnings(cases, groups, by, dev, dev_share)),
    )


def groups_of(cases: Sequence[Case]) -> list[list[int]]:
    """Places of the cases that hang together, groups in the order in which they begin."""
    parent = list(range(len(cases)))

    def root(place: int) -> int:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    for one, other in _ties(cases):
        first, second = sorted((root(one), root(other)))
        parent[second] = first
    groups: dict[int, list[int]] = {}
    for place in range(len(cases)):
        groups.setdefault(root(place), []).append(place)
    return list(groups.values())


def _ties(cases: Sequence[Case]) -> Iterator[tuple[int, int]]:
    first: dict[tuple[str, str], int] = {}
    for place, case in enumerate(cases):
        shared = [("gold", name) for name in case.gold]
        if case.cluster is not None:
            shared.append(("cluster", case.cluster))
        for key in shared:
            yield first.setdefault(key, place), place
    texts = [said(case.messages) for case in cases]
    for pair in near_duplicates(texts, [answer(case) for case in cases]):
        yield pair.first, pair.second


def _names(cases: Sequence[Case], groups: Sequence[Sequence[int]]) -> dict[str, str]:
    """Each group called by its first cluster, else gold document, else case id; all differ."""
    by: dict[str, str] = {}
    taken: set[str] = set()
    for group in groups:
        members = [cases[place] for place in group]
        clusters = [case.cluster for case in members if case.cluster is not None]
        gold = [name for case in members for name in case.gold]
        name = (clusters or gold or [members[0].id])[0]
        name = name if name not in taken else f"{name} ({members[0].id})"
        taken.add(name)
        by.update((case.id, name) for case in members)
    return by


# ---------------------------------------------------------------- dealing


def _dev_places(
    cases: Sequence[Case], groups: Sequence[Sequence[int]], dev_share: float, seed: int
) -> set[int]:
    """Groups that begin with an answerable case and those that do not are dealt apart."""
    on_dev: set[int] = set()
    for answerable in (True, False):
        stratum = [group for group in groups if cases[group[0]].answerable is answerable]
        lots = [_lot(seed, cases[group[0]].id) for group in stratum]
        for place in _dealt(lots, dev_share):
            on_dev.update(stratum[place])
    if not on_dev or len(on_dev) == len(cases):
        # Two strata of one group each: the second goes where the first did not.
        on_dev ^= set(groups[-1])
    return on_dev


def _dealt(lots: Sequence[float], share: float) -> set[int]:
    """Which places fall to dev, decided one after the other.

    The places are cut into runs of about 1/share, and one of each run is drawn by the lots
    (selection sampling, Knuth's algorithm S): the share is kept within one group at every length,
    and no choice looks at what comes later.
    """
    if share > 0.5:
        return set(range(len(lots))) - _dealt([1 - lot for lot in lots], 1 - share)
    drawn: set[int] = set()
    run, in_run = 0, False
    for place, lot in enumerate(lots):
        if place >= ceil((run + 1) / share - 1e-9):
            run, in_run = run + 1, False
        remaining = ceil((run + 1) / share - 1e-9) - place
        if not in_run and lot * remaining < 1:
            drawn.add(place)
            in_run = True
    if not drawn and len(lots) > 1:  # fewer groups than one run: the luckiest of them
        drawn.add(min(range(len(lots)), key=lots.__getitem__))
    if len(drawn) == len(lots) > 1:
        drawn.discard(max(drawn, key=lots.__getitem__))
    return drawn


def _lot(seed: int, name: str) -> float:
    """A number from 0 to 1 that only the seed and the name decide, on every machine."""
    digest = sha256(f"{seed}\0{name}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


# ---------------------------------------------------------------- telling


def _warnings(
    cases: Sequence[Case],
    groups: Sequence[Sequence[int]],
    by: Mapping[str, str],
    dev: set[int],
    dev_share: float,
) -> Iterator[str]:
    largest = max(groups, key=len)
    first = cases[largest[0]]
    if len(largest) > _LARGE * len(cases):
        yield (
            f"{len(largest)} of {len(cases)} cases hang together in the group "
            f"{by[first.id]!r} ({_where(first.source)}): the statistics count them as one. "
            "Gold documents that nearly every case names are better left out of `gold`"
        )
    share = len(dev) / len(cases)
    if abs(share - dev_share) > _OFF:
        yield (
            f"dev holds {share:.0%} of the cases where {dev_share:.0%} was asked for: groups are "
            f"dealt whole, and they are uneven or few ({len(groups)} groups)"
        )
    yield from _one_sided(cases, dev)


def _one_sided(cases: Sequence[Case], dev: set[int]) -> Iterator[str]:
    unanswerable = [place for place, case in enumerate(cases) if not case.answerable]
    sides = {place in dev for place in unanswerable}
    if len(sides) == 1:
        side = "dev" if True in sides else "held-out"
        yield (
            f"all {len(unanswerable)} unanswerable cases fell to the {side} side; "
            "add unanswerable cases from other sources"
        )


def _where(source: Source | None) -> str:
    return f"first at {source}" if source else "no source"
