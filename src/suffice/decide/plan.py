"""What will be compared, how, and on which cases: written down before held-out cases are asked.

The plan is hashed, and the hash names the run. Change anything in it and it is another plan, hence
another look at the same held-out cases; looks are counted in a ledger, because each further look
makes a lucky result likelier. Asking the same plan again is no new look: it sees the same answers.
"""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from suffice.errors import DataError
from suffice.evaluate.lines import read_jsonl
from suffice.records import Case, Source, as_json, fingerprint

ALPHA = 0.05
_SHORT = 16  # characters of a question's digest: 64 bits tell millions of questions apart


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that was decided before looking.

    `systems` is what else defines the systems under test: prompt, examples, checks, settings.
    `fractions` are the shares of the held-out clusters at which the results are looked at.
    """

    study: str
    model: str
    rungs: tuple[str, ...]
    measures: tuple[str, ...]
    margin: float
    alpha: float
    replicates: int
    fractions: tuple[float, ...]
    seed: int
    dev: str
    held_out: str
    held_out_cases: int
    systems: str

    @property
    def digest(self) -> str:
        return fingerprint(self)

    @property
    def run(self) -> str:
        return f"{self.study}-{self.digest[:10]}"

    @property
    def family(self) -> tuple[tuple[str, str, str], ...]:
        """Every comparison that will be made: (candidate, baseline, measure), dearer to cheaper."""
        return tuple(
            (candidate, baseline, measure)
            for place, candidate in enumerate(self.rungs)
            for baseline in self.rungs[:place]
            for measure in self.measures
        )


def digest_of(cases: Sequence[Case]) -> str:
    """A digest of what cases ask and expect, whatever file and order they stand in."""
    return fingerprint(sorted(fingerprint(replace(case, source=None)) for case in cases))


def file_plan(
    plan: Plan, cases: Sequence[Case], store: Path, clock: Callable[[], float] = time.time
) -> int:
    """Writes the plan and enters it in the ledger; returns which look at these cases this is.

    Every earlier plan that saw any of the same questions was a look at them, whatever else
    differed: the seed of the split, the checks, a case more or less.
    """
    folder = store / "plans"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{plan.digest}.json"
    if not path.exists():
        body = json.loads(as_json(plan)) | {"digest": plan.digest, "family": plan.family}
        path.write_text(json.dumps(body, indent=2) + "\n", encoding="utf-8")
    ledger = store / "looks.jsonl"
    seen = sorted({fingerprint(case.messages)[:_SHORT] for case in cases})
    looks = _looks(ledger, frozenset(seen))
    if plan.digest not in looks:
        line = {"plan": plan.digest, "run": plan.run, "at": clock(), "questions": seen}
        with ledger.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        looks.append(plan.digest)
    return looks.index(plan.digest) + 1


def _looks(ledger: Path, questions: frozenset[str]) -> list[str]:
    """The plans that have looked at any of these questions, oldest first."""
    if not ledger.exists():
        return []
    looks: dict[str, None] = {}
    for number, entry in read_jsonl(ledger):
        if not isinstance(entry.get("plan"), str) or not isinstance(entry.get("questions"), list):
            raise DataError(
                "not an entry of the ledger of looks; restore the file from a copy",
                Source(str(ledger), number),
            )
        if not questions.isdisjoint(entry["questions"]):
            looks[entry["plan"]] = None
    return list(looks)
