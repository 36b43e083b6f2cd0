"""Midpoint terms of selection and improvement, summed along windows for many groups at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from echoformat.measure.arrays import Floats


@dataclass(frozen=True, slots=True)
class MidpointSums:
    """Sums along the path, one row per group (problem, stratum or resample).

    Attributes:
        selection: Centred ``sum dq (mean a - mean A)``, shape ``[groups, formats]``.
        improvement: ``sum mean q da``, same shape.
        gain: Last accuracy less first, shape ``[groups]``.
        linked: Groups with completions in at least two windows, shape ``[groups]``; the rest hold zeros.
        empty_cell_rate: Fraction of moves (group, pair of windows, format) seen on one side only.
    """

    selection: Floats
    improvement: Floats
    gain: Floats
    linked: NDArray[np.bool_]
    empty_cell_rate: float


def midpoint_sums(counts: NDArray[Any], correct: NDArray[Any]) -> MidpointSums:
    """Sum midpoint terms over consecutive windows in which a group has completions.

    Args:
        counts: Completions, shape ``[windows, groups, formats]``.
        correct: Correct completions, same shape.

    Example:
        >>> sums = midpoint_sums(np.array([[[2, 2]], [[4, 0]]]), np.array([[[2, 0]], [[4, 0]]]))
        >>> float(sums.selection.sum()), float(sums.gain[0])
        (0.5, 0.5)
    """
    shape = counts.shape[1:]
    selection, improvement = np.zeros(shape), np.zeros(shape)
    linked = np.zeros(shape[0], dtype=bool)
    q, a, seen = np.zeros(shape), np.full(shape, np.nan), np.zeros(shape[0], dtype=bool)
    one_sided = moves = 0
    for n, c in zip(counts, correct, strict=True):
        total = n.sum(axis=1)
        here = total > 0
        new_q = n / np.where(here, total, 1)[:, None]
        new_a = np.divide(c, n, out=np.full(shape, np.nan), where=n > 0)
        rows = here & seen
        s, i, single, either = _move(q[rows], a[rows], new_q[rows], new_a[rows])
        selection[rows] += s
        improvement[rows] += i
        one_sided, moves, linked = one_sided + single, moves + either, linked | rows
        q[here], a[here], seen = new_q[here], new_a[here], seen | here
    gain = (selection + improvement).sum(axis=1)
    return MidpointSums(selection, improvement, gain, linked, one_sided / moves if moves else 0.0)


def _move(q0: Floats, a0: Floats, q1: Floats, a1: Floats) -> tuple[Floats, Floats, int, int]:
    """Terms of one move between windows; an accuracy unseen on one side is the other side's."""
    before, after = np.isnan(a0), np.isnan(a1)
    known0 = np.nan_to_num(np.where(before, a1, a0))
    known1 = np.nan_to_num(np.where(after, a0, a1))
    middle = (known0 + known1) / 2
    level = ((q0 * known0).sum(axis=1) + (q1 * known1).sum(axis=1)) / 2
    selection = (q1 - q0) * (middle - level[:, None])
    return (
        selection,
        (q0 + q1) / 2 * (known1 - known0),
        int((before ^ after).sum()),
        int((~before | ~after).sum()),
    )
