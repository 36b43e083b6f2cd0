"""When to say "unknown": thresholds that hold under any shares, and the test for a format nobody declared."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from echoformat.errors import UsageError
from echoformat.measure.arrays import Floats, Ints, as_shares
from echoformat.measure.confusion import as_labels


def class_thresholds(posteriors: ArrayLike, true: ArrayLike, *, alpha: float = 0.1) -> Floats:
    """Smallest probability of each format at which it stays in the set: class-conditional split conformal.

    Per format the ceil((n+1)(1-alpha))-th smallest of 1 - p_true, turned into a probability. Sets then hold
    the true format with chance at least 1 - alpha whatever the shares, as long as each format looks as it
    did.

    Args:
        posteriors: [completions, formats] of a calibration sample.
        true: [completions] format indices.
        alpha: Error allowed for each format.

    Returns:
        [formats]; 0 for a format with too few completions to exclude it ever.

    Raises:
        UsageError: Lists that do not fit, or alpha outside (0, 1).

    Reference: Sadinle, Lei and Wasserman (2019).

    Example:
        >>> sample = [[p / 10, 1 - p / 10] for p in range(1, 10)]
        >>> class_thresholds(sample, [0] * 9, alpha=0.5).round(2).tolist()
        [0.5, 0.0]
    """
    p = as_shares(posteriors)
    codes = as_labels(true, p.shape[-1])
    _check(p, codes, alpha)
    return np.array([_threshold(p[codes == f, f], alpha) for f in range(p.shape[1])])


def marginal_threshold(posteriors: ArrayLike, true: ArrayLike, *, alpha: float = 0.1) -> float:
    """One threshold for all formats: right on average at the shares of the sample, and wrong once they shift.

    Example:
        >>> round(marginal_threshold([[p / 10, 1 - p / 10] for p in range(1, 10)], [0] * 9, alpha=0.5), 2)
        0.5
    """
    p = as_shares(posteriors)
    codes = as_labels(true, p.shape[-1])
    _check(p, codes, alpha)
    return _threshold(p[np.arange(len(codes)), codes], alpha)


def _check(p: Floats, codes: NDArray[np.int64], alpha: float) -> None:
    if p.ndim != 2 or len(p) != len(codes):
        raise UsageError(f"one true format a posterior is needed, got {codes.shape} and {p.shape}")
    if not 0 < alpha < 1:
        raise UsageError(f"alpha={alpha} must lie between 0 and 1, for example 0.1")


def _threshold(of_true: Floats, alpha: float) -> float:
    rank = math.ceil((len(of_true) + 1) * (1 - alpha) - 1e-9)
    return float(np.sort(of_true)[::-1][rank - 1]) if rank <= len(of_true) else 0.0


def prediction_sets(posteriors: ArrayLike, thresholds: ArrayLike) -> NDArray[np.bool_]:
    """Formats that cannot be excluded: [completions, formats].

    Example:
        >>> prediction_sets([[0.8, 0.2], [0.6, 0.4]], [0.5, 0.3]).tolist()
        [[True, False], [True, True]]
    """
    return np.asarray(as_shares(posteriors) >= np.asarray(thresholds, dtype=np.float64))


def selective_labels(posteriors: ArrayLike, thresholds: ArrayLike) -> Ints:
    """The label where exactly one format remains, else -1 (unknown: none or several).

    Example:
        >>> selective_labels([[0.8, 0.2], [0.6, 0.4]], [0.5, 0.3]).tolist()
        [0, -1]
    """
    inside = prediction_sets(posteriors, thresholds)
    return np.where(inside.sum(axis=1) == 1, inside.argmax(axis=1), -1).astype(np.int64)


@dataclass(frozen=True, slots=True)
class NovelFormat:
    """Whether more completions are unknown than known formats explain.

    Attributes:
        p_value: Exact binomial chance of as many unknown.
        alarm_count: Fewest unknown that would be significant.
        share_low: Share of a new format at least, if every one of its completions is unknown.
        share: Share at the given detection rate; NaN without one.
    """

    p_value: float
    alarm_count: int
    share_low: float
    share: float


def novel_format(
    unknown: int,
    completions: int,
    known_rate: float,
    *,
    detection: float | None = None,
    significance: float = 1e-3,
) -> NovelFormat:
    """Test the unknown rate against that of known formats: (u - phi)/(detection - phi) is the new format's
    share.

    Completions of one problem are not independent: pass one a problem, or watch the rate with
    `alarm.CollapseAlarm`.

    Args:
        unknown: Unknown completions.
        completions: All completions.
        known_rate: phi, rate at which known formats come out unknown.
        detection: Rate at which a new format comes out unknown, where known.
        significance: For `alarm_count`.

    Raises:
        UsageError: Counts or rates out of range.

    Example:
        >>> found = novel_format(70, 1024, 0.02, detection=0.9)
        >>> found.p_value < 1e-17, found.alarm_count, round(found.share_low, 4), round(found.share, 4)
        (True, 37, 0.0493, 0.055)
    """
    if not (0 <= unknown <= completions and completions > 0 and 0 <= known_rate < 1):
        raise UsageError(f"{unknown} unknown of {completions} at a known rate of {known_rate} cannot be")
    if detection is not None and not known_rate < detection <= 1:
        raise UsageError(f"detection={detection} must exceed the known rate {known_rate}")
    rate = unknown / completions
    low = max((rate - known_rate) / (1 - known_rate), 0.0)
    point = math.nan if detection is None else max((rate - known_rate) / (detection - known_rate), 0.0)
    p_value = float(stats.binom.sf(unknown - 1, completions, known_rate))
    count = int(stats.binom.isf(significance, completions, known_rate)) + 1
    return NovelFormat(p_value, count, low, point)
