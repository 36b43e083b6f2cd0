"""Completions that mix formats: fractional labels by characters, and agreement on where a format ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from echoformat.errors import UsageError
from echoformat.measure.arrays import Floats, as_counts


@dataclass(frozen=True, slots=True, eq=False)
class SegmentShares:
    """Shares of formats in completions of several segments.

    Attributes:
        completions: [formats] mean over completions, each of weight one; the headline.
        characters: [formats] of all characters.
        majority: [formats] completions labelled by their longest format.
        gini: [completions] chance that two characters of a completion differ in format.
        hybrid: Share of completions with more than a tenth outside their longest format.
    """

    completions: Floats
    characters: Floats
    majority: Floats
    gini: Floats
    hybrid: float


def segment_shares(characters: ArrayLike, *, hybrid_above: float = 0.1) -> SegmentShares:
    """Shares of formats from the characters that each completion spends on each format.

    Args:
        characters: [completions, formats]; completions without any character are ignored.
        hybrid_above: Part outside the longest format from which a completion is a hybrid.

    Raises:
        UsageError: No character at all.

    Example:
        >>> found = segment_shares([[300, 100], [0, 500], [250, 50], [200, 0]])
        >>> [round(float(s), 4) for s in found.completions], found.majority.tolist(), found.hybrid
        ([0.6458, 0.3542], [0.75, 0.25], 0.5)
    """
    n = np.asarray(as_counts(characters, axes=2), dtype=np.float64)
    n = n[n.any(axis=1)]
    if not len(n):
        raise UsageError("no completion holds a character; segment shares need some")
    own = n / n.sum(axis=1, keepdims=True)
    longest = np.bincount(own.argmax(axis=1), minlength=n.shape[1]) / len(n)
    gini = 1 - (own**2).sum(axis=1)
    hybrid = float((1 - own.max(axis=1) > hybrid_above).mean())
    return SegmentShares(own.mean(axis=0), n.sum(axis=0) / n.sum(), longest, gini, hybrid)


def _boundaries(masses: Sequence[int]) -> set[int]:
    if not masses or min(masses) < 1:
        raise UsageError(f"masses must be positive lengths, got {list(masses)}")
    return set(np.cumsum(masses)[:-1].tolist())


def window_difference(reference: Sequence[int], other: Sequence[int]) -> float:
    """WindowDiff: part of the windows in which two segmentations have different numbers of boundaries, in [0,
    1].

    Args:
        reference: Lengths of segments; the window is half their mean.
        other: Lengths of segments of the same text.

    Raises:
        UsageError: Texts of different length.

    Reference: Pevzner and Hearst (2002).

    Example:
        >>> window_difference([3, 4, 3], [3, 5, 2])
        0.25
    """
    a, b = _boundaries(reference), _boundaries(other)
    length = sum(reference)
    if length != sum(other):
        raise UsageError(f"segmentations of one text are needed, got lengths {length} and {sum(other)}")
    window = max(2, round(length / len(reference) / 2))
    starts = range(length - window)
    counts = [[sum(i < at <= i + window for at in edges) for i in starts] for edges in (a, b)]
    different = sum(one != two for one, two in zip(*counts, strict=True))
    return different / len(starts) if len(starts) else 0.0


def boundary_similarity(first: Sequence[int], second: Sequence[int]) -> float:
    """Boundary similarity, in [0, 1]: boundaries one unit apart count as half a match.

    1 - (missed + near/2) / (missed + near + matched).

    Raises:
        UsageError: Texts of different length.

    Reference: Fournier (2013).

    Example:
        >>> boundary_similarity([3, 4, 3], [3, 5, 2])
        0.75
    """
    a, b = _boundaries(first), _boundaries(second)
    if sum(first) != sum(second):
        raise UsageError(f"segmentations of one text are needed, got lengths {sum(first)} and {sum(second)}")
    matched = len(a & b)
    left, right = sorted(a - b), set(b - a)
    near = 0
    for at in left:
        neighbour = next((at + by for by in (-1, 1) if at + by in right), None)
        if neighbour is not None:
            right.remove(neighbour)
            near += 1
    missed = len(left) - near + len(right)
    total = missed + near + matched
    return 1 - (missed + near / 2) / total if total else 1.0
