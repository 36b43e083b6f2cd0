"""How far the shares have moved: from the base checkpoint or from the declared pretraining mixture.

Every function takes two sets of shares over the same formats. The reference is the caller's choice and must
be named wherever a figure is printed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from echoformat.errors import UsageError
from echoformat.measure.arrays import Floats, as_counts, as_shares


def _pair(p: ArrayLike, q: ArrayLike) -> tuple[Floats, Floats]:
    first, second = as_shares(p), as_shares(q)
    if first.shape[-1] != second.shape[-1]:
        raise UsageError(f"both sides need the same formats, got {first.shape[-1]} and {second.shape[-1]}")
    return first, second


def _relative(p: Floats, q: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(p > 0, p * np.log(p / q), np.where(np.isnan(p + q), np.nan, 0.0))
    return np.asarray(terms.sum(axis=-1))


def total_variation(p: ArrayLike, q: ArrayLike) -> Floats:
    """Total variation distance: half of sum_f |p_f - q_f|, in [0, 1]; the share that changed hands.

    Args:
        p: [..., formats] shares.
        q: [..., formats] shares, broadcast against `p`.

    Raises:
        UsageError: Not shares, or different numbers of formats.

    Example:
        >>> round(float(total_variation([0.02, 0.01, 0.97], [0.60, 0.25, 0.15])), 6)
        0.82
    """
    first, second = _pair(p, q)
    return np.asarray(np.abs(first - second).sum(axis=-1) / 2)


def kl_divergence(p: ArrayLike, q: ArrayLike) -> Floats:
    """Kullback-Leibler divergence in nats: sum_f p_f ln(p_f / q_f), in [0, inf].

    With p the shares now and q the base it stays finite when a format dies; the other way round it is
    infinite then, so do not headline that.

    Example:
        >>> round(float(kl_divergence([0.02, 0.01, 0.97], [0.60, 0.25, 0.15])), 6)
        1.710448
        >>> float(kl_divergence([0.5, 0.5], [1.0, 0.0]))
        inf
    """
    first, second = _pair(p, q)
    return np.asarray(np.maximum(_relative(first, second), 0.0))


def jensen_shannon(p: ArrayLike, q: ArrayLike) -> Floats:
    """Jensen-Shannon divergence in nats: mean KL of both to their midpoint, in [0, ln 2], symmetric.

    Example:
        >>> round(float(jensen_shannon([0.02, 0.01, 0.97], [0.60, 0.25, 0.15])), 6)
        0.407257
    """
    first, second = _pair(p, q)
    middle = (first + second) / 2
    return np.asarray(np.maximum((_relative(first, middle) + _relative(second, middle)) / 2, 0.0))


@dataclass(frozen=True, slots=True)
class DeltaLogit:
    """Change of the logit of every share, with its sampling variance."""

    value: Floats
    variance: Floats


def delta_logit(base: ArrayLike, now: ArrayLike, *, design_effect: float | ArrayLike = 1.0) -> DeltaLogit:
    """Amplification of every format on the logit scale, finite at 0 and 1 (Haldane-Anscombe).

    ln((n+1/2)/(N-n+1/2)) now minus base; variance 1/(n+1/2) + 1/(N-n+1/2) of both, times the design effect.
    Preferred to the ratio of shares, which is unbounded and noisy.

    Args:
        base: [..., formats] counts at the reference.
        now: [..., formats] counts now.
        design_effect: Variance inflation by problems (`intervals.design_effect`); 1 for independent
        completions.

    Example:
        >>> change = delta_logit([60, 25, 15], [0, 0, 100])
        >>> round(float(change.value[2]), 6), round(float(change.variance[2]), 6)
        (7.010981, 2.086162)
    """
    then, later = _logits(base), _logits(now)
    return DeltaLogit(later[0] - then[0], (later[1] + then[1]) * np.asarray(design_effect, dtype=np.float64))


def _logits(counts: ArrayLike) -> tuple[Floats, Floats]:
    n = np.asarray(as_counts(counts), dtype=np.float64)
    inside, outside = n + 0.5, n.sum(axis=-1, keepdims=True) - n + 0.5
    return np.log(inside / outside), 1 / inside + 1 / outside


def clr_drift(base: ArrayLike, now: ArrayLike) -> Floats:
    """Centred log-ratio of the shares now minus that of the base, by format; the entries sum to zero.

    clr(q)_f = ln q_f - mean_g ln q_g. Undefined where a share is 0: add half a count to every count first.

    Raises:
        UsageError: A share of 0.

    Reference: Aitchison (1986).

    Example:
        >>> [round(float(x), 4) for x in clr_drift([0.60, 0.25, 0.15], [0.02, 0.01, 0.97])]
        [-1.8167, -1.6344, 3.4511]
    """
    first, second = _pair(base, now)
    if (first == 0).any() or (second == 0).any():
        raise UsageError("a log-ratio needs every share above 0; pass shares_of(counts + 0.5)")
    ratio = np.log(second / first)
    return np.asarray(ratio - ratio.mean(axis=-1, keepdims=True))


def aitchison_distance(base: ArrayLike, now: ArrayLike) -> Floats:
    """Length of the compositional drift: the Euclidean norm of `clr_drift`, in [0, inf).

    Example:
        >>> round(float(aitchison_distance([0.60, 0.25, 0.15], [0.02, 0.01, 0.97])), 6)
        4.228721
    """
    return np.asarray(np.sqrt((clr_drift(base, now) ** 2).sum(axis=-1)))
