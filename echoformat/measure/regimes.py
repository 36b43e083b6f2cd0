"""Shape of a transition beyond its crossings: a logistic fit, and how many regimes a series has."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import least_squares
from scipy.special import expit, logit

from echoformat.errors import UsageError
from echoformat.measure.arrays import Floats


@dataclass(frozen=True, slots=True)
class LogisticFit:
    """A share that follows lower + (upper - lower) / (1 + exp(-rate (t - midpoint))).

    Attributes:
        midpoint: Step of half the move; outside the log where the transition is not inside it.
        rate: Per step; the selection coefficient where the asymptotes are 0 and 1.
        lower: Lower asymptote.
        upper: Upper asymptote.
        inside: Whether the midpoint lies inside the log; if not, believe the crossings, not the fit.
        error: Root mean square distance from the shares.
    """

    midpoint: float
    rate: float
    lower: float
    upper: float
    inside: bool
    error: float

    @property
    def width(self) -> float:
        """Steps from 10 to 90 % of the move: 2 ln 9 / |rate|."""
        return 2 * math.log(9) / abs(self.rate) if self.rate else math.inf


def logistic_fit(
    shares: ArrayLike, steps: ArrayLike, weights: ArrayLike | None = None, *, asymptotes: bool = False
) -> LogisticFit:
    """Fit a logistic curve to a share: exact for two formats whose accuracy differs by a constant.

    Without `asymptotes` a binomial regression of the share on the step (0 to 1); with them least squares with
    free lower and upper limits. An extra: the model fails on transitions already under way, on plateaus below
    1, and where there is none.

    Args:
        shares: [steps] in [0, 1]; NaN steps are left out.
        steps: [steps] positions.
        weights: [steps] completions behind each share.
        asymptotes: Fit the lower and upper limits too.

    Raises:
        UsageError: Shapes that differ, or too few steps for the parameters.

    Example:
        >>> t = np.arange(0, 201, 5)
        >>> fit = logistic_fit(1 / (1 + np.exp(-0.14 * (t - 62.5))), t)
        >>> round(fit.midpoint, 6), round(fit.rate, 6), round(fit.width, 4)
        (62.5, 0.14, 31.3889)
    """
    y, t = np.asarray(shares, dtype=np.float64), np.asarray(steps, dtype=np.float64)
    w = np.ones_like(y) if weights is None else np.asarray(weights, dtype=np.float64)
    if not (y.ndim == 1 and y.shape == t.shape == w.shape):
        raise UsageError(f"shares, steps and weights need one entry a step: {y.shape}, {t.shape}, {w.shape}")
    keep = np.isfinite(y) & (w > 0)
    y, t, w = y[keep], t[keep], w[keep]
    needed = 5 if asymptotes else 3
    if len(y) < needed:
        raise UsageError(f"a logistic fit needs {needed} steps with completions, got {len(y)}")
    centre, scale = float(t.mean()), float(t.std()) or 1.0
    x = (t - centre) / scale
    intercept, slope = _binomial(x, y, w)
    lower, upper = 0.0, 1.0
    if asymptotes:
        intercept, slope, lower, upper = _four(x, y, w)
    middle = centre - intercept / slope * scale if slope else math.nan
    miss = y - (lower + (upper - lower) * expit(intercept + slope * x))
    error = math.sqrt(float(np.average(miss**2, weights=w)))
    return LogisticFit(middle, slope / scale, lower, upper, bool(t.min() <= middle <= t.max()), error)


def _binomial(x: Floats, y: Floats, w: Floats) -> tuple[float, float]:
    """Binomial regression by Newton steps, halved where they would lower the likelihood."""
    beta = np.array([logit(min(max(float(np.average(y, weights=w)), 1e-6), 1 - 1e-6)), 0.0])
    design = np.stack([np.ones_like(x), x], axis=1)

    def fit(at: Floats) -> float:
        eta = design @ at
        return float(w @ (y * eta - np.logaddexp(0, eta)))

    for _ in range(200):
        mean = expit(design @ beta)
        curve = (design.T * (w * mean * (1 - mean))) @ design + 1e-12 * np.eye(2)
        step = np.linalg.solve(curve, design.T @ (w * (y - mean)))
        while fit(beta + step) < fit(beta) - 1e-12 and np.abs(step).max() > 1e-12:
            step = step / 2
        beta = beta + step
        if np.abs(step).max() < 1e-12 * (1 + np.abs(beta).max()):
            break
    return float(beta[0]), float(beta[1])


def _four(x: Floats, y: Floats, w: Floats) -> tuple[float, float, float, float]:
    low, high = float(y.min()), float(y.max())
    rising = float(np.polyfit(x, y, 1)[0]) >= 0
    spread = max(high - low, 1e-6)
    unit = np.clip((y - low) / spread, 0.02, 0.98)
    intercept, slope = _binomial(x, unit if rising else 1 - unit, w)
    root = np.sqrt(w / w.mean())

    def miss(p: Floats) -> Floats:
        return np.asarray(root * (p[2] + (p[3] - p[2]) * expit(p[0] + p[1] * x) - y))

    sign = 1 if rising else -1
    start = [sign * intercept, sign * slope, low, high]
    limits = ([-np.inf, -np.inf, -1e-9, -1e-9], [np.inf, np.inf, 1 + 1e-9, 1 + 1e-9])
    inside = np.clip(start, np.array(limits[0]) + 1e-12, np.array(limits[1]) - 1e-12)
    tight = {"xtol": 1e-15, "ftol": 1e-15, "gtol": 1e-15}
    p = least_squares(miss, inside, bounds=limits, max_nfev=2000, **tight).x
    return float(p[0]), float(p[1]), float(p[2]), float(p[3])


def regime_ends(
    series: ArrayLike, *, noise: float | None = None, penalty: float | None = None
) -> tuple[int, ...]:
    """Ends of the stretches of constant mean, by exact least-squares segmentation with a penalty a change.

    Minimises sum of squares + penalty x number of stretches, penalty = 3 noise^2 ln n. One end: no change. A
    ramp is not constant in stretches and comes out as several: use it to count regimes only, on logits of the
    share.

    Args:
        series: [n] values in order.
        noise: Standard deviation of one value; from first differences (median) without it.
        penalty: Instead of the default.

    Returns:
        Indices one past the end of each stretch, the last being n.

    Reference: Killick et al. (2012); Jackson et al. (2005).

    Example:
        >>> regime_ends([0.1, -0.1, 0.0, 0.1, 5.0, 5.1, 4.9, 5.0], noise=0.1)
        (4, 8)
    """
    y = np.asarray(series, dtype=np.float64)
    if y.ndim != 1 or not np.isfinite(y).all():
        raise UsageError("a series of finite values is needed; leave out steps without completions")
    n = len(y)
    if n < 2:
        return (n,)
    sigma = noise if noise is not None else 1.4826 * float(np.median(np.abs(np.diff(y)))) / math.sqrt(2)
    cost = 3 * sigma**2 * math.log(n) if penalty is None else penalty
    total, squares = np.concatenate([[0.0], np.cumsum(y)]), np.concatenate([[0.0], np.cumsum(y * y)])
    best, back = np.zeros(n + 1), np.zeros(n + 1, dtype=np.int64)
    best[0] = -cost
    for end in range(1, n + 1):
        start = np.arange(end)
        inside = squares[end] - squares[:end] - (total[end] - total[:end]) ** 2 / (end - start)
        value = best[:end] + inside + cost
        back[end] = int(value.argmin())
        best[end] = value[back[end]]
    ends = [n]
    while back[ends[-1]]:
        ends.append(int(back[ends[-1]]))
    return tuple(reversed(ends))
