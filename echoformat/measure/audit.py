"""Audits: which completions to read, the shares that follow, and whether the labeller has shifted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from echoformat.errors import UsageError
from echoformat.measure.arrays import Floats, as_counts, shares_of
from echoformat.measure.confusion import ConfusionMatrix, as_labels
from echoformat.measure.entropy import plugin_entropy
from echoformat.measure.interval import Interval, check_level

LEAST = 5


@dataclass(frozen=True, slots=True, eq=False)
class AuditPlan:
    """Completions to read, by predicted format.

    Attributes:
        indices: Positions in `labels`, ascending.
        per_format: [formats] how many of each predicted format.
        predicted: [formats] how many there are.
    """

    indices: NDArray[np.int64]
    per_format: NDArray[np.int64]
    predicted: NDArray[np.int64]


def audit_plan(labels: ArrayLike, budget: int, *, formats: int | None = None, seed: int = 0) -> AuditPlan:
    """Choose completions to audit: a third from the largest predicted format, the rest by size.

    The dominant predicted format gets a third, since its few errors weigh most; the others share the rest in
    proportion to their size, each at least 5 (or all it has). Near collapse, with a winner that has changed
    its look, that leaves the dominant share less uncertain than equal numbers (by a twelfth) or half to the
    largest.

    Args:
        labels: [completions] predicted format indices.
        budget: Completions that a person will read.
        formats: Number of declared formats; the largest label + 1 without it.
        seed: Of the draw within a format.

    Raises:
        UsageError: A budget below one, or labels that are no indices.

    Reference: Tenenbein (1970); Neyman (1934).

    Example:
        >>> plan = audit_plan([0] * 950 + [1] * 44 + [2] * 30, budget=100)
        >>> plan.per_format.tolist(), len(plan.indices)
        ([34, 39, 27], 100)
    """
    if budget < 1:
        raise UsageError(f"budget={budget}: an audit reads at least one completion")
    raw = np.asarray(labels)
    codes = as_labels(raw, formats if formats is not None else int(raw.max(initial=-1)) + 1)
    predicted = np.bincount(codes, minlength=formats or 0)
    quota = _quota(predicted, budget)
    draw = np.random.default_rng(seed)
    chosen = [
        draw.choice(np.flatnonzero(codes == format), size, replace=False) for format, size in enumerate(quota)
    ]
    indices = np.sort(np.concatenate(chosen)) if chosen else np.zeros(0, dtype=np.int64)
    return AuditPlan(indices.astype(np.int64), quota, predicted.astype(np.int64))


def _quota(predicted: NDArray[np.int64], budget: int) -> NDArray[np.int64]:
    quota = np.zeros(len(predicted), dtype=np.int64)
    left = min(budget, int(predicted.sum()))
    if left:
        largest = int(predicted.argmax())
        quota[largest] = min(-(-left // 3), int(predicted[largest]))
        left -= int(quota[largest])
    others = [int(g) for g in np.argsort(predicted, kind="stable") if predicted[g] and not quota[g]]
    for place, g in enumerate(others):
        # Smallest first, so that what a small format leaves over goes to the larger ones.
        part = left * predicted[g] / predicted[others[place:]].sum()
        quota[g] = min(max(round(part), LEAST), int(predicted[g]), left)
        left -= int(quota[g])
    for g in np.argsort(-predicted, kind="stable"):
        extra = min(left, int(predicted[g] - quota[g]))
        quota[g] += extra
        left -= extra
    return quota


@dataclass(frozen=True, slots=True, eq=False)
class PredictiveDraws:
    """Posterior-predictive shares: what was audited, plus draws of what was not.

    Each limit of a format takes the half completion of Jeffreys' prior on its own side only: a stratum that
    agreed throughout must be allowed to be wholly right, or the upper limit of a dominant share excludes the
    truth. So too for the entropy: narrow draws imagine no error that was not seen, wide ones half an error a
    stratum.

    Attributes:
        low: [draws, formats] each format against the rest, for its lower limit.
        high: [draws, formats] likewise for its upper limit.
        narrow: [draws, formats] all formats together, for the lower limit of the entropy.
        wide: [draws, formats] likewise for its upper limit.
    """

    low: Floats
    high: Floats
    narrow: Floats
    wide: Floats

    @classmethod
    def of(cls, totals: Floats, seen: Floats, draws: int, draw: np.random.Generator) -> PredictiveDraws:
        """Draws from predicted [formats] and audited [predicted, true] completions."""
        formats = len(totals)
        low, high, narrow, wide = (np.zeros((draws, formats)) for _ in range(4))
        for g in np.flatnonzero(totals):
            own, rest = seen[g], int(totals[g] - seen[g].sum())
            others = own.sum() - own
            low += own + draw.binomial(rest, _beta(own, others + 0.5, draws, draw))
            high += own + draw.binomial(rest, _beta(own + 0.5, others, draws, draw))
            right = np.arange(formats) == g
            alone = np.where(own.any(), own, right) + 1e-9
            narrow += own + draw.multinomial(rest, draw.dirichlet(alone, size=draws))
            wrong = np.where(right, 0.5, 0.5 / max(formats - 1, 1))
            wide += own + draw.multinomial(rest, draw.dirichlet(own + wrong, size=draws))
        return cls(*(total / totals.sum() for total in (low, high, narrow, wide)))

    def limits(self, level: float, wobble: Floats | float = 0.0) -> tuple[Floats, Floats]:
        """Lower and upper limits of the shares, with the sampling `wobble` [draws, formats] on top."""
        tail = (1 - check_level(level)) / 2
        low = np.quantile(self.low + wobble, tail, axis=0)
        high = np.quantile(self.high + wobble, 1 - tail, axis=0)
        return np.clip(low, 0, 1), np.clip(high, 0, 1)

    def entropy_limits(self, level: float, wobble: Floats | float = 0.0) -> tuple[float, float]:
        """Lower and upper limit of the entropy in nats, likewise."""
        tail = (1 - check_level(level)) / 2
        narrow, wide = (shares_of(np.maximum(side + wobble, 0)) for side in (self.narrow, self.wide))
        low, high = np.quantile(plugin_entropy(narrow), tail), np.quantile(plugin_entropy(wide), 1 - tail)
        return float(low), float(high)


@dataclass(frozen=True, slots=True, eq=False)
class TwoPhase:
    """Shares by true format from labels of everything and an audit of some.

    Attributes:
        share: [formats].
        low: [formats] Jeffreys posterior-predictive limits.
        high: [formats].
        standard_error: [formats] of the finite population; 0 in a stratum that agreed throughout, so do not
        make
            an interval of it.
        entropy: Entropy in nats with its interval.
        level: Nominal coverage.
        trustworthy: False where a predicted format with completions was not audited at all.
        draws: Posterior-predictive draws that the limits are made of.
    """

    share: Floats
    low: Floats
    high: Floats
    standard_error: Floats
    entropy: Interval
    level: float
    trustworthy: bool
    draws: PredictiveDraws


def two_phase(
    predicted: ArrayLike, audited: ArrayLike, *, level: float = 0.95, draws: int = 4000, seed: int = 0
) -> TwoPhase:
    """Shares p_f = sum_g Q_g r_(f|g): predicted shares Q, and the audited truth r within each of them.

    Needs no assumption on how the labeller errs, nor that formats look as they did. The interval draws the
    part that was not audited: theta ~ Beta(k + 1/2, m - k) for the upper and Beta(k, m - k + 1/2) for the
    lower limit, then Binomial(N_g - m_g, theta), over all strata. A Wald interval covers 46 % near collapse.

    Args:
        predicted: [formats] completions by predicted format.
        audited: [predicted, true] audited completions.
        level: Nominal coverage.
        draws: Posterior-predictive draws.
        seed: Of the draws.

    Raises:
        UsageError: Shapes that differ, or more audited than predicted.

    Reference: Tenenbein (1970).

    Example:
        >>> found = two_phase([950, 44, 30], [[40, 0, 0], [21, 9, 0], [12, 4, 14]])
        >>> [round(float(p), 6) for p in found.share], round(float(found.standard_error[0]), 6)
        ([0.969531, 0.016797, 0.013672], 0.002063)
    """
    totals, seen = (
        np.asarray(as_counts(predicted, axes=1), float),
        np.asarray(as_counts(audited, axes=2), float),
    )
    formats = len(totals)
    if seen.shape != (formats, formats):
        raise UsageError(f"audited must be [{formats} predicted, {formats} true], got {seen.shape}")
    checked = seen.sum(axis=1)
    if (checked > totals).any() or not totals.sum():
        raise UsageError(
            f"audited {checked.tolist()} of predicted {totals.tolist()}: cannot exceed it, nor be empty"
        )
    rates = np.where(checked[:, None] > 0, seen / np.maximum(checked, 1)[:, None], np.eye(formats))
    share = totals / totals.sum() @ rates
    drawn = PredictiveDraws.of(totals, seen, draws, np.random.default_rng(seed))
    low, high = drawn.limits(level)
    low_entropy, high_entropy = drawn.entropy_limits(level)
    point = float(plugin_entropy(share))
    ends = (min(low_entropy, point), max(high_entropy, point))
    entropy = Interval(*ends, point, level, "two-phase posterior predictive")
    trusted = bool((checked[totals > 0] > 0).all())
    return TwoPhase(
        share, np.minimum(low, share), np.maximum(high, share), _finite_error(totals, seen), entropy, level,
        trusted, drawn,
    )  # fmt: skip


def _finite_error(totals: Floats, seen: Floats) -> Floats:
    checked = seen.sum(axis=1)
    rates = seen / np.maximum(checked, 1)[:, None]
    left = np.where(totals > 0, 1 - checked / np.maximum(totals, 1), 0) / np.maximum(checked - 1, 1)
    weights = (totals / totals.sum()) ** 2 * left
    return np.asarray(np.sqrt(weights @ (rates * (1 - rates))))


def _beta(hits: Floats, misses: Floats, draws: int, draw: np.random.Generator) -> Floats:
    """Beta draws [draws, formats] that are 0 without hits and 1 without misses."""
    theta = draw.beta(np.maximum(hits, 1e-9), np.maximum(misses, 1e-9), size=(draws, len(hits)))
    return np.asarray(np.where(hits == 0, 0.0, np.where(misses == 0, 1.0, theta)))


@dataclass(frozen=True, slots=True, eq=False)
class PriorShift:
    """Whether the labeller still errs as its confusion matrix says.

    Attributes:
        p_values: [formats] Fisher's exact test of right against wrong, matrix against audit; NaN where the
        audit
            holds no completion of the format.
        adjusted: [formats] the same by Holm.
        negative_mass: Total of negative shares in the unconstrained inverse; 0 where the matrix explains the
        data. shifted: Whether any adjusted p-value is at most 0.05 or the negative mass exceeds 0.05.
    """

    p_values: Floats
    adjusted: Floats
    negative_mass: float
    shifted: bool


def check_prior_shift(
    confusion: ConfusionMatrix, audited: ArrayLike, *, predicted: ArrayLike | None = None
) -> PriorShift:
    """Test the one assumption of every correction by a matrix: that P(label | format) has not changed.

    Args:
        confusion: The labeller's, from validation.
        audited: [predicted, true] audited completions.
        predicted: [formats] completions by predicted format. Give it when the audit was stratified by
        predicted
            format (`audit_plan`): completions then count by N_g/m_g, scaled to their effective number.

    Raises:
        UsageError: Shapes that differ.

    Reference: Kish (1965), effective number.

    Example:
        >>> labeller = ConfusionMatrix.of([[190, 10], [10, 190]])
        >>> check_prior_shift(labeller, [[50, 2], [40, 48]]).shifted
        True
        >>> check_prior_shift(labeller, [[50, 3], [2, 48]]).shifted
        False
    """
    seen = np.asarray(as_counts(audited, axes=2), dtype=np.float64)
    formats = confusion.formats
    if seen.shape != (formats, formats):
        raise UsageError(f"audited must be [{formats} predicted, {formats} true], got {seen.shape}")
    checked = seen.sum(axis=1)
    totals = checked if predicted is None else np.asarray(as_counts(predicted, axes=1), dtype=np.float64)
    weight = np.where(checked > 0, totals / np.maximum(checked, 1), 0)
    p_values = np.array([_row_test(confusion.counts[f], seen[:, f], weight, f) for f in range(formats)])
    adjusted = _holm(p_values)
    observed = totals / totals.sum()
    inverse = np.linalg.pinv(confusion.rates.T) @ observed
    negative = float(-np.minimum(inverse, 0).sum())
    return PriorShift(p_values, adjusted, negative, bool((adjusted <= 0.05).any() or negative > 0.05))


def _row_test(validated: Floats, audited: Floats, weight: Floats, own: int) -> float:
    weighted = audited * weight
    if not weighted.sum():
        return float("nan")
    effective = weighted.sum() ** 2 / (audited * weight**2).sum()
    right = round(effective * weighted[own] / weighted.sum())
    wrong = max(round(effective) - right, 0)
    table = [[validated[own], validated.sum() - validated[own]], [right, wrong]]
    return float(stats.fisher_exact(np.round(np.array(table)).astype(int)).pvalue)


def _holm(p_values: Floats) -> Floats:
    known = np.flatnonzero(np.isfinite(p_values))
    order = known[np.argsort(p_values[known])]
    factors = np.arange(len(order), 0, -1)
    adjusted = np.full_like(p_values, np.nan)
    adjusted[order] = np.minimum(np.maximum.accumulate(p_values[order] * factors), 1)
    return adjusted
