"""Expectation maximisation over the prior of a calibrated labeller."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from echoformat.errors import UsageError
from echoformat.measure.arrays import Floats


def expectation_maximisation(
    posteriors: ArrayLike,
    prior: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    rounds: int = 2000,
    tolerance: float = 1e-10,
) -> Floats:
    """Shares at which the posteriors explain themselves: q <- mean_i of post_i q/prior (EMQ, SLD).

    Only as good as the posteriors are calibrated; formats that change their look break it.

    Args:
        posteriors: [completions, formats], rows sum to one.
        prior: [formats] shares at which they were trained.
        weights: [replicates, completions] bootstrap weights.
        rounds: At most.
        tolerance: Largest change of a share at which to stop.

    Returns:
        [formats], or [replicates, formats] with weights.

    Raises:
        UsageError: Shapes that differ, or a prior of 0.

    Reference: Saerens, Latinne and Decaestecker (2002).

    Example:
        >>> post = [[0.9, 0.1]] * 8 + [[0.1, 0.9]] * 2
        >>> [round(float(q), 4) for q in expectation_maximisation(post, [0.5, 0.5])]
        [0.875, 0.125]
    """
    post, start = np.asarray(posteriors, dtype=np.float64), np.asarray(prior, dtype=np.float64)
    if post.ndim != 2 or start.shape != post.shape[1:] or not (start > 0).all():
        raise UsageError(
            f"need posteriors [completions, formats] and a positive prior: {post.shape}, {start.shape}"
        )
    rows = np.ones((1, len(post))) if weights is None else np.asarray(weights, dtype=np.float64)
    ratio, total = post / start, rows.sum(axis=1, keepdims=True)
    q = np.broadcast_to(start / start.sum(), (len(rows), len(start))).copy()
    for _ in range(rounds):
        new = q * ((rows / np.maximum(q @ ratio.T, 1e-300)) @ ratio) / total
        done = np.abs(new - q).max() < tolerance
        q = new
        if done:
            break
    q /= q.sum(axis=1, keepdims=True)
    return q[0] if weights is None else q
