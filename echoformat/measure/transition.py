"""When did the shares switch: model-free crossings with states for "not at all" and "before the log began".

The crossings of one curve live in `crossing`, the onset of a collapse in `onset`, the logistic fit and the
count of regimes in `regimes`, the alignment with the gain in `alignment`; their names are offered here too.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from echoformat.errors import UsageError
from echoformat.measure.alignment import GainConcentration, Lag, gain_concentration, lag, lag_interval
from echoformat.measure.arrays import Floats, as_counts, shares_of
from echoformat.measure.bootstrap import bootstrap_counts, bootstrap_problems, percentile_interval
from echoformat.measure.crossing import (
    MIN_CHANGE,
    IsotonicPath,
    Transition,
    TransitionState,
    clean_curve,
    crossings,
)
from echoformat.measure.onset import ENDS, Onset, onset, step_noise
from echoformat.measure.regimes import LogisticFit, logistic_fit, regime_ends

__all__ = [
    "MIN_CHANGE",
    "GainConcentration",
    "Lag",
    "LogisticFit",
    "Onset",
    "Transition",
    "TransitionState",
    "crossings",
    "gain_concentration",
    "lag",
    "lag_interval",
    "logistic_fit",
    "onset",
    "regime_ends",
    "step_noise",
    "transition",
    "transitions",
]


def transition(
    counts: ArrayLike,
    steps: ArrayLike,
    format_index: int,
    *,
    steps_per_epoch: float | None = None,
    replicates: int = 200,
    seed: int = 0,
    level: float = 0.95,
    min_change: float = MIN_CHANGE,
) -> Transition:
    """Transition of one format with bootstrap intervals by problem, in steps and epochs; see `crossings`.

    A resampled problem keeps all its completions at all steps. There is no transition where the lower limit
    of the move does not reach half of `min_change`.

    Args:
        counts: [steps, problems, formats]; steps without completions are left out.
        steps: [steps] positions, ascending.
        format_index: The format.
        steps_per_epoch: Steps of one epoch.
        replicates: Bootstrap replicates; 0 for none.
        seed: Of the bootstrap.
        level: Nominal coverage.
        min_change: Smallest move to call a transition.

    Raises:
        UsageError: Shapes that do not fit, or no such format.

    Example:
        >>> rise = np.array([1, 1, 1, 3, 5, 7, 9, 9, 9, 9])
        >>> run = np.stack([np.stack([rise, 10 - rise], axis=1)] * 30, axis=1)
        >>> found = transition(run, range(10), 0, steps_per_epoch=5)
        >>> found.state.value, round(found.t50, 6), round(found.epoch, 6)
        ('observed', 4.0, 0.8)
    """
    array = as_counts(counts, axes=3)
    if not 0 <= format_index < array.shape[2]:
        last = array.shape[2] - 1
        raise UsageError(f"format_index={format_index}, but the formats are numbered 0 to {last}")
    return transitions(
        array, steps, steps_per_epoch=steps_per_epoch, replicates=replicates, seed=seed, level=level,
        min_change=min_change, only=(format_index,),
    )[0]  # fmt: skip


def transitions(
    counts: ArrayLike,
    steps: ArrayLike,
    *,
    steps_per_epoch: float | None = None,
    replicates: int = 200,
    seed: int = 0,
    level: float = 0.95,
    min_change: float = MIN_CHANGE,
    only: tuple[int, ...] | None = None,
) -> tuple[Transition, ...]:
    """Transitions of every format (or those in `only`), sharing one bootstrap; see `transition`.

    Example:
        >>> rise = np.array([1, 1, 1, 3, 5, 7, 9, 9, 9, 9])
        >>> run = np.stack([np.stack([rise, 10 - rise], axis=1)] * 30, axis=1)
        >>> [round(found.move, 2) for found in transitions(run, range(10))]
        [0.8, -0.8]
    """
    array, times = as_counts(counts, axes=3), np.asarray(steps, dtype=np.float64)
    totals = np.asarray(array.sum(axis=1), dtype=np.float64)
    resampled = None
    if replicates > 0 and array.shape[1]:
        resampled = bootstrap_counts(array, bootstrap_problems(array.shape[1], replicates, seed))
    wanted = range(array.shape[2]) if only is None else only
    found = []
    for index in wanted:
        plain = crossings(
            shares_of(totals)[:, index], times, totals.sum(axis=1), min_change=min_change,
            steps_per_epoch=steps_per_epoch,
        )  # fmt: skip
        found.append(
            plain if resampled is None else _with_intervals(plain, resampled, times, index, level, min_change)
        )
    return tuple(found)


def _with_intervals(
    plain: Transition, resampled: Floats, times: Floats, index: int, level: float, min_change: float
) -> Transition:
    weights = resampled.sum(axis=2)
    with np.errstate(invalid="ignore"):
        shares = resampled[:, :, index] / weights
    moves = _moves(shares, weights)
    move = percentile_interval(plain.move, moves, level=level)
    surely = move.low if plain.move > 0 else -move.high
    if plain.t10 is None or plain.t50 is None or plain.t90 is None or not surely >= min_change / 2:
        return replace(plain, state=TransitionState.NONE, t10=None, t50=None, t90=None, move_interval=move)
    crossed = np.full((len(shares), 3), np.nan)
    for row in np.flatnonzero(moves * plain.move > 0):
        path = IsotonicPath.of(*clean_curve(shares[row], times, weights[row]))
        # A replicate that missed whole steps has other ends than `_moves` gave it.
        if path.move * plain.move > 0:
            crossed[row] = [path.reach(p) for p in (0.1, 0.5, 0.9)]
    t10, t50, t90 = (
        percentile_interval(at, column, level=level)
        for at, column in zip((plain.t10, plain.t50, plain.t90), crossed.T, strict=True)
    )
    return replace(plain, t10_interval=t10, t50_interval=t50, t90_interval=t90, move_interval=move)


def _moves(shares: Floats, weights: Floats) -> Floats:
    """Plateau minus base of every replicate [replicates, steps] as `IsotonicPath` has them, without its
    isotonic fit.

    The first fitted value of a rising fit is the smallest mean over the first steps, of a falling one the
    largest.
    """
    sampled = weights.any(axis=0)
    y, w = np.where(weights > 0, shares, 0.0)[:, sampled], weights[:, sampled]
    if y.shape[1] < 3:
        return np.full(len(y), np.nan)
    last = max(1, round(ENDS * y.shape[1]))
    with np.errstate(invalid="ignore"):
        so_far = np.cumsum(w * y, axis=1) / np.cumsum(w, axis=1)
        plateau = (w * y)[:, -last:].sum(axis=1) / w[:, -last:].sum(axis=1)
    rising = plateau >= so_far[:, last - 1]
    base = np.where(rising, np.fmin.reduce(so_far, axis=1), np.fmax.reduce(so_far, axis=1))
    return np.asarray(np.where((w > 0).sum(axis=1) >= 3, plateau - base, np.nan))
