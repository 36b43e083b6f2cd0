"""Undo a labeller's known errors in the joint counts of format and correctness."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from echoformat.errors import UsageError
from echoformat.measure.arrays import Floats


def correct_label_noise(counts: ArrayLike, correct: ArrayLike, confusion: ArrayLike) -> tuple[Floats, Floats]:
    """Undo a labeller's known errors in completions and in correct completions: solve ``C' x = observed``.

    Valid if a label's error rate does not depend on correctness. Solutions outside ``0 <= correct <= counts``
    (noise) are moved to the nearest bound and rescaled to the observed total, so pool steps and problems
    first.

    Args:
        counts: Observed completions by label, formats last.
        correct: Observed correct completions, same shape.
        confusion: Rows true format, columns label, as counts or as rates, shape ``[formats, formats]``.

    Returns:
        Corrected completions and correct completions, as floats.

    Raises:
        UsageError: A confusion matrix of another size, with an empty row, or that cannot be inverted.

    References:
        Rogan and Gladen 1978; Lipton, Wang and Smola 2018.

    Example:
        >>> n, c = correct_label_noise([86, 14], [80, 8], [[0.9, 0.1], [0.2, 0.8]])
        >>> n.round(6).tolist()
        [94.285714, 5.714286]
    """
    matrix = np.asarray(confusion, dtype=np.float64)
    observed, right = np.asarray(counts, dtype=np.float64), np.asarray(correct, dtype=np.float64)
    size = observed.shape[-1]
    if matrix.shape != (size, size) or (matrix.sum(axis=1) <= 0).any():
        raise UsageError(f"confusion is {matrix.shape}; give a non-empty row for each of {size} formats")
    matrix = matrix / matrix.sum(axis=1, keepdims=True)
    if np.linalg.matrix_rank(matrix) < size:
        raise UsageError("confusion cannot be inverted: two formats look alike to this labeller; merge them")
    inverse = np.linalg.inv(matrix)
    total = _rescaled(np.maximum(observed @ inverse, 0.0), observed)
    return total, np.clip(right @ inverse, 0.0, total)


def _rescaled(values: Floats, like: Floats) -> Floats:
    whole, wanted = values.sum(axis=-1, keepdims=True), like.sum(axis=-1, keepdims=True)
    factor = np.divide(wanted, whole, out=np.ones_like(whole), where=whole > 0)
    return np.asarray(values * factor)
