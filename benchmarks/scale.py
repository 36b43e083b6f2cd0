"""Rows, memory and workers: how labelling files grows from 10^4 to 10^7 rows.

    python -m benchmarks.scale                          # 10^4 and 10^5 rows, 1 and 2 workers
    python -m benchmarks.scale --rows 1000000 --save    # one size, kept in benchmarks/results/scale.json
    python -m benchmarks.scale --kill                   # also: killed twice, resumed, compared byte for byte
    python -m benchmarks.scale --write                  # writes the table of docs/scale.md from kept results

Each job runs in a process of its own, so that its peak memory is its own. Rows are texts of the corpus with a
number each (`--texts corpus`) or made of templates (`--texts made`); no two are equal. A long job goes in
stages, in the background: with `--folder` the log, the shards and the figures stay there, and what is done is
not done again. For 10^7 rows, some 5 GB:

    BIG="--rows 10000000 --texts made --workers 2 --folder big --save"
    nohup nice python -m benchmarks.scale $BIG &           # the undisturbed job
    nohup nice python -m benchmarks.scale $BIG --kill &    # then the killed one beside it
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from benchmarks.corpus import ROOT
from benchmarks.scale_jobs import Running, killed_and_resumed
from benchmarks.scale_rows import KINDS, write_log
from benchmarks.speed_page import Bar, put_between
from benchmarks.timing import machine
from echoformat.engines.files import SHARD_ROWS

RESULTS = ROOT / "benchmarks" / "results" / "scale.json"
MARKS = "<!-- scale table -->\n", "<!-- end of scale table -->"
COST_MARKS = "<!-- cost table -->\n", "<!-- end of cost table -->"
DOLLARS_A_CORE_HOUR, READ_MB_PER_S = 0.04, 200
Job = dict[str, Any]


def shard_rows_of(rows: int) -> int:
    """Rows of a shard: enough shards to kill a small job twice; for large ones half of the default."""
    return 4096 if rows < 100_000 else 8192 if rows < 1_000_000 else SHARD_ROWS // 2


def measured(folder: Path, rows: int, kind: str, workers: int, kill: bool) -> Job:
    """The figures of one job; those that the folder has already are not measured again."""
    log = folder / f"{kind}-{rows}.jsonl"
    out, kept = folder / f"{kind}-{rows}-{workers}", folder / f"{kind}-{rows}-{workers}.json"
    size, shard_rows = write_log(log, rows, kind), shard_rows_of(rows)
    job: Job = json.loads(kept.read_text()) if kept.is_file() else {}
    if not job:
        shutil.rmtree(out, ignore_errors=True)
        done = Running(log, out, workers, shard_rows).finished()
        labels = sum(path.stat().st_size for path in out.glob("part-*"))
        sizes = {"log_mb": size / 1e6, "labels_mb": labels / 1e6}
        job = {**done, **sizes, "texts": kind, "workers": workers, "load": os.getloadavg()[0]}
        kept.write_text(json.dumps(job))
    if kill and "identical_after_kills" not in job:
        again = folder / f"{kind}-{rows}-{workers}-killed"
        shutil.rmtree(again, ignore_errors=True)
        job |= killed_and_resumed(log, again, out, workers, shard_rows)
        kept.write_text(json.dumps(job))
    return job


def keep(job: Job) -> None:
    """Put the figures of one job beside those of others."""
    RESULTS.parent.mkdir(exist_ok=True)
    jobs = json.loads(RESULTS.read_text(encoding="utf-8"))["jobs"] if RESULTS.is_file() else []
    jobs = [one for one in jobs if _key(one) != _key(job)] + [job]
    jobs.sort(key=lambda one: (one["rows"], one["workers"], one["texts"]))
    RESULTS.write_text(json.dumps({"machine": machine(), "jobs": jobs}, indent=1) + "\n", encoding="utf-8")


def _key(job: Job) -> tuple[Any, ...]:
    return job["rows"], job["workers"], job["texts"]


def _kills(job: Job) -> str:
    if "kills" not in job:
        return ""
    return f"{'yes' if job['identical_after_kills'] else 'NO'}, {job['kills']}"


COLUMNS: dict[str, Callable[[Job], str]] = {
    "rows": lambda job: f"{job['rows']:,}",
    "texts": lambda job: job["texts"],
    "log, MB": lambda job: f"{job['log_mb']:,.0f}",
    "workers": lambda job: str(job["workers"]),
    "rows/s, wall": lambda job: f"{job['rows'] / job['wall_s']:,.0f}",
    "CPU, µs a row": lambda job: f"{1e6 * job['cpu_s'] / job['rows']:.0f}",
    "peak, MB": lambda job: f"{job['peak_mb']:.0f}",
    "largest worker, MB": lambda job: f"{job['peak_worker_mb']:.0f}" if job["workers"] > 1 else "",
    "all at one time, MB": lambda job: f"{job['together_mb']:.0f}",
    "same after kills": _kills,
    "load": lambda job: f"{job['load']:.1f}",
}
HEAD = "| " + " | ".join(COLUMNS) + " |\n|" + "--:|" * len(COLUMNS)


def line(job: Job) -> str:
    """One row of the table."""
    return "| " + " | ".join(cell(job) for cell in COLUMNS.values()) + " |"


def _largest(key: str) -> Callable[[Job], float | None]:
    """A figure of the largest job, where one of 10^7 rows was measured."""

    def of(said: Job) -> float | None:
        jobs = [job for job in said["jobs"] if job["rows"] >= 10_000_000 and key in job]
        return float(jobs[-1][key]) if jobs else None

    return of


def _speed_up(said: Job) -> float | None:
    """Rows a second of two workers over one, at the largest size that has both."""
    rates = {_key(job): job["rows"] / job["wall_s"] for job in said["jobs"]}
    both = [key for key in rates if key[1] == 2 and (key[0], 1, key[2]) in rates]
    return rates[max(both)] / rates[(max(both)[0], 1, max(both)[2])] if both else None


BARS = (
    Bar("10^7 rows: peak of all processes at one time, MB", True, 1024, _largest("together_mb")),
    Bar("10^7 rows: kills survived", False, 2, _largest("kills")),
    Bar("10^7 rows: the same bytes as undisturbed (1: yes)", False, 1, _largest("identical_after_kills")),
    Bar("two workers, times as fast as one", False, 1.8, _speed_up),
)


def table(said: Job) -> str:
    """All jobs, and what they are held to."""
    head = [f"On {said['machine']['cpu']}, {said['machine']['cores']} cores.", "", HEAD]
    bars = ["", "| against the bars | bar | measured | met |", "|---|--:|--:|---|"]
    return "\n".join([*head, *map(line, said["jobs"]), *bars, *(bar.row(said) for bar in BARS)]) + "\n"


def costs(said: Job) -> str:
    """What 10^9 and 10^11 completions cost, from the largest job on texts of the corpus."""
    job = [one for one in said["jobs"] if one["texts"] == "corpus"][-1]
    a_row, size, labels = (job[key] / job["rows"] for key in ("cpu_s", "log_mb", "labels_mb"))
    lines = [
        f"From the job of {job['rows']:,} rows with {job['workers']} workers: {1e6 * a_row:.0f} µs of CPU, "
        f"{1e3 * size:.2f} kB of log and {1e6 * labels:.1f} bytes of labels a row.",
        "",
        "| | 10^9 completions | 10^11 |",
        "|---|--:|--:|",
    ]
    for what, of in COSTS.items():
        cells = (_brief(of(rows, a_row, size, labels)) for rows in (1e9, 1e11))
        lines.append(f"| {what} | " + " | ".join(cells) + " |")
    if job["workers"] > 1:
        share = job["parent_cpu_s"] / job["cpu_s"]
        lines += [
            "",
            f"The process that hands out the work used {100 * share:.1f} % of the CPU, so it can keep",
        ]
        lines[-1] += f" about {(1 - share) / share:.0f} workers busy."
    return "\n".join(lines) + "\n"


def _brief(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"


COSTS: dict[str, Callable[[float, float, float, float], float]] = {
    "log, TB": lambda rows, a_row, size, labels: rows * size / 1e6,
    "core hours": lambda rows, a_row, size, labels: rows * a_row / 3600,
    "cores for one day": lambda rows, a_row, size, labels: max(1.0, rows * a_row / 86_400),
    f"dollars, at {DOLLARS_A_CORE_HOUR} a core hour": lambda rows, a_row, size, labels: (
        rows * a_row / 3600 * DOLLARS_A_CORE_HOUR
    ),
    f"hours of reading at {READ_MB_PER_S} MB/s": lambda rows, a_row, size, labels: (
        rows * size / READ_MB_PER_S / 3600
    ),
    "labels in parquet, GB": lambda rows, a_row, size, labels: rows * labels / 1e3,
    "shards of 131,072 rows": lambda rows, a_row, size, labels: rows / 131_072,
}


def main() -> None:
    """Measure, or write the page from what was measured."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--texts", choices=KINDS, default="corpus")
    parser.add_argument("--folder", type=Path, help="where logs, shards and figures stay")
    parser.add_argument("--kill", action="store_true")
    parser.add_argument("--save", action="store_true")
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    if args.write:
        said = json.loads(RESULTS.read_text(encoding="utf-8"))
        put_between(MARKS, table(said))
        put_between(COST_MARKS, costs(said))
        return
    print(HEAD, flush=True)
    if args.folder:
        args.folder.mkdir(parents=True, exist_ok=True)
    with nullcontext(args.folder) if args.folder else tempfile.TemporaryDirectory() as folder:
        for rows in args.rows:
            for workers in args.workers:
                job = measured(Path(folder), rows, args.texts, workers, args.kill)
                print(line(job), flush=True)
                if args.save:
                    keep(job)


if __name__ == "__main__":
    main()
