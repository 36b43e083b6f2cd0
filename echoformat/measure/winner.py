"""Which format won, whether it was the best or the commonest at base, and what that cost."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from echoformat.errors import UsageError
from echoformat.measure.arrays import Floats, as_counts
from echoformat.measure.bootstrap import bootstrap_problems
from echoformat.measure.estimate import Estimate, over_replicates
from echoformat.measure.kl_optimum import (
    KLOptimum,
    excess_amplification,
    expert_iteration,
    kl_optimum,
    overtaking_rounds,
)
from echoformat.measure.rivals import Rivals, beta_best, rivals

__all__ = [
    "Counterfactual",
    "KLOptimum",
    "Outcome",
    "Rivals",
    "Winner",
    "beta_best",
    "counterfactual",
    "excess_amplification",
    "expert_iteration",
    "kl_optimum",
    "overtaking_rounds",
    "rank_reversal",
    "rivals",
    "winner",
    "wrong_winner",
]

LEAST_RISE, MAJORITY, ALREADY, SURE = 0.10, 0.5, 0.9, 0.95


class Outcome(StrEnum):
    """How the contest of formats stands at the end of a run."""

    WON = "won"
    LEADING = "leading"
    ALREADY_DOMINANT = "already dominant"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Winner:
    """The format on top at the end, and whether that counts as winning.

    Attributes:
        outcome: Won: it rose by .10 or more beyond doubt, holds half of the completions and is first with
            probability .95. Leading: it rose so, but lacks one of the others. Already dominant: it held 90 %
            from the start to the end. None: nothing rose so.
        index: The format on top; ``None`` where the outcome is none.
        share: Its share at the end.
        rise: Its share at the end less that at base.
        p_first: Probability that it is the first at the end.
        base_shares: Shares at base, by format.
        final_shares: Shares at the end.
    """

    outcome: Outcome
    index: int | None
    share: Estimate
    rise: Estimate
    p_first: float
    base_shares: tuple[float, ...]
    final_shares: tuple[float, ...]

    def to_dict(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


def winner(
    base_counts: ArrayLike,
    final_counts: ArrayLike,
    *,
    eligible: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    level: float = 0.95,
) -> Winner:
    """Which format the run ended in, and whether it won.

    Args:
        base_counts: Completions at base, shape ``[problems, formats]``.
        final_counts: Completions at the end, same shape.
        eligible: Which columns are formats that may win, shape ``[formats]``.
        weights: Resamples, shape ``[replicates, problems]``; 200 multinomial ones by default.
        level: Nominal coverage.

    Raises:
        UsageError: Shapes that differ, or an end without any completion.

    Example:
        >>> winner([[2, 6]] * 30, [[7, 1]] * 30).outcome.value
        'won'
    """
    first, last = as_counts(base_counts, axes=2), as_counts(final_counts, axes=2)
    if first.shape != last.shape:
        raise UsageError(f"base {first.shape} and end {last.shape} must have the same problems and formats")
    may = np.ones(first.shape[1], dtype=bool) if eligible is None else np.asarray(eligible, dtype=bool)
    if not (first.any() and last.any()):
        raise UsageError("no completion at one end of the run: widen the windows")
    draws = bootstrap_problems(len(first)) if weights is None else np.asarray(weights, dtype=np.float64)
    resamples = np.vstack([np.ones(len(first)), draws])
    q0, q1 = _shares(resamples @ first), _shares(resamples @ last)
    ranked = np.where(may, q1, -1.0)
    top = int(np.argmax(ranked[0]))
    sure = np.isfinite(q1[1:, top])
    ahead = ranked[1:][sure]
    p_first = float((ahead[:, top] >= ahead.max(axis=1)).mean()) if len(ahead) else 1.0
    several = (first.any(axis=1) | last.any(axis=1)).sum() > 1
    spread = slice(1, None) if several else slice(1, 1)
    share = over_replicates(float(q1[0, top]), q1[spread, top], level)
    rise = over_replicates(float(q1[0, top] - q0[0, top]), (q1 - q0)[spread, top], level)
    outcome = _outcome(float(q0[0, top]), share, rise, p_first) if may.any() else Outcome.NONE
    index = None if outcome is Outcome.NONE else top
    return Winner(outcome, index, share, rise, p_first, tuple(q0[0].tolist()), tuple(q1[0].tolist()))


def _outcome(base: float, share: Estimate, rise: Estimate, p_first: float) -> Outcome:
    if base >= ALREADY and share.value >= ALREADY:
        return Outcome.ALREADY_DOMINANT
    if not (rise.value >= LEAST_RISE and rise.low > 0):
        return Outcome.NONE
    return Outcome.WON if share.value >= MAJORITY and p_first >= SURE else Outcome.LEADING


def _shares(counts: Floats) -> Floats:
    total = counts.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(counts, total, out=np.full(counts.shape, math.nan), where=total > 0))


def wrong_winner(table: Rivals, index: int) -> bool | None:
    """Whether a format that was not the most accurate at base won; ``None`` where the data cannot tell.

    Args:
        table: Rivals at base.
        index: The format that won.

    Returns:
        True where the winner is the most accurate with probability under .05, False where above .95.

    Example:
        >>> table = rivals([[2, 4, 4], [2, 5, 3]] * 20, [[2, 2, 1], [1, 2, 1]] * 20)
        >>> wrong_winner(table, 2), wrong_winner(table, 0)
        (True, False)
    """
    return None if table.most_accurate is None else _doubt(table.p_most_accurate[index])


def rank_reversal(table: Rivals, index: int) -> bool | None:
    """Whether a format that was not the most common at base won; ``None`` where the data cannot tell.

    Arguments and returns as :func:`wrong_winner`, by share.

    Example:
        >>> table = rivals([[2, 4, 4], [2, 5, 3]] * 20, [[2, 2, 1], [1, 2, 1]] * 20)
        >>> rank_reversal(table, 0)
        True
    """
    return _doubt(table.p_most_common[index])


def _doubt(first: float) -> bool | None:
    if first < 1 - SURE:
        return True
    return False if first > SURE else None


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """What accuracy would have been at the end, had the format most accurate at base won.

    Attributes:
        best: Index of that format.
        actual: Accuracy at the end.
        at_base_accuracy: Had the best format kept its base accuracy.
        with_equal_improvement: Had it improved by as much as the winner did.
        loss: ``with_equal_improvement`` less ``actual``.
    """

    best: int
    actual: Estimate
    at_base_accuracy: Estimate
    with_equal_improvement: Estimate
    loss: Estimate

    def to_dict(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


def counterfactual(
    base_counts: ArrayLike,
    base_correct: ArrayLike,
    final_counts: ArrayLike,
    final_correct: ArrayLike,
    index: int,
    *,
    best: int,
    weights: ArrayLike | None = None,
    level: float = 0.95,
) -> Counterfactual:
    """Accuracy at the end, had ``best`` won instead of ``index``. A projection, not a measurement.

    Base accuracies are pooled over problems; the winner's improvement is its accuracy at the end less that at
    base. Only forced-prefix sampling measures the counterfactual.

    Args:
        base_counts: Completions at base, shape ``[problems, formats]``.
        base_correct: Correct ones.
        final_counts: Completions at the end.
        final_correct: Correct ones.
        index: The format that won.
        best: The format most accurate at base.
        weights: Resamples, shape ``[replicates, problems]``; 200 multinomial ones by default.
        level: Nominal coverage.

    Raises:
        UsageError: A format without a completion where its accuracy is needed.

    Example:
        >>> base, right = [[5, 5]] * 9, [[4, 2]] * 9
        >>> view = counterfactual(base, right, [[1, 9]] * 9, [[1, 5]] * 9, 1, best=0)
        >>> round(view.at_base_accuracy.value, 3), round(view.actual.value, 3)
        (0.8, 0.6)
    """
    arrays = [as_counts(x, axes=2) for x in (base_counts, base_correct, final_counts, final_correct)]
    size = len(arrays[0])
    draws = bootstrap_problems(size) if weights is None else np.asarray(weights, dtype=np.float64)
    n0, c0, n1, c1 = (np.vstack([np.ones(size), draws]) @ array for array in arrays)
    actual = _accuracy(n1.sum(axis=1), c1.sum(axis=1))
    kept = _accuracy(n0[:, best], c0[:, best])
    grown = kept + _accuracy(n1[:, index], c1[:, index]) - _accuracy(n0[:, index], c0[:, index])
    grown = np.clip(grown, 0.0, 1.0)
    if np.isnan([actual[0], kept[0], grown[0]]).any():
        raise UsageError("a format has no completion where its accuracy is needed: widen the windows")
    views = (over_replicates(float(x[0]), x[1:], level) for x in (actual, kept, grown, grown - actual))
    return Counterfactual(best, *views)


def _accuracy(whole: NDArray[Any], right: NDArray[Any]) -> Floats:
    return np.asarray(np.divide(right, whole, out=np.full(np.shape(whole), math.nan), where=whole > 0))
