"""What a measure accepts: counts and shares as arrays, checked once, with the mistake named."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from echoformat.errors import UsageError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def as_counts(counts: ArrayLike, *, axes: int | None = None) -> NDArray[np.generic]:
    """Counts as a numeric array, refused where they cannot be counts.

    Integer arrays pass through without a copy; fractional counts (weights, fractional labels) are allowed.

    Args:
        counts: Completions of each format, formats last: [formats], [problems, formats] or
            [steps, problems, formats].
        axes: Number of axes that the caller needs.

    Raises:
        UsageError: Not numbers, negative or not finite, no format, or the wrong number of axes.

    Example:
        >>> as_counts([[3, 1], [0, 4]]).shape
        (2, 2)
    """
    array = np.asarray(counts)
    if array.dtype == np.bool_:
        array = array.astype(np.int64)
    if not (np.issubdtype(array.dtype, np.integer) or np.issubdtype(array.dtype, np.floating)):
        raise UsageError(
            f"counts must be numbers, got {array.dtype}; pass an integer array [problems, formats]"
        )
    _check_axes(array, axes)
    low = array.min() if array.size else 0
    if not (low >= 0 and (array.dtype.kind in "iu" or np.isfinite(array).all())):
        raise UsageError(f"counts must be finite and not negative, got a minimum of {low}")
    return array


def _check_axes(array: NDArray[np.generic], axes: int | None) -> None:
    names = {1: "[formats]", 2: "[problems, formats]", 3: "[steps, problems, formats]"}
    if axes is not None and array.ndim != axes:
        raise UsageError(f"counts must have {axes} axes {names[axes]}, got shape {array.shape}")
    if array.ndim == 0 or array.shape[-1] == 0:
        raise UsageError(f"counts must hold at least one format on the last axis, got shape {array.shape}")


def as_shares(shares: ArrayLike) -> Floats:
    """Shares as floats whose last axis sums to one; rows of NaN (a step without completions) pass.

    Raises:
        UsageError: A share below 0, or a row that does not sum to one within 1e-6.

    Example:
        >>> float(as_shares([0.25, 0.75])[1])
        0.75
    """
    array = np.asarray(shares, dtype=np.float64)
    if array.ndim == 0 or array.shape[-1] == 0:
        raise UsageError(f"shares must hold at least one format on the last axis, got shape {array.shape}")
    if (array < 0).any():
        raise UsageError(f"a share must not be negative, got {array.min()}; counts go through shares_of()")
    off = np.abs(array.sum(axis=-1) - 1)
    if (off > 1e-6).any():
        raise UsageError(
            f"shares must sum to one, got a sum off by {np.nanmax(off):.6g}; use shares_of(counts)"
        )
    return array


def shares_of(counts: ArrayLike) -> Floats:
    """Share of every format: completions of it over all completions, per row of the last axis.

    q_f = n_f / sum_g n_g. A row without completions gives NaN.

    Example:
        >>> shares_of([[6, 2], [0, 0]]).tolist()
        [[0.75, 0.25], [nan, nan]]
    """
    array = np.asarray(as_counts(counts), dtype=np.float64)
    total = array.sum(axis=-1, keepdims=True)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(total > 0, array / np.where(total > 0, total, 1.0), np.nan))


def pooled_counts(counts: ArrayLike) -> Floats:
    """Completions of each format summed over problems: [problems, formats] to [formats], runs to [steps,
    formats].

    Example:
        >>> pooled_counts([[3, 1], [0, 4]]).tolist()
        [3.0, 5.0]
    """
    array = as_counts(counts)
    if array.ndim not in (2, 3):
        raise UsageError(
            f"counts must be [problems, formats] or [steps, problems, formats], got {array.shape}"
        )
    return np.asarray(array.sum(axis=-2), dtype=np.float64)
