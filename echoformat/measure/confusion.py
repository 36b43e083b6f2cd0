"""ConfusionMatrix: how a labeller errs, and the shares and counts corrected for it.

The correction assumes that each format still looks as it did when the matrix was made. RL changes just that:
audit (`audit.two_phase`) where it matters.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from echoformat.errors import UsageError
from echoformat.measure.arrays import Floats, as_counts
from echoformat.measure.entropy import plugin_entropy


@dataclass(frozen=True, slots=True, eq=False)
class ConfusionMatrix:
    """Counts of checked completions by true format (rows) and predicted format (columns).

    Attributes:
        counts: [formats, formats]; every row needs at least one completion.

    Example:
        >>> labeller = ConfusionMatrix.of([[190, 10], [4, 196]])
        >>> labeller.rates.tolist()
        [[0.95, 0.05], [0.02, 0.98]]
    """

    counts: Floats

    def __post_init__(self) -> None:
        """Refuse what is not a table of counts.

        Raises:
            UsageError: Not square, negative, or a format that was never checked.
        """
        table = np.asarray(as_counts(self.counts, axes=2), dtype=np.float64)
        if table.shape[0] != table.shape[1]:
            raise UsageError(f"a confusion matrix is square, true by predicted format; got {table.shape}")
        empty = np.flatnonzero(table.sum(axis=1) == 0)
        if len(empty):
            raise UsageError(f"no checked completion of format {empty[0]}; check at least 200 of each format")
        object.__setattr__(self, "counts", table)

    @classmethod
    def of(cls, counts: ArrayLike) -> ConfusionMatrix:
        """From a table of counts, or of rates where the labeller's errors are known exactly."""
        return cls(np.asarray(counts))

    @classmethod
    def from_labels(cls, true: ArrayLike, predicted: ArrayLike, formats: int) -> ConfusionMatrix:
        """From two lists of format indices of the same completions.

        Example:
            >>> ConfusionMatrix.from_labels([0, 0, 1], [0, 1, 1], 2).counts.tolist()
            [[1.0, 1.0], [0.0, 1.0]]
        """
        return cls.of(cross_table(true, predicted, formats))

    @property
    def rates(self) -> Floats:
        """[true, predicted] chance that a completion of a format is labelled as another; rows sum to one."""
        return np.asarray(self.counts / self.counts.sum(axis=1, keepdims=True))

    @property
    def formats(self) -> int:
        """Number of formats."""
        return len(self.counts)


def cross_table(rows: ArrayLike, columns: ArrayLike, formats: int) -> Floats:
    """How often each pair of format indices occurs: [formats, formats].

    Raises:
        UsageError: Lists of different length, or an index out of range.

    Example:
        >>> cross_table([0, 0, 1], [0, 1, 1], 2).tolist()
        [[1.0, 1.0], [0.0, 1.0]]
    """
    a, b = as_labels(rows, formats), as_labels(columns, formats)
    if a.shape != b.shape:
        raise UsageError(f"both lists must label the same completions, got {len(a)} and {len(b)}")
    return (
        np.bincount(a * formats + b, minlength=formats * formats).reshape(formats, formats).astype(np.float64)
    )


