"""Cluster Wilson intervals of shares, for one step or a whole run."""

from __future__ import annotations

from typing import overload

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from echoformat.errors import UsageError
from echoformat.measure.arrays import Floats, as_counts
from echoformat.measure.cluster import ClusterSums, Target
from echoformat.measure.interval import FEW_PROBLEMS, NEAR_COLLAPSE, Interval, Intervals, check_level


@overload
def cluster_wilson(
    counts: ArrayLike, format_index: None = None, *, target: Target = ..., level: float = ...
) -> Intervals: ...
@overload
def cluster_wilson(
    counts: ArrayLike, format_index: int, *, target: Target = ..., level: float = ...
) -> Interval: ...
def cluster_wilson(
    counts: ArrayLike, format_index: int | None = None, *, target: Target = "population", level: float = 0.95
) -> Intervals | Interval:
    """Interval of every share of one step, from a Wilson interval with the effective number of completions.

    v = P/(P-1) sum_j (n_jf - q_f n_j)^2 / N^2 for the population of problems (sum_j (x_j - x)^2/(P(P-1)) when
    all have the same number of completions), sum_j n_j^2 x_j(1-x_j)/(n_j-1) / N^2 for this fixed set;
    n_eff = q(1-q)/v (z/t)^2, at most N (z/t)^2, and P where all problems agree. Limits in [0, 1].

    Args:
        counts: [problems, formats]; problems without completions are ignored.
        format_index: One format (gives an `Interval`), or all of them (gives `Intervals` [formats]).
        target: "population" or "fixed".
        level: Nominal coverage.

    Raises:
        UsageError: Wrong shape, unknown target, no such format.

    Reference: Korn and Graubard (1998); Wilson (1927).

    Example:
        >>> counts = [[4, 0], [0, 4], [1, 3], [3, 1], [2, 2]]
        >>> share = cluster_wilson(counts, 0)
        >>> round(share.low, 4), share.point, round(share.high, 4)
        (0.1497, 0.5, 0.8503)
    """
    array = as_counts(counts, axes=2)
    whole = cluster_wilson_run(array[None], target=target, level=level)
    if format_index is None:
        return Intervals(
            whole.low[0], whole.high[0], whole.point[0], whole.standard_error[0], level, whole.method,
            whole.trustworthy[0],
        )  # fmt: skip
    if not -array.shape[1] <= format_index < array.shape[1]:
        raise UsageError(
            f"format_index={format_index}, but the formats are numbered 0 to {array.shape[1] - 1}"
        )
    return whole.at(0, format_index)


def cluster_wilson_run(counts: ArrayLike, *, target: Target = "population", level: float = 0.95) -> Intervals:
    """Intervals of every share at every step of a run, as `cluster_wilson`, in one pass.

    Args:
        counts: [steps, problems, formats].
        target: "population" or "fixed".
        level: Nominal coverage.

    Returns:
        Arrays [steps, formats]; NaN where a step holds no completion.

    Example:
        >>> run = np.array([[[4, 0], [0, 4], [1, 3]], [[0, 0], [4, 0], [4, 0]]])
        >>> cluster_wilson_run(run).point.tolist()
        [[0.4166666666666667, 0.5833333333333334], [1.0, 0.0]]
    """
    sums = ClusterSums.of(counts)
    variance, known = sums.variance(target)
    df = sums.degrees(target)
    low, high = _wilson(sums, variance, df, target, check_level(level))
    near = (np.maximum(sums.share, 1 - sums.share) > NEAR_COLLAPSE) & (sums.problems < FEW_PROBLEMS)[:, None]
    trusted = known[:, None] & ~near
    method = f"cluster Wilson ({target})"
    return Intervals(low, high, sums.share, np.sqrt(variance), level, method, trusted)


def _wilson(
    sums: ClusterSums, variance: Floats, df: Floats, target: Target, level: float
) -> tuple[Floats, Floats]:
    z = float(stats.norm.ppf((1 + level) / 2))
    shrink = (z / stats.t.ppf((1 + level) / 2, np.maximum(df, 1)))[:, None] ** 2
    q, n = sums.share, sums.completions[:, None]
    spread = q * (1 - q)
    # Rounding leaves a variance of 1e-17 where all problems agree; that is agreement, not evidence.
    agree = ~(variance > 1e-12 * np.maximum(spread, 1e-12))
    fallback = sums.problems[:, None] if target == "population" else n
    with np.errstate(divide="ignore", invalid="ignore"):
        n_eff = np.where(agree, fallback, np.minimum(spread / variance, n) * shrink)
        half = z / (1 + z * z / n_eff) * np.sqrt(spread / n_eff + z * z / (4 * n_eff * n_eff))
        middle = (q + z * z / (2 * n_eff)) / (1 + z * z / n_eff)
    low, high = np.clip(middle - half, 0, q), np.clip(middle + half, q, 1)
    alone = (sums.problems == 1)[:, None] & (target == "population")
    return np.where(alone, 0.0, low), np.where(alone, 1.0, high)
