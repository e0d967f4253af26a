"""kill -9 at any moment of a change: what is found afterwards is the old state or the new one.

Not random kills: `strace` holds every system call that creates, writes, renames or removes a file
for an instant before it is done, and at the one in question the process is killed. The slow test
takes every such call of every operation; the quick one takes those around the commits. That the
tests see a missing protection is tested too, on operations that have it taken out.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from suffice.errors import SufficeError
from suffice.retrieve.stores.lance import LanceStore
from tests.retrieve.stores import crashing

OPERATIONS = [name for name in crashing.OPERATIONS if not name.startswith("broken")]
_CALLS = (
    "mkdir,mkdirat,rename,renameat,renameat2,link,linkat,unlink,unlinkat,rmdir,write,writev,"
    "pwrite64,pwritev,ftruncate,truncate,fallocate,copy_file_range,open,openat,creat,fsync"
)
_EVENT = re.compile(r"^(?:\[pid +\d+\] )?(?!<)(\w+)\((.*)", re.MULTILINE)
_COMMITS = ("rename(", "linkat(", "link(")
# Where ptrace is forbidden there is nothing to enumerate with.
pytestmark = pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
State = dict[str, dict[str, list[str]]]


class Victims:
    """Runs operations in processes that may be killed at a given call."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._runs = folder, 0
        self.base = folder / "base" / "index"
        crashing.prepare(self.base)
        self._server = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", crashing.__name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def close(self) -> None:
        assert self._server.stdin
        assert self._server.stdout
        self._server.stdin.close()
        self._server.stdout.close()
        self._server.wait()

    def run(self, operation: str, kill_at: int | None = None) -> tuple[Path, list[str]]:
        """The place afterwards, and the calls that began, the one killed at being the last."""
        assert self._server.stdin
        assert self._server.stdout
        self._runs += 1
        place = self._folder / str(self._runs) / "index"
        shutil.copytree(self.base, place)
        self._server.stdin.write(f"{operation} {place}\n")
        self._server.stdin.flush()
        victim = int(self._server.stdout.readline())
        events = self._watch(victim, place, kill_at)
        assert self._server.stdout.readline() == "done\n"
        return place, events

    def _watch(self, victim: int, place: Path, kill_at: int | None) -> list[str]:
        # "openat" is not held: reading opens many files, and a created one is written to next
        held = _CALLS.replace("open,openat,", "")
        command = ["strace", "-f", "-y", "-s0", "-p", str(victim), "-e", f"trace={_CALLS}"]
        if kill_at is not None:
            command += ["-e", f"inject={held}:delay_enter=10000"]
        with subprocess.Popen(command, stderr=subprocess.PIPE) as tracer:
            assert tracer.stderr
            seen = ""
            while part := os.read(tracer.stderr.fileno(), 1 << 16).decode(errors="replace"):
                seen += part
                if "attached" in seen:
                    (place.parent / "go").touch()
                if kill_at is not None and len(_events(seen, place)) > kill_at:
                    os.kill(victim, signal.SIGKILL)
                    break
            while part := os.read(tracer.stderr.fileno(), 1 << 16).decode(errors="replace"):
                seen += part
        return _events(seen, place)


def _events(trace: str, place: Path) -> list[str]:
    return [
        f"{call}({arguments}".replace(str(place), "")
        for call, arguments in _EVENT.findall(trace)
        if str(place) in arguments and ("open" not in call or "O_CREAT" in arguments)
    ]


def state(place: Path) -> State:
    """What a new process finds: texts by document and tenant, the same by every way."""
    store = LanceStore(place)
    found: State = {}
    for tenant in store.tenants():
        snapshot = store.snapshot(tenant)
        texts = {
            name: [chunk.text for chunk in snapshot.chunks(name)]
            for name in store.documents(tenant)
        }
        for name, each in texts.items():
            assert store.documents(tenant)[name] == f"digest of {tuple(each)}"
        stored = sorted(text for each in texts.values() for text in each)
        near = snapshot.nearest(crashing.change("q", "q").vectors[0], 99, None)
        assert sorted(each.text for each in snapshot.read([found.row for found in near])) == stored
        match = snapshot.matching("old new one stays later", 99, None)
        expected = [text for text in stored if set(text.split()) & {"old", "new", "one", "stays"}]
        assert (
            sorted(each.text for each in snapshot.read([found.row for found in match])) == expected
        )
        found[tenant] = texts
    return found


def mixed(place: Path, before: State, after: State) -> str | None:
    """What is wrong with a place, if anything is."""
    try:
        found = state(place)
    except (SufficeError, AssertionError) as error:
        return repr(error)
    return None if found in (before, after) else f"neither old nor new: {found}"


@pytest.fixture(scope="module")
def victims(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Victims]:
    made = Victims(tmp_path_factory.mktemp("crash"))
    yield made
    made.close()


@pytest.mark.parametrize("operation", OPERATIONS)
def test_killed_around_its_commit_an_operation_is_done_or_not(
    operation: str, victims: Victims
) -> None:
    """Before the call that makes it visible, after it, and in the clearing up that follows."""
    before = state(victims.base)
    done, events = victims.run(operation)
    after = state(done)
    commits = [place for place, event in enumerate(events) if event.startswith(_COMMITS)]
    for kill_at in sorted({commits[-1], commits[-1] + 1, (commits[-1] + len(events)) // 2}):
        place, reached = victims.run(operation, kill_at)
        assert not mixed(place, before, after), f"killed at {reached[-1]}"


@pytest.mark.slow
@pytest.mark.parametrize("operation", OPERATIONS)
def test_killed_at_any_call_an_operation_is_done_or_not(operation: str, victims: Victims) -> None:
    """And the next writer goes on from there, and compacts away what the killed one left."""
    before = state(victims.base)
    done, events = victims.run(operation)
    after = state(done)
    assert len(events) > 10
    reached = set()
    for kill_at in range(len(events)):
        place, calls = victims.run(operation, kill_at)
        reached.add(len(calls))
        assert not mixed(place, before, after), f"killed at {kill_at}: {calls[-1]}"
        store, found = LanceStore(place), state(place)
        if store.stamp() is not None:
            store.replace([crashing.change("e", "new one")])
            store.compact()
            found.setdefault("", {})["e"] = ["new one"]
            assert state(place) == found
            assert not [path for path in place.rglob("*") if ".tmp" in path.name]
            assert len(list((place / "tenants").iterdir())) == len(found)
    assert len(reached) > len(events) * 0.6  # a kill that comes late hits a later call


@pytest.mark.parametrize(
    ("operation", "call"), [("broken-change", "/data/.tmp"), ("broken-compact", "/index.new")]
)
def test_a_missing_protection_is_seen(operation: str, call: str, victims: Victims) -> None:
    """Deleting, then adding; or taking the old table away before the new one is entered."""
    before = state(victims.base)
    done, events = victims.run(operation)
    after = state(done)
    last = max(
        place for place, event in enumerate(events) if call in event and event.startswith("open")
    )
    place, _ = victims.run(operation, last)
    assert mixed(place, before, after)
