"""What a run can still solve: pass@k by format, problems lost, and what only suppressed formats solve."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from echoformat.errors import UsageError
from echoformat.measure.arrays import Floats, as_counts, as_shares
from echoformat.measure.lost import (
    LostAndGained,
    ProblemsLost,
    benjamini_hochberg,
    expected_by_chance,
    least_base_correct,
    lost_and_gained,
    problems_lost,
)
from echoformat.measure.pass_at_k import PassPath, majority_at_k, pass_at_k, pass_at_k_path
from echoformat.measure.reach import Reach, reach
from echoformat.measure.run_counts import check_counts

__all__ = [
    "LostAndGained",
    "PassPath",
    "ProblemsLost",
    "Reach",
    "Restored",
    "SuppressedOnly",
    "benjamini_hochberg",
    "expected_by_chance",
    "least_base_correct",
    "lost_and_gained",
    "majority_at_k",
    "pass_at_k",
    "pass_at_k_path",
    "problems_lost",
    "reach",
    "restored_coverage",
    "suppressed_only",
    "upper_limit",
]


@dataclass(frozen=True, slots=True)
class SuppressedOnly:
    """Problems that seem solvable in the suppressed formats alone.

    Attributes:
        naive: Problems without a success in the dominant format and with one in another: a biased count.
        by_chance: How many of those there would be, were the formats equally good at every problem.
        excess: ``naive - by_chance``.
        expected: Such problems when only half of the completions choose them, averaged over all splits.
        fresh_accuracy: The dominant format's accuracy on problems chosen by one half, measured on the other:
            what "unsolvable" problems are really like; ``nan`` where none is chosen.
        upper_limit: Largest accuracy of the dominant format on a naive problem that its median number of
            completions leaves plausible (95 %); say this instead of "unreachable".
        problems: Problems with completions in the dominant format and in another.
    """

    naive: int
    by_chance: float
    excess: float
    expected: float
    fresh_accuracy: float
    upper_limit: float
    problems: int

    def to_dict(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


def suppressed_only(counts: ArrayLike, correct: ArrayLike, dominant: int) -> SuppressedOnly:
    """Problems that only the suppressed formats solve, by split sample and against chance.

    The split is averaged exactly over all halves: problem j is chosen with probability
    ``(1 - pass@m(n_d, c_d)) pass@m'(n_s, c_s)``, ``m`` and ``m'`` half of its completions.

    Args:
        counts: Completions at one checkpoint (base, as a rule), shape ``[problems, formats]``.
        correct: Correct completions, same shape.
        dominant: Column of the format that came to dominate.

    Raises:
        UsageError: Shapes or counts that do not fit, or no such column.

    Example:
        >>> found = suppressed_only([[8, 8], [8, 8], [8, 8]], [[0, 4], [5, 4], [0, 0]], dominant=0)
        >>> found.naive, round(found.by_chance, 3), round(found.upper_limit, 3)
        (1, 0.038, 0.312)
    """
    n, c = as_counts(counts, axes=2).astype(np.int64), as_counts(correct, axes=2).astype(np.int64)
    check_counts(n, c)
    if not 0 <= dominant < n.shape[1]:
        raise UsageError(f"dominant is {dominant}; columns are 0 to {n.shape[1] - 1}")
    n_d, c_d = n[:, dominant], c[:, dominant]
    n_s, c_s = n.sum(axis=1) - n_d, c.sum(axis=1) - c_d
    both = (n_d > 0) & (n_s > 0)
    n_d, c_d, n_s, c_s = n_d[both], c_d[both], n_s[both], c_s[both]
    stuck = (c_d == 0) & (c_s > 0)
    right = c_d + c_s
    by_chance = float((1 - pass_at_k(n_d + n_s, n_d, right))[right > 0].sum())
    half, chosen, rate = _split(n_d, c_d, n_s, c_s)
    weight = float(chosen[half].sum())
    fresh = float((chosen * rate)[half].sum()) / weight if weight > 0 else float("nan")
    limit = upper_limit(int(np.median(n_d[stuck]))) if stuck.any() else float("nan")
    naive = int(stuck.sum())
    return SuppressedOnly(naive, by_chance, naive - by_chance, weight, fresh, limit, int(both.sum()))


def _split(n_d: Any, c_d: Any, n_s: Any, c_s: Any) -> tuple[Any, Floats, Floats]:
    """Problems that can be split, their probability to be chosen, and the other half's accuracy if so."""
    part, other = n_d // 2, np.maximum(n_s // 2, 1)
    half = part >= 1
    chosen = (1 - pass_at_k(n_d, c_d, part)) * pass_at_k(n_s, c_s, other)
    return half, chosen, c_d / np.maximum(n_d - part, 1)


def upper_limit(n: int, level: float = 0.95) -> float:
    """Largest success probability that ``n`` failures in a row leave plausible: ``1 - (1 - level)^(1/n)``.

    Args:
        n: Completions, all of them wrong.
        level: One-sided confidence.

    Returns:
        1 where there is no completion.

    Example:
        >>> round(upper_limit(32), 4), round(upper_limit(256), 4)
        (0.0894, 0.0116)
    """
    return 1.0 if n == 0 else float(1 - (1 - level) ** (1 / n))


@dataclass(frozen=True, slots=True)
class Restored:
    """pass@k at final accuracies, with the final shares and with the base shares put back.

    Attributes:
        k: Completions drawn.
        with_final_shares: Mean pass@k as the run left it.
        with_base_shares: Mean pass@k, had only the shares stayed.
        restored: The difference: coverage that selection alone took (above 0) or gave.
        expected_samples: Completions until a solution at final shares, by problem; infinite where unsolvable.
    """

    k: int
    with_final_shares: float
    with_base_shares: float
    restored: float
    expected_samples: tuple[float, ...]

    def to_dict(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


def restored_coverage(accuracies: ArrayLike, q0: ArrayLike, q1: ArrayLike, k: int) -> Restored:
    """What pass@k would be, had accuracies grown as they did but shares stayed: ``1 - (1 - sum q_f a_f)^k``.

    Args:
        accuracies: Accuracy of every format on every problem at the end, shape ``[problems, formats]``;
            extinct formats need forced-prefix completions.
        q0: Base shares, shape ``[formats]`` or ``[problems, formats]``.
        q1: Final shares, likewise.
        k: Completions drawn, from 1.

    Raises:
        UsageError: ``nan`` among the accuracies, or shares that do not sum to one.

    Example:
        >>> view = restored_coverage([[0.6, 0.1], [0.0, 0.3]], [0.5, 0.5], [1.0, 0.0], 8)
        >>> round(view.with_base_shares, 3), round(view.with_final_shares, 3)
        (0.848, 0.5)
    """
    a = np.atleast_2d(np.asarray(accuracies, dtype=np.float64))
    if np.isnan(a).any():
        raise UsageError("accuracies hold nan: force the extinct formats, or leave those problems out")
    base, end = (np.broadcast_to((as_shares(q) * a).sum(axis=1), len(a)) for q in (q0, q1))
    before, after = (float((1 - (1 - rate) ** k).mean()) for rate in (base, end))
    waiting = np.divide(1.0, end, out=np.full(len(a), np.inf), where=end > 0)
    return Restored(k, after, before, before - after, tuple(waiting.tolist()))
