"""Calibration: whether a labeller's confidence can be taken at its word, and how to mend it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from echoformat.errors import UsageError
from echoformat.measure.arrays import Floats, as_shares
from echoformat.measure.confusion import as_labels


def ece(confidence: ArrayLike, correct: ArrayLike, *, bins: int = 10) -> float:
    """Expected calibration error: mean over equal-width bins of |accuracy - confidence|, by their size.

    Args:
        confidence: [completions] in [0, 1], of the label given.
        correct: [completions] whether the label was right.
        bins: Number of bins; state it, the figure depends on it.

    Returns:
        In [0, 1]; 0 for a calibrated labeller.

    Raises:
        UsageError: Lists of different length, none at all, or a confidence outside [0, 1].

    Reference: Guo et al. (2017).

    Example:
        >>> round(ece([0.9, 0.9, 0.6, 0.6], [1, 1, 1, 0]), 3)
        0.1
    """
    c, right = np.asarray(confidence, dtype=np.float64), np.asarray(correct, dtype=np.float64)
    if c.ndim != 1 or c.shape != right.shape or not len(c):
        raise UsageError(f"one correctness a confidence is needed, got {c.shape} and {right.shape}")
    if c.min() < 0 or c.max() > 1:
        raise UsageError(f"confidence must lie in [0, 1], got {c.min()} to {c.max()}")
    bin_ = np.clip(np.ceil(c * bins).astype(np.int64) - 1, 0, bins - 1)
    gap = np.bincount(bin_, weights=right - c, minlength=bins)
    return float(np.abs(gap).sum() / len(c))


def classwise_calibration_error(posteriors: ArrayLike, true: ArrayLike, *, bins: int = 10) -> Floats:
    """Calibration error of the probability of each format: [formats], each as `ece`.

    Args:
        posteriors: [completions, formats], rows sum to one.
        true: [completions] format indices.
        bins: Number of bins.

    Example:
        >>> classwise_calibration_error([[0.8, 0.2], [0.8, 0.2], [0.2, 0.8]], [0, 0, 1]).round(3).tolist()
        [0.2, 0.2]
    """
    p = as_shares(posteriors)
    codes = as_labels(true, p.shape[-1])
    return np.array([ece(p[:, f], codes == f, bins=bins) for f in range(p.shape[1])])


def temperature(posteriors: ArrayLike, true: ArrayLike) -> float:
    """Temperature at which the posteriors explain validation labels best: above 1 for an over-confident
    labeller.

    Minimises -mean ln softmax(ln p / T). Use labels balanced over formats.

    Args:
        posteriors: [completions, formats], rows sum to one.
        true: [completions] format indices.

    Raises:
        UsageError: Lists that do not fit.

    Reference: Guo et al. (2017).

    Example:
        >>> sharp = [[0.99, 0.01]] * 8 + [[0.01, 0.99]] * 2
        >>> round(temperature(sharp, [0] * 8 + [0] * 2), 1) > 1
        True
    """
    p = as_shares(posteriors)
    codes = as_labels(true, p.shape[-1])
    if p.ndim != 2 or len(codes) != len(p) or not len(codes):
        raise UsageError(f"one true format a posterior is needed, got {codes.shape} and {p.shape}")
    logits = np.log(np.maximum(p, 1e-300))
    rows = np.arange(len(codes))

    def loss(log_t: float) -> float:
        return -float(log_softmax(logits / np.exp(log_t), axis=1)[rows, codes].mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-5, 5), method="bounded", options={"xatol": 1e-8}).x))


def with_temperature(posteriors: ArrayLike, value: float) -> Floats:
    """Posteriors at another temperature: softmax(ln p / T).

    Example:
        >>> with_temperature([[0.8, 0.2]], 2.0).round(4).tolist()
        [[0.6667, 0.3333]]
    """
    if not value > 0:
        raise UsageError(f"a temperature is positive, got {value}")
    return np.asarray(softmax(np.log(np.maximum(as_shares(posteriors), 1e-300)) / value, axis=-1))


def re_prior(posteriors: ArrayLike, prior: ArrayLike, shares: ArrayLike) -> Floats:
    """Posteriors for a step with other shares: post x shares/prior, normalised (the step that EMQ repeats).

    Example:
        >>> re_prior([[0.5, 0.5]], [0.5, 0.5], [0.9, 0.1]).round(4).tolist()
        [[0.9, 0.1]]
    """
    p, before, now = as_shares(posteriors), as_shares(prior), as_shares(shares)
    if not (before > 0).all() or p.shape[-1] != len(before) or before.shape != now.shape:
        raise UsageError(
            f"need a positive prior and shares of {p.shape[-1]} formats: {before.shape}, {now.shape}"
        )
    moved = p * (now / before)
    return np.asarray(moved / moved.sum(axis=-1, keepdims=True))
