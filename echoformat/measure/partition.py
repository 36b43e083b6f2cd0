"""Diversity within problems, between problems and of all: tells collapse from specialisation."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from echoformat.errors import UsageError
from echoformat.measure.arrays import Floats, Ints, as_counts, as_shares, shares_of
from echoformat.measure.entropy import chao_wang_jost, jackknife_entropy, plugin_entropy
from echoformat.measure.interval import Interval, check_level


@dataclass(frozen=True, slots=True)
class Partition:
    """Effective numbers of formats: of one problem, between problems, and of all.

    Attributes:
        alpha: Effective number within a problem.
        beta: gamma / alpha, in [1, min(K, P)]: 1 where all problems are alike, larger where each takes its
        own. gamma: Effective number of the pooled shares (problems weigh the same).
        order: 1 or 2.
    """

    alpha: float
    beta: float
    gamma: float
    order: int

    @property
    def information_nats(self) -> float:
        """ln beta; at order 1 the mutual information of format and problem."""
        return math.log(self.beta)


def partition(shares_by_problem: ArrayLike, order: int = 1) -> Partition:
    """Partition known shares into within- and between-problem diversity; tells collapse from specialisation.

    Order 1: alpha = exp(mean_j H(q_j)), gamma = exp(H(mean q)). Order 2: inverse mean of sum q^2. From counts
    of a few completions use `partition_unbiased` (order 2) or `specialisation` (order 1): plug-in shares
    invent specialisation where there is none.

    Args:
        shares_by_problem: [problems, formats].
        order: 1 or 2.

    Raises:
        UsageError: Not shares, or another order.

    Reference: Jost (2007).

    Example:
        >>> collapsed = partition([[0.97, 0.03], [0.97, 0.03]])
        >>> specialised = partition([[1, 0], [0, 1]])
        >>> round(collapsed.beta, 3), round(specialised.alpha, 3), round(specialised.beta, 3)
        (1.0, 1.0, 2.0)
    """
    q = as_shares(shares_by_problem)
    if q.ndim != 2 or order not in (1, 2):
        raise UsageError(f"need shares [problems, formats] and order 1 or 2, got {q.shape} and order={order}")
    q = q[np.isfinite(q).all(axis=1)]
    pooled = q.mean(axis=0)
    if order == 1:
        alpha, gamma = math.exp(float(plugin_entropy(q).mean())), math.exp(float(plugin_entropy(pooled)))
    else:
        alpha, gamma = 1 / float((q**2).sum(axis=1).mean()), 1 / float((pooled**2).sum())
    return Partition(alpha, gamma / alpha, gamma, order)


@dataclass(frozen=True, slots=True)
class UnbiasedPartition:
    """Order-2 partition without small-sample bias, on the scale of the chance that two completions differ.

    Attributes:
        alpha: Chance that two completions of one problem differ in format, with its interval.
        gamma: Chance that completions of two problems differ.
        numbers: The same as effective numbers.
        problems: Problems with two or more completions.
    """

    alpha: Interval
    gamma: Interval
    numbers: Partition
    problems: int


def partition_unbiased(counts: ArrayLike, *, level: float = 0.95) -> UnbiasedPartition:
    """Within- and between-problem diversity of order 2, unbiased for two or more completions.

    alpha = mean_j (1 - sum_f n_jf(n_jf-1)/(n_j(n_j-1))); gamma = 1 - mean over pairs of problems of sum_f
    x_if x_jf. Intervals by jackknife over problems, in [0, 1].

    Args:
        counts: [problems, formats]; problems with fewer than two completions are ignored.
        level: Nominal coverage.

    Raises:
        UsageError: Fewer than two problems with two completions.

    Example:
        >>> found = partition_unbiased([[4, 0], [0, 4], [4, 0], [0, 4]])
        >>> found.alpha.point, round(found.gamma.point, 4), round(found.numbers.beta, 4)
        (0.0, 0.6667, 3.0)
    """
    n = np.asarray(as_counts(counts, axes=2), dtype=np.float64)
    sizes = n.sum(axis=1)
    n, sizes = n[sizes > 1], sizes[sizes > 1]
    problems = len(n)
    if problems < 2:
        raise UsageError(f"need two problems with two or more completions, got {problems}")
    inside = 1 - (n * (n - 1)).sum(axis=1) / (sizes * (sizes - 1))
    x = n / sizes[:, None]
    total, squares = x.sum(axis=0), (x**2).sum(axis=1)
    same = float(total @ total - squares.sum())
    across = 1 - same / (problems * (problems - 1))
    pairs_with = x @ total - squares
    left = problems - 1
    across_left = 1 - (same - 2 * pairs_with) / (left * (left - 1)) if left > 1 else np.full(problems, np.nan)
    alpha = _jackknifed(float(inside.mean()), (inside.sum() - inside) / left, level)
    gamma = _jackknifed(across, across_left, level)
    numbers = [1 / max(1 - value, 1e-300) for value in (alpha.point, gamma.point)]
    return UnbiasedPartition(
        alpha, gamma, Partition(numbers[0], numbers[1] / numbers[0], numbers[1], 2), problems
    )


def _jackknifed(point: float, without: Floats, level: float) -> Interval:
    problems = len(without)
    spread = math.sqrt((problems - 1) / problems * float(((without - without.mean()) ** 2).sum()))
    reach = float(stats.t.ppf((1 + check_level(level)) / 2, problems - 1)) * spread
    trusted = problems >= 10 and spread > 0
    if not math.isfinite(reach):
        return Interval(0.0, 1.0, point, level, "jackknife by problem t", False, "too few problems")
    return Interval(
        max(point - reach, 0), min(point + reach, 1), point, level, "jackknife by problem t", trusted
    )


@dataclass(frozen=True, slots=True)
class Specialisation:
    """Whether problems take formats of their own, at order 1.

    Attributes:
        information_nats: Mutual information of format and problem, bias-corrected, at least 0.
        plugin_nats: The same from plug-in shares; biased up.
        null_nats: Mean plug-in value when formats are dealt to problems at random.
        p_value: Chance of a plug-in value as large under that null.
        fraction: information over the entropy of the formats; NaN where there is one format.
        partition: Effective numbers that follow from the corrected value.
    """

    information_nats: float
    plugin_nats: float
    null_nats: float
    p_value: float
    fraction: float
    partition: Partition


def specialisation(counts: ArrayLike, *, permutations: int = 200, seed: int = 0) -> Specialisation:
    """Mutual information of format and problem, corrected for few completions, with a permutation null.

    I = H_J(pooled) - mean_j H_CWJ(q_j), problems weighted by completions. With 8 completions a problem the
    plug-in invents 0.15 nats (beta 1.16) where there is no dependence at all.

    Args:
        counts: [problems, formats] whole completions.
        permutations: Random deals for the null; 0 for none (p-value NaN).
        seed: Of the deals.

    Raises:
        UsageError: No completion, or fractional counts.

    Reference: Chao, Wang and Jost (2013).

    Example:
        >>> found = specialisation([[8, 0], [0, 8]] * 10)
        >>> round(found.information_nats, 2), found.p_value < 0.01
        (0.69, True)
    """
    rows = np.asarray(as_counts(counts, axes=2), dtype=np.float64)
    rows = rows[rows.any(axis=1)]
    if not len(rows) or (rows != np.round(rows)).any():
        raise UsageError("specialisation needs whole completions of at least one problem")
    n = rows.astype(np.int64)
    sizes = n.sum(axis=1)
    pooled = min(float(jackknife_entropy(n)), math.log(n.shape[1]))
    inside = float(np.average(chao_wang_jost(n), weights=sizes))
    plugin = _information(n, sizes)
    null = _deals(n, sizes, permutations, np.random.default_rng(seed))
    p_value = (1 + (null >= plugin - 1e-12).sum()) / (1 + permutations) if permutations else math.nan
    information = max(pooled - inside, 0.0)
    alpha, gamma = math.exp(inside), math.exp(max(pooled, inside))
    return Specialisation(
        information, plugin, float(null.mean()) if permutations else math.nan, float(p_value),
        information / pooled if pooled > 1e-12 else math.nan, Partition(alpha, gamma / alpha, gamma, 1),
    )  # fmt: skip


def _information(n: Ints, sizes: Ints) -> float:
    pooled = plugin_entropy(shares_of(n.sum(axis=0)))
    return float(pooled - np.average(plugin_entropy(shares_of(n)), weights=sizes))


def _deals(n: Ints, sizes: Ints, permutations: int, draw: np.random.Generator) -> Floats:
    problems, formats = n.shape
    labels = np.repeat(np.arange(formats), n.sum(axis=0))
    owner = np.repeat(np.arange(problems), sizes) * formats
    values = []
    for _ in range(permutations):
        dealt = np.bincount(owner + draw.permutation(labels), minlength=problems * formats)
        values.append(_information(dealt.reshape(problems, formats), sizes))
    return np.array(values)
