"""Windows of steps: neighbouring steps pooled until a window holds enough completions to measure."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from echoformat.errors import UsageError
from echoformat.measure.arrays import Ints


def base_stands_alone(counts: NDArray[Any]) -> bool:
    """Whether the first step touches half of the problems or more, as an evaluation of the base model does.

    Such a step is a window by itself: shares often move fastest right after it, and pooling would hide that.

    Args:
        counts: Completions, shape ``[steps, problems, formats]``.

    Example:
        >>> base_stands_alone(np.ones((3, 4, 2), int))
        True
    """
    touched, seen = counts[0].any(axis=1), counts.any(axis=(0, 2))
    return bool(2 * touched.sum() >= seen.sum() > 0)


def base_rows(counts: NDArray[Any], window: int, minimum: int = 256) -> int:
    """Rows at the start of a run that make a window by themselves, so that early moves are not pooled away.

    One where the first step is an evaluation; else as many as hold ``minimum`` completions, at most
    ``window``.

    Args:
        counts: Completions, shape ``[steps, problems, formats]``.
        window: Rows in the other windows.
        minimum: Wanted completions.

    Example:
        >>> log = np.zeros((9, 64, 1), int)
        >>> log[np.arange(64) // 8, np.arange(64)] = 16
        >>> base_rows(log, 4), base_rows(np.full((9, 64, 1), 8), 4)
        (2, 1)
    """
    if base_stands_alone(counts):
        return 1
    totals = counts.sum(axis=(1, 2))
    return min(int(np.searchsorted(np.cumsum(totals), minimum)) + 1, window)


def window_starts(steps: int, window: int, base: int = 0, shift: int = 0) -> Ints:
    """First row of every window of ``window`` rows; a shorter remainder joins the last window.

    Args:
        steps: Number of rows on the step axis.
        window: Rows in a window, from 1.
        base: Rows of a window before the others, 0 for none.
        shift: Rows by which the first window (after the base) is longer than the others.

    Raises:
        UsageError: ``window`` below 1 or above ``steps``.

    Example:
        >>> window_starts(41, 4).tolist()[-2:], window_starts(41, 4, base=1).tolist()[:3]
        ([32, 36], [0, 1, 5])
    """
    if not 1 <= window <= steps:
        raise UsageError(f"window is {window}; it must lie between 1 and the {steps} steps of the run")
    first = min(base, steps - 1)
    later = np.arange(first + shift + window, steps - window + 1, window, dtype=np.int64)
    return np.concatenate([np.unique([0, first]).astype(np.int64), later])


def windowed(values: NDArray[Any], window: int, base: int = 0, shift: int = 0) -> NDArray[Any]:
    """Sum rows of the step axis within windows: shape ``[steps, ...]`` to ``[windows, ...]``.

    Arguments and errors as :func:`window_starts`, ``values`` with steps first.

    Example:
        >>> windowed(np.arange(5), 2).tolist(), windowed(np.arange(5), 2, base=1).tolist()
        ([1, 9], [0, 3, 7])
    """
    starts = window_starts(values.shape[0], window, base, shift)
    if len(starts) == len(values):
        return values
    # Slices are summed one by one: reduceat along the first axis takes ten times as long.
    ends = [*starts[1:], len(values)]
    parts = [values[i:j].sum(axis=0, dtype=values.dtype) for i, j in zip(starts, ends, strict=True)]
    return np.stack(parts)


def window_shifts(steps: int, window: int, most: int = 4) -> tuple[int, ...]:
    """Shifts of the grid of windows over which a path is averaged; only 0 where the run is short.

    Args:
        steps: Number of rows on the step axis.
        window: Rows in a window.
        most: Largest number of shifts.

    Example:
        >>> window_shifts(41, 4), window_shifts(41, 1), window_shifts(10, 4)
        ((0, 1, 2, 3), (0,), (0,))
    """
    if steps < 5 * window:
        return (0,)
    return tuple(sorted({k * window // most for k in range(most)}))


def window_for_problems(counts: NDArray[Any], minimum: int = 32) -> int | None:
    """Smallest window in which the median problem has ``minimum`` completions, ``None`` where two do not fit.

    Args:
        counts: Completions, shape ``[steps, problems, formats]``. Problems without any are left out, and so
            is the first step where it stands alone.
        minimum: Wanted median of completions over (problem, window) cells, empty cells included.

    Example:
        >>> window_for_problems(np.full((9, 3, 2), 4), minimum=16)
        2
        >>> window_for_problems(np.full((9, 3, 2), 1)) is None
        True
    """
    visits = counts.sum(axis=-1)[int(base_stands_alone(counts)) :]
    visits = visits[:, visits.any(axis=0)]
    if visits.size == 0:
        return None
    typical = max(float(np.median(visits.sum(axis=0))), 1e-9)
    window = max(1, math.ceil(minimum * len(visits) / typical * (1 - 1e-9)))
    while window <= len(visits) // 2:
        if np.median(windowed(visits, window)) >= minimum:
            return window
        window = max(window + 1, math.ceil(window * 1.05))
    return None


def window_for_totals(counts: NDArray[Any], minimum: int = 512, most: int = 50) -> int:
    """Smallest window that holds ``minimum`` completions and makes no more than ``most`` windows.

    Half of the run at most, so that there are two windows where there are two steps.

    Args:
        counts: Completions, shape ``[steps, problems, formats]``.
        minimum: Wanted median of completions in a window.
        most: Largest number of windows: a path gains nothing from more.

    Example:
        >>> window_for_totals(np.full((8, 4, 2), 16)), window_for_totals(np.full((200, 64, 2), 8))
        (4, 4)
    """
    totals = counts.sum(axis=(1, 2))
    widest = max(1, len(totals) // 2)
    enough = math.ceil(minimum / max(float(np.median(totals)), 1e-9))
    return min(max(1, enough, math.ceil(len(totals) / most)), widest)


def end_rows(counts: NDArray[Any], minimum: int = 384, tail: float = 0.1) -> tuple[int, int]:
    """How many rows make up the base and the end of a run.

    The base is as short as ``minimum`` completions allow; the end is that or the last ``tail`` of the rows.
    Neither takes more than half of the run.

    Args:
        counts: Completions, shape ``[steps, problems, formats]``.
        minimum: Wanted completions at either end.
        tail: Wanted fraction of the steps at the end.

    Returns:
        Rows of the base and rows of the end.

    Example:
        >>> end_rows(np.full((40, 16, 2), 4))
        (3, 4)
    """
    totals = counts.sum(axis=(1, 2))
    half = max(1, len(totals) // 2)
    first, last = (int(np.searchsorted(np.cumsum(x), minimum)) + 1 for x in (totals, totals[::-1]))
    return min(first, half), min(max(last, math.ceil(tail * len(totals))), half)
