"""Paths whose interval comes from resampled problems: pooled, within strata, and adjusted."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from echoformat.errors import UsageError
from echoformat.measure.arrays import Floats
from echoformat.measure.bootstrap import bootstrap_counts, bootstrap_problems
from echoformat.measure.confusion import ConfusionMatrix, correct_joint
from echoformat.measure.contrast import format_contrasts, mixed_rate
from echoformat.measure.estimate import over_replicates
from echoformat.measure.midpoint import MidpointSums, midpoint_sums
from echoformat.measure.path_split import Basis, PathDraws, PathSplit
from echoformat.measure.window import base_rows, window_for_totals, windowed

LEAST_MIXED = 0.1


def resamples_for(counts: NDArray[Any], weights: ArrayLike | None) -> Floats:
    if weights is None:
        return bootstrap_problems(counts.shape[1])
    return np.asarray(weights, dtype=np.float64)


def pooled_draws(
    n: NDArray[Any],
    c: NDArray[Any],
    window: int | None,
    level: float,
    weights: ArrayLike | None,
    strata: ArrayLike | None,
    confusion: ConfusionMatrix | None,
) -> PathDraws:
    chosen = window if window is not None else window_for_totals(n)
    base = base_rows(n, chosen)
    n, c = windowed(n, chosen, base), windowed(c, chosen, base)
    resamples = np.vstack([np.ones(n.shape[1]), resamples_for(n, weights)])
    groups, sizes = _strata(n, strata)
    joint = (resamples[:, None, :] * groups).reshape(-1, n.shape[1])
    right, whole = (bootstrap_counts(values, joint).transpose(1, 0, 2) for values in (c, n))
    if confusion is not None:
        fixed = correct_joint(whole, right, confusion)
        whole, right = fixed.counts, fixed.correct
    sums = midpoint_sums(whole, right)
    shape = (len(resamples), len(sizes))
    linked = sums.linked.reshape(shape) * sizes
    share = np.divide(linked, linked.sum(axis=1, keepdims=True), out=np.zeros(shape), where=linked > 0)
    average = [
        np.einsum("rs,rsf->rf", share, x.reshape(*shape, -1)) for x in (sums.selection, sums.improvement)
    ]
    basis = Basis.POOLED if strata is None else Basis.STRATIFIED
    return _from_replicates(basis, n, chosen, average[0], average[1], level, sums)


def _strata(n: NDArray[Any], strata: ArrayLike | None) -> tuple[Floats, Floats]:
    """Membership of problems in strata, and the strata's sizes in completions."""
    if strata is None:
        return np.ones((1, n.shape[1])), np.ones(1)
    names = np.asarray(strata)
    if names.shape != (n.shape[1],):
        raise UsageError(
            f"strata has shape {names.shape}; give one stratum for each of {n.shape[1]} problems"
        )
    groups = (np.unique(names)[:, None] == names).astype(np.float64)
    return groups, groups @ n.sum(axis=(0, 2))


def adjusted_draws(
    n: NDArray[Any], c: NDArray[Any], window: int | None, level: float, weights: ArrayLike | None
) -> PathDraws:
    chosen = window if window is not None else window_for_totals(n)
    base = base_rows(n, chosen)
    n, c = windowed(n, chosen, base), windowed(c, chosen, base)
    mixed = mixed_rate(n)
    if mixed < LEAST_MIXED:
        pooled = pooled_draws(n, c, 1, level, weights, None, None)
        note = "too few problems show two formats at a time to hold difficulty constant"
        return PathDraws(replace(pooled.split, window=chosen, notes=(note,)), pooled.selection)
    resamples = np.vstack([np.ones(n.shape[1]), resamples_for(n, weights)])
    whole = bootstrap_counts(n, resamples).transpose(1, 0, 2)
    right = bootstrap_counts(c, resamples).transpose(1, 0, 2)
    effects = np.stack([format_contrasts(a, b, resamples) for a, b in zip(n, c, strict=True)])
    sums = midpoint_sums(whole, right)
    selection = _contrast_selection(whole, effects)
    improvement = _rest_by_format(sums, selection)
    note = f"{mixed:.0%} of the moving completions stand in problems that show two formats at a time"
    return _from_replicates(Basis.ADJUSTED, n, chosen, selection, improvement, level, sums, (note,))


def _contrast_selection(whole: Floats, effects: Floats) -> Floats:
    """``sum_w dq_f (mean e_f)`` by replicate and format; an effect unseen on one side is the other's."""
    totals = whole.sum(axis=2, keepdims=True)
    shares = np.divide(whole, totals, out=np.zeros_like(whole), where=totals > 0)
    lines = np.zeros(whole.shape[1:])
    for w in range(len(whole) - 1):
        q0, q1 = shares[w], shares[w + 1]
        both = (whole[w] > 0) & (whole[w + 1] > 0)
        middle = np.where(both, (q0 + q1) / 2, 0.0)
        middle = np.divide(
            middle, middle.sum(axis=1, keepdims=True), out=middle, where=both.any(1, keepdims=True)
        )
        e0, e1 = (e - (middle * e).sum(axis=1, keepdims=True) for e in (effects[w], effects[w + 1]))
        known0, known1 = np.where(whole[w] > 0, e0, e1), np.where(whole[w + 1] > 0, e1, e0)
        alive = (totals[w] > 0) & (totals[w + 1] > 0)
        lines += np.where(alive, (q1 - q0) * (known0 + known1) / 2, 0.0)
    return lines


def _rest_by_format(sums: MidpointSums, selection: Floats) -> Floats:
    """The gain that selection leaves, spread over formats as the pooled improvement is."""
    rest = sums.gain - selection.sum(axis=1) - sums.improvement.sum(axis=1)
    return np.asarray(sums.improvement + rest[:, None] / sums.improvement.shape[1])


def _from_replicates(
    basis: Basis,
    n: NDArray[Any],
    window: int,
    selection: Floats,
    improvement: Floats,
    level: float,
    sums: MidpointSums,
    notes: tuple[str, ...] = (),
) -> PathDraws:
    """A path whose row 0 is the data and whose further rows are resamples."""
    s, i = selection.sum(axis=1), improvement.sum(axis=1)
    seen = np.isfinite(s[1:]) & np.isfinite(i[1:])
    known = seen.sum() > 1
    covariance = float(np.cov(s[1:][seen], (s + i)[1:][seen])[0, 1]) if known else math.nan
    several = int(n.any(axis=(0, 2)).sum())
    spread = (x[1:] if several > 1 else np.empty(0) for x in (s, i, s + i))
    estimates = [over_replicates(float(x[0]), y, level) for x, y in zip((s, i, s + i), spread, strict=True)]
    split = PathSplit(
        basis,
        estimates[0],
        estimates[1],
        estimates[2],
        covariance,
        tuple(selection[0].tolist()),
        tuple(improvement[0].tolist()),
        len(n),
        window,
        several,
        0,
        float(np.median(n.sum(axis=(1, 2)))),
        sums.empty_cell_rate,
        notes,
    )
    return PathDraws(split, s[1:])
