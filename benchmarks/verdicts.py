"""Is the verdict right? The product, unchanged, in hundreds of worlds whose truth is known.

    python -m benchmarks.verdicts [--worlds 500] [--quick] [--first N] [--workers N]

`benchmarks/worlds.py` draws the worlds and says from what. Each becomes a study in a folder (cases,
documents, examples, bars) that `suffice run` climbs, with real retrieval and the real harness
around a simulated model. The truth of a rung is what the system that was built does with all the
questions of its world, twice as many as the study has, under two throws of the model's dice. A
verdict is right where

    it chose a rung that truly clears every bar, and said of no cheaper one that truly clears them
    that it surely does not (what it left open it may leave open), or
    it said that no rung suffices, and none does.

A truth within one point of a bar counts for either side. Also: calls against climbing everything,
how often the intervals of the causes hold the truth, and A/A runs, where the same rung is asked
twice under other dice and held against itself as `suffice compare` does.
"""

import argparse
import json
import os
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from benchmarks.nano_claims import Found
from benchmarks.results_file import print_claims, print_table, write
from benchmarks.worlds import GAPS, Drawn, draw, write_study
from suffice.decide.attribute import Limits
from suffice.decide.bars import LOWER_IS_BETTER
from suffice.decide.compare import compare_pairs
from suffice.decide.judging import UNJUDGED
from suffice.decide.measures import BY_NAME
from suffice.decide.runs import find_run, load_trials
from suffice.decide.standing import estimates
from suffice.errors import SufficeError
from suffice.evaluate.ask import Asker
from suffice.evaluate.grade import Grader
from suffice.evaluate.journal import Journal
from suffice.kit import Kit
from suffice.ladder import Climb, Silence, Study
from suffice.models.planted import PlantedModel
from suffice.planned import Planned
from suffice.ports import System
from suffice.records import BarStatus, Case, Cause, Outcome, Trial, Verdict
from suffice.stats.intervals import rate_interval
from suffice.steering import Probing, by_case
from suffice.study import LADDER

THROWS = 2  # of the dice, for the truth of a rung
ON_THE_BAR = 0.01  # of a share; of money and time it is a hundredth of the bar
COMMON = 0.03  # causes rarer than this are not held against their intervals
# Every so many worlds: climbed in whole, to count calls; asked why all cases fail; asked again.
EXHAUSTIVE, EXPLAINED, AGAIN = 10, 5, 3
KEPT = Path(__file__).parents[1] / ".cache" / "benchmarks" / "verdicts"


@dataclass(frozen=True)
class Judged:
    """What one world came to."""

    number: int
    gap: str
    cases: int
    verdict: str  # a rung, "none", or "undecided"
    truth: dict[str, dict[str, float]]  # by rung and bar
    right: bool | None
    minimal: bool | None
    wrong: str
    calls: int
    calls_of_all: int | None
    causes: list[dict[str, Any]]  # common ones: the true share, and what the verdict says of it
    worse_or_better: list[bool]
    seconds: float


def judge(number: int) -> Judged:
    """Runs one world's study and holds the verdict against the truth."""
    started, drawn = time.monotonic(), draw(number)
    with tempfile.TemporaryDirectory() as scratch:
        folder = write_study(drawn, Path(scratch) / "study")
        study = Study.load(folder)
        with Journal(study.store / "journal.db") as journal:
            climb = Climb(Kit(study, Planned(study), journal, Silence()))
            verdict = climb.run()
            calls = _calls(study)
            world = _World(drawn, climb, Path(scratch))
            said = _said(verdict)
            truth = {rung: world.truth(rung) for rung in _needed(said)}
            right, minimal, wrong = _held_against(verdict, said, truth, drawn.bar)
            explained = number % EXPLAINED == 0
            causes = list(_causes(climb, verdict, world.causes())) if explained else []
        of_all = _exhaustive(drawn, Path(scratch)) if number % EXHAUSTIVE == 0 else None
        again = list(_again(drawn, Path(scratch), study)) if number % AGAIN == 0 else []
    return Judged(
        number,
        drawn.gap,
        len(drawn.cases),
        said,
        {rung: found for rung, found in truth.items() if found is not None},
        right,
        minimal,
        wrong,
        calls,
        of_all,
        causes,
        again,
        time.monotonic() - started,
    )


