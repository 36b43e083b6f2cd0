"""Reading the worked cases and the synthetic runs of tests/golden."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np

from echoformat.measure.run_counts import RunCounts

GOLDEN = Path(__file__).parent / "golden"
SCENARIOS = ("small_kl0", "small_kl_low", "small_kl_high", "large_kl0", "no_advantage")
FORMATS = ("code", "text_code", "nl")


def golden(name: str) -> dict[str, Any]:
    """One file of worked cases."""
    return json.loads((GOLDEN / f"{name}.json").read_text())


def synthetic_run(name: str) -> RunCounts:
    """One of the five seeded runs as counts."""
    with gzip.open(GOLDEN / f"run_{name}.csv.gz", "rt") as lines:
        rows = [tuple(row.values()) for row in csv.DictReader(lines)]
    steps = max(int(row[0]) for row in rows) + 1
    problems = max(int(row[1]) for row in rows) + 1
    counts, correct = np.zeros((2, steps, problems, 3), dtype=np.int64)
    for step, problem, format, n, c in rows:
        at = int(step), int(problem), FORMATS.index(format)
        counts[at], correct[at] = int(n), int(c)
    names = tuple(str(number) for number in range(problems))
    return RunCounts(np.arange(steps), names, FORMATS, counts, correct, steps_per_epoch=20.0)
