"""One labelling job in a process of its own: how long, how much memory, and what kills do to it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.corpus import ROOT
from benchmarks.timing import peak_mb

POLL_S = 0.2
JOB = """
import json, resource, sys, time
from echoformat.engines.files import label_files
log, out, workers, shard_rows = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
engine = "local" if workers == 1 else "processes"
start = time.perf_counter()
done = label_files(log, out, workers=workers, engine=engine, shard_rows=shard_rows)
wall = time.perf_counter() - start
used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
own, workers = (one.ru_utime + one.ru_stime for one in used)
print(json.dumps({"rows": done.rows, "wall_s": wall, "cpu_s": own + workers, "parent_cpu_s": own}))
"""


class Running:
    """A job that runs, and the most memory that it and its workers were seen to hold."""

    def __init__(self, log: Path, out: Path, workers: int, shard_rows: int) -> None:
        command = [sys.executable, "-c", JOB, str(log), str(out), str(workers), str(shard_rows)]
        env = {"OPENBLAS_NUM_THREADS": "1", **os.environ}
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=env)
        self._out = out
        self.peaks: dict[int, float] = {}
        self.largest_sum = 0.0

    def look(self) -> bool:
        """Look at the memory; whether it still runs."""
        family = [self._process.pid, *_descendants(self._process.pid)]
        for process in family:
            self.peaks[process] = max(self.peaks.get(process, 0.0), peak_mb(process))
        self.largest_sum = max(self.largest_sum, sum(map(_now_mb, family)))
        time.sleep(POLL_S)
        return self._process.poll() is None

    def finished(self) -> dict[str, Any]:
        """Wait for its end; its own figures and the memory."""
        while self.look():
            pass
        out = self._process.communicate()[0]
        if self._process.returncode:
            raise SystemExit(f"the job ended with {self._process.returncode}")
        return {**json.loads(out), **self.memory()}

    def killed_at(self, shards: int) -> bool:
        """Kill it once so many shards are there; whether it was still running then."""
        while self.look() and len(list(self._out.glob("part-*"))) < shards:
            pass
        was_running = self._process.poll() is None
        workers = _descendants(self._process.pid)
        self._process.send_signal(signal.SIGKILL)
        self._process.communicate()
        while any(Path(f"/proc/{worker}/stat").exists() for worker in workers):
            time.sleep(POLL_S)
        return was_running

    def memory(self) -> dict[str, float]:
        """Peaks in MB: of the job's process, its largest worker, and all together at one time."""
        own, *workers = self.peaks.values()
        return {"peak_mb": own, "peak_worker_mb": max(workers, default=0.0), "together_mb": self.largest_sum}


def killed_and_resumed(
    log: Path, out: Path, undisturbed: Path, workers: int, shard_rows: int
) -> dict[str, Any]:
    """A job killed at a third and at two thirds and resumed, beside an undisturbed one."""
    whole = sorted(path.name for path in undisturbed.glob("part-*"))
    peaks, kills = [], 0
    for shards in (max(1, len(whole) // 3), max(2, 2 * len(whole) // 3)):
        job = Running(log, out, workers, shard_rows)
        kills += job.killed_at(shards)
        peaks.append(job.memory()["peak_mb"])
    last = Running(log, out, workers, shard_rows).finished()
    return {
        "kills": kills,
        "killed_peak_mb": max(*peaks, last["peak_mb"]),
        "identical_after_kills": all(_same(out / name, undisturbed / name) for name in whole)
        and whole == sorted(path.name for path in out.glob("part-*")),
    }


def _same(one: Path, other: Path) -> bool:
    return one.is_file() and one.read_bytes() == other.read_bytes()


def _descendants(process: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            number, rest = stat.read_text().split(" ", 1)
        except OSError:
            continue
        children.setdefault(int(rest.rpartition(")")[2].split()[1]), []).append(int(number))
    found, left = [], [process]
    while left:
        more = children.get(left.pop(), [])
        found += more
        left += more
    return found


def _now_mb(process: int) -> float:
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 2**20
    except OSError:
        return 0.0
