"""Problems lost and gained by training, against what chance alone loses and gains."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special, stats

from echoformat.errors import UsageError
from echoformat.measure.arrays import Floats
from echoformat.measure.pass_at_k import pass_at_k
from echoformat.measure.run_counts import check_counts


@dataclass(frozen=True, slots=True)
class LostAndGained:
    """Problems that stopped and that began to be solved.

    Attributes:
        lost: Solved at base (by at least the minimum), never at the end.
        gained: Never solved at base, solved at the end (by at least the minimum).
        null_lost: Expected number lost had nothing changed: each problem's correct completions dealt at
            random over base and end.
        null_gained: Expected number gained had nothing changed.
        p_value: Two-sided exact test of lost against gained at the odds of the null.
        problems: Problems with completions at both ends.
    """

    lost: int
    gained: int
    null_lost: float
    null_gained: float
    p_value: float
    problems: int

    @property
    def net(self) -> int:
        """Lost less gained."""
        return self.lost - self.gained

    def to_dict(self) -> dict[str, Any]:
        """The fields and the net by name."""
        return asdict(self) | {"net": self.net}


def lost_and_gained(
    base: ArrayLike, base_correct: ArrayLike, end: ArrayLike, end_correct: ArrayLike, minimum: int = 1
) -> LostAndGained:
    """Count problems lost and gained between two checkpoints, beside the regression to the mean.

    Had nothing changed, ``C`` correct among ``n0 + n1`` completions all lie at base with probability
    ``C(n0, C)/C(n0 + n1, C)``: that many problems are "lost" by chance.

    Args:
        base: Completions at base, shape ``[problems]``.
        base_correct: Correct ones.
        end: Completions at the end.
        end_correct: Correct ones.
        minimum: Correct completions that count as solved, from 1; 2 removes most of the null.

    Raises:
        UsageError: Shapes or counts that do not fit, or a minimum below 1.

    References:
        McNemar 1947.

    Example:
        >>> found = lost_and_gained([8, 8, 8], [6, 1, 0], [8, 8, 8], [0, 0, 2])
        >>> found.lost, found.gained, round(found.null_lost, 3)
        (2, 1, 0.737)
    """
    n0, c0, n1, c1 = _both(base, base_correct, end, end_correct)
    if minimum < 1:
        raise UsageError(f"minimum is {minimum}; a solved problem has at least 1 correct completion")
    lost, gained = int(((c0 >= minimum) & (c1 == 0)).sum()), int(((c0 == 0) & (c1 >= minimum)).sum())
    right = c0 + c1
    possible = right >= minimum
    null_lost = float((1 - pass_at_k(n0 + n1, n1, right))[possible].sum())
    null_gained = float((1 - pass_at_k(n0 + n1, n0, right))[possible].sum())
    odds = null_lost / (null_lost + null_gained) if null_lost + null_gained > 0 else 0.5
    p_value = float(stats.binomtest(lost, lost + gained, odds).pvalue) if lost + gained else 1.0
    return LostAndGained(lost, gained, null_lost, null_gained, p_value, len(n0))


def _both(*arrays: ArrayLike) -> tuple[NDArray[np.int64], ...]:
    """The problems with completions at both ends."""
    base, base_correct, end, end_correct = (np.asarray(x, dtype=np.int64) for x in arrays)
    check_counts(base, base_correct)
    check_counts(end, end_correct)
    if base.shape != end.shape or base.ndim != 1:
        raise UsageError(f"base {base.shape} and end {end.shape} must list the same problems")
    seen = (base > 0) & (end > 0)
    return base[seen], base_correct[seen], end[seen], end_correct[seen]


def expected_by_chance(alpha: float, beta: float, n: int, extra: int, problems: int) -> float:
    """Problems with no success in ``n`` completions but one in ``extra`` more, for Beta accuracies.

    ``P (E(1-p)^n - E(1-p)^(n + extra))``: planning figure for lost, gained and "solvable only by" counts.

    Args:
        alpha: First parameter of the Beta distribution of accuracies over problems.
        beta: Second parameter.
        n: Completions without a success.
        extra: Further completions with one.
        problems: Number of problems.

    Example:
        >>> round(expected_by_chance(0.3, 1.2, 32, 32, 500), 2)
        31.24
    """
    first, both = (special.betaln(alpha, beta + size) for size in (n, n + extra))
    whole = special.betaln(alpha, beta)
    return float(problems * (math.exp(first - whole) - math.exp(both - whole)))


@dataclass(frozen=True, slots=True)
class ProblemsLost:
    """One test per problem of having become harder.

    Attributes:
        p_values: One-sided Fisher tests, by problem; 1 where an end has no completion.
        adjusted: Benjamini-Hochberg adjusted.
        lost: Problems lost at the false discovery rate asked for.
    """

    p_values: tuple[float, ...]
    adjusted: tuple[float, ...]
    lost: tuple[int, ...]

    def to_dict(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


def problems_lost(
    base: ArrayLike,
    base_correct: ArrayLike,
    end: ArrayLike,
    end_correct: ArrayLike,
    false_discovery_rate: float = 0.05,
) -> ProblemsLost:
    """Which problems became harder beyond chance: Fisher's exact test each, adjusted for their number.

    Args:
        base: Completions at base, shape ``[problems]``.
        base_correct: Correct ones.
        end: Completions at the end.
        end_correct: Correct ones.
        false_discovery_rate: Expected fraction of false alarms among the problems named.

    Raises:
        UsageError: Shapes or counts that do not fit.

    References:
        Fisher 1935; Benjamini and Hochberg 1995.

    Example:
        >>> problems_lost([32, 32], [20, 3], [32, 32], [0, 0]).lost
        (0,)
    """
    n0, c0, n1, c1 = (np.asarray(x, dtype=np.int64) for x in (base, base_correct, end, end_correct))
    check_counts(n0, c0)
    check_counts(n1, c1)
    p = np.asarray(stats.hypergeom.sf(c0 - 1, n0 + n1, c0 + c1, n0), dtype=np.float64)
    p = np.where((n0 > 0) & (n1 > 0), p, 1.0)
    adjusted = benjamini_hochberg(p)
    named = np.flatnonzero(adjusted <= false_discovery_rate)
    return ProblemsLost(tuple(p.tolist()), tuple(adjusted.tolist()), tuple(named.tolist()))


def benjamini_hochberg(p_values: ArrayLike) -> Floats:
    """p-values adjusted so that a cut at ``x`` has an expected fraction ``x`` of false discoveries.

    Args:
        p_values: Shape ``[tests]``, in [0, 1].

    Example:
        >>> benjamini_hochberg([0.01, 0.04, 0.03]).round(3).tolist()
        [0.03, 0.04, 0.04]
    """
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p)[::-1]
    scaled = p[order] * len(p) / np.arange(len(p), 0, -1)
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(np.minimum.accumulate(scaled), 1.0)
    return adjusted


def least_base_correct(n: int, m: int | None = None, level: float = 0.05) -> int | None:
    """Fewest base successes of ``n`` for which losing all of ``m`` later ones is significant by itself.

    Args:
        n: Completions at base.
        m: Completions at the end; as many by default.
        level: Significance level.

    Returns:
        ``None`` where not even ``n`` of ``n`` would do.

    Example:
        >>> least_base_correct(32)
        5
    """
    later = n if m is None else m
    return next((c for c in range(1, n + 1) if stats.hypergeom.sf(c - 1, n + later, c, n) <= level), None)
