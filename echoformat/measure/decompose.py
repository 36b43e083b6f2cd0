"""What a gain in accuracy is made of: selection (shares moved) and improvement (formats got better).

Here stand the two-endpoint forms; `path` sums them along a run, which is what to read as the headline.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import ArrayLike

from echoformat.errors import UsageError
from echoformat.measure.arrays import Floats, as_shares
from echoformat.measure.confusion import CorrectedCounts, correct_joint
from echoformat.measure.path import (
    adjusted_path,
    confounding,
    pooled_path,
    within_problem_path,
)
from echoformat.measure.path_split import Basis, Confounding, PathSplit, selection_fraction

__all__ = [
    "Basis",
    "Confounding",
    "CorrectedCounts",
    "PathSplit",
    "PriceSplit",
    "ThreeFold",
    "TwoFold",
    "adjusted_path",
    "confounding",
    "correct_joint",
    "forced_split",
    "pooled_path",
    "price",
    "selection_fraction",
    "three_fold",
    "two_fold",
    "within_problem_path",
]


@dataclass(frozen=True, slots=True)
class TwoFold:
    """Selection and improvement between two checkpoints; they add up to the gain.

    Attributes:
        selection: Gain because shares moved, in units of accuracy.
        improvement: Gain because formats got better.
        selection_by_format: Centred lines ``dq_f (mean a_f - mean A)``, shape ``[formats]``.
        improvement_by_format: Lines ``mean q_f da_f``, shape ``[formats]``.
    """

    selection: float
    improvement: float
    selection_by_format: tuple[float, ...]
    improvement_by_format: tuple[float, ...]

    @property
    def gain(self) -> float:
        """Selection plus improvement: the change of accuracy."""
        return self.selection + self.improvement

    def to_dict(self) -> dict[str, object]:
        """The fields and the gain by name."""
        return asdict(self) | {"gain": self.gain}


@dataclass(frozen=True, slots=True)
class ThreeFold:
    """Selection at base accuracies, improvement at base shares, and what only happened jointly."""

    selection: float
    improvement: float
    interaction: float

    def to_dict(self) -> dict[str, float]:
        """The fields by name."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class PriceSplit:
    """The Price equation's two terms: covariance of growth with base accuracy, and transmission."""

    covariance: float
    transmission: float

    def to_dict(self) -> dict[str, float]:
        """The fields by name."""
        return asdict(self)


def _endpoints(
    q0: ArrayLike, a0: ArrayLike, q1: ArrayLike, a1: ArrayLike
) -> tuple[Floats, Floats, Floats, Floats]:
    """Checked shares, and accuracies with an undefined one set to the other endpoint's."""
    first, last = as_shares(q0), as_shares(q1)
    before, after = np.asarray(a0, dtype=np.float64), np.asarray(a1, dtype=np.float64)
    if not first.shape == last.shape == before.shape == after.shape:
        raise UsageError(
            f"shares {first.shape}, {last.shape}, accuracies {before.shape}, {after.shape} must be equal"
        )
    before = np.where(first > 0, before, np.nan)
    after = np.where(last > 0, after, np.nan)
    filled0 = np.where(np.isnan(before), after, before)
    filled1 = np.where(np.isnan(after), before, after)
    gone = (first == 0) & (last == 0)
    if np.isnan(filled0[~gone]).any():
        raise UsageError("a format with a share needs an accuracy at that checkpoint; got nan")
    return first, np.where(gone, 0.0, filled0), last, np.where(gone, 0.0, filled1)


def two_fold(q0: ArrayLike, a0: ArrayLike, q1: ArrayLike, a1: ArrayLike) -> TwoFold:
    """Split a gain into selection and improvement at midpoints (Shapley for two factors; no residual).

    ``S = sum_f dq_f (a0_f + a1_f)/2``, ``I = sum_f (q0_f + q1_f)/2 da_f``. A format absent at one end takes
    the other end's accuracy, so that entry and exit are selection alone. Path dependent: where the run was
    logged between the ends, prefer :func:`within_problem_path`. Accounting, not causation.

    Args:
        q0: Shares at the first checkpoint, shape ``[formats]``.
        a0: Accuracies within each format there; ``nan`` where its share is 0.
        q1: Shares at the last checkpoint.
        a1: Accuracies there.

    Returns:
        Each term lies in [-1, 1]; equal accuracies give selection 0, equal shares give improvement only.

    Raises:
        UsageError: Shares that do not sum to one, shapes that differ, a share without an accuracy.

    References:
        Kitagawa 1955; Das Gupta 1993; Shorrocks 2013; entry and exit after Griliches and Regev 1995.

    Example:
        >>> split = two_fold([0.15, 0.35, 0.5], [0.4, 0.2, 0.1], [0.9, 0.06, 0.04], [0.5, 0.25, 0.1])
        >>> round(split.selection, 5), round(split.improvement, 5)
        (0.22625, 0.06275)
    """
    first, before, last, after = _endpoints(q0, a0, q1, a1)
    level = (float(first @ before) + float(last @ after)) / 2
    selected = (last - first) * ((before + after) / 2 - level)
    improved = (first + last) / 2 * (after - before)
    return TwoFold(
        float(selected.sum()), float(improved.sum()), tuple(selected.tolist()), tuple(improved.tolist())
    )


