"""The formats that might win, ranked at base four ways, each with the probability that it is the first."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from echoformat.errors import UsageError
from echoformat.measure.arrays import Floats, as_counts
from echoformat.measure.bootstrap import bootstrap_problems
from echoformat.measure.contrast import format_contrasts, mixed_rate
from echoformat.measure.run_counts import check_counts

FEWEST_COMPLETIONS = 10
LEAST_MIXED = 0.1


@dataclass(frozen=True, slots=True)
class Rivals:
    """Base rankings of the formats; tuples are by format, indices point into them.

    Attributes:
        shares: Base shares.
        accuracies: Accuracy within each format, pooled over problems; ``nan`` without a completion.
        compared_accuracies: The accuracies that were ranked: with problems held constant, or pooled.
        within_problem: Whether problems were held constant.
        correct_mass: Share times accuracy.
        completions: Completions of each format.
        p_most_common: Probability that it is the most common.
        p_most_accurate: Probability that it is the most accurate.
        p_most_correct_mass: Probability that it has the most correct mass.
        most_common: Index of the most common.
        most_accurate: Index of the most accurate; ``None`` where fewer than two can be compared.
        most_correct_mass: Index of that with most correct mass; ``None`` where nothing is correct.
        most_pretrained: Index of the most common in the pretraining mixture, where declared.
    """

    shares: tuple[float, ...]
    accuracies: tuple[float, ...]
    compared_accuracies: tuple[float, ...]
    within_problem: bool
    correct_mass: tuple[float, ...]
    completions: tuple[int, ...]
    p_most_common: tuple[float, ...]
    p_most_accurate: tuple[float, ...]
    p_most_correct_mass: tuple[float, ...]
    most_common: int
    most_accurate: int | None
    most_correct_mass: int | None
    most_pretrained: int | None

    def to_dict(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


def rivals(
    counts: ArrayLike,
    correct: ArrayLike,
    *,
    eligible: ArrayLike | None = None,
    pretraining: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> Rivals:
    """Rank the formats at base by share, accuracy, correct mass and pretraining share.

    Accuracies are compared with the problem held constant (:func:`format_contrasts`) where problems show two
    formats, since difficulty confounds pooled ones. Probabilities are frequencies over resampled problems;
    ties are shared. A format with under 10 completions is not ranked by accuracy.

    Args:
        counts: Completions at base, shape ``[problems, formats]``.
        correct: Correct completions, same shape.
        eligible: Which columns are formats that may win, shape ``[formats]``.
        pretraining: Declared shares in the pretraining mixture, shape ``[formats]``, ``nan`` where unknown.
        weights: Resamples, shape ``[replicates, problems]``; 200 multinomial ones by default.

    Raises:
        UsageError: Shapes that do not fit, or no completion of an eligible format.

    Example:
        >>> table = rivals([[2, 4, 4], [2, 5, 3]] * 20, [[2, 2, 1], [1, 2, 1]] * 20)
        >>> table.most_common, table.most_accurate, table.most_correct_mass
        (1, 0, 1)
    """
    n, c = as_counts(counts, axes=2), as_counts(correct, axes=2)
    check_counts(n, c)
    may = np.ones(n.shape[1], dtype=bool) if eligible is None else np.asarray(eligible, dtype=bool)
    if not n[:, may].any():
        raise UsageError("no completion of a format at base: nothing can be ranked")
    draws = bootstrap_problems(n.shape[0]) if weights is None else np.asarray(weights, dtype=np.float64)
    resamples = np.vstack([np.ones(n.shape[0]), draws])
    whole, right = resamples @ n, resamples @ c
    held = mixed_rate(n[None]) >= LEAST_MIXED
    levels = _levels(n, c, resamples, whole, right) if held else _pooled(whole, right)
    known = may & (whole[0] >= FEWEST_COMPLETIONS)
    common, mass = _frequency(whole, may), _frequency(right, may & (right[0] > 0))
    accurate = _frequency(levels, known if known.sum() > 1 else np.zeros_like(known))
    total = whole[0].sum()
    return Rivals(
        tuple((whole[0] / total).tolist()),
        tuple(_pooled(whole, right)[0].tolist()),
        tuple(levels[0].tolist()),
        held,
        tuple((right[0] / total).tolist()),
        tuple(int(x) for x in whole[0]),
        tuple(common.tolist()),
        tuple(accurate.tolist()),
        tuple(mass.tolist()),
        int(np.argmax(np.where(may, whole[0], -1))),
        _first(levels[0], known) if known.sum() > 1 else None,
        _first(right[0], may & (right[0] > 0)),
        None if pretraining is None else _first(np.asarray(pretraining, dtype=np.float64), may),
    )


def _pooled(whole: Floats, right: Floats) -> Floats:
    return np.asarray(np.divide(right, whole, out=np.full(whole.shape, np.nan), where=whole > 0))


def _levels(n: NDArray[Any], c: NDArray[Any], resamples: Floats, whole: Floats, right: Floats) -> Floats:
    """Accuracies with problems held constant, at the level of the overall accuracy."""
    effects = format_contrasts(n, c, resamples)
    total = np.maximum(whole.sum(axis=1, keepdims=True), 1e-12)
    share, overall = whole / total, right.sum(axis=1, keepdims=True) / total
    levels = overall + effects - (share * effects).sum(axis=1, keepdims=True)
    return np.where(whole > 0, levels, np.nan)


def _frequency(values: Floats, may: NDArray[np.bool_]) -> Floats:
    """How often each eligible column is the largest over the resamples (rows from 1); ties are shared."""
    if not may.any():
        return np.zeros(values.shape[1])
    ranked = np.where(may & np.isfinite(values[1:]), values[1:], -np.inf)
    best = (ranked == ranked.max(axis=1, keepdims=True)) & may
    return np.asarray((best / best.sum(axis=1, keepdims=True)).mean(axis=0))


def _first(values: Floats, may: NDArray[np.bool_]) -> int | None:
    ranked = np.where(may & np.isfinite(values), values, -np.inf)
    return int(np.argmax(ranked)) if np.isfinite(ranked).any() else None


def beta_best(completions: ArrayLike, correct: ArrayLike) -> Floats:
    """Probability that each format has the highest accuracy, for independent completions and flat priors.

    ``P_f = int pdf_f(x) prod_{g != f} cdf_g(x) dx`` with ``Beta(1 + c, 1 + n - c)``. The shortcut for logs
    without problems; with problems use :func:`rivals`.

    Args:
        completions: Completions of each format, shape ``[formats]``.
        correct: Correct ones.

    Returns:
        Probabilities that add up to one, exact to about 1e-12.

    Raises:
        UsageError: As :func:`check_counts`.

    Example:
        >>> beta_best([20, 175, 250], [8, 60, 25]).round(5).tolist()
        [0.71435, 0.28565, 0.0]
    """
    n, c = np.asarray(completions, dtype=np.float64), np.asarray(correct, dtype=np.float64)
    check_counts(n, c)
    beliefs = [stats.beta(1 + right, 1 + whole - right) for whole, right in zip(n, c, strict=True)]
    node, weight = np.polynomial.legendre.leggauss(40)
    result = np.empty(len(n))
    for index, belief in enumerate(beliefs):
        edges = np.linspace(float(belief.ppf(1e-14)), float(belief.ppf(1 - 1e-14)), 41)
        half = np.diff(edges)[:, None] / 2
        x = edges[:-1, None] + half * (node + 1)
        others = [other.cdf(x) for place, other in enumerate(beliefs) if place != index]
        result[index] = (half * weight * belief.pdf(x) * np.prod(others, axis=0)).sum()
    return result
