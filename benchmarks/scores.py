"""Precision, recall and F1 of labels against a known truth, with Wilson intervals."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

Z95 = 1.959963984540054


def wilson(hits: int, total: int) -> tuple[float, float]:
    """95 % Wilson interval of a proportion; (0, 1) where there is nothing to count."""
    if total == 0:
        return 0.0, 1.0
    share, z2 = hits / total, Z95 * Z95
    centre = (share + z2 / (2 * total)) / (1 + z2 / total)
    half = Z95 * math.sqrt(share * (1 - share) / total + z2 / (4 * total * total)) / (1 + z2 / total)
    return max(0.0, centre - half), min(1.0, centre + half)


@dataclass(frozen=True, slots=True)
class Score:
    """How one label fared.

    Attributes:
        name: The label.
        support: Rows that are it.
        given: Rows that were called it.
        hits: Rows of which both hold.
    """

    name: str
    support: int
    given: int
    hits: int

    @property
    def precision(self) -> float:
        """hits / given; 1 where it was never given."""
        return self.hits / self.given if self.given else 1.0

    @property
    def recall(self) -> float:
        """hits / support; 0 without support."""
        return self.hits / self.support if self.support else 0.0

    @property
    def f1(self) -> float:
        """2 hits / (support + given)."""
        total = self.support + self.given
        return 2 * self.hits / total if total else 0.0

    def to_dict(self) -> dict[str, Any]:
        """As a JSON-able mapping."""
        return asdict(self) | {
            "precision": self.precision,
            "precision_interval": wilson(self.hits, self.given),
            "recall": self.recall,
            "recall_interval": wilson(self.hits, self.support),
            "f1": self.f1,
        }


def score_all(truth: Sequence[str], given: Sequence[str], names: Iterable[str] | None = None) -> list[Score]:
    """One score for each name; by default for every label that the truth has."""
    support, called = Counter(truth), Counter(given)
    hits = Counter(t for t, g in zip(truth, given, strict=True) if t == g)
    chosen = sorted(support if names is None else set(names))
    return [Score(name, support[name], called[name], hits[name]) for name in chosen]


def macro_f1(scores: Sequence[Score]) -> float:
    """Mean F1, every label alike."""
    return sum(score.f1 for score in scores) / len(scores) if scores else 0.0
