"""Estimate: a figure with its standard error and interval. Every measure that has both returns this shape."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import numpy as np
from scipy import stats

from echoformat.measure.arrays import Floats


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure, its standard error, and the limits of its interval.

    Attributes:
        value: The point estimate.
        standard_error: Its standard error; ``nan`` where fewer than two problems carry it.
        low: Lower limit; ``nan`` where there is no interval.
        high: Upper limit; ``nan`` where there is no interval.
        level: Nominal coverage of ``[low, high]``.
    """

    value: float
    standard_error: float = math.nan
    low: float = math.nan
    high: float = math.nan
    level: float = 0.95

    @property
    def bounded(self) -> bool:
        """Whether the estimate carries an interval."""
        return not (math.isnan(self.low) or math.isnan(self.high))

    def excludes(self, point: float) -> bool:
        """Whether the interval exists and leaves ``point`` out."""
        return self.bounded and not self.low <= point <= self.high

    def to_dict(self) -> dict[str, float]:
        """The fields by name."""
        return asdict(self)


def over_problems(values: Floats, level: float = 0.95) -> Estimate:
    """Mean of per-problem figures with a plain t interval: ``mean +- t(P-1) * sd / sqrt(P)``.

    Args:
        values: One figure per problem, shape ``[problems]``.
        level: Nominal coverage.

    Returns:
        The mean; without an interval where there are fewer than two problems, ``nan`` where there is none.

    Example:
        >>> over_problems(np.array([0.0, 1.0])).value
        0.5
    """
    size = values.size
    if size == 0:
        return Estimate(math.nan, level=level)
    mean = float(values.mean())
    if size == 1:
        return Estimate(mean, level=level)
    error = float(values.std(ddof=1)) / math.sqrt(size)
    reach = float(stats.t.ppf(0.5 + level / 2, size - 1)) * error
    return Estimate(mean, error, mean - reach, mean + reach, level)


def over_replicates(value: float, replicates: Floats, level: float = 0.95) -> Estimate:
    """A figure with the percentile interval of its bootstrap replicates.

    Args:
        value: The figure on the data as they are.
        replicates: The figure on each resample, shape ``[replicates]``; ``nan`` ones are left out.
        level: Nominal coverage.

    Example:
        >>> over_replicates(0.5, np.array([0.4, 0.5, 0.6])).low < 0.5
        True
    """
    kept = replicates[np.isfinite(replicates)]
    if kept.size < 2:
        return Estimate(value, level=level)
    low, high = np.quantile(kept, [0.5 - level / 2, 0.5 + level / 2])
    return Estimate(value, float(kept.std(ddof=1)), float(low), float(high), level)
