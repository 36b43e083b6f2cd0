"""Bounds that hold whatever the unlabelled completions are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from echoformat.errors import UsageError
from echoformat.measure.arrays import Floats, as_counts
from echoformat.measure.entropy import plugin_entropy


@dataclass(frozen=True, slots=True, eq=False)
class ManskiBounds:
    """What is certain although some completions have no label.

    Attributes:
        low: [formats] share if no unlabelled completion is of the format.
        high: [formats] share if all are.
        entropy_low: Smallest entropy in nats over all allocations of the unlabelled.
        entropy_high: Largest.
    """

    low: Floats
    high: Floats
    entropy_low: float
    entropy_high: float


def manski_bounds(counts: ArrayLike, unlabelled: float) -> ManskiBounds:
    """Bounds of every share and of the entropy over all ways to allocate the unlabelled to the formats.

    [n_f/N, (n_f+n_u)/N]; entropy is least when all go to one format, most when they fill up the smallest.

    Args:
        counts: [formats] labelled completions.
        unlabelled: Completions without a format.

    Raises:
        UsageError: Negative, or no completion at all.

    Reference: Manski (2003).

    Example:
        >>> bounds = manski_bounds([80, 10], 10)
        >>> bounds.low.tolist(), bounds.high.tolist()
        ([0.8, 0.1], [0.9, 0.2])
        >>> round(bounds.entropy_low, 4), round(bounds.entropy_high, 4)
        (0.3251, 0.5004)
    """
    n = np.asarray(as_counts(counts, axes=1), dtype=np.float64)
    total = float(n.sum() + unlabelled)
    if unlabelled < 0 or total <= 0:
        raise UsageError(f"need completions, and unlabelled >= 0; got {n.tolist()} and {unlabelled}")
    to_one = plugin_entropy((n + unlabelled * np.eye(len(n))) / total)
    return ManskiBounds(
        n / total,
        (n + unlabelled) / total,
        float(to_one.min()),
        float(plugin_entropy(_levelled(n, unlabelled) / total)),
    )


def _levelled(n: Floats, extra: float) -> Floats:
    """The smallest counts raised to a common level by `extra` completions."""
    ordered = np.sort(n)
    levels = (np.cumsum(ordered) + extra) / np.arange(1, len(n) + 1)
    # The water stands where it no longer reaches the next count.
    following = np.append(ordered[1:], np.inf)
    level = levels[int(np.argmax(levels <= following + 1e-12))]
    return np.asarray(np.maximum(n, level))
