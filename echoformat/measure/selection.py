"""How fast each format grows against a reference, and whether accuracy explains it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from echoformat.errors import UsageError
from echoformat.measure.arrays import Floats, as_counts


@dataclass(frozen=True, slots=True)
class SelectionCoefficients:
    """Growth rate of every format's log share against the reference, per unit of `steps`.

    Attributes:
        value: [formats]; 0 for the reference, NaN where fewer than two steps hold the format.
        standard_error: [formats], from the residuals of the fit; NaN below three steps.
        reference: Index of the format that the others are compared with.
        used: [formats] number of steps that entered the fit.
    """

    value: Floats
    standard_error: Floats
    reference: int
    used: tuple[int, ...]


def selection_coefficients(
    shares_over_time: ArrayLike, steps: ArrayLike, *, reference: int = -1, pseudo_count: float = 0.0
) -> SelectionCoefficients:
    """Selection coefficient of every format: the slope of ln(q_f / q_ref) over steps, by weighted least
    squares.

    Under expert iteration exactly ln(a_f / a_ref) a round; under natural policy gradient eta (a_f - a_ref).

    Args:
        shares_over_time: [steps, formats] shares, or counts with `pseudo_count` 0.5.
        steps: [steps] positions in time.
        reference: Index of the reference format (negative counts from the end).
        pseudo_count: Added to every count; above 0, steps are weighted by the inverse variance
            1/(1/n_f + 1/n_ref) of the log ratio. At 0 all steps where both shares are positive weigh the
            same.

    Raises:
        UsageError: Shapes that do not fit, or no such reference.

    Example:
        >>> q = np.array([[0.1, 0.4, 0.5], [3/14, 6/14, 5/14], [9/23, 9/23, 5/23]])
        >>> [round(float(s), 6) for s in selection_coefficients(q, [0, 1, 2]).value]
        [1.098612, 0.405465, 0.0]
    """
    rows = np.asarray(as_counts(shares_over_time, axes=2), dtype=np.float64) + pseudo_count
    times = np.asarray(steps, dtype=np.float64)
    formats = rows.shape[1]
    if times.shape != (len(rows),):
        raise UsageError(f"steps must have one entry a row: {len(rows)} rows, steps of shape {times.shape}")
    if not -formats <= reference < formats:
        raise UsageError(f"reference={reference}, but the formats are numbered 0 to {formats - 1}")
    ref = reference % formats
    fits = [_slope(times, rows[:, f], rows[:, ref], pseudo_count > 0) for f in range(formats)]
    return SelectionCoefficients(
        np.array([fit[0] for fit in fits]),
        np.array([fit[1] for fit in fits]),
        ref,
        tuple(fit[2] for fit in fits),
    )


def _slope(times: Floats, one: Floats, other: Floats, weighted: bool) -> tuple[float, float, int]:
    keep = (one > 0) & (other > 0)
    t, a, b = times[keep], one[keep], other[keep]
    if len(np.unique(t)) < 2:
        return math.nan, math.nan, len(t)
    weights = a * b / (a + b) if weighted else np.ones(len(t))
    slope, _, error = weighted_line(t, np.log(a / b), weights)
    return slope, error, len(t)


def weighted_line(x: Floats, y: Floats, weights: Floats) -> tuple[float, float, float]:
    """Slope, intercept and the slope's standard error of a weighted least-squares line.

    The error comes from the weighted residuals on n-2 degrees of freedom; NaN with two points.

    Example:
        >>> x = np.array([0.0, 1.0, 2.0])
        >>> [round(v, 6) for v in weighted_line(x, 1 + 2 * x, np.ones(3))]
        [2.0, 1.0, 0.0]
    """
    total = weights.sum()
    mean_x, mean_y = weights @ x / total, weights @ y / total
    spread = weights @ (x - mean_x) ** 2
    slope = weights @ ((x - mean_x) * (y - mean_y)) / spread
    intercept = mean_y - slope * mean_x
    left = weights @ (y - intercept - slope * x) ** 2
    error = math.sqrt(left / (len(x) - 2) / spread) if len(x) > 2 else math.nan
    return float(slope), float(intercept), error


@dataclass(frozen=True, slots=True)
class SelectionEfficacy:
    """Slope of the selection coefficients on the accuracy advantage.

    Attributes:
        slope: About the learning rate where accuracy drives selection; about 0 with coefficients that are
            not 0 where formats move for another reason (length, format reward, clipping bias).
        standard_error: NaN with two formats.
        intercept: Growth at the mean accuracy, not explained by it.
        formats: Number of formats that entered.
    """

    slope: float
    standard_error: float
    intercept: float
    formats: int


def selection_efficacy(
    coefficients: ArrayLike, accuracy: ArrayLike, *, shares: ArrayLike | None = None
) -> SelectionEfficacy:
    """How much of the growth of formats follows their accuracy: slope of s_f on (a_f - mean accuracy).

    Args:
        coefficients: [formats] selection coefficients.
        accuracy: [formats] accuracy of each format in [0, 1], at the base; formats of NaN are left out.
        shares: [formats] weights of the mean accuracy and of the fit; all alike without them.

    Raises:
        UsageError: Shapes that differ, or fewer than two formats with different accuracy.

    Example:
        >>> round(selection_efficacy([0.8, 0.2, 0.0], [0.6, 0.3, 0.2]).slope, 6)
        2.0
    """
    s, a = np.asarray(coefficients, dtype=np.float64), np.asarray(accuracy, dtype=np.float64)
    weights = np.ones_like(s) if shares is None else np.asarray(shares, dtype=np.float64)
    if not (s.shape == a.shape == weights.shape and s.ndim == 1):
        raise UsageError(f"one entry a format is needed, got {s.shape}, {a.shape} and {weights.shape}")
    keep = np.isfinite(s) & np.isfinite(a) & (weights > 0)
    s, a, weights = s[keep], a[keep], weights[keep]
    if len(np.unique(a)) < 2:
        raise UsageError(f"efficacy needs two formats of different accuracy, got accuracies {a.tolist()}")
    slope, intercept, error = weighted_line(a - weights @ a / weights.sum(), s, weights)
    return SelectionEfficacy(slope, error, intercept, len(s))