@dataclass
class _World:
    """The truth about a climb's systems."""

    drawn: Drawn
    climb: Climb
    scratch: Path

    def __post_init__(self) -> None:
        self._journal = Journal(self.scratch / "truth.db")
        self._asker = replace_journal(self.climb.kit.asker(), self._journal)
        self._cases = self.drawn.planted.cases

    def truth(self, rung: str) -> dict[str, float] | None:
        """What each bar's measure truly is; None where the rung cannot be built."""
        try:
            system = self.climb.sofar.built.get(rung) or self.climb.kit.build(rung)[0]
        except SufficeError:
            return None
        by_id = {case.id: case for case in self._cases}
        found: dict[str, list[float]] = {}
        for throw in range(THROWS):
            trials = self._asked(thrown(system, throw), self._cases)
            for each in estimates(trials, by_id, level=0.95):
                if each.measure in self.drawn.bar and each.value is not None:
                    found.setdefault(each.measure, []).append(each.value)
        return {name: float(np.mean(values)) for name, values in found.items()}

    def causes(self) -> Mapping[Cause, float]:
        """The true share of each cause of failure by the first rung."""
        first = next(iter(self.climb.sofar.built.values()))
        shares: Counter[Cause] = Counter()
        for throw in range(THROWS):
            base = thrown(first, throw)
            workshop = replace(self.climb.kit.workshop(), asker=self._asker)
            closed = by_case(self._asked(base, self._cases))
            probed = Probing(workshop, base, Limits()).probed(self._cases, closed, "all")
            shares.update(each.cause for each in probed if each.cause is not None)
        return {cause: count / THROWS / len(self._cases) for cause, count in shares.items()}

    def _asked(self, system: System, cases: Sequence[Case]) -> list[Trial]:
        grader = Grader.of(None, self._asker)
        return grader.grade(self._asker.ask(system, cases), cases)


def replace_journal(asker: Asker, journal: Journal) -> Asker:
    asker.journal = journal
    return asker


def thrown(system: System, throw: int) -> Any:
    """The same system, its model under other dice."""
    model = system.model
    if not isinstance(model, PlantedModel):
        raise TypeError(f"{model.name} is no simulated model")
    world = msgspec.structs.replace(model.world, seed=model.world.seed + 1 + throw)
    other = PlantedModel(world, name=model.name.partition(":")[2], tuned=model.tuned)
    if hasattr(system, "base"):
        found = replace(system, base=replace(system.base, model=other))  # type: ignore[type-var]
        if hasattr(system, "passages"):  # dice change no search, which takes most of the time
            object.__setattr__(found, "passages", system.passages)
        return found
    return replace(system, model=other)  # type: ignore[type-var]


def _said(verdict: Verdict) -> str:
    if verdict.chosen is not None:
        return verdict.chosen
    missed = all(
        any(bar.status is BarStatus.MISSED for bar in each.bars) or each.ruled_out
        for each in verdict.standings
    )
    return "none" if missed else "undecided"


def _needed(said: str) -> list[str]:
    """The rungs whose truth the verdict speaks of."""
    if said == "undecided":
        return []
    if said == "none":
        return list(LADDER)
    return list(LADDER[: LADDER.index(said) + 1])


