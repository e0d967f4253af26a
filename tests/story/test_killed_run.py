"""A run that is killed, wherever it is, ends as if nothing had happened."""

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

import suffice
from suffice.decide.runs import find_run, judged_again, load_verdict
from suffice.records import Outcome, Verdict, as_json

STUDY = Path(suffice.__file__).parent / "studies" / "support_desk"
CONCURRENCY = 8


@dataclass
class Server:
    """The simulated model behind HTTP, in a process of its own."""

    port: int
    log: Path

    def answered(self) -> list[str]:
        """Every request that it finished answering, in full."""
        text = self.log.read_text("utf-8") if self.log.exists() else ""
        lines = text.split("\n")[:-1]  # the last one may still be being written
        return [json.dumps(json.loads(line)["body"], sort_keys=True) for line in lines]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    log = tmp_path / "answered.jsonl"
    command = [sys.executable, "-m", "tests.servers.planted_server"]
    arguments = ["--world", "support-desk", "--log", str(log), "--delay", "0.01"]
    with subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield Server(int(process.stdout.readline()), log)
        process.terminate()


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """The bundled study, pointed at an OpenAI-compatible server."""
    folder = tmp_path / "study"
    shutil.copytree(STUDY, folder)
    path = folder / "suffice.yaml"
    text = path.read_text("utf-8").replace("model: planted:support-desk", "model: openai:planted")
    path.write_text(f"{text}\nlimits: {{concurrency: {CONCURRENCY}}}\n", encoding="utf-8")
    return folder


def start(study: Path, server: Server, *arguments: str) -> "subprocess.Popen[str]":
    environment = os.environ | {"OPENAI_BASE_URL": f"http://127.0.0.1:{server.port}/v1"}
    return subprocess.Popen(
        [sys.executable, "-m", "suffice", *arguments, "--study", str(study)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(study: Path, server: Server, *arguments: str) -> tuple[int, str, str]:
    with start(study, server, *arguments) as process:
        out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def journaled(study: Path) -> int:
    connection = sqlite3.connect(study / ".suffice" / "journal.db")
    (count,) = connection.execute("SELECT COUNT(*) FROM answers").fetchone()
    connection.close()
    return int(count)


@pytest.mark.slow
def test_a_run_that_is_killed_three_times_repeats_no_finished_call(
    study: Path, server: Server
) -> None:
    """Only calls in flight at a kill are made again; the verdict and the exit codes are right."""
    run = ("run", "--rungs", "prompt,fewshot,schema")
    for enough in (150, 450, 800):
        with start(study, server, *run) as process:
            while len(server.answered()) < enough:
                assert process.poll() is None, process.communicate()
                time.sleep(0.02)
            os.kill(process.pid, signal.SIGKILL)
        # What was in flight at a kill before is answered twice and kept once.
        assert journaled(study) >= len(set(server.answered())) - CONCURRENCY
    code, out, err = finish(study, server, *run)
    assert code == 1, err  # the bundled story: no rung of these meets every bar
    counts = Counter(server.answered())
    repeated = sum(count - 1 for count in counts.values())
    assert repeated <= 3 * CONCURRENCY
    assert journaled(study) == len(counts)

    verdict = load_verdict(find_run(study / ".suffice", None))
    assert [standing.rung for standing in verdict.standings] == ["prompt", "fewshot", "schema"]
    assert all(standing.answered == standing.asked == 187 for standing in verdict.standings)
    by_pair = {(c.candidate, c.baseline, c.measure): c for c in verdict.comparisons}
    shape = by_pair["schema", "prompt", "format"]
    assert shape.outcome is Outcome.BETTER
    assert shape.interval is not None
    assert shape.p is not None
    assert shape.p_corrected is not None
    assert shape.p_corrected >= shape.p > 0
    assert "not enough data" in out

    before = len(server.answered())
    assert finish(study, server, *run)[0] == 1
    assert len(server.answered()) == before, "a second run of the same study asks nothing"
    assert finish(study, server, "gate")[0] == 1
    assert finish(study, server, "gate", "--baseline", "prompt", "--on", "format")[0] == 0
    worse = ("gate", "--baseline", "schema", "--candidate", "prompt", "--on", "format")
    assert finish(study, server, *worse)[0] == 1
    assert finish(study, server, "gate", "--baseline", "prompt", "--on", "abstains")[0] == 2
    assert finish(study, server, "gate", "--baseline", "none-such")[0] == 64


def climbing(folder: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "suffice", "run", "--study", str(folder)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def verdict_of(folder: Path) -> Verdict:
    """Without how long it took, which no two runs share."""
    return replace(load_verdict(find_run(folder / ".suffice", None)), seconds=0.0)


@pytest.mark.slow
def test_a_climb_that_is_killed_at_ten_random_moments_ends_in_the_same_verdict(
    tmp_path: Path,
) -> None:
    """Indexing, trying on dev, asking or writing: whatever is interrupted is taken up again."""
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    for folder in (whole, killed):
        shutil.copytree(STUDY, folder)
    started = time.monotonic()
    assert climbing(whole).wait(timeout=300) in (0, 1, 2)
    most, moments = time.monotonic() - started, random.Random(2026)
    for _ in range(10):
        with climbing(killed) as process:
            time.sleep(moments.uniform(0.1, 1.0) * most)
            process.kill()
    assert climbing(killed).wait(timeout=300) in (0, 1, 2)
    assert as_json(verdict_of(killed)) == as_json(verdict_of(whole))
    run = find_run(killed / ".suffice", None)
    assert as_json(judged_again(run)) == as_json(load_verdict(run))
