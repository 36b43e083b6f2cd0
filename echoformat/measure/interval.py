"""Interval: a figure with its limits, and whether they can be trusted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from echoformat.errors import UsageError
from echoformat.measure.arrays import Floats

FEW_PROBLEMS, NEAR_COLLAPSE = 50, 0.9


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its interval.

    Attributes:
        low: Lower limit.
        high: Upper limit.
        point: The estimate.
        level: Nominal coverage.
        method: How the limits were made.
        trustworthy: False where no known method reaches the nominal coverage.
        note: Why not, or what else a reader must know.
    """

    low: float
    high: float
    point: float
    level: float
    method: str
    trustworthy: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class Intervals:
    """Intervals of many figures at once, as arrays of one shape.

    Attributes:
        low: [...] lower limits.
        high: [...] upper limits.
        point: [...] estimates; NaN with limits NaN where a step holds no completion.
        standard_error: [...] cluster-aware standard errors.
        level: Nominal coverage.
        method: How the limits were made.
        trustworthy: [...] False where no known method reaches the nominal coverage.
    """

    low: Floats
    high: Floats
    point: Floats
    standard_error: Floats
    level: float
    method: str
    trustworthy: NDArray[np.bool_]

    def at(self, *index: int) -> Interval:
        """One of them, with its warning in words."""
        trusted = bool(self.trustworthy[index])
        note = "" if trusted else WARNING
        low, high, point = (float(side[index]) for side in (self.low, self.high, self.point))
        return Interval(low, high, point, self.level, self.method, trusted, note)

    def __iter__(self) -> Iterator[Interval]:
        """The intervals one by one, in row order."""
        return (self.at(*map(int, index)) for index in np.ndindex(self.point.shape))


WARNING = (
    f"fewer than {FEW_PROBLEMS} problems with a share beyond {NEAR_COLLAPSE}, or too few to see how problems "
    "differ: no interval is known to reach its nominal coverage here; sample more problems"
)


def check_level(level: float) -> float:
    """The level, refused outside (0, 1).

    Example:
        >>> check_level(0.95)
        0.95
    """
    if not 0 < level < 1:
        raise UsageError(f"level={level} must lie between 0 and 1, for example 0.95")
    return level
