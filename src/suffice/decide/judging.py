"""Whether a judge's scores may decide anything.

Without people's labels, or where it agrees with them too little, a judge is shown and nothing more:
its scores are barred from bars, comparisons and gates.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from suffice.records import Case, Trial

JUDGE = "judge"


@dataclass(frozen=True)
class Judging:
    """Which metrics are barred from deciding, and why."""

    barred: frozenset[str] = frozenset()
    warnings: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        labels: Path | None,
        kappa: float,
        trials: Mapping[str, Sequence[Trial]],
        cases: Sequence[Case],
    ) -> "Judging":
        return cls(frozenset({JUDGE}), (f"{JUDGE}: {labels} {kappa} {len(trials)} {len(cases)}",))


UNJUDGED = Judging()
