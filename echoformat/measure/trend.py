"""Exact tests for a handful of runs: a trend over levels, the same in blocks, and association."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from echoformat.errors import UsageError
from echoformat.measure.arrays import Floats

MOST_ARRANGEMENTS, DRAWS, MOST_LEVELS = 20_000, 20_000, 8


@dataclass(frozen=True, slots=True)
class Trend:
    """One-sided exact test of an increasing trend.

    Attributes:
        statistic: Jonckheere's J (pairs of runs from two levels in the expected order, ties one half) or
            Page's L.
        p_value: Probability of a statistic as large or larger, had the levels no effect.
        minimum_p: Smallest p-value that this design can give; above .05 nothing can ever be shown.
        runs: Number of runs.
        levels: Number of levels.
        exact: False where the p-value rests on random arrangements (ties in many runs).
    """

    statistic: float
    p_value: float
    minimum_p: float
    runs: int
    levels: int
    exact: bool = True

    def to_dict(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


def jonckheere(groups: Sequence[ArrayLike]) -> Trend:
    """Exact one-sided Jonckheere-Terpstra test that values increase from group to group.

    ``J = sum_{i<j} #{(x, y): x in group i, y in group j, x < y} + ties/2``; same p-value as an exact
    permutation of Kendall's S. The usual normal approximation is far off for a handful of runs.

    Args:
        groups: Values of the runs at each level, levels in their expected order.

    Raises:
        UsageError: Fewer than two levels, an empty level, or values that are not finite.

    References:
        Jonckheere 1954; Terpstra 1952.

    Example:
        >>> test = jonckheere([[0.61, 0.70], [0.78, 0.74], [0.93, 0.97]])
        >>> test.statistic, round(1 / test.p_value)
        (12.0, 90)
    """
    values = [np.atleast_1d(np.asarray(group, dtype=np.float64)) for group in groups]
    sizes = [len(group) for group in values]
    if len(values) < 2 or 0 in sizes or not all(np.isfinite(group).all() for group in values):
        raise UsageError(f"a trend needs two levels or more with finite values each, got sizes {sizes}")
    pooled, labels = np.concatenate(values), np.repeat(np.arange(len(sizes)), sizes)
    statistic = float(_concordant(pooled, labels[None])[0])
    if len(np.unique(pooled)) == len(pooled):
        p_value, exact = _untied_tail(sizes, statistic), True
    else:
        p_value, exact = _tied_tail(pooled, labels, statistic)
    return Trend(statistic, p_value, minimum_p(sizes), len(pooled), len(sizes), exact)


def minimum_p(sizes: Sequence[int]) -> float:
    """Smallest one-sided p-value that a Jonckheere test can give: one over the number of arrangements.

    Example:
        >>> round(1 / minimum_p([1, 1, 1, 1])), round(1 / minimum_p([2, 2, 2]))
        (24, 90)
    """
    return 1 / _arrangements(sizes)


def _arrangements(sizes: Sequence[int]) -> int:
    return math.factorial(sum(sizes)) // math.prod(math.factorial(size) for size in sizes)


def _concordant(values: Floats, labels: NDArray[np.int64]) -> Floats:
    """Jonckheere's J for every row of group labels."""
    order = np.sign(values[None, :] - values[:, None])
    first, second = np.triu_indices(len(values), 1)
    sign = np.sign(labels[:, second] - labels[:, first])
    return np.asarray(((order[first, second] * sign + 1) / 2 * (sign != 0)).sum(axis=1))


def _untied_tail(sizes: Sequence[int], statistic: float) -> float:
    ways = concordant_counts(sizes)
    return float(sum(ways[math.ceil(statistic - 1e-9) :]) / sum(ways))


def concordant_counts(sizes: Sequence[int]) -> list[int]:
    """Arrangements of untied runs by Jonckheere's J from 0: coefficients of the q-multinomial.

    Example:
        >>> concordant_counts([2, 1])
        [1, 1, 1]
    """
    result, before = [1], 0
    for size in sizes:
        for i in range(1, size + 1):
            result = _divided(_times(result, before + i), i)
        before += size
    return result


def _times(coefficients: list[int], power: int) -> list[int]:
    """Product with ``1 - q^power``."""
    padded = coefficients + [0] * power
    return [c - (padded[i - power] if i >= power else 0) for i, c in enumerate(padded)]


def _divided(coefficients: list[int], power: int) -> list[int]:
    """Quotient by ``1 - q^power``, which leaves no remainder."""
    result: list[int] = []
    for i, c in enumerate(coefficients[: len(coefficients) - power]):
        result.append(c + (result[i - power] if i >= power else 0))
    return result


def _tied_tail(values: Floats, labels: NDArray[np.int64], statistic: float) -> tuple[float, bool]:
    sizes = np.bincount(labels)
    if _arrangements(sizes.tolist()) <= MOST_ARRANGEMENTS:
        rows = np.array(list(_labellings(Counter(labels.tolist()), len(labels))))
        return float((_concordant(values, rows) >= statistic - 1e-9).mean()), True
    rows = np.random.default_rng(0).permuted(np.tile(labels, (DRAWS, 1)), axis=1)
    return float(((_concordant(values, rows) >= statistic - 1e-9).sum() + 1) / (DRAWS + 1)), False


