"""Onset of a collapse: the step from which one format keeps the share, noise of single steps allowed for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from echoformat.errors import UsageError
from echoformat.measure.arrays import Floats

# The first and last tenth of the steps stand for the ends of a run.
ENDS = 0.10


def step_noise(shares: ArrayLike) -> float:
    """Standard deviation of one step's share around its neighbours, robust to trends.

    1.4826 median |y_(t-1) - 2 y_t + y_(t+1)| / sqrt(6); 0 for a straight line, and for fewer than ten
    steps, where a sharp switch would pass for noise.

    Example:
        >>> step_noise([0.1, 0.2, 0.3, 0.4, 0.5])
        0.0
    """
    y = np.asarray(shares, dtype=np.float64)
    y = y[np.isfinite(y)]
    if len(y) < 10:
        return 0.0
    bends = np.abs(np.diff(y, 2))
    return float(np.round(1.4826 * np.median(bends) / np.sqrt(6), 12))


@dataclass(frozen=True, slots=True)
class Onset:
    """The step from which one format keeps the share.

    Attributes:
        step: First step of the collapse.
        format_index: The format that keeps it.
        threshold: The share it keeps.
        share: Its mean share from then on.
    """

    step: float
    format_index: int
    threshold: float
    share: float


def onset(
    shares: ArrayLike,
    steps: ArrayLike,
    threshold: float = 0.8,
    *,
    standard_error: ArrayLike | None = None,
    hold: int | None = None,
) -> Onset | None:
    """First step from which one format keeps `threshold` of the share to the end; `None` if none does.

    From that step on the mean share is at least the threshold and no step falls below it by more than two
    standard errors, so that one unlucky step of few completions does not end a collapse.

    Args:
        shares: [steps, formats].
        steps: [steps] positions, ascending.
        threshold: Share to keep, in (0.5, 1].
        standard_error: [steps, formats] or one number; from the second differences of the shares without it.
        hold: Steps that it must be kept for; a tenth of the log by default.

    Raises:
        UsageError: Shapes that differ, or a threshold that two formats could hold at once.

    Example:
        >>> kept = onset([[0.5, 0.5], [0.7, 0.3], [0.85, 0.15], [0.9, 0.1], [0.95, 0.05]], range(5))
        >>> kept.step, kept.format_index, round(kept.share, 3)
        (2.0, 0, 0.9)
        >>> onset([[0.9, 0.1], [0.5, 0.5]], range(2)) is None
        True
    """
    q, times = np.asarray(shares, dtype=np.float64), np.asarray(steps, dtype=np.float64)
    if q.ndim != 2 or times.shape != (len(q),):
        raise UsageError(f"shares must be [steps, formats], one step a row: {q.shape}, {times.shape}")
    if not 0.5 < threshold <= 1:
        raise UsageError(f"threshold={threshold} must lie above 0.5 and at most at 1, for example 0.8")
    seen: NDArray[np.bool_] = np.asarray(np.isfinite(q).all(axis=1))
    q, times = q[seen], times[seen]
    if not len(q):
        return None
    leader = int(q[-max(1, round(ENDS * len(q))) :].mean(axis=0).argmax())
    error = _step_errors(q, leader, standard_error, seen)
    start = _kept_from(q[:, leader], error, threshold, hold or max(1, round(ENDS * len(q))))
    if start is None:
        return None
    return Onset(float(times[start]), leader, threshold, float(q[start:, leader].mean()))


def _step_errors(q: Floats, leader: int, standard_error: ArrayLike | None, seen: NDArray[np.bool_]) -> Floats:
    if standard_error is None:
        return np.full(len(q), step_noise(q[:, leader]))
    given = np.asarray(standard_error, dtype=np.float64)
    return given[seen][:, leader] if given.ndim == 2 else np.broadcast_to(given, len(q))


def _kept_from(share: Floats, error: Floats, threshold: float, hold: int) -> int | None:
    mean_after = np.cumsum(share[::-1])[::-1] / np.arange(len(share), 0, -1)
    # 1e-12: a share of exactly the threshold must not fail for the last bit of its division.
    low = share < threshold - 2 * error - 1e-12
    first = int(np.flatnonzero(low)[-1]) + 1 if low.any() else 0
    for start in range(first, len(share) - hold + 1):
        if share[start] >= threshold - 1e-12 and mean_after[start] >= threshold - 1e-12:
            return start
    return None
