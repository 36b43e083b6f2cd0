"""How good labels are: agreement of two labellers, on a sample balanced over formats.

On the raw stream of a collapsed run kappa and alpha collapse with it: the same 97 % agreement gives .96 on a
balanced sample and .49 late in a run. Calibration lives in `calibration`, abstention in `abstention`,
completions of several formats in `segments`; their names are offered here too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from echoformat.errors import UsageError
from echoformat.measure.abstention import (
    NovelFormat,
    class_thresholds,
    marginal_threshold,
    novel_format,
    prediction_sets,
    selective_labels,
)
from echoformat.measure.arrays import Floats, as_counts
from echoformat.measure.calibration import (
    classwise_calibration_error,
    ece,
    re_prior,
    temperature,
    with_temperature,
)
from echoformat.measure.confusion import cross_table
from echoformat.measure.segments import SegmentShares, boundary_similarity, segment_shares, window_difference

__all__ = [
    "Agreement",
    "NovelFormat",
    "SegmentShares",
    "agreement",
    "agreement_of_table",
    "boundary_similarity",
    "class_thresholds",
    "classwise_calibration_error",
    "ece",
    "krippendorff_alpha",
    "marginal_threshold",
    "novel_format",
    "prediction_sets",
    "re_prior",
    "segment_shares",
    "selective_labels",
    "temperature",
    "window_difference",
    "with_temperature",
]


@dataclass(frozen=True, slots=True, eq=False)
class Agreement:
    """How two labellers agree.

    Attributes:
        percent: Share of completions labelled alike.
        kappa: Cohen's; 1 at most, 0 for chance, NaN where both use one format only.
        alpha: Krippendorff's, nominal; NaN likewise.
        ac1: Gwet's, which does not collapse with the formats.
        recall: [formats] of the second labeller, the first taken as the truth; NaN for a format it never
        used. precision: [formats] likewise.
    """

    percent: float
    kappa: float
    alpha: float
    ac1: float
    recall: Floats
    precision: Floats


def agreement(first: ArrayLike, second: ArrayLike, formats: int) -> Agreement:
    """Agreement of two labellers of the same completions.

    Args:
        first: [completions] format indices; the truth for recall and precision.
        second: [completions] format indices.
        formats: Number of declared formats.

    Raises:
        UsageError: Lists that do not fit.

    Reference: Cohen (1960); Krippendorff (2004); Gwet (2008).

    Example:
        >>> found = agreement([0, 0, 1, 1], [0, 0, 1, 0], 2)
        >>> found.percent, found.kappa, round(found.alpha, 4), round(found.ac1, 4)
        (0.75, 0.5, 0.5333, 0.5294)
    """
    return agreement_of_table(cross_table(first, second, formats))


def agreement_of_table(table: ArrayLike) -> Agreement:
    """Agreement from a table [first, second] of counts; see `agreement`.

    Example:
        >>> round(agreement_of_table([[96, 1, 0], [1, 1, 0], [0, 1, 0]]).kappa, 4)
        0.4872
    """
    n = np.asarray(as_counts(table, axes=2), dtype=np.float64)
    total, hits = n.sum(), np.diag(n)
    if n.shape[0] != n.shape[1] or not total:
        raise UsageError(f"agreement needs a square table with completions, got {n.shape} holding {total:g}")
    rows, columns = n.sum(axis=1) / total, n.sum(axis=0) / total
    observed = float(hits.sum() / total)
    both = (rows + columns) / 2
    pairs = 2 * total
    by_chance = float((both * pairs * (both * pairs - 1)).sum() / (pairs * (pairs - 1)))
    spread = float((both * (1 - both)).sum() / max(len(n) - 1, 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        recall, precision = hits / n.sum(axis=1), hits / n.sum(axis=0)
    return Agreement(
        observed,
        _beyond(observed, float(rows @ columns)),
        _beyond(observed, by_chance),
        _beyond(observed, spread),
        recall,
        precision,
    )


def _beyond(observed: float, chance: float) -> float:
    return (observed - chance) / (1 - chance) if chance < 1 - 1e-12 else float("nan")


def krippendorff_alpha(ratings: ArrayLike) -> float:
    """Krippendorff's alpha for nominal labels of any number of labellers, with gaps.

    1 - D_o/D_e over pairs of labels of the same completion; completions with one label do not count.

    Args:
        ratings: [labellers, completions] format indices, NaN or negative where not labelled.

    Returns:
        At most 1; NaN where no completion has two labels or only one format occurs.

    Reference: Krippendorff (2004).

    Example:
        >>> three = [[0, 0, 1, 1, 2, -1, 0], [0, 0, 1, 2, 2, 2, -1], [0, 1, 1, 1, 2, 2, 0]]
        >>> round(krippendorff_alpha(three), 6)
        0.7
    """
    raw = np.asarray(ratings, dtype=np.float64)
    if raw.ndim != 2:
        raise UsageError(f"ratings must be [labellers, completions], got shape {raw.shape}")
    known = np.isfinite(raw) & (raw >= 0)
    formats = int(raw[known].max(initial=-1)) + 1
    votes = (
        np.stack([((raw == f) & known).sum(axis=0) for f in range(formats)], axis=1) if formats else raw[:0].T
    )
    sizes = votes.sum(axis=1)
    votes, sizes = votes[sizes > 1], sizes[sizes > 1]
    if not len(votes):
        return float("nan")
    apart = ((sizes[:, None] - votes) * votes).sum(axis=1) / (sizes - 1)
    total, of_format = sizes.sum(), votes.sum(axis=0)
    expected = float(((total - of_format) * of_format).sum() / (total - 1))
    return float(1 - apart.sum() / expected) if expected else float("nan")
