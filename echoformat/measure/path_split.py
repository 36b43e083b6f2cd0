"""What a path of selection and improvement came to, and the fraction of the gain that selection is."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from scipy import stats

from echoformat.measure.arrays import Floats
from echoformat.measure.estimate import Estimate


class Basis(StrEnum):
    """What a path was held constant for."""

    WITHIN = "within-problem"
    ADJUSTED = "adjusted, not within-problem"
    STRATIFIED = "within strata, not within-problem"
    POOLED = "pooled, not within-problem"


@dataclass(frozen=True, slots=True)
class PathSplit:
    """Selection and improvement along a run; they add up to the gain.

    Attributes:
        basis: What was held constant.
        selection: Gain because shares moved, in units of accuracy.
        improvement: Gain because formats got better.
        gain: Accuracy of the last window less that of the first.
        covariance: Sampling covariance of selection and gain.
        selection_by_format: Centred lines that add up to the selection, shape ``[formats]``.
        improvement_by_format: Lines that add up to the improvement.
        windows: Windows in the path.
        window: Steps in a window.
        problems: Problems that carry the figure.
        problems_left_out: Problems with completions in fewer than two windows.
        median_completions: Median completions of a carrying problem in a window (of a window, if pooled).
        empty_cell_rate: Fraction of (problem, move between windows, format) cells that were seen on one side
            only, whose accuracy on the other side had to be assumed equal.
        notes: What a reader of the figures must know.
    """

    basis: Basis
    selection: Estimate
    improvement: Estimate
    gain: Estimate
    covariance: float
    selection_by_format: tuple[float, ...]
    improvement_by_format: tuple[float, ...]
    windows: int
    window: int
    problems: int
    problems_left_out: int
    median_completions: float
    empty_cell_rate: float
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Confounding:
    """Pooled selection less the selection with difficulty held constant, from the same windows and resamples.

    Attributes:
        shift: The difference; 0 where formats do not go with difficulty.
        pooled: The pooled path.
        within: The within-problem path, or the adjusted one where problems do not come back (see its basis).
    """

    shift: Estimate
    pooled: PathSplit
    within: PathSplit

    def to_dict(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class PathDraws:
    """A path with the replicates of its selection and of its gain."""

    split: PathSplit
    selection: Floats


def selection_fraction(split: PathSplit) -> Estimate | None:
    """Fraction of the gain that is selection, ``S/gain``, by Fieller; ``None`` without a clear gain.

    Args:
        split: A path.

    Returns:
        ``None`` where the gain is within two standard errors of 0: its parts then mean nothing as fractions.
        May lie outside [0, 1], where selection and improvement have opposite signs.

    References:
        Fieller 1954.

    Example:
        >>> s, i, gain = Estimate(0.12, 0.01), Estimate(0.08, 0.01), Estimate(0.2, 0.014)
        >>> path = PathSplit(Basis.WITHIN, s, i, gain, 1e-4, (), (), 10, 4, 120, 0, 32.0, 0.1)
        >>> fraction = selection_fraction(path)
        >>> round(fraction.value, 3), round(fraction.low, 3), round(fraction.high, 3)
        (0.6, 0.531, 0.673)
    """
    gain, selection = split.gain, split.selection
    if not abs(gain.value) > 2 * gain.standard_error:
        return None
    t = float(stats.t.ppf(0.5 + gain.level / 2, max(split.problems - 1, 1)))
    ratio = selection.value / gain.value
    a = gain.value**2 - (t * gain.standard_error) ** 2
    b = selection.value * gain.value - t**2 * split.covariance
    c = selection.value**2 - (t * selection.standard_error) ** 2
    error = abs(gain.standard_error)
    spread = selection.standard_error**2 - 2 * ratio * split.covariance + (ratio * error) ** 2
    standard = math.sqrt(max(spread, 0.0)) / abs(gain.value)
    if a <= 0:
        return Estimate(ratio, standard, level=gain.level)
    reach = math.sqrt(max(b * b - a * c, 0.0))
    return Estimate(ratio, standard, (b - reach) / a, (b + reach) / a, gain.level)
