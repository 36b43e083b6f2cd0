"""Crossings: when one share did a tenth, half and nine tenths of its move, from an isotonic fit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import isotonic_regression

from echoformat.errors import UsageError
from echoformat.measure.arrays import Floats
from echoformat.measure.interval import Interval
from echoformat.measure.onset import ENDS, step_noise

# Shares wander without any selection: in control runs whose advantages were shuffled inside their groups they
# moved by up to 16 points within one epoch. A move must reach 20 points, and surely half of that.
MIN_CHANGE = 0.20


class TransitionState(StrEnum):
    """What the share of a format did over the log."""

    OBSERVED = "observed"
    LEFT_CENSORED = "left_censored"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Transition:
    """One format's move from its share at the base to its plateau.

    Attributes:
        state: `none` where the move is too small to tell from drift; `left_censored` where a tenth of it
            was done within the first interval of the log, so that it may have begun before.
        t10: Step at which a tenth of the move was done; `None` without a transition. So `t50`, `t90`.
        t50: Half of the move.
        t90: Nine tenths.
        base: Share at the first step (isotonic fit).
        plateau: Mean share of the last tenth of the steps.
        settled: Whether the plateau was reached before the last fifth; if not, the move may go on.
        noise: Standard deviation of one step's share around its neighbours.
        steps_per_epoch: Steps of one epoch, where known.
        t10_interval: Bootstrap interval, in steps; likewise the others.
        t50_interval: Same for t50.
        t90_interval: Same for t90.
        move_interval: Bootstrap interval of plateau minus base.
    """

    state: TransitionState
    t10: float | None
    t50: float | None
    t90: float | None
    base: float
    plateau: float
    settled: bool
    noise: float
    steps_per_epoch: float | None = None
    t10_interval: Interval | None = None
    t50_interval: Interval | None = None
    t90_interval: Interval | None = None
    move_interval: Interval | None = None

    @property
    def move(self) -> float:
        """Plateau minus base; negative for a format that lost."""
        return self.plateau - self.base

    @property
    def epoch(self) -> float | None:
        """t50 in epochs; `None` without a transition or without `steps_per_epoch`."""
        return self._epochs(self.t50)

    @property
    def epoch_interval(self) -> Interval | None:
        """Interval of t50 in epochs."""
        inside = self.t50_interval
        if inside is None or not self.steps_per_epoch:
            return None
        scale = 1 / self.steps_per_epoch
        return replace(inside, low=inside.low * scale, high=inside.high * scale, point=inside.point * scale)

    def _epochs(self, step: float | None) -> float | None:
        return None if step is None or not self.steps_per_epoch else step / self.steps_per_epoch


def crossings(
    shares: ArrayLike,
    steps: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    min_change: float = MIN_CHANGE,
    steps_per_epoch: float | None = None,
) -> Transition:
    """Steps at which a share has done 10, 50 and 90 % of its move, from an isotonic fit (no model).

    L is the first fitted share, U the mean of the last tenth of the steps; t_p is where the fit, linear
    between steps, reaches L + p (U - L). No transition where |U - L| < `min_change`, or where it does not
    exceed half of that by two standard errors of the step noise.

    Args:
        shares: [steps] share of one format; NaN steps are left out.
        steps: [steps] positions, ascending.
        weights: [steps] completions behind each share; all alike without them.
        min_change: Smallest move to call a transition.
        steps_per_epoch: Steps of one epoch, to tell t50 in epochs.

    Raises:
        UsageError: Shapes that differ, or steps that do not ascend.

    Reference: Barlow et al. (1972), isotonic regression.

    Example:
        >>> found = crossings([0.2, 0.2, 0.3, 0.5, 0.7, 0.8, 0.8, 0.8, 0.8, 0.8], range(0, 100, 10))
        >>> found.state.value, round(found.t10, 3), round(found.t50, 3), round(found.t90, 3)
        ('observed', 16.0, 30.0, 44.0)
        >>> crossings([0.3, 0.31, 0.3, 0.29, 0.3], range(5)).t50 is None
        True
    """
    y, t, w = clean_curve(shares, steps, weights)
    if len(y) < 3:
        return _no_transition(y, steps_per_epoch)
    path = IsotonicPath.of(y, t, w)
    # A steep rise over most of a short log bends like noise, but leaves the isotonic fit no residual.
    noise = min(step_noise(y), 1.5 * float(np.sqrt(((y - path.fit) ** 2).mean())))
    error = noise * np.sqrt(2 / path.last)
    if not path.move or abs(path.move) < min_change or abs(path.move) - 2 * error < min_change / 2:
        return replace(_no_transition(y, steps_per_epoch), base=path.base, plateau=path.plateau, noise=noise)
    return path.transition(noise, steps_per_epoch)


def clean_curve(
    shares: ArrayLike, steps: ArrayLike, weights: ArrayLike | None
) -> tuple[Floats, Floats, Floats]:
    """Shares, steps and weights of one curve, without the steps that hold no completion.

    Example:
        >>> [part.tolist() for part in clean_curve([0.5, float("nan")], [0, 1], None)]
        [[0.5], [0.0], [1.0]]
    """
    y, t = np.asarray(shares, dtype=np.float64), np.asarray(steps, dtype=np.float64)
    w = np.ones_like(y) if weights is None else np.asarray(weights, dtype=np.float64)
    if not (y.ndim == 1 and y.shape == t.shape == w.shape):
        raise UsageError(f"shares, steps and weights need one entry a step: {y.shape}, {t.shape}, {w.shape}")
    if (np.diff(t) <= 0).any():
        raise UsageError("steps must ascend without repeats; sort the log by step first")
    keep = np.isfinite(y) & (w > 0)
    return y[keep], t[keep], w[keep]


def _no_transition(y: Floats, steps_per_epoch: float | None) -> Transition:
    ends = (float(y[0]), float(y[-1])) if len(y) else (np.nan, np.nan)
    return Transition(TransitionState.NONE, None, None, None, *ends, False, 0.0, steps_per_epoch)


@dataclass(frozen=True, slots=True)
class IsotonicPath:
    """A share's isotonic path from base to plateau, in the direction it moved."""

    fit: Floats
    steps: Floats
    base: float
    plateau: float
    last: int

    @classmethod
    def of(cls, y: Floats, t: Floats, w: Floats) -> IsotonicPath:
        last = max(1, round(ENDS * len(y)))
        plateau = float(np.average(y[-last:], weights=w[-last:]))
        rising = plateau >= float(np.average(y[:last], weights=w[:last]))
        fit = np.asarray(isotonic_regression(y, weights=w, increasing=rising).x, dtype=np.float64)
        return cls(fit, t, float(fit[0]), plateau, last)

    @property
    def move(self) -> float:
        return self.plateau - self.base

    def reach(self, fraction: float) -> float:
        """First step at which this fraction of the move is done."""
        done = (self.fit - self.base) / self.move
        after = int(np.argmax(done >= fraction - 1e-12))
        if after == 0:
            return float(self.steps[0])
        before, now = done[after - 1], done[after]
        part = (fraction - before) / (now - before)
        return float(self.steps[after - 1] + part * (self.steps[after] - self.steps[after - 1]))

    def transition(self, noise: float, steps_per_epoch: float | None) -> Transition:
        t10, t50, t90 = (self.reach(p) for p in (0.1, 0.5, 0.9))
        # One unlucky first step must not look like a move that began before the log.
        jump = abs(self.fit[1] - self.fit[0]) > 2 * np.sqrt(2) * noise
        early = bool(jump) and t10 <= self.steps[1]
        state = TransitionState.LEFT_CENSORED if early else TransitionState.OBSERVED
        settled = t90 < self.steps[max(len(self.steps) - 2 * self.last, 0)]
        return Transition(
            state, t10, t50, t90, self.base, self.plateau, bool(settled), noise, steps_per_epoch
        )
