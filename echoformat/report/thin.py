"""Fewer points for a picture: which of many steps are drawn."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def spread(size: int, most: int) -> NDArray[np.intp]:
    """At most `most` positions out of `size`, evenly spread, first and last among them.

    Example:
        >>> spread(5, 9).tolist(), spread(100, 3).tolist()
        ([0, 1, 2, 3, 4], [0, 50, 99])
    """
    if size <= most:
        return np.arange(size)
    return np.unique(np.round(np.linspace(0, size - 1, most)).astype(np.intp))


def spread_both(size: int, most: int) -> NDArray[np.intp]:
    """Positions for a picture that is looked at on a linear and on a logarithmic axis.

    Two thirds of them are evenly spread, the rest evenly over the logarithm of the position.

    Example:
        >>> spread_both(1000, 12).tolist()
        [0, 9, 99, 143, 285, 428, 571, 714, 856, 999]
    """
    if size <= most:
        return np.arange(size)
    even = spread(size, most * 2 // 3)
    early = np.geomspace(1, size, max(2, most - len(even))).round().astype(np.intp) - 1
    return np.union1d(even, np.clip(early, 0, size - 1))
