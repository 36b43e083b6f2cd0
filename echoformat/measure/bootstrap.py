"""Bootstrap by problem as weighted sums: no figure is resampled in a loop."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from echoformat.errors import UsageError
from echoformat.measure.arrays import Floats, as_counts
from echoformat.measure.interval import Interval, check_level

# One product of matrices over several steps reads the weights once, not once a step (five times faster).
STEPS_AT_ONCE = 8


def bootstrap_problems(
    problems: int, replicates: int = 200, seed: int = 0, *, bayesian: bool = False
) -> Floats:
    """Weights that resample problems with replacement, so that a bootstrap is one weighted sum, not a loop.

    Each row is a multinomial draw of `problems` out of `problems` (sums to `problems`), or with `bayesian` a
    flat Dirichlet times `problems` (Rubin's bootstrap: same coverage, smoother). A problem keeps its weight
    at every step, so derived figures (t50, lags, ranks) keep the dependence between checkpoints.

    Returns:
        [replicates, problems] floats.

    Raises:
        UsageError: No problem or no replicate.

    Reference: Cameron, Gelbach and Miller (2008); Rubin (1981).

    Example:
        >>> weights = bootstrap_problems(5, replicates=3, seed=1)
        >>> weights.shape, weights.sum(axis=1).tolist()
        ((3, 5), [5.0, 5.0, 5.0])
    """
    if problems < 1 or replicates < 1:
        raise UsageError(f"need at least one problem and one replicate, got {problems} and {replicates}")
    draw = np.random.default_rng(seed)
    if bayesian:
        gamma = draw.standard_exponential((replicates, problems))
        return np.asarray(gamma / gamma.mean(axis=1, keepdims=True))
    return draw.multinomial(problems, np.full(problems, 1 / problems), size=replicates).astype(np.float64)


def bootstrap_counts(counts: ArrayLike, weights: ArrayLike) -> Floats:
    """Resampled counts of a run: [steps, problems, formats] with [replicates, problems] to [replicates,
    steps, formats].

    Example:
        >>> bootstrap_counts([[[4, 0], [0, 4]]], [[2, 0], [1, 1]]).tolist()
        [[[8.0, 0.0]], [[4.0, 4.0]]]
    """
    array, resample = as_counts(counts, axes=3), np.asarray(weights, dtype=np.float64)
    if resample.ndim != 2 or resample.shape[1] != array.shape[1]:
        raise UsageError(
            f"weights must be [replicates, {array.shape[1]} problems], got shape {resample.shape}"
        )
    result = np.empty((len(resample), array.shape[0], array.shape[2]))
    for first in range(0, len(array), STEPS_AT_ONCE):
        block = array[first : first + STEPS_AT_ONCE]
        seen, columns = block.any(axis=(0, 2)), len(block) * array.shape[2]
        flat = np.asarray(
            block[:, seen].transpose(1, 0, 2).reshape(int(seen.sum()), columns), dtype=np.float64
        )
        result[:, first : first + len(block)] = (resample[:, seen] @ flat).reshape(
            len(resample), *block.shape[::2]
        )
    return result


def percentile_interval(
    point: float, replicates: ArrayLike, *, level: float = 0.95, method: str = "bootstrap by problem"
) -> Interval:
    """The middle `level` of the replicates that are numbers; says how many were not.

    Example:
        >>> percentile_interval(2.0, [1.0, 2.0, 3.0], level=0.5).low
        1.5
    """
    values = np.asarray(replicates, dtype=np.float64)
    known = values[np.isfinite(values)]
    missing = len(values) - len(known)
    if not len(known):
        return Interval(math.nan, math.nan, point, level, method, False, "undefined in every replicate")
    tail = (1 - check_level(level)) / 2
    low, high = np.quantile(known, [tail, 1 - tail])
    note = f"undefined in {missing} of {len(values)} replicates" if missing else ""
    return Interval(float(low), float(high), point, level, method, missing <= 0.1 * len(values), note)
