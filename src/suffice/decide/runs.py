"""The folder of a run: plan, trials and verdict as files, so that every later step can be repeated.

    .suffice/journal.db                every answer ever paid for
    .suffice/looks.jsonl               which plans have looked at which held-out cases
    .suffice/plans/<digest>.json       what was decided before looking
    .suffice/runs/<run>/trials.jsonl   one line a trial, graded
    .suffice/runs/<run>/verdict.json   what was concluded

A file is written beside its place and then moved into it: a reader finds the old or the new one.
"""

import fcntl
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from suffice.errors import DataError, UsageError, suggest
from suffice.evaluate.lines import read_jsonl
from suffice.records import Source, Trial, Verdict, as_json
from suffice.report.json import JsonReport

TRIALS, VERDICT = "trials.jsonl", "verdict.json"


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


def save(store: Path, verdict: Verdict, trials: Iterable[Trial]) -> Path:
    """Writes a run's folder and returns it."""
    folder = store / "runs" / verdict.run
    folder.mkdir(parents=True, exist_ok=True)
    _replace(folder / TRIALS, b"".join(as_json(trial) + b"\n" for trial in trials))
    _replace(folder / VERDICT, JsonReport().render(verdict).encode())
    return folder


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
        return msgspec.json.decode(path.read_bytes(), type=Verdict)
    except (OSError, msgspec.DecodeError) as error:
        raise DataError(
            f"not a verdict ({error}); `suffice run` writes it anew without asking again",
            Source(str(path)),
        ) from error


def load_trials(path: Path) -> list[Trial]:
    """Trials from a run's folder, or from a trials.jsonl that was kept elsewhere."""
    path = path / TRIALS if path.is_dir() else path
    trials = []
    for number, row in read_jsonl(path):
        try:
            trials.append(msgspec.convert(row, Trial))
        except msgspec.ValidationError as error:
            raise DataError(f"not a trial: {error}", Source(str(path), number)) from error
    return trials


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
