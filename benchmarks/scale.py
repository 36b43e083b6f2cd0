"""Rows, memory and workers: how labelling files grows from 10^4 to 10^7 rows.

    python -m benchmarks.scale                       # 10^4 and 10^5 rows, 1 and 2 workers
    python -m benchmarks.scale --rows 1000000 --save # one size, kept in benchmarks/results/scale.json
    python -m benchmarks.scale --write               # writes the table of docs/scale.md from kept results
    python -m benchmarks.scale --kill                # also: killed twice, resumed, compared byte for byte

Each size runs in a process of its own, so that its peak memory is its own; shards have 8,192 rows. The rows
are texts of the corpus with a number each, so that no two are equal.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.corpus import ROOT, read_corpus
from benchmarks.timing import machine

RESULTS = ROOT / "benchmarks" / "results" / "scale.json"
PAGE = ROOT / "docs" / "scale.md"
MARKS = "<!-- scale table -->\n", "<!-- end of scale table -->"
SEED = 20250407
STEP_ROWS, PROBLEMS = 4096, 512
JOB = """
import json, os, resource, sys, time
from echoformat.engines.files import label_files
start = time.perf_counter()
workers, engine = int(sys.argv[3]), sys.argv[4]
done = label_files(sys.argv[1], sys.argv[2], workers=workers, engine=engine, shard_rows=8192)
own, others = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
print(json.dumps({
    "rows": done.rows,
    "wall_s": time.perf_counter() - start,
    "cpu_s": own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime,
    "peak_mb": own.ru_maxrss / 1024,
    "peak_worker_mb": others.ru_maxrss / 1024,
}))
"""


def write_log(path: Path, rows: int) -> int:
    """A log of that many completions; its size in bytes."""
    texts = [row.text for row in read_corpus()]
    random.Random(SEED).shuffle(texts)
    with path.open("w", encoding="utf-8") as file:
        for i in range(rows):
            text = f"{texts[i % len(texts)]}\n{i}" if i >= len(texts) else texts[i]
            step, problem = i // STEP_ROWS, f"p{i % PROBLEMS}"
            file.write(
                json.dumps({"step": step, "prompt": problem, "completion": text, "reward": i % 2}) + "\n"
            )
    return path.stat().st_size


def job(log: Path, out: Path, workers: int) -> dict[str, Any]:
    """One labelling job in a process of its own."""
    engine = "local" if workers == 1 else "processes"
    command = [sys.executable, "-c", JOB, str(log), str(out), str(workers), engine]
    env = {"OPENBLAS_NUM_THREADS": "1", **os.environ}
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, env=env)
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def killed(log: Path, out: Path, undisturbed: Path) -> bool:
    """Whether a job killed twice and resumed leaves what an undisturbed one does."""
    for shards in (1, 3):
        command = [sys.executable, "-c", JOB, str(log), str(out), "1", "local"]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
        while process.poll() is None and len(list(out.glob("part-*"))) < shards:
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        process.wait()
    job(log, out, 1)
    names = sorted(path.name for path in undisturbed.glob("part-*"))
    return names == sorted(path.name for path in out.glob("part-*")) and all(
        (out / name).read_bytes() == (undisturbed / name).read_bytes() for name in names
    )


def measure(rows: int, workers: list[int], kill: bool) -> list[dict[str, Any]]:
    """One size with each number of workers."""
    said = []
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log.jsonl"
        size = write_log(log, rows)
        for count in workers:
            out = Path(folder) / f"labels-{count}"
            one = {**job(log, out, count), "workers": count, "log_mb": size / 1e6, "load": os.getloadavg()[0]}
            if kill and count == workers[0]:
                one["identical_after_two_kills"] = killed(log, Path(folder) / "killed", out)
            said.append(one)
            print(line(one), flush=True)
    return said


def line(one: dict[str, Any]) -> str:
    """One row of the table."""
    cells = [
        f"{one['rows']:,}",
        f"{one['log_mb']:.0f}",
        str(one["workers"]),
        f"{one['rows'] / one['wall_s']:,.0f}",
        f"{1e6 * one['cpu_s'] / one['rows']:.0f}",
        f"{one['peak_mb']:.0f}",
        f"{one['peak_worker_mb']:.0f}" if one["workers"] > 1 else "",
        {True: "yes", False: "NO", None: ""}[one.get("identical_after_two_kills")],
        f"{one['load']:.1f}",
    ]
    return "| " + " | ".join(cells) + " |"


HEAD = (
    "| rows | log, MB | workers | rows/s, wall | CPU, µs a row | peak, MB | largest worker, MB "
    "| same after two kills | load |\n|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
)


def main() -> None:
    """Measure, or write the page from what was measured."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--kill", action="store_true")
    parser.add_argument("--save", action="store_true")
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    if args.write:
        said = json.loads(RESULTS.read_text(encoding="utf-8"))
        page = PAGE.read_text(encoding="utf-8")
        before, rest = page.split(MARKS[0])
        table = "\n".join([f"On {said['machine']['cpu']}, {said['machine']['cores']} cores.", "", HEAD])
        rows = "\n".join(map(line, said["jobs"]))
        PAGE.write_text(
            f"{before}{MARKS[0]}{table}\n{rows}\n{MARKS[1]}{rest.split(MARKS[1])[1]}", encoding="utf-8"
        )
        return
    print(HEAD)
    jobs = [one for rows in args.rows for one in measure(rows, args.workers, args.kill)]
    if args.save:
        RESULTS.parent.mkdir(exist_ok=True)
        kept = json.loads(RESULTS.read_text(encoding="utf-8"))["jobs"] if RESULTS.is_file() else []
        again = {(one["rows"], one["workers"]) for one in jobs}
        every = [*(one for one in kept if (one["rows"], one["workers"]) not in again), *jobs]
        every.sort(key=lambda one: (one["rows"], one["workers"]))
        RESULTS.write_text(
            json.dumps({"machine": machine(), "jobs": every}, indent=1) + "\n", encoding="utf-8"
        )


if __name__ == "__main__":
    main()
