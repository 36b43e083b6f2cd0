"""Rules alone on every sixth row of the labelled corpus, and on the real runs: what they must keep."""

from __future__ import annotations

import gzip
import json
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from benchmarks.accuracy import by_tier, false_tinygsm
from benchmarks.corpus import Row, read_corpus
from echoformat.classifier import Classifier

EVERY = 6
RUNS = {"tinygsm": "tinygsm", "openmath1": "omi1", "boxed_cot": "omi2"}
POINTS = 0.02


@cache
def labelled(shared: Path) -> tuple[list[Row], list[str]]:
    rows = list(read_corpus(shared / "corpus" / "train.jsonl.gz"))[::EVERY]
    return rows, Classifier(model=None).classify_batch([row.text for row in rows]).label_names()


def test_tier_means(shared: Path) -> None:
    mean = by_tier(*labelled(shared))["macro_f1"]
    assert mean[1] >= 0.97
    assert mean[2] >= 0.75


def test_the_sources_of_the_study(shared: Path) -> None:
    scores = {score.name: score.f1 for score in by_tier(*labelled(shared))["formats"]}
    assert min(scores[name] for name in ("tinygsm", "openmath1", "metamath", "gsm8k")) >= 0.99
    assert scores["boxed_cot"] >= 0.95


def test_nothing_else_is_called_tinygsm(shared: Path) -> None:
    called = false_tinygsm(*labelled(shared))
    assert called["natural_language"]["of"] > 1000
    assert called["natural_language"]["called"] == 0
    assert called["other_python"]["called"] <= called["other_python"]["of"] / 500


def _shares(rows: list[dict[str, Any]]) -> dict[int, Counter[str]]:
    names = Classifier(model=None).classify_batch([row["completion"] for row in rows]).label_names()
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for row, name in zip(rows, names, strict=True):
        found[row["step"]][RUNS.get(name, "other")] += 1
    return found


@pytest.mark.parametrize("run", ["U_s_kl0", "A_s_kl0_seed1", "G_xs_kl0", "U_s_kl1"])
def test_shares_of_a_run_agree_with_its_markers(shared: Path, run: str) -> None:
    folder = shared / "ministudy"
    curve = json.loads((folder / f"{run}.summary.json").read_text(encoding="utf-8"))["curve"]
    lines = gzip.decompress((folder / f"{run}.jsonl.gz").read_bytes()).splitlines()
    found = _shares([json.loads(line) for line in lines])
    for step in curve:
        counts = found[step["step"]]
        for name, share in step["share"].items():
            ours = counts[name] / counts.total()
            assert abs(ours - share) <= POINTS, (run, step["step"], name, ours, share)