def _held_against(
    verdict: Verdict,
    said: str,
    truth: Mapping[str, Mapping[str, float] | None],
    bars: Mapping[str, float],
) -> tuple[bool | None, bool | None, str]:
    """Whether it is right, whether it is also the cheapest that would do, and what is wrong."""
    if said == "undecided":
        return None, None, ""
    surely = [
        rung for rung, found in truth.items() if found and _clears(found, bars, slack=-ON_THE_BAR)
    ]
    if said == "none":
        return not surely, not surely, f"none, but {surely[0]} does" if surely else ""
    chosen = truth[said] or {}
    if not _clears(chosen, bars, slack=ON_THE_BAR):
        return False, False, f"{said} does not"
    cheaper = [rung for rung in surely if LADDER.index(rung) < LADDER.index(said)]
    still_open = {
        each.rung
        for each in verdict.standings
        if not any(bar.status is BarStatus.MISSED for bar in each.bars)
    }
    # One that mends nothing of what fails was said to be no better than the first.
    if verdict.standings[0].rung in still_open:
        still_open |= {rung for rung in cheaper if any(
            each.startswith(f"{rung} was passed over: what fails") for each in verdict.warnings
        )}  # fmt: skip
    denied = [rung for rung in cheaper if rung not in still_open]
    return not denied, not cheaper, f"{said}, but {denied[0]} does" if denied else ""


def _clears(truth: Mapping[str, float], bars: Mapping[str, float], *, slack: float) -> bool:
    """Whether a rung truly clears every bar. What no question speaks of stands in no bar's way."""
    return all(
        truth[bar] <= bound * (1 + slack) if bar in LOWER_IS_BETTER else truth[bar] >= bound - slack
        for bar, bound in bars.items()
        if bar in truth
    )


def _causes(
    climb: Climb, verdict: Verdict, truth: Mapping[Cause, float]
) -> Iterator[dict[str, Any]]:
    """Each common cause's true share beside the interval of the held-out cases. Of a cause that
    none of them showed, it is the one that the same cases give for none."""
    found = {each.cause: each for each in verdict.held_out_causes}
    trials = next(iter(climb.sofar.trials.values()))
    seen = [case.cluster or case.id for case in climb.planned.sampled(by_case(trials))]
    for cause, share in truth.items():
        if share >= COMMON and seen:
            none = rate_interval(np.zeros(len(seen)), seen)
            interval = found[cause].interval if cause in found else none
            yield {
                "cause": cause.value,
                "share": share,
                "low": interval.low,
                "high": interval.high,
                "cases": len(seen),
            }


def _calls(study: Study) -> int:
    """Every answer that was asked for is in the journal, once."""
    with closing(sqlite3.connect(study.store / "journal.db")) as kept:
        [(count,)] = kept.execute("SELECT count(*) FROM answers").fetchall()
        return int(count)


def _exhaustive(drawn: Drawn, scratch: Path) -> int:
    """The calls of climbing every rung."""
    study = Study.load(write_study(drawn, scratch / "all"))
    study.run(everything=True)
    return _calls(study)


def _again(drawn: Drawn, scratch: Path, study: Study) -> Iterator[bool]:
    """The first rung against itself under other dice: whether anything is called better."""
    other = Study.load(write_study(drawn, scratch / "again", seed=drawn.planted.world.seed + 99))
    other.run(rungs=["prompt"])
    trials = {}
    for name, each in (("one", study), ("two", other)):
        kept = [one for one in load_trials(find_run(each.store, None)) if one.rung == "prompt"]
        trials[name] = [replace(one, rung=name) for one in kept]
    cases = {case.id: case for case in study.split.held_out}
    shared = {trial.case for trial in trials["one"]} & {trial.case for trial in trials["two"]}
    trials = {
        name: [trial for trial in each if trial.case in shared] for name, each in trials.items()
    }
    for found in compare_pairs(
        [("two", "one", measure) for measure in drawn.bar if measure in BY_NAME],
        trials,
        cases,
        margin=study.settings.margin,
        alpha=0.05,
        generator=np.random.default_rng(0),
        judging=UNJUDGED,
    ):
        yield found.outcome is Outcome.BETTER


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=500)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--quick", action="store_true", help="40 worlds, nothing written")
    chosen = parser.parse_args()
    numbers = range(chosen.first, chosen.first + (40 if chosen.quick else chosen.worlds))
    KEPT.mkdir(parents=True, exist_ok=True)
    missing = [number for number in numbers if not (KEPT / f"{number}.json").exists()]
    with ProcessPoolExecutor(chosen.workers) as pool:
        for done, judged in enumerate(pool.map(judge, missing), start=1):
            (KEPT / f"{judged.number}.json").write_text(json.dumps(asdict(judged)), "utf-8")
            if done % 20 == 0:
                print(f"{done} of {len(missing)} worlds", flush=True)
    found = [
        Judged(**json.loads((KEPT / f"{number}.json").read_text("utf-8"))) for number in numbers
    ]
    rows = list(_rows(found))
    claims = Found()
    _claims(claims, found)
    print_table(rows, title="verdicts by what is lacking")
    for kind, times in Counter(each.wrong for each in found if each.wrong).most_common():
        print(f"wrong: {times} x {kind}")
    print_claims(claims.claims)
    if not chosen.quick:
        write("verdicts", [*rows, *claims.rows], claims.claims, ("numpy", "scipy"))


