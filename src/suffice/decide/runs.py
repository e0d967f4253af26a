"""The folder of a run: plan, trials and verdict as files, so that every later step can be repeated.

    .suffice/journal.db                every answer ever paid for
    .suffice/looks.jsonl               which plans have looked at which held-out cases
    .suffice/plans/<digest>.json       what was decided before looking
    .suffice/runs/<run>/trials.jsonl   one line a trial, graded
    .suffice/runs/<run>/cases.jsonl    the held-out cases that they are of
    .suffice/runs/<run>/ground.json    what else the verdict rests on
    .suffice/runs/<run>/labels.*       what people said of a judge, where there is one
    .suffice/runs/<run>/verdict.json   what was concluded
    .suffice/runs/<run>/sums.json      the digests of these files: what was changed since is seen

A file is written beside its place and then moved into it: a reader finds the old or the new one.
"""

import fcntl
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import msgspec

from suffice.decide.cost import evens, growth, lines
from suffice.decide.ground import Ground
from suffice.errors import DataError, UsageError, suggest
from suffice.evaluate.lines import read_jsonl
from suffice.records import Case, Details, Source, Trial, Verdict, as_json
from suffice.report.json import JsonReport

TRIALS, VERDICT, CASES = "trials.jsonl", "verdict.json", "cases.jsonl"
GROUND, LABELS, SUMS = "ground.json", "labels", "sums.json"
_ANEW = "`suffice run` writes it anew without asking again"

R = TypeVar("R")


@contextmanager
def only_run(store: Path) -> Iterator[None]:
    """Holds the study for one run at a time: two would pay for the same answers twice."""
    store.mkdir(parents=True, exist_ok=True)
    with (store / "run.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(
                f"another run of this study is under way ({store / 'run.lock'} is held); "
                "wait for it to end, or stop it: nothing that it has answered is lost"
            ) from None
        yield


def save(
    store: Path,
    verdict: Verdict,
    trials: Iterable[Trial],
    *,
    cases: Sequence[Case] = (),
    ground: Ground | None = None,
    labels: Path | None = None,
) -> Path:
    """Writes a run's folder and returns it."""
    folder = store / "runs" / verdict.run
    folder.mkdir(parents=True, exist_ok=True)
    bodies = {TRIALS: b"".join(as_json(trial) + b"\n" for trial in trials)}
    if ground is not None:
        bodies[CASES] = b"".join(as_json(case) + b"\n" for case in cases)
        bodies[GROUND] = as_json(ground) + b"\n"
    if labels is not None:
        bodies[LABELS + labels.suffix] = labels.read_bytes()
    bodies[VERDICT] = JsonReport().render(verdict).encode()
    (folder / SUMS).unlink(missing_ok=True)
    rewritten(folder, bodies)
    return folder


def rewritten(folder: Path, bodies: Mapping[str, bytes]) -> None:
    """Writes files of a run with the sums of all that it has. The sums are taken away first: in
    between there are none rather than wrong ones."""
    sums = _sums(folder) | {name: sha256(body).hexdigest() for name, body in bodies.items()}
    (folder / SUMS).unlink(missing_ok=True)
    for name, body in bodies.items():
        _replace(folder / name, body)
    _replace(folder / SUMS, as_json(sums) + b"\n")


def details_of(folder: Path, verdict: Verdict) -> Details:
    """What stands behind a verdict. A run of before cases were kept has none to show."""
    if not (folder / GROUND).exists():
        return Details()
    ground, trials = _ground(folder), load_trials(folder)
    known = Details(
        trials=trials,
        cases=load_cases(folder),
        seed=ground.plan.seed,
        versions=ground.versions,
    )
    if ground.money is None:
        return known
    traffic = ground.money.traffic
    bills = [ground.money.bill(each) for each in verdict.standings]
    return replace(
        known,
        costs=lines(bills, traffic),
        requests_month=traffic.requests_month,
        months=traffic.months,
        break_evens=evens(bills, traffic),
        growth=growth(verdict.standings, ground.money),
    )


