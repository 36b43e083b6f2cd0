"""Where the KL-regularised objective itself would end, by format, and how far beyond it a run went."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import ArrayLike

from echoformat.errors import UsageError
from echoformat.measure.arrays import Floats, as_counts, as_shares
from echoformat.measure.bootstrap import bootstrap_problems
from echoformat.measure.decompose import two_fold
from echoformat.measure.diversity import entropy_nats
from echoformat.measure.estimate import Estimate, over_replicates


@dataclass(frozen=True, slots=True)
class KLOptimum:
    """The optimum of expected reward less ``beta`` times KL to the base policy, seen by format.

    Attributes:
        shares: Shares at the optimum.
        accuracies: Accuracies within each format there.
        accuracy: Accuracy there.
        entropy_nats: Entropy of the shares.
        selection: Midpoint selection from base to optimum.
        improvement: Midpoint improvement; almost all of the gain at small ``beta``.
    """

    shares: tuple[float, ...]
    accuracies: tuple[float, ...]
    accuracy: float
    entropy_nats: float
    selection: float
    improvement: float

    def to_dict(self) -> dict[str, object]:
        """The fields by name."""
        return asdict(self)


def kl_optimum(q0: ArrayLike, a: ArrayLike, beta: float) -> KLOptimum:
    """Optimum of reward (0/1) with a KL penalty, aggregated over formats.

    ``q*_f ~ q0_f (1 + a_f (e^(1/beta) - 1))``, ``a*_f = a_f e^(1/beta) / (1 + a_f (e^(1/beta) - 1))``, per
    problem and then averaged. ``beta = inf`` returns the base; ``beta -> 0`` returns shares of correct mass
    ``q0 a``: the optimum never collapses further, so a stronger collapse is training dynamics.

    Args:
        q0: Base shares, shape ``[formats]`` or ``[problems, formats]``.
        a: Base accuracies, same shape; ignored where the share is 0.
        beta: Coefficient of the penalty in units of reward, from 0 to infinity. GRPO's normalisation and
            per-token penalties rescale it: call it nominal.

    Raises:
        UsageError: Shares that do not sum to one, other shapes, or a negative ``beta``.

    References:
        The Boltzmann form of the optimum, as in GX-Chen et al. 2025 (arXiv 2510.20817) and Mroueh 2025
        (arXiv 2503.06639); the aggregation over formats is our own.

    Example:
        >>> best = kl_optimum([0.15, 0.35, 0.5], [0.4, 0.2, 0.1], 0.3)
        >>> [round(share, 4) for share in best.shares], round(best.accuracy, 4)
        ([0.3021, 0.3823, 0.3157], 0.8602)
    """
    base, before = np.atleast_2d(as_shares(q0)), np.atleast_2d(np.asarray(a, dtype=np.float64))
    if base.shape != before.shape:
        raise UsageError(f"shares {base.shape} and accuracies {before.shape} must be of one shape")
    before = np.where(base > 0, before, 0.0)
    shares, after = optimal_shares(base, before, beta), _optimal_accuracies(before, beta)
    pooled = [x.mean(axis=0) for x in (base, base * before, shares, shares * after)]
    q, a0, q1, a1 = pooled[0], _ratio(pooled[1], pooled[0]), pooled[2], _ratio(pooled[3], pooled[2])
    split = two_fold(q, a0, q1 / q1.sum(), a1)
    return KLOptimum(
        tuple(q1.tolist()),
        tuple(a1.tolist()),
        float((q1 * a1).sum()),
        float(entropy_nats(q1 / q1.sum())),
        split.selection,
        split.improvement,
    )


def optimal_shares(q0: Floats, a: Floats, beta: float) -> Floats:
    """Shares at the optimum, formats last; a row without any correct mass keeps its base at ``beta = 0``.

    Example:
        >>> optimal_shares(np.array([0.5, 0.5]), np.array([0.6, 0.2]), 0.0).round(6).tolist()
        [0.75, 0.25]
    """
    shrink = _shrink(beta)
    weight = q0 * ((1 - a) * shrink + a)
    total = weight.sum(axis=-1, keepdims=True)
    return np.where(total > 0, weight / np.where(total > 0, total, 1.0), q0)


def _shrink(beta: float) -> float:
    if not beta >= 0:
        raise UsageError(f"beta is {beta}; a KL coefficient lies between 0 and infinity")
    return 0.0 if beta == 0 else math.exp(-1 / beta)


def _optimal_accuracies(a: Floats, beta: float) -> Floats:
    total = a + (1 - a) * _shrink(beta)
    return np.where(total > 0, a / np.where(total > 0, total, 1.0), 0.0)


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.asarray(np.divide(part, whole, out=np.full(part.shape, math.nan), where=whole > 0))


def excess_amplification(
    base_counts: ArrayLike,
    base_correct: ArrayLike,
    final_counts: ArrayLike,
    format_index: int,
    beta: float,
    *,
    weights: ArrayLike | None = None,
    level: float = 0.95,
) -> Estimate:
    """How much further than the KL optimum a format's share went: ``logit q_T - logit q*(beta)``.

    About 0: the objective explains the amplification. Above 0: the dynamics went beyond it (compounding,
    clipping bias, drift). Shares and accuracies are pooled over problems; half a completion is added to each
    format, so that an extinct one stays finite.

    Args:
        base_counts: Completions at base, shape ``[problems, formats]``.
        base_correct: Correct ones, same shape.
        final_counts: Completions at the end, same shape.
        format_index: The format that won.
        beta: Nominal KL coefficient.
        weights: Resamples, shape ``[replicates, problems]``; 200 multinomial ones by default.
        level: Nominal coverage.

    Returns:
        In logits.

    Raises:
        UsageError: Counts of another shape, or a negative ``beta``.

    Example:
        >>> base, right, final = [[5, 5]], [[4, 2]], [[9, 1]]
        >>> round(excess_amplification(base, right, final, 0, 0.1).value, 3)
        1.21
    """
    n, c, last = (as_counts(x, axes=2) for x in (base_counts, base_correct, final_counts))
    draws = bootstrap_problems(n.shape[0]) if weights is None else np.asarray(weights, dtype=np.float64)
    resamples = np.vstack([np.ones(n.shape[0]), draws])
    whole, right, end = resamples @ n + 0.5, resamples @ c + 0.25, resamples @ last + 0.5
    target = optimal_shares(whole / whole.sum(axis=1, keepdims=True), right / whole, beta)
    reached = end / end.sum(axis=1, keepdims=True)
    excess = _logit(reached[:, format_index]) - _logit(target[:, format_index])
    return over_replicates(float(excess[0]), excess[1:] if n.shape[0] > 1 else np.empty(0), level)


def _logit(share: Floats) -> Floats:
    return np.log(share) - np.log1p(-share)


def expert_iteration(q0: ArrayLike, a: ArrayLike, rounds: int) -> Floats:
    """Shares after rounds of keeping correct completions and training on them: ``q ~ q0 a^n``.

    Args:
        q0: Base shares, shape ``[formats]``.
        a: Accuracies, taken as constant.
        rounds: Number of rounds, from 0.

    Raises:
        UsageError: Shares that do not sum to one, or nothing correct at all.

    Example:
        >>> expert_iteration([0.5, 0.5], [0.8, 0.4], 2).tolist()
        [0.8, 0.2]
    """
    weight = as_shares(q0) * np.asarray(a, dtype=np.float64) ** rounds
    if not weight.sum() > 0:
        raise UsageError("no format has a correct completion: expert iteration would keep nothing")
    return np.asarray(weight / weight.sum())


def overtaking_rounds(q0: ArrayLike, a: ArrayLike) -> float:
    """Rounds of expert iteration until the most accurate format passes the one with most correct mass.

    ``ln(q_g/q_f) / ln(a_f/a_g)`` with f the most accurate and g the one with most correct mass.

    Args:
        q0: Base shares, shape ``[formats]``.
        a: Base accuracies.

    Returns:
        0 where they are the same format; infinite where the most accurate has no share.

    Example:
        >>> round(overtaking_rounds([0.05, 0.25, 0.7], [0.5, 0.4, 0.3]), 4)
        5.1663
    """
    shares, accuracy = as_shares(q0), np.asarray(a, dtype=np.float64)
    f, g = int(np.argmax(accuracy)), int(np.argmax(shares * accuracy))
    if f == g or accuracy[f] == accuracy[g]:
        return 0.0
    if shares[f] == 0:
        return math.inf
    return math.log(shares[g] / shares[f]) / math.log(accuracy[f] / accuracy[g])
