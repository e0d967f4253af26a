"""Runs a command and writes what it took: `python launch.py RESULT.json COMMAND...`.

A process of its own because the kernel counts the memory of whoever starts a program as that
program's own peak; this one is small. Imports nothing of ours.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path


def main() -> None:
    result, command = Path(sys.argv[1]), sys.argv[2:]
    started = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    taken = {
        "wall_seconds": time.perf_counter() - started,
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "peak_mib": used.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10),
    }
    process.returncode = os.waitstatus_to_exitcode(status)
    result.write_text(json.dumps(taken), "ascii")
    sys.exit(process.returncode)


if __name__ == "__main__":
    main()
