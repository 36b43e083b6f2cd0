"""Tally: one step's labels counted by name, and the metrics that trackers plot."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from echoformat.label import UNLABELLED

STATES = tuple(state.value for state in UNLABELLED)
PREFIX = "echoformat"
OTHER = "other_formats"
NAN = math.nan


@dataclass(slots=True)
class Count:
    """Completions of one name at one step, and what is known of them."""

    n: int = 0
    scored: int = 0
    correct: int = 0
    rewarded: int = 0
    reward: float = 0.0

    def add(self, other: Count) -> None:
        """Count another's completions too."""
        self.n += other.n
        self.scored += other.scored
        self.correct += other.correct
        self.rewarded += other.rewarded
        self.reward += other.reward

    def put(self, correct: float, reward: float) -> None:
        """Count one completion; NaN says that correctness or reward is not known."""
        self.n += 1
        if correct == correct:
            self.scored += 1
            self.correct += correct > 0
        if reward == reward:
            self.rewarded += 1
            self.reward += reward

    @property
    def accuracy(self) -> float:
        """Fraction correct of the scored, NaN where none is."""
        return self.correct / self.scored if self.scored else NAN

    @property
    def mean_reward(self) -> float:
        """Mean reward, NaN where none is known."""
        return self.reward / self.rewarded if self.rewarded else NAN


@dataclass(slots=True)
class Tally:
    """All labels of one step and split so far.

    Attributes:
        counts: By name, a format or the state of an unlabelled completion.
        completions: Completions handed over, sampled or not.
        truncated: Labelled completions that were cut off.
    """

    counts: dict[str, Count] = field(default_factory=dict)
    completions: int = 0
    truncated: int = 0

    def put(
        self, names: Sequence[str], correct: Sequence[float], rewards: Sequence[float], truncated: int
    ) -> None:
        """Count labelled completions."""
        for name, right, reward in zip(names, correct, rewards, strict=True):
            self.counts.setdefault(name, Count()).put(right, reward)
        self.truncated += truncated

    @property
    def total(self) -> int:
        """Labelled completions."""
        return sum(count.n for count in self.counts.values())

    def pooled(self, names: Sequence[str]) -> Count:
        """Several names as one."""
        whole = Count()
        for name in names:
            if name in self.counts:
                whole.add(self.counts[name])
        return whole


def metrics_of(tally: Tally, formats: Sequence[str]) -> dict[str, float]:
    """The metrics of one step: keys depend on `formats` alone, values are NaN where nothing is known.

    Shares are of the labelled completions and sum to 1 over `share/`; entropy and effective number are over
    all formats with the unlabelled as one more category, as in `FormatSeries`.

    Example:
        >>> tally = Tally()
        >>> tally.put(["tinygsm", "tinygsm", "prose", "empty"], [1, 0, 1, math.nan], [1, 0, 1, 0], 0)
        >>> found = metrics_of(tally, ["tinygsm"])
        >>> found["share/tinygsm"], found["share/other_formats"], found["share/unlabelled"]
        (0.5, 0.25, 0.25)
        >>> found["accuracy/tinygsm"], found["dominant_share"]
        (0.5, 0.5)
    """
    other = [name for name in tally.counts if name not in formats and name not in STATES]
    groups = {name: tally.pooled([name]) for name in formats}
    groups[OTHER] = tally.pooled(other)
    found = {f"share/{name}": _share(count.n, tally.total) for name, count in groups.items()}
    found["share/unlabelled"] = _share(tally.pooled(STATES).n, tally.total)
    found |= {f"unlabelled/{state}": _share(tally.pooled([state]).n, tally.total) for state in STATES}
    found |= {f"accuracy/{name}": count.accuracy for name, count in groups.items()}
    found |= {f"reward/{name}": count.mean_reward for name, count in groups.items()}
    return found | _diversity(tally) | _sizes(tally)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else NAN


def _sizes(tally: Tally) -> dict[str, float]:
    return {
        "truncated": _share(tally.truncated, tally.total),
        "completions": float(tally.completions),
        "labelled": float(tally.total),
    }


def _diversity(tally: Tally) -> dict[str, float]:
    by_format = [count.n for name, count in tally.counts.items() if name not in STATES]
    every = [*by_format, tally.pooled(STATES).n]
    total = tally.total
    if not total:
        return {"entropy_nats": NAN, "effective_number": NAN, "dominant_share": NAN}
    entropy = math.fsum(n / total * math.log(total / n) for n in sorted(every) if n)
    return {
        "entropy_nats": entropy,
        "effective_number": math.exp(entropy),
        "dominant_share": max(by_format, default=0) / total,
    }
