"""Which formats a problem can be solved in: reach, exclusive reach and credit, from the same completions."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from echoformat.errors import UsageError
from echoformat.measure.arrays import Floats, as_counts
from echoformat.measure.estimate import Estimate, over_problems
from echoformat.measure.pass_at_k import pass_at_k
from echoformat.measure.run_counts import check_counts

MOST_FORMATS = 14


@dataclass(frozen=True, slots=True)
class Reach:
    """pass@k of all formats together and of each one, averaged over problems.

    Attributes:
        k: Completions drawn.
        solved: Probability that a correct completion is among them.
        reach: ... that one in this format is, by format.
        exclusive: ... that there is one and all are in this format, by format.
        credit: Shapley value, by format; the values add up to ``solved``.
        problems: Problems with at least ``k`` completions.
    """

    k: int
    solved: Estimate
    reach: tuple[Estimate, ...]
    exclusive: tuple[Estimate, ...]
    credit: tuple[float, ...]
    problems: int

    def to_dict(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


def reach(counts: ArrayLike, correct: ArrayLike, k: int) -> Reach:
    """Split pass@k by format, without bias.

    ``reach_f = pass@k(n, c_f)``, ``exclusive_f = pass@k(n, c) - pass@k(n, c - c_f)``; credit is the Shapley
    value of the game ``v(S) = pass@k(n, c_S)``, which shares a solved draw evenly among the formats that
    solve it.

    Args:
        counts: Completions, shape ``[problems, formats]``.
        correct: Correct completions, same shape.
        k: Completions drawn, from 1.

    Raises:
        UsageError: Shapes or counts that do not fit, or more than 14 formats with a correct completion.

    Example:
        >>> split = reach([[10, 6]], [[6, 2]], 4)
        >>> [round(part.value, 6) for part in split.exclusive], round(split.credit[0], 6)
        ([0.511538, 0.076923], 0.698077)
    """
    n, c = as_counts(counts, axes=2), as_counts(correct, axes=2)
    check_counts(n, c)
    if k < 1:
        raise UsageError(f"k is {k}; draw at least 1 completion")
    enough = n.sum(axis=1) >= k
    whole, right = n[enough].sum(axis=1, keepdims=True), c[enough]
    total = right.sum(axis=1, keepdims=True)
    solved = pass_at_k(whole, total, k)
    alone, without = pass_at_k(whole, right, k), pass_at_k(whole, total - right, k)
    return Reach(
        k,
        over_problems(solved[:, 0]),
        tuple(over_problems(column) for column in alone.T),
        tuple(over_problems(column) for column in (solved - without).T),
        tuple(_shapley(whole[:, 0], right, k).tolist()),
        int(enough.sum()),
    )


def _shapley(whole: NDArray[Any], right: NDArray[Any], k: int) -> Floats:
    """Mean Shapley value by format, over all subsets of the formats that are ever correct."""
    credit = np.zeros(right.shape[1])
    live = np.flatnonzero(right.any(axis=0))
    if live.size > MOST_FORMATS:
        raise UsageError(
            f"{live.size} formats have correct completions; merge them to {MOST_FORMATS} at most"
        )
    if live.size == 0:
        return credit
    subsets = (np.arange(2**live.size)[:, None] >> np.arange(live.size)) & 1
    rows, times = np.unique(np.column_stack([whole, right[:, live]]), axis=0, return_counts=True)
    sizes, place = np.unique(rows[:, 0], return_inverse=True)
    values = pass_at_k(sizes[:, None], np.minimum(np.arange(sizes.max() + 1), sizes[:, None]), k)
    worth = np.zeros(len(subsets))
    for block in np.array_split(np.arange(len(rows)), math.ceil(len(rows) / 256)):
        sums = rows[block, 1:] @ subsets.T
        worth += times[block] @ values[place[block, None], sums]
    credit[live] = worth @ _shapley_weights(subsets)
    return credit / len(right)


def _shapley_weights(subsets: NDArray[np.int64]) -> Floats:
    """Weight of every subset's worth in every player's value."""
    players, size = subsets.shape[1], subsets.sum(axis=1)[:, None]
    inside = np.array([math.factorial(max(s - 1, 0)) * math.factorial(players - s) for s in size[:, 0]])
    outside = np.array([math.factorial(s) * math.factorial(max(players - s - 1, 0)) for s in size[:, 0]])
    weights = np.where(subsets == 1, inside[:, None], -outside[:, None])
    return np.asarray(weights / math.factorial(players), dtype=np.float64)
