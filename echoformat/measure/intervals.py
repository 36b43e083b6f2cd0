"""Intervals that know completions of one problem belong together: cluster Wilson, jackknife, bootstrap.

Two targets, two variances, and the caller says which: `population` (other problems like these) or `fixed`
(this very set of problems, sampling noise only). Ignoring the problems makes a nominal 95 % interval cover 50
to 75 %.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from echoformat.errors import UsageError
from echoformat.measure.arrays import Floats, as_counts
from echoformat.measure.bootstrap import bootstrap_counts, bootstrap_problems, percentile_interval
from echoformat.measure.cluster import ClusterSums, Target, design_effect, intraclass_correlation
from echoformat.measure.entropy import jackknife
from echoformat.measure.interval import FEW_PROBLEMS, NEAR_COLLAPSE, WARNING, Interval, Intervals, check_level
from echoformat.measure.wilson import cluster_wilson, cluster_wilson_run

__all__ = [
    "ClusterSums",
    "Interval",
    "Intervals",
    "Target",
    "bootstrap_counts",
    "bootstrap_problems",
    "check_level",
    "cluster_wilson",
    "cluster_wilson_run",
    "design_effect",
    "entropy_bound",
    "entropy_interval",
    "entropy_interval_run",
    "intraclass_correlation",
    "paired_change",
    "percentile_interval",
]


def entropy_bound(share: float, formats: int) -> float:
    """Largest entropy in nats when one format holds at least `share`: h2(p) + (1-p) ln(K-1).

    Example:
        >>> round(entropy_bound(0.95, 3), 4)
        0.2332
        >>> entropy_bound(1.0, 3)
        0.0
    """
    if formats < 2:
        return 0.0
    p = max(share, 1 / formats)
    rest = 1 - p
    return p * math.log(1 / p) + (rest * math.log((formats - 1) / rest) if rest > 0 else 0.0)


def entropy_interval(counts: ArrayLike, *, declared: int | None = None, level: float = 0.95) -> Interval:
    """Interval of the entropy of one step, in nats, for other problems like these.

    exp(ln H_J -/+ t sqrt(v_J)/H_J) with the delete-one-problem jackknife H_J, v_J, capped at ln K. Where only
    one format was seen: [0, the bound from the lower Wilson limit of its share].

    Args:
        counts: [problems, formats].
        declared: Number of declared formats K; the number of columns without it.
        level: Nominal coverage.

    Raises:
        UsageError: Wrong shape, or no completion at all.

    Reference: Zahl (1977).

    Example:
        >>> seen = entropy_interval([[8, 0]] * 60)
        >>> seen.low, seen.point, round(seen.high, 4)
        (0.0, 0.0, 0.2274)
    """
    array = as_counts(counts, axes=2)
    pooled = np.asarray(array.sum(axis=0), dtype=np.float64)
    if not pooled.any():
        raise UsageError("no completion in counts: an entropy needs at least one")
    formats = max(declared or len(pooled), int((pooled > 0).sum()))
    if (pooled > 0).sum() == 1:
        return _one_format(array, int(pooled.argmax()), formats, level)
    return _log_entropy(array, pooled, formats, check_level(level))


def entropy_interval_run(counts: ArrayLike, *, declared: int | None = None, level: float = 0.95) -> Intervals:
    """Intervals of the entropy of every step of a run, in nats, as `entropy_interval`.

    They are symmetric on no scale of their own, so that `standard_error` is NaN throughout.

    Args:
        counts: [steps, problems, formats]; a step without completions gives NaN.
        declared: Number of declared formats K; the number of columns without it.
        level: Nominal coverage.

    Example:
        >>> run = np.array([[[8, 0], [4, 4], [6, 2]], [[0, 0], [0, 0], [0, 0]]])
        >>> [round(float(high), 4) for high in entropy_interval_run(run).high]
        [0.6931, nan]
    """
    steps = as_counts(counts, axes=3)
    nothing = Interval(math.nan, math.nan, math.nan, level, "none", False, "no completion")
    each = [
        entropy_interval(step, declared=declared, level=level) if step.any() else nothing for step in steps
    ]
    low, high, point = (np.array([getattr(one, side) for one in each]) for side in ("low", "high", "point"))
    trusted = np.array([one.trustworthy for one in each], dtype=bool)
    return Intervals(low, high, point, np.full(len(each), np.nan), level, "jackknife log-entropy t", trusted)


def _one_format(counts: NDArray[np.generic], seen: int, formats: int, level: float) -> Interval:
    share = cluster_wilson(counts, seen, level=level)
    high = entropy_bound(share.low, formats)
    note = "only one format seen: the upper limit is the largest entropy its share allows"
    trusted = int(counts.any(axis=1).sum()) >= FEW_PROBLEMS
    return Interval(0.0, high, 0.0, level, "bound by cluster Wilson", trusted, note)


def _log_entropy(counts: NDArray[np.generic], pooled: Floats, formats: int, level: float) -> Interval:
    value, variance, problems = jackknife(counts)
    cap = math.log(formats)
    if problems < 2 or value <= 0:
        return Interval(0.0, cap, min(max(value, 0.0), cap), level, "none", False, "too few problems to tell")
    reach = float(stats.t.ppf((1 + level) / 2, problems - 1)) * math.sqrt(variance) / value
    low, high = value * math.exp(-reach), min(value * math.exp(min(reach, 700)), cap)
    few = problems < FEW_PROBLEMS and float(pooled.max() / pooled.sum()) > NEAR_COLLAPSE
    return Interval(
        min(low, cap),
        high,
        min(value, cap),
        level,
        "jackknife log-entropy t",
        not few,
        WARNING if few else "",
    )


def paired_change(counts_a: ArrayLike, counts_b: ArrayLike, *, level: float = 0.95) -> Intervals:
    """Change of every share from one checkpoint to another on the same problems, with its t interval.

    e_j = (n_bj - q_b n_bj.)/N_b - (n_aj - q_a n_aj.)/N_a, v = P/(P-1) sum_j e_j^2: what a problem contributes
    to both checkpoints cancels. A problem seen at one checkpoint only contributes its own side.

    Args:
        counts_a: [problems, formats] before.
        counts_b: [problems, formats] after, the same problems in the same rows.
        level: Nominal coverage.

    Returns:
        Intervals [formats] of share after minus share before, in [-1, 1].

    Raises:
        UsageError: Shapes that differ, or a side without completions.

    Example:
        >>> before = [[4, 0], [0, 4], [1, 3], [3, 1], [2, 2]]
        >>> after = [[4, 0], [3, 1], [4, 0], [4, 0], [4, 0]]
        >>> change = paired_change(before, after)
        >>> round(float(change.point[0]), 2), round(float(change.standard_error[0]), 6)
        (0.45, 0.145774)
    """
    a, b = (np.asarray(as_counts(side, axes=2), dtype=np.float64) for side in (counts_a, counts_b))
    if a.shape != b.shape:
        raise UsageError(f"both checkpoints need the same problems and formats, got {a.shape} and {b.shape}")
    if not (a.any() and b.any()):
        raise UsageError("a checkpoint holds no completion; pass two checkpoints that were sampled")
    (share_a, error_a), (share_b, error_b) = _influence(a), _influence(b)
    seen = int((a.any(axis=1) | b.any(axis=1)).sum())
    point = share_b - share_a
    if seen < 2:
        nothing = np.full(len(point), np.nan)
        one = np.ones(len(point))
        return Intervals(-one, one, point, nothing, level, "paired t", np.zeros(len(point), dtype=bool))
    spread = np.sqrt(seen / (seen - 1) * ((error_b - error_a) ** 2).sum(axis=0))
    reach = float(stats.t.ppf((1 + check_level(level)) / 2, seen - 1)) * spread
    trusted = (spread > 0) & (seen >= 10)
    return Intervals(
        np.maximum(point - reach, -1), np.minimum(point + reach, 1), point, spread, level, "paired t", trusted
    )


def _influence(counts: Floats) -> tuple[Floats, Floats]:
    """Shares [formats] and what each problem adds to them beyond its own weight [problems, formats]."""
    sizes = counts.sum(axis=1, keepdims=True)
    share = counts.sum(axis=0) / sizes.sum()
    return share, (counts - share * sizes) / sizes.sum()