def _rows(found: Sequence[Judged]) -> Iterator[dict[str, Any]]:
    for gap in GAPS:
        part = [each for each in found if each.gap == gap]
        decided = [each for each in part if each.right is not None]
        if part:
            yield {
                "lacking": gap,
                "worlds": len(part),
                "decided": len(decided),
                "right": sum(bool(each.right) for each in decided),
                "and the cheapest": sum(bool(each.minimal) for each in decided),
                **{
                    rung: sum(each.verdict == rung for each in part)
                    for rung in (
                        "prompt",
                        "fewshot",
                        "schema",
                        "retrieve",
                        "tune",
                        "hybrid",
                        "none",
                    )
                },
            }


def _claims(claims: Found, found: Sequence[Judged]) -> None:
    decided = [each for each in found if each.right is not None]
    claims.share("right when it decides", [bool(each.right) for each in decided], ">= 0.97")
    claims.share("of these, also the cheapest that would do", [bool(e.minimal) for e in decided])
    claims.share("undecided", [each.right is None for each in found])
    facts = [each for each in found if each.gap == "facts"]
    claims.number(
        "`tune` for a gap of facts alone",
        "worlds",
        sum(each.verdict == "tune" and not each.minimal for each in facts),
        "<= 0",
        count=len(facts),
    )
    claims.number(
        "`hybrid` for a gap of facts alone, with `retrieve` left open",
        "worlds",
        sum(each.verdict == "hybrid" and not each.minimal for each in facts),
        count=len(facts),
    )
    behaviour = [
        each
        for each in found
        if each.gap in ("form", "skill") and "abstains" not in next(iter(each.truth.values()), {})
    ]
    claims.number(
        "`retrieve` for a gap of behaviour alone (declining is no bar)",
        "worlds",
        sum(each.verdict == "retrieve" and not each.minimal for each in behaviour),
        "<= 0",
        count=len(behaviour),
    )
    covered = [each["low"] <= each["share"] <= each["high"] for one in found for each in one.causes]
    claims.share("the causes' intervals hold the truth", covered, ">= 0.93")
    whole = [each for each in found if each.calls_of_all]
    if whole:
        share = np.array([each.calls / (each.calls_of_all or 1) for each in whole])
        total = sum(each.calls for each in whole) / sum(each.calls_of_all or 0 for each in whole)
        low, high = np.quantile(share, (0.05, 0.95))
        claims.number(
            "calls of climbing everything", "share", total, "<= 0.35",
            between=(float(low), float(high)), count=len(whole),
        )  # fmt: skip
    again = [each for one in found for each in one.worse_or_better]
    claims.share("A/A: the same rung called better", again, "<= 0.05")
    claims.number("a world", "s", float(np.median([each.seconds for each in found])))


if __name__ == "__main__":
    main()
