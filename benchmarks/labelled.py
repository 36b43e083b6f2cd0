"""The labelled completions: rows, folds that leave repositories out, and the changes that training adds."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.corpus import shared_folder
from echoformat.text import view

FOLDS = 5
PROBLEMS_TO_SPLIT_BY = 5
SCORED_TIERS = (1, 2)
EXTRA_WEIGHT = 0.5


@dataclass(frozen=True, slots=True)
class Corpus:
    """Completions as columns.

    Attributes:
        rows: The raw rows, in the file's order.
        texts: Views of them.
        names: Expected format of each.
        repos: Repository of each.
        folds: int [n], a repository (or problem, where a format has one repository) is in one fold only.
        tiers: int [n].
    """

    rows: list[dict[str, Any]]
    texts: list[str]
    names: np.ndarray
    repos: np.ndarray
    folds: np.ndarray
    tiers: np.ndarray

    def take(self, keep: np.ndarray) -> Corpus:
        """Some of the rows, folds unchanged."""
        index = np.flatnonzero(keep).tolist()
        return Corpus(
            [self.rows[i] for i in index],
            [self.texts[i] for i in index],
            self.names[keep],
            self.repos[keep],
            self.folds[keep],
            self.tiers[keep],
        )


def read_corpus(path: Path | None = None) -> Corpus:
    """Every labelled completion with a text."""
    place = path or shared_folder() / "corpus" / "train.jsonl.gz"
    with gzip.open(place, "rt", encoding="utf-8") as lines:
        rows = [row for row in map(json.loads, lines) if row["text"].strip()]
    return Corpus(
        rows,
        [view(row["text"]).text for row in rows],
        np.array([row["format"] for row in rows]),
        np.array([row["repo"] for row in rows]),
        _folds(rows),
        np.array([row["tier"] for row in rows]),
    )


def _number(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=4).digest(), "big")


def _folds(rows: list[dict[str, Any]]) -> np.ndarray:
    """By repository where a format has several, largest first; else by problem; else by opening."""
    repos: dict[str, Counter[str]] = defaultdict(Counter)
    problems: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row["tier"] in SCORED_TIERS:
            repos[row["format"]][row["repo"]] += 1
            problems[row["format"]].add(row["problem"])
    return np.array([_fold(row, repos[row["format"]], problems[row["format"]]) for row in rows])


def _fold(row: dict[str, Any], repos: Counter[str], problems: set[str]) -> int:
    if len(repos) > 1 and row["repo"] in repos:
        ranked = sorted(repos, key=lambda repo: (-repos[repo], repo))
        return ranked.index(row["repo"]) % FOLDS
    known = len(problems) > PROBLEMS_TO_SPLIT_BY and row["problem"]
    return _number(row["problem"] if known else row["text"][:120]) % FOLDS


def change(text: str, seed: str) -> str:
    """A text as another author or an early stop might leave it; the same change for the same text."""
    rng = random.Random(_number(seed + text[:200]))
    kind = rng.random()
    if kind < 0.45:
        return _prefix(text, rng)
    if kind < 0.6:
        return _without_fences(text)
    if kind < 0.75:
        return text.replace("\n\n", "\n")
    if kind < 0.85:
        return text.strip() + rng.choice(["", "\n", "\n\n"])
    return rng.choice(["\n", " ", "\n\n"]) + text.strip()


def _prefix(text: str, rng: random.Random) -> str:
    if len(text) < 100:
        return text
    return text[: rng.choice([64, 128, 256, 256, 512, max(64, int(len(text) * rng.random()))])]


def _without_fences(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if not line.startswith("```"))
