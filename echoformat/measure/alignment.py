"""Did the gain come when the shares switched: concentration of the gain, and lag between two curves.

Use the selection component rather than total accuracy: any two curves that saturate "coincide" early.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from echoformat.errors import UsageError
from echoformat.measure.arrays import Floats
from echoformat.measure.bootstrap import percentile_interval
from echoformat.measure.interval import Interval


@dataclass(frozen=True, slots=True)
class GainConcentration:
    """How much of the gain fell into the transition.

    Attributes:
        total: Gain from the first to the last step.
        inside: Gain from t10 to t90.
        gain_fraction: inside / total; NaN without a gain.
        time_fraction: (t90 - t10) / length of the log.
        concentration: gain_fraction / time_fraction; 1 for a gain spread evenly, larger where it coincides.
    """

    total: float
    inside: float
    gain_fraction: float
    time_fraction: float
    concentration: float


def gain_concentration(curve: ArrayLike, steps: ArrayLike, t10: float, t90: float) -> GainConcentration:
    """Fraction of a curve's gain inside [t10, t90] over the fraction of time that the window takes.

    Args:
        curve: [steps] accuracy, or the cumulated selection component.
        steps: [steps] positions, ascending; the curve is linear between them.
        t10: Start of the window.
        t90: End of the window.

    Raises:
        UsageError: Shapes that differ, fewer than two steps, or an empty window.

    Example:
        >>> gain_concentration([0.0, 0.0, 0.4, 0.5, 0.5], range(5), 1, 3).concentration
        2.0
    """
    y, t = _curve(curve, steps)
    if not t[0] <= t10 < t90 <= t[-1]:
        raise UsageError(f"the window [{t10}, {t90}] must lie inside the steps [{t[0]}, {t[-1]}]")
    total = float(y[-1] - y[0])
    inside = float(np.interp(t90, t, y) - np.interp(t10, t, y))
    time = float((t90 - t10) / (t[-1] - t[0]))
    fraction = inside / total if total else float("nan")
    return GainConcentration(total, inside, fraction, time, fraction / time)


def _curve(values: ArrayLike, steps: ArrayLike) -> tuple[Floats, Floats]:
    y, t = np.asarray(values, dtype=np.float64), np.asarray(steps, dtype=np.float64)
    if y.ndim != 1 or y.shape != t.shape or len(y) < 2:
        raise UsageError(f"a curve needs one value for each of two or more steps: {y.shape}, {t.shape}")
    return y, t


@dataclass(frozen=True, slots=True)
class Lag:
    """How many steps the second curve follows the first by.

    Attributes:
        steps: Positive where the second curve comes later; NaN where a curve never moves.
        correlation: Correlation of the increments at that lag.
    """

    steps: float
    correlation: float


def lag(leader: ArrayLike, follower: ArrayLike, steps: ArrayLike, *, longest: float | None = None) -> Lag:
    """Lag between two curves: the shift that maximises the correlation of their increments.

    Uneven steps are interpolated to the median spacing, which is also the resolution of the answer.

    Args:
        leader: [steps] for example the share.
        follower: [steps] for example the cumulated selection component.
        steps: [steps] positions, ascending.
        longest: Largest lag to try, in steps; a third of the log by default.

    Raises:
        UsageError: Shapes that differ.

    Example:
        >>> t = np.arange(40)
        >>> lag(1 / (1 + np.exp(15 - t)), 1 / (1 + np.exp(19 - t)), t).steps
        4.0
    """
    first, t = _curve(leader, steps)
    second, _ = _curve(follower, steps)
    spacing = float(np.median(np.diff(t)))
    grid = np.arange(t[0], t[-1] + spacing / 2, spacing)
    one, other = np.diff(np.interp(grid, t, first)), np.diff(np.interp(grid, t, second))
    reach = int((len(grid) * spacing / 3 if longest is None else longest) / spacing + 1e-9)
    reach = min(reach, len(one) - 3)
    tried = [(_correlation(one, other, shift), -abs(shift), shift) for shift in range(-reach, reach + 1)]
    known = [entry for entry in tried if np.isfinite(entry[0])]
    if not known:
        return Lag(float("nan"), float("nan"))
    # Rounded, so that equal curves answer 0 rather than the shift that wins by the last bit.
    best = max(known, key=lambda entry: (round(entry[0], 9), entry[1]))
    return Lag(best[2] * spacing, best[0])


def _correlation(one: Floats, other: Floats, shift: int) -> float:
    a = one[: len(one) - shift] if shift >= 0 else one[-shift:]
    b = other[shift:] if shift >= 0 else other[:shift]
    a, b = a - a.mean(), b - b.mean()
    scale = float(np.sqrt((a @ a) * (b @ b)))
    # The overlap of two finished curves is flat; its correlation is rounding, not evidence.
    return float(a @ b) / scale if scale > 1e-12 else float("nan")


def lag_interval(
    leaders: ArrayLike, followers: ArrayLike, steps: ArrayLike, *, level: float = 0.95
) -> Interval:
    """Interval of the lag from bootstrap replicates of both curves (rows resampled by problem together).

    Args:
        leaders: [replicates, steps]; the first row is the estimate itself.
        followers: [replicates, steps], same replicates.
        steps: [steps].
        level: Nominal coverage.

    Raises:
        UsageError: Fewer than two replicates, or shapes that differ.

    Example:
        >>> t = np.arange(40)
        >>> curves = np.stack([1 / (1 + np.exp(m - t)) for m in (15, 15, 16)])
        >>> later = np.stack([1 / (1 + np.exp(m - t)) for m in (18, 18, 18)])
        >>> lag_interval(curves, later, t).point
        3.0
    """
    one, other = np.asarray(leaders, dtype=np.float64), np.asarray(followers, dtype=np.float64)
    if one.ndim != 2 or one.shape != other.shape or len(one) < 2:
        raise UsageError(f"need [replicates, steps] twice, of one shape: {one.shape}, {other.shape}")
    lags = [lag(a, b, steps).steps for a, b in zip(one, other, strict=True)]
    return percentile_interval(lags[0], lags[1:], level=level)
