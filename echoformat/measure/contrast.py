"""How much better one format is than another on the same problem at the same time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from echoformat.measure.arrays import Floats


def format_contrasts(counts: NDArray[Any], correct: NDArray[Any], weights: Floats) -> Floats:
    """Effects of formats on correctness with one level per problem held constant, for every resample.

    Least squares of correctness on problem and format: ``L e = r`` with
    ``L = sum_j w_j (diag(n_j) - n_j n_j'/N_j)`` and ``r = sum_j w_j (c_j - n_j C_j/N_j)``. Only differences
    of effects have a meaning. Formats that no problem shows beside another get the level 0.

    Args:
        counts: Completions, shape ``[problems, formats]``.
        correct: Correct completions, same shape.
        weights: Weight of each problem in each resample, shape ``[replicates, problems]``.

    Returns:
        Effects in units of accuracy, shape ``[replicates, formats]``.

    References:
        The within estimator for fixed effects, see Mundlak 1961.

    Example:
        >>> counts, correct = np.array([[4, 4], [6, 2]]), np.array([[4, 2], [3, 0]])
        >>> effects = format_contrasts(counts, correct, np.ones((1, 2)))
        >>> float((effects[0, 0] - effects[0, 1]).round(6))
        0.5
    """
    seen = counts.any(axis=1)
    n, c, w = counts[seen].astype(np.float64), correct[seen].astype(np.float64), weights[:, seen]
    size, formats = n.sum(axis=1, keepdims=True), n.shape[1]
    row, column = np.triu_indices(formats)
    products = w @ (n[:, row] * (n / size)[:, column])
    diagonal = np.arange(formats)
    laplacian = np.zeros((len(w), formats, formats))
    laplacian[:, row, column] = laplacian[:, column, row] = -products
    laplacian[:, diagonal, diagonal] += w @ n
    target = w @ (c - n * c.sum(axis=1, keepdims=True) / size)
    return _solve(laplacian, target)


def _solve(laplacian: Floats, target: Floats) -> Floats:
    """Solve with the free level pinned by ones, and unconnected formats by a whisper of ridge."""
    formats = laplacian.shape[-1]
    scale = np.trace(laplacian, axis1=1, axis2=2)[:, None, None] + 1e-12
    closed = laplacian + scale * (1.0 / formats + 1e-9 * np.eye(formats))
    return np.asarray(np.linalg.solve(closed, target[..., None])[..., 0])


def mixed_rate(counts: NDArray[Any]) -> float:
    """Fraction of completions in problems that show two formats in one window, weighted by share moved.

    Args:
        counts: Completions, shape ``[windows, problems, formats]``.

    Returns:
        A number in [0, 1]: 0 where every problem has one completion a window, and where nothing moved.

    Example:
        >>> mixed_rate(np.array([[[1, 1]], [[2, 0]]]))
        0.5
    """
    totals = counts.sum(axis=2)
    mixed = np.where((counts > 0).sum(axis=2) > 1, totals, 0).sum(axis=1)
    whole = totals.sum(axis=1)
    rate = np.divide(mixed, whole, out=np.zeros(len(whole)), where=whole > 0)
    pooled = counts.sum(axis=1)
    shares = pooled / np.where(whole > 0, whole, 1)[:, None]
    moved = np.abs(np.diff(shares, axis=0)).sum(axis=1)
    if not moved.sum() > 0:
        return float(rate.mean()) if len(rate) else 0.0
    return float((moved * (rate[1:] + rate[:-1]) / 2).sum() / moved.sum())
