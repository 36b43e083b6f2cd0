"""Evidence that may be watched at every step: betting e-processes, e-CUSUM, and the multinomial e-value.

An e-value is a bet against the null that is worth 1 on average under it; a large one is evidence, however
often one looks (Ville's inequality).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln, xlogy

from echoformat.errors import UsageError
from echoformat.measure.arrays import Floats, as_counts, as_shares

STAKES = (0.05, 0.1, 0.2, 0.4, 0.8)


def bet(shares: ArrayLike, limit: float, stakes: ArrayLike) -> Floats:
    """Log gain of one step's bets, by stake: sum_j ln(1 + s (x_j - limit)).

    Args:
        shares: [problems] share of the format in each problem, in [0, 1].
        limit: Largest mean share under the null, in (0, 1).
        stakes: [stakes] in (0, 1/limit).

    Raises:
        UsageError: A share outside [0, 1], or a stake that could lose more than everything.

    Example:
        >>> [round(float(g), 4) for g in bet([0.5, 0.25], 0.25, [1.0, 2.0])]
        [0.2231, 0.4055]
    """
    x, s = np.asarray(shares, dtype=np.float64), np.asarray(stakes, dtype=np.float64)
    if x.size and not (x.min() >= 0 and x.max() <= 1):
        raise UsageError(f"shares must lie in [0, 1], got {x.min()} to {x.max()}")
    if not 0 < limit < 1:
        raise UsageError(f"limit={limit} must lie between 0 and 1")
    if not ((s > 0) & (s * limit < 1)).all():
        raise UsageError(f"stakes must lie in (0, 1/limit) = (0, {1 / limit:.4g}), got {s.tolist()}")
    return np.asarray(np.log1p(np.multiply.outer(x - limit, s)).sum(axis=0))


def e_process(
    shares_by_step: ArrayLike, limit: float, stakes: ArrayLike | None = None, *, restart: bool = False
) -> Floats:
    """Evidence at every step that the mean share exceeds `limit`: mean over stakes of the products of bets.

    P(it ever reaches 1/alpha) <= alpha where the mean never exceeds the limit. With `restart` the e-CUSUM
    M <- max(M, 1) x gain, which forgets a long quiet start: on average at least c steps to a false alarm at M
    >= c, and at most n/c chance of one within n steps.

    Args:
        shares_by_step: [steps] or [steps, problems] shares in [0, 1].
        limit: Largest mean share under the null.
        stakes: [stakes]; (.05, .1, .2, .4, .8)/limit without them.
        restart: e-CUSUM instead of the e-process.

    Returns:
        [steps] evidence.

    Reference: Waudby-Smith and Ramdas (2024); Shin, Ramdas and Rinaldo (e-detectors).

    Example:
        >>> x = [3/8, 5/8, 4/8, 7/8, 8/8, 6/8, 8/8, 7/8]
        >>> [round(float(e), 3) for e in e_process(x, 0.25, [0.5, 1, 2])]
        [1.146, 1.665, 2.211, 4.129, 8.839, 16.121, 37.041, 78.958]
    """
    s = np.array(STAKES) / limit if stakes is None else np.asarray(stakes, dtype=np.float64)
    log, path = np.zeros(len(s)), []
    for step in np.asarray(shares_by_step, dtype=np.float64):
        log = (np.maximum(log, 0) if restart else log) + bet(np.atleast_1d(step), limit, s)
        path.append(float(log_mean(log)))
    return np.exp(np.minimum(path, 700))


def log_mean(log: Floats) -> Floats:
    """ln of the mean of the exponentials along the last axis.

    Example:
        >>> round(float(log_mean(np.log([1.0, 3.0]))), 6)
        0.693147
    """
    top = log.max(axis=-1, keepdims=True)
    return np.asarray(top[..., 0] + np.log(np.exp(log - top).mean(axis=-1)))


def multinomial_e_value(counts: ArrayLike, base: ArrayLike, alpha: ArrayLike = 1.0) -> float:
    """Log evidence that shares differ from a known base: ln B(alpha + n)/B(alpha) - sum n_f ln p_f.

    For independent completions only: feed one completion a problem. Infinite where a format appears that the
    base rules out.

    Args:
        counts: [formats] completions, one a problem.
        base: [formats] known shares under the null.
        alpha: Dirichlet prior of the alternative, one number or [formats].

    Reference: Lindon and Malek, arXiv 2011.03567.

    Example:
        >>> round(multinomial_e_value([12, 20, 18], [0.60, 0.25, 0.15]), 6)
        11.054541
    """
    n, p = np.asarray(as_counts(counts, axes=1), dtype=np.float64), as_shares(base)
    if n.shape != p.shape:
        raise UsageError(f"counts and base need the same formats, got {n.shape} and {p.shape}")
    a = np.broadcast_to(np.asarray(alpha, dtype=np.float64), n.shape)
    marginal = gammaln(a + n).sum() - gammaln((a + n).sum()) - gammaln(a).sum() + gammaln(a.sum())
    return float(marginal - xlogy(n, p).sum())
