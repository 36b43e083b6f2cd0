"""Shares from an imperfect labeller: raw beside corrected, with the floors below which nothing can be said.

The confusion matrix and its floors live in `confusion`, audits in `audit`; their names are offered here too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from echoformat.errors import UsageError, did_you_mean
from echoformat.measure.arrays import Floats, Ints, shares_of
from echoformat.measure.audit import AuditPlan, PriorShift, TwoPhase, audit_plan, check_prior_shift, two_phase
from echoformat.measure.bootstrap import bootstrap_problems
from echoformat.measure.cluster import Target
from echoformat.measure.confusion import (
    ConfusionMatrix,
    CorrectedCounts,
    RoganGladen,
    adjust,
    as_labels,
    correct_joint,
    cross_table,
    entropy_floor,
    least_squares_shares,
    resolution_floor,
    rogan_gladen,
)
from echoformat.measure.entropy import plugin_entropy
from echoformat.measure.expectation import expectation_maximisation
from echoformat.measure.interval import Interval, check_level
from echoformat.measure.intervals import entropy_interval
from echoformat.measure.manski import ManskiBounds, manski_bounds
from echoformat.measure.wilson import cluster_wilson

__all__ = [
    "Audit",
    "AuditPlan",
    "ConfusionMatrix",
    "CorrectedCounts",
    "ManskiBounds",
    "PriorShift",
    "RoganGladen",
    "Shares",
    "TwoPhase",
    "adjust",
    "audit_plan",
    "check_prior_shift",
    "correct_joint",
    "cross_table",
    "entropy_floor",
    "expectation_maximisation",
    "manski_bounds",
    "resolution_floor",
    "rogan_gladen",
    "shares",
    "two_phase",
]

Method = Literal["cc", "acc", "emq", "two_phase"]
CALIBRATED = 0.02
T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Audit:
    """What a person found: positions of completions and their true formats.

    Attributes:
        indices: [audited] positions in the labels.
        true: [audited] format indices.
    """

    indices: Ints
    true: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """Shares of one step, corrected or not, with the raw ones beside them.

    Attributes:
        method: How they were made.
        share: [formats].
        low: [formats] lower limits.
        high: [formats] upper limits.
        raw: [formats] as labelled.
        entropy: In nats, of `share`.
        raw_entropy: In nats, as labelled.
        entropy_floor: Entropy in nats that the labeller would report if the dominant format were everything;
        NaN
            without a confusion matrix.
        resolution_floor: [formats] smallest share that can be told from errors; NaN without a confusion
        matrix. level: Nominal coverage.
        trustworthy: False where the method's own conditions do not hold.
        notes: Why not, and what else a reader must know.
    """

    method: str
    share: Floats
    low: Floats
    high: Floats
    raw: Floats
    entropy: Interval
    raw_entropy: float
    entropy_floor: float
    resolution_floor: Floats
    level: float
    trustworthy: bool
    notes: tuple[str, ...]


def shares(
    labels: ArrayLike,
    problems: ArrayLike,
    method: Method = "cc",
    *,
    formats: int | None = None,
    confusion: ConfusionMatrix | None = None,
    posteriors: ArrayLike | None = None,
    prior: ArrayLike | None = None,
    calibration_error: float | None = None,
    audit: Audit | None = None,
    target: Target = "population",
    level: float = 0.95,
    replicates: int = 400,
    seed: int = 0,
) -> Shares:
    """Shares of one step's completions by the chosen method, with intervals that know the problems.

    `cc` counts the labels (with the floors, where a confusion matrix is given); `acc` inverts the confusion
    matrix; `emq` re-estimates the prior of calibrated posteriors; `two_phase` uses an audit and is the one
    that survives formats that change their look. Never corrected silently: `raw` stays beside `share`.

    Args:
        labels: [completions] predicted format indices.
        problems: [completions] problem of each, any hashable codes.
        method: "cc", "acc", "emq" or "two_phase".
        formats: Number of declared formats; from the confusion matrix, posteriors or labels without it.
        confusion: The labeller's; needed by `acc`.
        posteriors: [completions, formats] calibrated probabilities; needed by `emq`.
        prior: [formats] shares at which the posteriors were trained; needed by `emq`.
        calibration_error: Validation ECE of the posteriors after temperature scaling (`agreement.ece`).
        audit: Audited completions; needed by `two_phase`.
        target: "population" of problems or this "fixed" set.
        level: Nominal coverage.
        replicates: Bootstrap or posterior draws.
        seed: Of the draws.

    Raises:
        UsageError: An unknown method, or something that the method needs is missing.

    Example:
        >>> labeller = ConfusionMatrix.of([[190, 10], [10, 190]])
        >>> found = shares([0] * 90 + [1] * 10, [*range(50)] * 2, "acc", confusion=labeller)
        >>> [round(float(p), 4) for p in found.raw], [round(float(p), 4) for p in found.share]
        ([0.9, 0.1], [0.9444, 0.0556])
        >>> round(found.entropy_floor, 4)
        0.1985
    """
    codes, counts, group = _tables(labels, problems, formats, confusion, posteriors)
    draw = np.random.default_rng(seed)
    check_level(level)
    if method == "cc":
        result = _count(counts, target, level)
    elif method == "acc":
        matrix = _needed(confusion, "acc", "confusion")
        result = _from_draws(
            adjust(_pooled(counts), matrix), _acc_draws(counts, matrix, target, replicates, draw), level
        )
    elif method == "emq":
        probabilities = np.asarray(_needed(posteriors, "emq", "posteriors"), dtype=np.float64)
        start = np.asarray(_needed(prior, "emq", "prior"), dtype=np.float64)
        result = _emq(probabilities, start, group, replicates, level, draw, calibration_error, target)
    elif method == "two_phase":
        result = _two_phase(
            codes, counts, _needed(audit, "two_phase", "audit"), target, level, replicates, draw
        )
    else:
        raise UsageError(f"method={method!r}: {did_you_mean(str(method), ['cc', 'acc', 'emq', 'two_phase'])}")
    return _finish(method, result, counts, confusion, level)


@dataclass(frozen=True, slots=True, eq=False)
class _Estimate:
    share: Floats
    low: Floats
    high: Floats
    entropy: Interval
    trustworthy: bool = True
    notes: tuple[str, ...] = ()


def _finish(
    method: str, result: _Estimate, counts: Floats, confusion: ConfusionMatrix | None, level: float
) -> Shares:
    raw = _pooled(counts)
    floor, resolution, notes = math.nan, np.full(len(raw), np.nan), result.notes
    if confusion is not None:
        floor = float(entropy_floor(confusion)[int(result.share.argmax())])
        resolution = resolution_floor(confusion)
        if method == "cc":
            notes = (
                *notes,
                "labels are counted as they are; method='acc' corrects them by the confusion matrix",
            )
    return Shares(
        method, result.share, result.low, result.high, raw, result.entropy, float(plugin_entropy(raw)), floor,
        resolution, level, result.trustworthy, notes,
    )  # fmt: skip


def _needed(value: T | None, method: str, name: str) -> T:
    if value is None:
        raise UsageError(f"method={method!r} needs {name}=")
    return value


def _tables(
    labels: ArrayLike,
    problems: ArrayLike,
    formats: int | None,
    confusion: ConfusionMatrix | None,
    posteriors: ArrayLike | None,
) -> tuple[Ints, Floats, Ints]:
    raw = np.asarray(labels)
    known = [formats, confusion.formats if confusion else None]
    known.append(None if posteriors is None else np.asarray(posteriors).shape[-1])
    number = next((size for size in known if size is not None), int(raw.max(initial=-1)) + 1)
    if any(size not in (None, number) for size in known):
        raise UsageError(f"formats, confusion and posteriors disagree on the number of formats: {known}")
    codes = as_labels(raw, number)
    names, group = np.unique(np.asarray(problems), return_inverse=True)
    if len(group) != len(codes) or not len(codes):
        raise UsageError(f"{len(codes)} labels and {len(group)} problems: one problem a completion is needed")
    counts = np.bincount(group * number + codes, minlength=len(names) * number).reshape(len(names), number)
    return codes, counts.astype(np.float64), group.astype(np.int64)


def _pooled(counts: Floats) -> Floats:
    return shares_of(counts.sum(axis=0))


def _count(counts: Floats, target: Target, level: float) -> _Estimate:
    limits = cluster_wilson(counts, target=target, level=level)
    entropy = entropy_interval(counts, level=level)
    notes = () if entropy.trustworthy else (entropy.note,)
    return _Estimate(limits.point, limits.low, limits.high, entropy, bool(limits.trustworthy.all()), notes)


def _from_draws(share: Floats, drawn: Floats, level: float) -> _Estimate:
    tail = (1 - level) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail], axis=0)
    entropies = np.quantile(plugin_entropy(drawn), [tail, 1 - tail])
    point = float(plugin_entropy(share))
    entropy = Interval(
        min(float(entropies[0]), point), max(float(entropies[1]), point), point, level, "bootstrap by problem"
    )
    return _Estimate(share, np.minimum(low, share), np.maximum(high, share), entropy)


def _observed_draws(counts: Floats, target: Target, replicates: int, draw: np.random.Generator) -> Floats:
    """Shares as labelled, resampled [replicates, formats]: by problem, or within each of a fixed set."""
    if target == "population":
        return shares_of(bootstrap_problems(len(counts), replicates, int(draw.integers(2**32))) @ counts)
    if target != "fixed":
        raise UsageError(f"target={target!r} is unknown; use 'population' or 'fixed'")
    sizes = counts.sum(axis=1).astype(np.int64)
    own = counts / counts.sum(axis=1, keepdims=True)
    return shares_of(np.stack([draw.multinomial(sizes, own).sum(axis=0) for _ in range(replicates)]))


def _acc_draws(
    counts: Floats, confusion: ConfusionMatrix, target: Target, replicates: int, draw: np.random.Generator
) -> Floats:
    observed = _observed_draws(counts, target, replicates, draw)
    # A row of rates (sum one) is taken as known; a row of counts is redrawn with its own uncertainty.
    if (confusion.counts.sum(axis=1) <= 1 + 1e-9).all():
        rates = np.broadcast_to(confusion.rates, (replicates, *confusion.rates.shape))
    else:
        rows = [draw.dirichlet(row + 1 / confusion.formats, size=replicates) for row in confusion.counts]
        rates = np.stack(rows, axis=1)
    return least_squares_shares(observed, rates)


def _emq(
    posteriors: Floats,
    prior: Floats,
    group: Ints,
    replicates: int,
    level: float,
    draw: np.random.Generator,
    calibration_error: float | None,
    target: Target,
) -> _Estimate:
    if len(posteriors) != len(group):
        raise UsageError(f"posteriors hold {len(posteriors)} completions, labels {len(group)}")
    share = expectation_maximisation(posteriors, prior)
    by_problem = bootstrap_problems(int(group.max()) + 1, replicates, int(draw.integers(2**32)))
    weights = by_problem[:, group] if target == "population" else bootstrap_problems(len(group), replicates)
    # A bootstrap spread needs no ten digits.
    drawn = expectation_maximisation(posteriors, prior, weights, rounds=300, tolerance=1e-5)
    result = _from_draws(share, drawn, level)
    good = calibration_error is not None and calibration_error <= CALIBRATED
    note = (
        f"emq needs posteriors with a calibration error of at most {CALIBRATED}; "
        f"given: {calibration_error}. Scale their temperature on balanced validation labels first"
    )
    return _Estimate(result.share, result.low, result.high, result.entropy, good, () if good else (note,))


def _two_phase(
    codes: Ints,
    counts: Floats,
    audit: Audit,
    target: Target,
    level: float,
    replicates: int,
    draw: np.random.Generator,
) -> _Estimate:
    formats = counts.shape[1]
    indices, true = np.asarray(audit.indices), as_labels(audit.true, formats)
    if len(np.unique(indices)) != len(true) or (
        len(indices) and not 0 <= indices.min() <= indices.max() < len(codes)
    ):
        raise UsageError("audit needs one true format for each of distinct positions in the labels")
    audited = cross_table(codes[indices], true, formats)
    draws = max(replicates, 2000)
    found = two_phase(counts.sum(axis=0), audited, level=level, draws=draws, seed=int(draw.integers(2**32)))
    # The audit speaks of these completions; their own sampling comes on top, as labelled.
    wobble = _observed_draws(counts, target, replicates, draw) - _pooled(counts)
    rates = np.where(
        audited.sum(axis=1, keepdims=True) > 0,
        audited / np.maximum(audited.sum(axis=1, keepdims=True), 1),
        np.eye(formats),
    )
    wobble = np.resize(wobble, found.draws.low.shape) @ rates
    low, high = found.draws.limits(level, wobble)
    low_entropy, high_entropy = found.draws.entropy_limits(level, wobble)
    point = found.entropy.point
    ends = (min(low_entropy, point), max(high_entropy, point))
    entropy = Interval(*ends, point, level, "two-phase posterior predictive and bootstrap by problem")
    notes = () if found.trustworthy else ("a predicted format was not audited at all",)
    limits = np.minimum(low, found.share), np.maximum(high, found.share)
    return _Estimate(found.share, *limits, entropy, found.trustworthy, notes)