def judged_again(folder: Path) -> Verdict:
    """The verdict that follows from a run's own files, without its study, models or journal."""
    ground = _ground(folder)
    trials: dict[str, list[Trial]] = {}
    for trial in load_trials(folder):
        trials.setdefault(trial.rung, []).append(trial)
    labels = next(folder.glob(f"{LABELS}.*"), None)
    return ground.verdict(trials, load_cases(folder), labels)


def _ground(folder: Path) -> Ground:
    place = folder / GROUND
    try:
        return msgspec.json.decode(_whole(place), type=Ground)
    except (OSError, msgspec.DecodeError) as error:
        said = f"not the ground of a verdict ({error}); {_ANEW}"
        raise DataError(said, Source(str(place))) from error


def load_cases(folder: Path) -> list[Case]:
    """The held-out cases of a run, as they were."""
    return _rows(folder / CASES, Case)


def runs(store: Path) -> list[str]:
    """The names of finished runs, the newest last."""
    found = (store / "runs").glob(f"*/{VERDICT}")
    return [path.parent.name for path in sorted(found, key=lambda path: path.stat().st_mtime_ns)]


def find_run(store: Path, name: str | None) -> Path:
    """The folder of a run by name or by the start of it; the newest when none is named."""
    known = runs(store)
    if not known:
        raise UsageError("there is no finished run yet; `suffice run` makes one")
    if name is None:
        return store / "runs" / known[-1]
    matching = [run for run in known if run.startswith(name)]
    if len(matching) != 1:
        problem = "several runs start so" if matching else "there is no such run"
        raise UsageError(f"{name!r}: {problem}{suggest(name, known)}; known: {', '.join(known)}")
    return store / "runs" / matching[0]


def load_verdict(folder: Path) -> Verdict:
    path = folder / VERDICT
    try:
        return msgspec.json.decode(_whole(path), type=Verdict)
    except (OSError, msgspec.DecodeError) as error:
        raise DataError(f"not a verdict ({error}); {_ANEW}", Source(str(path))) from error


def load_trials(path: Path) -> list[Trial]:
    """Trials from a run's folder, or from a trials.jsonl that was kept elsewhere."""
    return _rows(path / TRIALS if path.is_dir() else path, Trial)


def _rows(path: Path, kind: type[R]) -> list[R]:
    rows = []
    try:
        for number, row in read_jsonl(path):
            try:
                rows.append(msgspec.convert(row, kind))
            except msgspec.ValidationError as error:
                said = f"not a {kind.__name__.lower()}: {error}"
                raise DataError(said, Source(str(path), number)) from error
    except DataError as error:
        if path.name in _sums(path.parent):  # of a run, and so can be written again
            raise DataError(f"{error}; {_ANEW}") from error
        raise
    _whole(path)
    return rows


def _whole(path: Path) -> bytes:
    """A file's bytes. Where the run's sums know it, they are still the bytes that were written."""
    body = path.read_bytes()
    known = _sums(path.parent).get(path.name)
    if known is not None and known != sha256(body).hexdigest():
        raise DataError(f"changed since the run wrote it; {_ANEW}", Source(str(path)))
    return body


def _sums(folder: Path) -> dict[str, str]:
    path = folder / SUMS
    if not path.exists():
        return {}
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, str])
    except msgspec.DecodeError as error:
        raise DataError(f"not a list of sums ({error}); {_ANEW}", Source(str(path))) from error


def trials_of(trials: Sequence[Trial], rung: str) -> list[Trial]:
    """One rung's trials among those of a run."""
    chosen = [trial for trial in trials if trial.rung == rung]
    if not chosen:
        known = sorted({trial.rung for trial in trials})
        raise UsageError(f"no trials of {rung!r}{suggest(rung, known)}; known: {', '.join(known)}")
    return chosen


def _replace(path: Path, body: bytes) -> None:
    beside = path.with_suffix(f".{os.getpid()}.tmp")
    beside.write_bytes(body)
    beside.replace(path)
