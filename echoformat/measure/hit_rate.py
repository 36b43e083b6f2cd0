"""How often a rule named the winner, against guessing, with what a handful of runs can show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy import stats

from echoformat.errors import UsageError

SIGNIFICANT = 0.05


@dataclass(frozen=True, slots=True)
class HitRate:
    """How often a rule named the winner, against guessing.

    Attributes:
        hits: Runs in which the rule was right.
        runs: Runs (or base models) scored.
        p_value: Probability of as many hits or more by guessing among the formats.
        low: Clopper-Pearson lower limit of the hit rate.
        high: Upper limit.
        needed: Fewest hits that would be significant at 5 %; ``None`` where none would.
    """

    hits: int
    runs: int
    p_value: float
    low: float
    high: float
    needed: int | None

    def to_dict(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


def hit_rate(hits: int, runs: int, formats: int | Sequence[int], level: float = 0.95) -> HitRate:
    """Exact test of a rule's hits against guessing one of the formats, with Clopper-Pearson limits.

    Args:
        hits: Runs in which the rule named the winner.
        runs: Runs scored; leave out those in which the rule itself was unsure.
        formats: Number of formats that could have won, from 2; of every run where they differ.
        level: Nominal coverage of the limits.

    Raises:
        UsageError: Hits outside ``0..runs``, no run, or fewer than two formats.

    References:
        Clopper and Pearson 1934.

    Example:
        >>> rate = hit_rate(7, 8, 3)
        >>> round(rate.p_value, 5), round(rate.low, 3), round(rate.high, 3), rate.needed
        (0.00259, 0.473, 0.997, 6)
        >>> round(1 / hit_rate(3, 3, [2, 3, 3]).p_value)
        18
    """
    each = [formats] * runs if isinstance(formats, int) else list(formats)
    if not (0 <= hits <= runs and runs >= 1 and len(each) == runs and min(each) >= 2):
        raise UsageError(f"{hits} hits in {runs} runs of {formats} formats: cannot be scored")
    interval = stats.binomtest(hits, runs).proportion_ci(confidence_level=level, method="exact")
    tail = _guessing_tail(each)
    needed = next((h for h in range(runs + 1) if tail[h] <= SIGNIFICANT), None)
    return HitRate(hits, runs, tail[hits], float(interval.low), float(interval.high), needed)


def _guessing_tail(formats: Sequence[int]) -> list[float]:
    """Probability of ``h`` hits or more by guessing, for every ``h``; runs may differ in their formats."""
    mass = np.ones(1)
    for choices in formats:
        mass = np.convolve(mass, [1 - 1 / choices, 1 / choices])
    return [float(x) for x in np.minimum(np.cumsum(mass[::-1])[::-1], 1.0)]


def hits_needed(runs: int, formats: int, level: float = 0.05) -> int | None:
    """Fewest hits in ``runs`` that guessing among ``formats`` gives with probability ``level`` or less.

    Example:
        >>> hits_needed(5, 3), hits_needed(4, 2)
        (4, None)
    """
    tail = _guessing_tail([formats] * runs)
    return next((h for h in range(runs + 1) if tail[h] <= level), None)


def hit_rate_power(runs: int, formats: int, rate: float, level: float = 0.05) -> float:
    """Probability that ``runs`` runs show a rule of true hit rate ``rate`` to beat guessing.

    Example:
        >>> round(hit_rate_power(5, 3, 0.9), 4)
        0.9185
    """
    needed = hits_needed(runs, formats, level)
    return 0.0 if needed is None else float(stats.binom.sf(needed - 1, runs, rate))