def as_labels(labels: ArrayLike, formats: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Format indices as integers in [0, formats).

    Example:
        >>> as_labels([0, 2, 1], 3).tolist()
        [0, 2, 1]
    """
    array = np.asarray(labels)
    if array.ndim != 1 or (array.size and array.dtype.kind not in "iub"):
        raise UsageError(f"labels must be a list of format indices, got {array.dtype} of shape {array.shape}")
    if array.size and not (array.min() >= 0 and array.max() < formats):
        raise UsageError(f"labels must lie in 0 to {formats - 1}, got {array.min()} to {array.max()}")
    return array.astype(np.int64)


def entropy_floor(confusion: ConfusionMatrix) -> Floats:
    """Entropy in nats that the labeller reports when a run is all one format, by that format: H of its row.

    A raw entropy near the floor of the dominant format is not evidence of diversity.

    Example:
        >>> labeller = ConfusionMatrix.of([[0.95, 0.03, 0.02], [0.04, 0.95, 0.01], [0.01, 0.04, 0.95]])
        >>> round(float(entropy_floor(labeller)[0]), 4)
        0.2322
    """
    return plugin_entropy(confusion.rates)


def resolution_floor(confusion: ConfusionMatrix, *, level: float = 0.95) -> Floats:
    """Smallest share of each format that can be told from labelling errors: z sqrt(Se(1-Se)/m)/(Se+Sp-1).

    Se is how often the format is recognised, over m checked completions; Sp how often the others are not
    taken for it. Below the floor no "extinct" without an audit. Infinite for a labeller no better than
    chance.

    Example:
        >>> round(float(resolution_floor(ConfusionMatrix.of([[190, 10], [4, 196]]))[0]), 4)
        0.0325
    """
    counts = confusion.counts
    checked = counts.sum(axis=1)
    hits = np.diag(counts)
    sensitivity = hits / checked
    others = counts.sum() - checked
    false = (counts.sum(axis=0) - hits) / np.where(others > 0, others, 1)
    power = sensitivity - false
    z = float(stats.norm.ppf((1 + level) / 2))
    with np.errstate(divide="ignore"):
        floor = z * np.sqrt(sensitivity * (1 - sensitivity) / checked) / np.maximum(power, 0)
    return np.asarray(np.where(power > 0, floor, np.inf))


@dataclass(frozen=True, slots=True)
class RoganGladen:
    """A share corrected for one labeller's sensitivity and specificity.

    Attributes:
        share: Corrected share, clipped to [0, 1].
        standard_error: With the uncertainty of both rates.
        standard_error_known: As if both rates were exact.
    """

    share: float
    standard_error: float
    standard_error_known: float


def rogan_gladen(
    apparent: float,
    sensitivity: float,
    specificity: float,
    *,
    completions: float,
    checked: tuple[float, float] = (math.inf, math.inf),
) -> RoganGladen:
    """Share of one format against the rest: (obs + Sp - 1)/(Se + Sp - 1), with its delta-method error.

    Var = [obs(1-obs)/n + p^2 Se(1-Se)/m1 + (1-p)^2 Sp(1-Sp)/m0] / (Se+Sp-1)^2.

    Args:
        apparent: Share that the labeller reports.
        sensitivity: Se, how often the format is recognised.
        specificity: Sp, how often the rest is not taken for it.
        completions: n, the effective number of completions (see `intervals.design_effect`).
        checked: m1 and m0, completions that Se and Sp rest on; infinite where they are known.

    Raises:
        UsageError: A rate outside [0, 1], or a labeller no better than chance.

    Reference: Rogan and Gladen (1978).

    Example:
        >>> found = rogan_gladen(0.93, 0.95, 0.98, completions=1024, checked=(200, 200))
        >>> round(found.share, 6), round(found.standard_error, 6), round(found.standard_error_known, 6)
        (0.978495, 0.018343, 0.008573)
    """
    if not all(0 <= rate <= 1 for rate in (apparent, sensitivity, specificity)):
        raise UsageError(f"rates must lie in [0, 1], got {apparent}, {sensitivity}, {specificity}")
    power = sensitivity + specificity - 1
    if power <= 0:
        raise UsageError(f"Se + Sp - 1 = {power:.3g}: a labeller no better than chance cannot be corrected")
    p = (apparent + specificity - 1) / power
    known = apparent * (1 - apparent) / completions
    rates = p * p * sensitivity * (1 - sensitivity) / checked[0]
    rates += (1 - p) ** 2 * specificity * (1 - specificity) / checked[1]
    return RoganGladen(min(max(p, 0.0), 1.0), math.sqrt(known + rates) / power, math.sqrt(known) / power)


def adjust(observed: ArrayLike, confusion: ConfusionMatrix) -> Floats:
    """Adjusted shares (ACC): the p of the simplex that minimises |C'p - observed|^2.

    Exact where observed = C'p for some shares p; otherwise the nearest.

    Args:
        observed: [..., formats] shares as labelled.
        confusion: The labeller's.

    Raises:
        UsageError: Another number of formats.

    Reference: Forman (2008); Lipton, Wang and Smola (2018).

    Example:
        >>> labeller = ConfusionMatrix.of([[0.95, 0.03, 0.02], [0.04, 0.95, 0.01], [0.01, 0.04, 0.95]])
        >>> [round(float(p), 6) for p in adjust([0.9224, 0.0485, 0.0291], labeller)]
        [0.97, 0.02, 0.01]
    """
    q = np.asarray(observed, dtype=np.float64)
    if q.shape[-1] != confusion.formats:
        raise UsageError(f"observed holds {q.shape[-1]} formats, the confusion matrix {confusion.formats}")
    rows = q.reshape(-1, q.shape[-1])
    return least_squares_shares(
        rows, np.broadcast_to(confusion.rates, (len(rows), *confusion.rates.shape))
    ).reshape(q.shape)


def least_squares_shares(observed: Floats, rates: Floats) -> Floats:
    """`adjust` for rows with a matrix each: [rows, formats] and [rows, formats, formats].

    Example:
        >>> least_squares_shares(np.array([[0.5, 0.5]]), np.eye(2)[None]).tolist()
        [[0.5, 0.5]]
    """
    result = np.full_like(observed, 1 / observed.shape[1])
    try:
        exact = np.linalg.solve(np.swapaxes(rates, 1, 2), observed[:, :, None])[:, :, 0]
    except np.linalg.LinAlgError:
        exact = np.full_like(observed, np.nan)
    inside = (exact >= -1e-9).all(axis=1)
    result[inside] = np.maximum(exact[inside], 0)
    result[inside] /= result[inside].sum(axis=1, keepdims=True)
    rest = ~inside & np.isfinite(observed).all(axis=1)
    if rest.any():
        result[rest] = _projected(observed[rest], rates[rest])
    result[~np.isfinite(observed).all(axis=1)] = np.nan
    return result


def _projected(observed: Floats, rates: Floats) -> Floats:
    """Accelerated projected gradient on the simplex, for the rows whose exact solution lies outside."""
    gram = rates @ np.swapaxes(rates, 1, 2)
    target = (rates @ observed[:, :, None])[:, :, 0]
    step = 1 / np.linalg.norm(gram, ord=2, axis=(1, 2))[:, None]
    p = look = project_to_simplex(observed)
    momentum = 1.0
    for _ in range(3000):
        new = project_to_simplex(look - step * ((gram @ look[:, :, None])[:, :, 0] - target))
        faster = (1 + math.sqrt(1 + 4 * momentum**2)) / 2
        look = new + (momentum - 1) / faster * (new - p)
        done = np.abs(new - p).max() < 1e-13
        p, momentum = new, faster
        if done:
            break
    return p


def project_to_simplex(points: Floats) -> Floats:
    """The nearest shares to each row: [rows, formats].

    Example:
        >>> project_to_simplex(np.array([[1.2, -0.1]])).tolist()
        [[1.0, 0.0]]
    """
    ordered = -np.sort(-points, axis=1)
    excess = (np.cumsum(ordered, axis=1) - 1) / np.arange(1, points.shape[1] + 1)
    last = (ordered > excess).sum(axis=1) - 1
    return np.asarray(np.maximum(points - excess[np.arange(len(points)), last][:, None], 0))


@dataclass(frozen=True, slots=True, eq=False)
class CorrectedCounts:
    """Completions and correct completions by true format, as far as the labeller's errors are known.

    Attributes:
        counts: [..., formats].
        correct: [..., formats], between 0 and `counts`.
        clipped: Total that had to be moved to keep both possible; large where the matrix does not fit the
        data.
    """

    counts: Floats
    correct: Floats
    clipped: float


def correct_joint(counts: ArrayLike, correct: ArrayLike, confusion: ConfusionMatrix) -> CorrectedCounts:
    """Counts and correct counts by true format: solve C'x = observed for both, with the same C.

    Exact where labelling errors do not depend on correctness (check it). Correcting shares alone would leave
    the accuracies mixed. Pool over problems first: single problems hold too few completions.

    Args:
        counts: [..., formats] completions as labelled.
        correct: [..., formats] correct ones among them.
        confusion: The labeller's.

    Raises:
        UsageError: Shapes that differ, or a matrix that cannot be inverted.

    Example:
        >>> labeller = ConfusionMatrix.of([[0.9, 0.1], [0.2, 0.8]])
        >>> found = correct_joint([55, 45], [47, 13], labeller)
        >>> [round(float(n), 6) for n in found.counts], [round(float(n), 6) for n in found.correct]
        ([50.0, 50.0], [50.0, 10.0])
    """
    n, right = np.asarray(as_counts(counts), np.float64), np.asarray(as_counts(correct), np.float64)
    if n.shape != right.shape or n.shape[-1] != confusion.formats:
        raise UsageError(
            f"counts {n.shape}, correct {right.shape} and {confusion.formats} formats do not fit"
        )
    if np.linalg.matrix_rank(confusion.rates) < confusion.formats:
        raise UsageError(
            "the confusion matrix cannot be inverted: two formats are labelled alike; merge them"
        )
    inverse = np.linalg.inv(confusion.rates)
    all_, good = n @ inverse, right @ inverse
    counts_ = np.maximum(all_, 0)
    correct_ = np.clip(good, 0, counts_)
    moved = np.abs(counts_ - all_).sum() + np.abs(correct_ - good).sum()
    return CorrectedCounts(counts_, correct_, float(np.round(moved, 9)))
