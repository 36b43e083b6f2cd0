"""The synthetic and the real runs as counts, shared by the tests of the measures."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import numpy as np

GOLDEN_FOLDER = Path(__file__).parent / "golden"
FORMATS = ["code", "text_code", "nl"]

# The format (by marker) that rises in each run of the study, None for the two without a winner. T_m_kl0 is
# left out: its minor format gained 20 points in a run too short to tell what becomes of it.
WINNERS = {
    "A_s_kl0": 1, "A_s_kl0_seed1": 1, "G_xs_kl0": 0, "T_s_kl0": 0, "T_s_kl0_long": 0, "U_s_kl0": 1,
    "U_s_kl0.001": 1, "U_s_kl0.01": 1, "U_s_kl0.1": 1, "U_s_kl0.3": 1, "U_xs_ei": 1, "U_xs_kl0": 1,
    "U_s_kl1": None, "U_xs_ctrl_shuffled": None,
}  # fmt: skip


def synthetic(name: str) -> np.ndarray:
    """Counts [steps, problems, formats] of one golden run."""
    with gzip.open(GOLDEN_FOLDER / f"run_{name}.csv.gz", "rt") as lines:
        rows = [(int(r["step"]), r["problem"], r["format"], int(r["n"])) for r in csv.DictReader(lines)]
    problems = {name: index for index, name in enumerate(sorted({row[1] for row in rows}))}
    counts = np.zeros((max(row[0] for row in rows) + 1, len(problems), 3), dtype=int)
    for step, problem, format, n in rows:
        counts[step, problems[problem], FORMATS.index(format)] += n
    return counts


def marker(text: str) -> int:
    """A stand-in for the classifier, by the three markers of the study."""
    function, block = "def " in text, "<llm-code>" in text
    if function != block:
        return 0 if function else 1
    return 2 if "\\boxed" in text and not function else 3


def real(shared: Path, run: str) -> np.ndarray:
    with gzip.open(shared / "ministudy" / f"{run}.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    problems = {name: index for index, name in enumerate(sorted({row["problem_id"] for row in rows}))}
    counts = np.zeros((1 + max(row["step"] for row in rows), len(problems), 4), dtype=int)
    for row in rows:
        counts[row["step"], problems[row["problem_id"]], marker(row["completion"])] += 1
    return counts
