"""Selection and improvement summed along the run's path, in windows of steps: the headline decomposition.

*Within-problem*: every problem is decomposed by itself and the sums are averaged, so difficulty cannot
confound them; the best basis where every step evaluates the same problems. *Adjusted*: in a training log
problems come back too seldom; the contrast between formats is taken within each problem at one time (which
format a completion has is random there, given the policy), and multiplied with the shares' movement.
*Pooled*: shares and accuracies over all problems; confounded where formats go with difficulty. All are
accounting, not causation.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from echoformat.errors import UsageError
from echoformat.measure.arrays import Floats, as_counts
from echoformat.measure.confusion import ConfusionMatrix
from echoformat.measure.estimate import over_problems, over_replicates
from echoformat.measure.midpoint import MidpointSums, midpoint_sums
from echoformat.measure.path_resampled import adjusted_draws, pooled_draws, resamples_for
from echoformat.measure.path_split import Basis, Confounding, PathDraws, PathSplit
from echoformat.measure.run_counts import check_counts
from echoformat.measure.window import (
    base_rows,
    base_stands_alone,
    window_for_problems,
    window_shifts,
    windowed,
)

COMPLETIONS_PER_PROBLEM = 32


def within_problem_path(
    counts: ArrayLike,
    correct: ArrayLike,
    window: int | None = None,
    *,
    level: float = 0.95,
    minimum: int = COMPLETIONS_PER_PROBLEM,
    weights: ArrayLike | None = None,
) -> PathSplit:
    """Selection and improvement per problem along the windows of a run, averaged over problems: the headline.

    ``S = mean_j sum_w sum_f dq_jf (a_jf(w) + a_jf(w+1))/2``, ``I`` likewise with ``mean q_jf da_jf``. A
    format that a problem shows on one side only takes that side's accuracy. The interval is a plain t
    interval over the per-problem sums.

    Args:
        counts: Completions, shape ``[steps, problems, formats]``.
        correct: Correct completions, same shape.
        window: Steps in a window. ``None`` takes the smallest with a median of ``minimum`` completions per
            problem and window, if the first step is an evaluation (it touches half of the problems, and is
            then a window by itself). Otherwise, and where two such windows do not fit, :func:`adjusted_path`
            answers instead and its ``basis`` says so: windows of a training log are too coarse for its start.
        level: Nominal coverage.
        minimum: The wanted median.
        weights: Resamples for the fallback, shape ``[replicates, problems]``.

    Returns:
        Terms in [-1, 1]. Shares that stand still give selection 0; equal accuracies too. One problem: no
        interval.

    Raises:
        UsageError: Shapes or counts that do not fit, or a window that does not.

    References:
        Kitagawa 1955; Shorrocks 2013 (midpoint terms).

    Example:
        >>> counts = np.array([[[10, 10], [4, 16]], [[18, 2], [16, 4]]])
        >>> correct = np.array([[[8, 4], [2, 4]], [[16, 1], [8, 1]]])
        >>> round(within_problem_path(counts, correct, window=1).selection.value, 4)
        0.1539
    """
    return _within(*_checked(counts, correct), window, level, minimum, weights).split


def pooled_path(
    counts: ArrayLike,
    correct: ArrayLike,
    window: int | None = None,
    *,
    level: float = 0.95,
    weights: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    confusion: ConfusionMatrix | None = None,
) -> PathSplit:
    """Selection and improvement along the windows from shares and accuracies pooled over problems.

    Confounded where formats go with difficulty: may even have the wrong sign. Read it beside
    :func:`within_problem_path`; the difference is the confounding.

    Args:
        counts: Completions, shape ``[steps, problems, formats]``.
        correct: Correct completions, same shape.
        window: Steps in a window; ``None`` takes the smallest that holds 512 completions.
        level: Nominal coverage of the percentile interval over resampled problems.
        weights: Resamples, shape ``[replicates, problems]``; 200 multinomial ones by default.
        strata: Difficulty stratum of each problem from *other* data (another model, held-out draws), shape
            ``[problems]``: terms are taken within strata. Strata from the same draws would be biased.
        confusion: The labeller's: counts are corrected by :func:`correct_joint` first.

    Raises:
        UsageError: Shapes or counts that do not fit, or a window that does not.

    Example:
        >>> counts = np.array([[[10, 10], [4, 16]], [[18, 2], [16, 4]]])
        >>> correct = np.array([[[8, 4], [2, 4]], [[16, 1], [8, 1]]])
        >>> round(pooled_path(counts, correct, window=1).selection.value, 4)
        0.1948
    """
    n, c = _checked(counts, correct)
    return pooled_draws(n, c, window, level, weights, strata, confusion).split


def adjusted_path(
    counts: ArrayLike,
    correct: ArrayLike,
    window: int | None = None,
    *,
    level: float = 0.95,
    weights: ArrayLike | None = None,
) -> PathSplit:
    """Selection from the shares' movement times contrasts taken within problems; for training logs.

    ``S = sum_w sum_f dq_f (e_f(w) + e_f(w+1))/2`` where ``e_f(w)`` is the effect of format f on correctness
    with one level per problem held constant (least squares within window w); ``I`` is the rest of the gain.
    Problems with few completions in one format weigh less, so effects that differ between problems bias it
    mildly: by .007 at most in the confounded simulations where pooling is off by .14 to .17
    (benchmarks/measures.py repeats them).

    Falls back to :func:`pooled_path` where under 10 % of the moving completions stand in problems that show
    two formats at a time. Arguments, returns and errors as :func:`pooled_path`.

    Example:
        >>> counts = np.array([[[10, 10], [4, 16]], [[18, 2], [16, 4]]])
        >>> correct = np.array([[[8, 4], [2, 4]], [[16, 1], [8, 1]]])
        >>> adjusted_path(counts, correct, window=1).basis.value
        'adjusted, not within-problem'
    """
    return adjusted_draws(*_checked(counts, correct), window, level, weights).split


def confounding(
    counts: ArrayLike,
    correct: ArrayLike,
    window: int | None = None,
    *,
    level: float = 0.95,
    weights: ArrayLike | None = None,
) -> Confounding:
    """Pooled selection less within-problem selection, both over the same windows and resamples.

    Arguments and errors as :func:`within_problem_path`.

    Example:
        >>> counts = np.array([[[8, 2], [2, 8]], [[19, 1], [18, 2]]])
        >>> correct = np.array([[[4, 1], [1, 4]], [[19, 1], [9, 1]]])
        >>> confounding(counts, correct, window=1).within.basis.value
        'within-problem'
    """
    n, c = _checked(counts, correct)
    resamples = resamples_for(n, weights)
    within = _within(n, c, window, level, COMPLETIONS_PER_PROBLEM, resamples)
    pooled = pooled_draws(n, c, within.split.window, level, resamples, None, None)
    value = pooled.split.selection.value - within.split.selection.value
    shift = over_replicates(value, pooled.selection - within.selection, level)
    return Confounding(shift, pooled.split, within.split)


def _checked(counts: ArrayLike, correct: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
    n, c = as_counts(counts, axes=3), as_counts(correct, axes=3)
    check_counts(n, c)
    if n.shape[0] < 2:
        raise UsageError(f"a path needs at least two steps, got {n.shape[0]}")
    return n, c


def _within(
    n: NDArray[Any],
    c: NDArray[Any],
    window: int | None,
    level: float,
    minimum: int,
    weights: ArrayLike | None,
) -> PathDraws:
    # The windows of a training log pool whole epochs: what moved inside the first would be lost.
    fitting = window_for_problems(n, minimum) if base_stands_alone(n) else None
    chosen = fitting if window is None else window
    if chosen is None:
        return adjusted_draws(n, c, None, level, weights)
    base = base_rows(n, chosen)
    epochs = chosen > 1 and not base_stands_alone(n)
    sums = _shifted_sums(n, c, chosen, base)
    n = windowed(n, chosen, base)
    selection, gain = sums.selection.sum(axis=1)[sums.linked], sums.gain[sums.linked]
    covariance = float(np.cov(selection, gain)[0, 1]) / len(gain) if len(gain) > 1 else math.nan
    sizes = n.sum(axis=2)[int(chosen > 1) :, sums.linked]
    median = float(np.median(sizes)) if sizes.size else math.nan
    split = PathSplit(
        Basis.WITHIN,
        over_problems(selection, level),
        over_problems(gain - selection, level),
        over_problems(gain, level),
        covariance,
        _mean_lines(sums.selection[sums.linked]),
        _mean_lines(sums.improvement[sums.linked]),
        len(n),
        chosen,
        int(sums.linked.sum()),
        int((n.any(axis=(0, 2)) & ~sums.linked).sum()),
        median,
        sums.empty_cell_rate,
        _within_notes(median, minimum, chosen, epochs),
    )
    if weights is None:
        return PathDraws(split, np.empty(0))
    kept = np.asarray(weights, dtype=np.float64)[:, sums.linked]
    with np.errstate(invalid="ignore"):
        return PathDraws(split, (kept @ selection) / kept.sum(axis=1))


def _within_notes(median: float, minimum: int, window: int, epochs: bool) -> tuple[str, ...]:
    notes = (
        [f"fewer than {minimum} completions per problem and window: mild bias"] if median < minimum else []
    )
    if epochs:
        notes.append(f"the first window pools {window} steps: what moved inside it is not counted")
    return tuple(notes)


def _shifted_sums(n: NDArray[Any], c: NDArray[Any], window: int, base: int) -> MidpointSums:
    """Sums of the path averaged over shifts of the grid, which lowers the noise from where cuts fall."""
    parts = [
        midpoint_sums(windowed(n, window, base, shift), windowed(c, window, base, shift))
        for shift in window_shifts(len(n), window)
    ]
    times = np.maximum(sum(part.linked.astype(np.int64) for part in parts), 1)
    return MidpointSums(
        np.asarray(sum(part.selection for part in parts) / times[:, None]),
        np.asarray(sum(part.improvement for part in parts) / times[:, None]),
        np.asarray(sum(part.gain for part in parts) / times),
        np.logical_or.reduce([part.linked for part in parts]),
        parts[0].empty_cell_rate,
    )


def _mean_lines(lines: Floats) -> tuple[float, ...]:
    return tuple(lines.mean(axis=0).tolist()) if len(lines) else (math.nan,) * lines.shape[1]
