"""Diversity of the formats of one step: entropy, effective numbers, dominance, and their small-sample forms.

Forms for few completions live in `entropy`, distances in `divergence`, growth rates in `selection`; their
names are offered here too, since they are read together.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from echoformat.errors import UsageError
from echoformat.measure.arrays import Floats, as_counts, as_shares, pooled_counts, shares_of
from echoformat.measure.divergence import (
    DeltaLogit,
    aitchison_distance,
    clr_drift,
    delta_logit,
    jensen_shannon,
    kl_divergence,
    total_variation,
)
from echoformat.measure.entropy import (
    chao_shen,
    chao_wang_jost,
    grassberger,
    jackknife_entropy,
    miller_madow,
    plugin_entropy,
    zhang,
)
from echoformat.measure.selection import (
    SelectionCoefficients,
    SelectionEfficacy,
    selection_coefficients,
    selection_efficacy,
)

__all__ = [
    "DeltaLogit",
    "SelectionCoefficients",
    "SelectionEfficacy",
    "aitchison_distance",
    "chao_shen",
    "chao_wang_jost",
    "clr_drift",
    "delta_logit",
    "dominant_share",
    "effective_number",
    "entropy_bits",
    "entropy_nats",
    "gini_simpson_unbiased",
    "grassberger",
    "hhi",
    "hill",
    "jackknife_entropy",
    "jensen_shannon",
    "kl_divergence",
    "miller_madow",
    "normalised_entropy",
    "selection_coefficients",
    "selection_efficacy",
    "shares_of",
    "total_variation",
    "zhang",
]


def entropy_nats(shares: ArrayLike) -> Floats:
    """Shannon entropy of the shares, in nats: H = sum_f q_f ln(1/q_f).

    Args:
        shares: [..., formats], rows sum to one.

    Returns:
        [...] in [0, ln(formats)]. 0 (never -0.0) when one format holds everything, ln K when all K are
        equal, NaN for a row of NaN.

    Raises:
        UsageError: Rows that are not shares.

    Reference: Shannon (1948).

    Example:
        >>> round(float(entropy_nats([0.60, 0.25, 0.15])), 6)
        0.937637
        >>> float(entropy_nats([1.0, 0.0]))
        0.0
    """
    return plugin_entropy(as_shares(shares))


def entropy_bits(shares: ArrayLike) -> Floats:
    """Shannon entropy of the shares, in bits: H_nats / ln 2.

    Example:
        >>> float(entropy_bits([0.5, 0.5]))
        1.0
    """
    return np.asarray(entropy_nats(shares) / math.log(2))


def normalised_entropy(shares: ArrayLike, declared: int | None = None) -> Floats:
    """Entropy over its largest value for the declared formats: H / ln K, in [0, 1].

    K is the number of formats *declared*, not of those seen, or the series would jump when a format dies.
    One declared format gives 0.

    Raises:
        UsageError: Fewer formats declared than hold a share.

    Example:
        >>> round(float(normalised_entropy([0.60, 0.25, 0.15, 0.0], declared=3)), 6)
        0.853474
    """
    array = as_shares(shares)
    known = array.shape[-1] if declared is None else declared
    seen = int((array > 0).sum(axis=-1).max())
    if known < max(seen, 1):
        raise UsageError(f"declared={known}, but {seen} formats hold a share; declare every format")
    if known == 1:
        return np.zeros(array.shape[:-1])
    return np.asarray(plugin_entropy(array) / math.log(known))


def hill(shares: ArrayLike, q: float) -> Floats:
    """Hill number of order q, the effective number of formats: (sum_f q_f^q)^(1/(1-q)).

    q=0 counts the formats seen, q=1 is exp(H), q=2 is 1/sum q_f^2, q=inf is 1/max q_f. In [1, K], falling in
    q.

    Raises:
        UsageError: Negative order.

    Reference: Hill (1973); Jost (2006).

    Example:
        >>> [round(float(hill([0.60, 0.25, 0.15], q)), 5) for q in (0, 1, 2, float("inf"))]
        [3.0, 2.55394, 2.24719, 1.66667]
    """
    array = as_shares(shares)
    if not q >= 0:
        raise UsageError(
            f"the order of a Hill number must be 0 or more, got {q}; common orders: 0, 1, 2, inf"
        )
    if q == 1:
        return np.asarray(np.exp(plugin_entropy(array)))
    if math.isinf(q):
        return np.asarray(1 / array.max(axis=-1))
    powers = np.where(array > 0, array, 1.0) ** q * (array > 0)
    return np.asarray(np.where(np.isnan(array).any(axis=-1), np.nan, powers.sum(axis=-1) ** (1 / (1 - q))))


def effective_number(shares: ArrayLike) -> Floats:
    """Effective number of formats, exp(entropy): the Hill number of order 1, in [1, K].

    Example:
        >>> round(float(effective_number([0.02, 0.01, 0.97])), 4)
        1.1663
    """
    return hill(shares, 1)


def dominant_share(shares: ArrayLike) -> Floats:
    """Largest share (Berger-Parker), in [1/K, 1].

    Example:
        >>> float(dominant_share([0.6, 0.25, 0.15]))
        0.6
    """
    return np.asarray(as_shares(shares).max(axis=-1))


def hhi(shares: ArrayLike) -> Floats:
    """Herfindahl-Hirschman concentration, sum q_f^2, in [1/K, 1]: 1 minus the Gini-Simpson index.

    Example:
        >>> round(float(hhi([0.6, 0.25, 0.15])), 4)
        0.445
    """
    return np.asarray((as_shares(shares) ** 2).sum(axis=-1))


def gini_simpson_unbiased(counts: ArrayLike) -> Floats:
    """Chance that two completions differ in format, unbiased for any n >= 2: 1 - sum n_f(n_f-1)/(n(n-1)).

    Args:
        counts: [..., formats]. Rows with fewer than two completions give NaN.

    Example:
        >>> round(float(gini_simpson_unbiased([5, 2, 1])), 6)
        0.607143
    """
    n = np.asarray(as_counts(counts), dtype=np.float64)
    total = n.sum(axis=-1)
    pairs = total * (total - 1)
    same = (n * (n - 1)).sum(axis=-1)
    return np.asarray(np.where(pairs > 0, 1 - same / np.where(pairs > 0, pairs, 1), np.nan))


def pooled_entropy(counts: ArrayLike) -> Floats:
    """Plug-in entropy in nats of the pooled shares of one step, or of every step of a run.

    Example:
        >>> round(float(pooled_entropy([[4, 0], [2, 2], [3, 1]])), 4)
        0.5623
    """
    return plugin_entropy(shares_of(pooled_counts(counts)))
