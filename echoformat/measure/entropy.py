"""Entropy from few completions: plug-in, and the forms that correct its bias."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import digamma

from echoformat.measure.arrays import Floats, as_counts, shares_of


def plugin_entropy(shares: Floats) -> Floats:
    """Entropy in nats of rows already known to be shares: sum q ln(1/q), without checks (inner loops)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = shares * np.log(1 / shares)
    return np.asarray(np.where(shares > 0, terms, np.where(np.isnan(shares), np.nan, 0.0)).sum(axis=-1))


def miller_madow(counts: ArrayLike) -> Floats:
    """Entropy in nats plus the first-order bias term: H + (formats seen - 1)/(2n).

    Corrects for independent completions only; clustered ones need `jackknife_entropy`. Reference: Miller
    (1955).

    Example:
        >>> round(float(miller_madow([60, 25, 15])), 6)
        0.947637
    """
    n, total = _counted(counts)
    return np.asarray(plugin_entropy(shares_of(n)) + ((n > 0).sum(axis=-1) - 1) / (2 * total))


def grassberger(counts: ArrayLike) -> Floats:
    """Entropy in nats after Grassberger (2003): ln n - (1/n) sum n_f G(n_f).

    G(n) = psi(n) + (-1)^n/2 (psi((n+1)/2) - psi(n/2)). Slightly negative when one format holds everything.

    Reference: arXiv physics/0307138.

    Example:
        >>> round(float(grassberger([5, 2, 1])), 6)
        1.183138
    """
    n, total = _counted(counts)
    safe = np.where(n > 0, n, 1.0)
    sign = np.where(np.mod(safe, 2) == 0, 0.5, -0.5)
    g = digamma(safe) + sign * (digamma((safe + 1) / 2) - digamma(safe / 2))
    return np.asarray(np.log(total) - (n * g).sum(axis=-1) / total)


def zhang(counts: ArrayLike) -> Floats:
    """Entropy in nats after Zhang (2012), also Schürmann (2015): sum (n_f/n)(psi(n) - psi(n_f)).

    Bias -sum_f sum_{v>=n} q(1-q)^v/v: vanishes faster than any power of n.

    Example:
        >>> round(float(zhang([5, 2, 1])), 6)
        1.040774
    """
    n, total = _counted(counts)
    terms = n / total[..., None] * (digamma(total)[..., None] - digamma(np.where(n > 0, n, 1.0)))
    return np.asarray(terms.sum(axis=-1) + 0.0)


def chao_wang_jost(counts: ArrayLike) -> Floats:
    """Entropy in nats after Chao, Wang and Jost (2013): Zhang's sum plus the formats not seen.

    The second part is (f1/n)(1-A)^(1-n) (ln(1/A) - sum_{r<n} (1-A)^r/r), with f1, f2 the formats seen once
    and twice and A = 2 f2/((n-1) f1 + 2 f2). The least biased choice for 4 to 16 completions of one problem.

    Example:
        >>> round(float(chao_wang_jost([5, 2, 1])), 6)
        1.082218
    """
    n, total = _counted(counts)
    flat, sums = n.reshape(-1, n.shape[-1]), total.reshape(-1)
    once, twice = (flat == 1).sum(axis=-1), (flat == 2).sum(axis=-1)
    seen = np.stack([sums, once, twice], axis=1)
    kinds, which = np.unique(seen, axis=0, return_inverse=True)
    unseen = np.array([_unseen(float(size), int(f1), int(f2)) for size, f1, f2 in kinds])[which.reshape(-1)]
    return np.asarray(zhang(n) + unseen.reshape(total.shape))


def _unseen(n: float, once: int, twice: int) -> float:
    if once == 0 or not n > 1:
        return 0.0
    share = 2 * twice / ((n - 1) * once + 2 * twice) if twice else 2 / ((n - 1) * (once - 1) + 2)
    if share >= 1:
        return 0.0
    log = math.log1p(-share)
    if n * share < 5:
        r = np.arange(1.0, n)
        return once / n * math.exp((1 - n) * log) * (math.log(1 / share) - float((np.exp(r * log) / r).sum()))
    # The same as sum_{r>=n} (1-A)^r/r: no small difference of large numbers where (1-A)^(1-n) is large.
    r = np.arange(math.ceil(40 / share), dtype=np.float64)
    return once / n * float((np.exp((r + 1) * log) / (r + n)).sum())


def chao_shen(counts: ArrayLike) -> Floats:
    """Entropy in nats after Chao and Shen (2003): coverage-adjusted shares, Horvitz-Thompson weights.

    C = 1 - f1/n, p = C q, H = sum p ln(1/p) / (1 - (1-p)^n). Not a default: biased up near collapse.

    Example:
        >>> round(float(chao_shen([5, 2, 1])), 6)
        1.117333
    """
    n, total = _counted(counts)
    once = (n == 1).sum(axis=-1)
    coverage = 1 - np.where(once == total, total - 1, once) / total
    p = coverage[..., None] * n / total[..., None]
    safe = np.where(p > 0, p, 1.0)
    seen = -np.expm1(total[..., None] * np.log1p(-np.minimum(safe, 1 - 1e-16)))
    return np.asarray(np.where(p > 0, safe * np.log(1 / safe) / seen, 0.0).sum(axis=-1))


def _counted(counts: ArrayLike) -> tuple[Floats, Floats]:
    """Counts as floats with their totals; rows without completions have the total NaN."""
    n = np.asarray(as_counts(counts), dtype=np.float64)
    total = n.sum(axis=-1)
    return n, np.asarray(np.where(total > 0, total, np.nan))


def jackknife_entropy(counts: ArrayLike) -> Floats:
    """Entropy in nats of the pooled shares, corrected by leaving out one problem at a time.

    H_J = P H - (P-1) mean_j H(-j). Removes the first-order bias that clustering inflates, where Miller-Madow
    with n = completions does not. Not clipped: may exceed ln K or fall below 0 by a fraction of its error.

    Args:
        counts: [problems, formats] or [steps, problems, formats]; problems without completions are ignored.

    Returns:
        One value, or one a step. With fewer than two problems the plug-in entropy; NaN without completions.

    Reference: Zahl (1977).

    Example:
        >>> round(float(jackknife_entropy([[4, 0], [2, 2], [3, 1]])), 4)
        0.6199
    """
    array = as_counts(counts)
    if array.ndim == 3:
        return np.array([jackknife(step)[0] for step in array])
    return np.asarray(jackknife(array)[0])


def jackknife(counts: ArrayLike) -> tuple[float, float, int]:
    """Delete-one-problem entropy of one step, its variance, and the number of problems it rests on.

    v = (P-1)/P sum_j (H(-j) - mean)^2; NaN with fewer than two problems.

    Example:
        >>> value, variance, problems = jackknife([[4, 0], [2, 2], [3, 1]])
        >>> round(value, 4), round(variance, 4), problems
        (0.6199, 0.0279, 3)
    """
    array = as_counts(counts, axes=2)
    rows = np.asarray(array[array.any(axis=-1)], dtype=np.float64)
    problems, total = len(rows), rows.sum(axis=0)
    if problems == 0:
        return math.nan, math.nan, 0
    whole = float(plugin_entropy(total / total.sum()))
    if problems == 1:
        return whole, math.nan, 1
    left = total - rows
    without = plugin_entropy(left / left.sum(axis=-1, keepdims=True))
    mean = float(without.mean())
    variance = (problems - 1) / problems * float(((without - mean) ** 2).sum())
    return problems * whole - (problems - 1) * mean, variance, problems
