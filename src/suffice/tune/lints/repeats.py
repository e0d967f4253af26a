"""The same again: duplicates, contradictions, and held-out questions among the examples."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from suffice.evaluate.duplicates import find
from suffice.evaluate.leaks import leaks
from suffice.records import Example
from suffice.report.words import count
from suffice.tune.findings import Finding, Material, Severity, asked, sources

_MANY = 0.05  # a share of repetitions that shifts what is learned
_FREE_WORDS = 25  # replies of so many words may well be put in two ways
_PARAPHRASE = 0.35  # and share at least so much where they say the same


def repeats(material: Material) -> Iterator[Finding]:
    """Duplicates and contradictions come from one search for inputs that say the same."""
    examples = material.examples
    again: list[Example] = []
    against: list[tuple[Example, Example]] = []
    for group in _alike([asked(each) for each in examples]):
        first, *others = (examples[place] for place in group)
        for each in others:
            if _contradict(first, each):
                against.append((first, each))
            else:
                again.append(each)
    if against:
        yield _contradictions(against)
    if again:
        yield _duplicates(again, len(examples))


def _alike(texts: Sequence[str]) -> Iterator[list[int]]:
    """Places of texts that are the same or nearly, two or more, in order."""
    found = find(texts)
    same = {place: group for group in found.groups for place in group}
    edges = [(pair.first, pair.second) for pair in found.near]
    edges += [(group[0], other) for group in found.groups for other in group[1:]]
    if not edges:
        return
    one, other = np.array(edges).T
    graph = coo_array((np.ones(len(edges)), (one, other)), shape=(len(texts), len(texts)))
    _, component = connected_components(graph, directed=False)
    joined: dict[int, list[int]] = {}
    for place in sorted(same):
        joined.setdefault(int(component[place]), []).append(place)
    yield from (group for group in joined.values() if len(group) > 1)


def _contradictions(pairs: Sequence[tuple[Example, Example]]) -> Finding:
    shown = f"{pairs[0][0].source} says {_short(pairs[0][0].reply)}, {pairs[0][1].source} says "
    return Finding(
        "contradiction",
        Severity.ERROR,
        f"{count(len(pairs), 'input')} answered in two ways: {shown}{_short(pairs[0][1].reply)}",
        "A model that is taught both learns to waver.",
        "Decide which reply is right, and drop or mend the other.",
        sources([each for pair in pairs for each in pair]),
        len(pairs),
    )


def _duplicates(again: Sequence[Example], total: int) -> Finding:
    many = len(again) > _MANY * total
    return Finding(
        "duplicate",
        Severity.WARNING if many else Severity.NOTE,
        f"{count(len(again), 'example')} repeat an earlier one, wholly or nearly",
        "What is said twice is learned as if it were twice as common, and by heart.",
        "Keep one of each.",
        sources(again),
        len(again),
    )


def _contradict(one: Example, other: Example) -> bool:
    """Whether two replies to one input cannot both be right."""
    left, right = _plain(one.reply), _plain(other.reply)
    if left == right:
        return False
    if min(len(left.split()), len(right.split())) < _FREE_WORDS:
        return True
    return SequenceMatcher(None, left.split(), right.split()).ratio() < _PARAPHRASE


def _plain(reply: str) -> str:
    """Without what says nothing: spaces, case, the order of a JSON object's keys."""
    try:
        return json.dumps(json.loads(reply), sort_keys=True)
    except ValueError:
        return " ".join(re.findall(r"[^\W_]+", reply.casefold()))


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return repr(flat if len(flat) <= 40 else flat[:39] + "…")


def leaked(material: Material) -> Iterator[Finding]:
    """Held-out questions that a model would learn by heart."""
    if not material.held_out:
        return
    found = leaks(material.held_out, (), material.examples)
    if found:
        yield Finding(
            "leak",
            Severity.ERROR,
            f"{count(len(found), 'held-out case')} stand nearly the same among the examples, "
            f"the first: {found[0]}",
            "A model that has seen the exam passes it, and nobody learns how good it is.",
            "Take them out of the examples.",
            tuple(each.other_source for each in found if each.other_source is not None),
            len(found),
        )


def most_common(values: Sequence[str]) -> tuple[str, float]:
    """The commonest value and its share."""
    if not values:
        return "", 0.0
    [(value, times)] = Counter(values).most_common(1)
    return value, times / len(values)