def three_fold(q0: ArrayLike, a0: ArrayLike, q1: ArrayLike, a1: ArrayLike) -> ThreeFold:
    """Split a gain at base values, with the joint change kept apart: ``sum dq a0 + sum q0 da + sum dq da``.

    Arguments and errors as :func:`two_fold`.

    References:
        Oaxaca 1973; Blinder 1973.

    Example:
        >>> parts = three_fold([0.15, 0.35, 0.5], [0.4, 0.2, 0.1], [0.9, 0.06, 0.04], [0.5, 0.25, 0.1])
        >>> round(parts.selection, 4), round(parts.improvement, 4), round(parts.interaction, 4)
        (0.196, 0.0325, 0.0605)
    """
    first, before, last, after = _endpoints(q0, a0, q1, a1)
    moved, grown = last - first, after - before
    return ThreeFold(float(moved @ before), float(first @ grown), float(moved @ grown))


def price(q0: ArrayLike, a0: ArrayLike, q1: ArrayLike, a1: ArrayLike) -> PriceSplit:
    """The Price equation: ``dA = Cov_q0(w, a0) + E_q0(w da)`` with growth ``w = q1/q0``.

    The covariance is the three-fold selection, transmission is improvement plus interaction. Commentary only.

    Arguments as :func:`two_fold`.

    Raises:
        UsageError: As :func:`two_fold`, or a format that enters from a share of 0 (``w`` is infinite).

    References:
        Price 1970; Frank 2012.

    Example:
        >>> parts = price([0.15, 0.35, 0.5], [0.4, 0.2, 0.1], [0.9, 0.06, 0.04], [0.5, 0.25, 0.1])
        >>> round(parts.covariance, 4), round(parts.transmission, 4)
        (0.196, 0.093)
    """
    first, before, last, after = _endpoints(q0, a0, q1, a1)
    if ((first == 0) & (last > 0)).any():
        raise UsageError("a format enters from share 0, its growth is infinite; use two_fold or a path")
    growth = np.divide(last, first, out=np.zeros_like(last), where=first > 0)
    covariance = float(first @ (growth * before)) - float(first @ growth) * float(first @ before)
    return PriceSplit(covariance, float(first @ (growth * (after - before))))


def forced_split(q0: ArrayLike, q1: ArrayLike, forced0: ArrayLike, forced1: ArrayLike) -> TwoFold:
    """The causal version: midpoint terms with accuracies measured by forcing every format on every problem.

    Terms are taken per problem and averaged, so difficulty cannot confound them. The gain is that of the
    forced accuracies at the logged shares and need not equal the logged one.

    Args:
        q0: Shares at base, shape ``[problems, formats]`` (or ``[formats]`` for all problems).
        q1: Shares at the end, same shape.
        forced0: Accuracy when a prefix forces the format, at base, shape ``[problems, formats]`` or
        ``[formats]``. forced1: The same at the end.

    Raises:
        UsageError: Shares that do not sum to one, ``nan`` accuracies, or shapes that do not broadcast.

    Example:
        >>> forced_split([[0.5, 0.5]], [[1.0, 0.0]], [0.8, 0.2], [0.8, 0.2]).selection.__round__(12)
        0.3
    """
    first, last = np.atleast_2d(as_shares(q0)), np.atleast_2d(as_shares(q1))
    before, after = np.asarray(forced0, dtype=np.float64), np.asarray(forced1, dtype=np.float64)
    if np.isnan(before).any() or np.isnan(after).any():
        raise UsageError("forced accuracies hold nan; a forced evaluation covers every format and problem")
    try:
        first, last, before, after = np.broadcast_arrays(first, last, before, after)
    except ValueError as error:
        raise UsageError(f"forced accuracies {before.shape} do not fit shares {first.shape}") from error
    level = ((first * before).sum(-1) + (last * after).sum(-1)) / 2
    selected = ((last - first) * ((before + after) / 2 - level[:, None])).mean(axis=0)
    improved = ((first + last) / 2 * (after - before)).mean(axis=0)
    return TwoFold(
        float(selected.sum()), float(improved.sum()), tuple(selected.tolist()), tuple(improved.tolist())
    )
