"""What a rung's passages were worth, apart from what the model made of them.

Of held-out cases whose gold documents are known. A rung that shows no passages has none of these
figures; a case for which nothing was found has zeros.
"""

from collections.abc import Iterator, Mapping, Sequence

from suffice.decide.measures import Sample
from suffice.records import Case, Counts, Trial
from suffice.retrieve.judged import ranked

FIGURES = {
    "context_recall": "recall",
    "context_ndcg": "ndcg",
    "context_mrr": "reciprocal_rank",
    "context_precision": "precision",
}


def samples(trials: Sequence[Trial], cases: Mapping[str, Case]) -> Iterator[tuple[str, Sample]]:
    """Each figure with its value for every case. Replicates see the same passages."""
    if not any(trial.passages for trial in trials):
        return
    shown = {trial.case: trial.passages for trial in trials if cases[trial.case].gold}
    if not shown:
        return
    found = {
        case: ranked([each.document for each in passages], frozenset(cases[case].gold))
        for case, passages in shown.items()
    }
    clusters = {case: cases[case].cluster or case for case in shown}
    counts = Counts(len(shown), len(shown), len(shown))
    for name, figure in FIGURES.items():
        values = {case: float(getattr(each, figure)) for case, each in found.items()}
        yield name, Sample(values, clusters, counts, len(shown))