def _labellings(left: Counter[int], places: int) -> Iterator[tuple[int, ...]]:
    if places == 0:
        yield ()
        return
    for label in [name for name, count in left.items() if count]:
        left[label] -= 1
        for rest in _labellings(left, places - 1):
            yield (label, *rest)
        left[label] += 1


def page(table: ArrayLike) -> Trend:
    """Exact one-sided Page test: within blocks (seeds, mixtures) values increase from level to level.

    ``L = sum_levels j * (sum of ranks within blocks at level j)``. More powerful than :func:`jonckheere`
    where the same seeds or mixtures were run at every level.

    Args:
        table: Values, shape ``[blocks, levels]``, levels in their expected order, 2 to 8 of them.

    Raises:
        UsageError: Another shape, or values that are not finite.

    References:
        Page 1963.

    Example:
        >>> test = page([[1, 2, 3], [4, 5, 6], [2, 3, 9]])
        >>> test.statistic, round(1 / test.p_value)
        (42.0, 216)
    """
    values = np.asarray(table, dtype=np.float64)
    if values.ndim != 2 or not 2 <= values.shape[1] <= MOST_LEVELS or not np.isfinite(values).all():
        raise UsageError(f"page needs finite values [blocks, 2 to {MOST_LEVELS} levels], got {values.shape}")
    doubled = np.rint(2 * stats.rankdata(values, axis=1)).astype(int)
    weights = np.arange(1, values.shape[1] + 1)
    statistic = int((doubled * weights).sum())
    ways: Counter[int] = Counter({0: 1})
    for ranks in doubled:
        block = Counter(int(weights @ order) for order in itertools.permutations(ranks))
        ways = _convolved(ways, block)
    tail = sum(count for total, count in ways.items() if total >= statistic)
    blocks, levels = values.shape
    least = 1 / math.factorial(levels) ** blocks
    return Trend(statistic / 2, tail / ways.total(), least, values.size, levels)


def _convolved(left: Counter[int], right: Counter[int]) -> Counter[int]:
    result: Counter[int] = Counter()
    for (a, m), (b, n) in itertools.product(left.items(), right.items()):
        result[a + b] += m * n
    return result


def trend_power(
    sizes: Sequence[int], slope: float, *, level: float = 0.05, replicates: int = 8000, seed: int = 0
) -> float:
    """Power of :func:`jonckheere` for normal values whose mean rises by ``slope`` deviations a level.

    Args:
        sizes: Runs at each level.
        slope: Rise per level, in standard deviations between runs of one level.
        level: One-sided significance level.
        replicates: Simulated studies.
        seed: Of the simulation.

    Returns:
        Fraction of studies that are significant; 0 where the design cannot be.

    Example:
        >>> trend_power([1, 1, 1], 5.0)
        0.0
    """
    ways = concordant_counts(sizes)
    total, tail, critical = sum(ways), 0, len(ways)
    while critical > 0 and tail + ways[critical - 1] <= level * total * (1 + 1e-12):
        critical -= 1
        tail += ways[critical]
    labels = np.repeat(np.arange(len(sizes)), sizes)
    noise = np.random.default_rng(seed).standard_normal((replicates, len(labels)))
    values = noise + slope * labels
    first, second = np.triu_indices(len(labels), 1)
    counted = labels[second] > labels[first]
    statistics = (values[:, second] > values[:, first])[:, counted].sum(axis=1)
    return float((statistics >= critical).mean())


def association_p(levels: Sequence[str], outcomes: Sequence[str]) -> tuple[float, float]:
    """Exact permutation test that an outcome (the winner) goes with a level (the scale), in any direction.

    The statistic is ``sum n_lo^2 / (n_l n_o)``, that of Pearson's chi-square, over all arrangements of the
    levels.

    Args:
        levels: Level of every run.
        outcomes: Outcome of every run.

    Returns:
        The p-value, and the smallest that these numbers of runs and outcomes can give.

    Raises:
        UsageError: Lists of different lengths, or empty ones.

    Example:
        >>> p, least = association_p(["s"] * 3 + ["m"] * 3, ["code"] * 3 + ["prose"] * 3)
        >>> round(p, 3), round(least, 3)
        (0.1, 0.1)
    """
    if not levels or len(levels) != len(outcomes):
        raise UsageError(f"{len(levels)} levels and {len(outcomes)} outcomes; give one of each for every run")
    _, rows = np.unique(np.asarray(levels), return_inverse=True)
    _, columns = np.unique(np.asarray(outcomes), return_inverse=True)
    if _arrangements(np.bincount(rows).tolist()) <= MOST_ARRANGEMENTS:
        shuffled = np.array(list(_labellings(Counter(rows.tolist()), len(rows))))
    else:
        shuffled = np.random.default_rng(0).permuted(np.tile(rows, (DRAWS, 1)), axis=1)
        shuffled[0] = rows
    statistics = _chi(shuffled, columns)
    observed = _chi(rows[None], columns)[0]
    least = float((statistics >= statistics.max() - 1e-9).mean())
    return float((statistics >= observed - 1e-9).mean()), least


def _chi(rows: NDArray[np.int64], columns: NDArray[np.int64]) -> Floats:
    wide = columns.max() + 1
    cells = np.eye(int(rows.max() + 1))[rows].transpose(0, 2, 1) @ np.eye(int(wide))[columns]
    weights = cells.sum(axis=2, keepdims=True) * cells.sum(axis=1, keepdims=True)
    return np.asarray((cells**2 / weights).sum(axis=(1, 2)))
