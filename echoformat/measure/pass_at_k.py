"""pass@k and maj@k without the two usual mistakes: biased plug-ins and majorities that are not."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from echoformat.errors import UsageError
from echoformat.measure.arrays import Floats, as_counts
from echoformat.measure.estimate import Estimate, over_problems
from echoformat.measure.run_counts import check_counts
from echoformat.measure.window import windowed


def pass_at_k(n: ArrayLike, c: ArrayLike, k: ArrayLike) -> Floats:
    """Probability that at least one of ``k`` completions drawn from ``n`` is correct.

    ``1 - C(n-c, k)/C(n, k)``: unbiased for the policy's pass@k, in product form (no large binomials).

    Args:
        n: Completions, any shape.
        c: Correct completions, broadcast against ``n``.
        k: Completions drawn, from 0, broadcast likewise.

    Returns:
        Values in [0, 1]; ``nan`` where ``n < k``.

    Raises:
        UsageError: ``k`` below 0, or ``c`` outside ``0..n``.

    References:
        Chen et al. 2021 (arXiv 2107.03374).

    Example:
        >>> pass_at_k([8, 10, 4], [2, 3, 0], 5).round(6).tolist()
        [0.892857, 0.916667, nan]
    """
    whole, right, drawn = np.broadcast_arrays(*(np.asarray(x, dtype=np.int64) for x in (n, c, k)))
    check_counts(whole, right)
    if drawn.size and drawn.min() < 0:
        raise UsageError(f"k is {drawn.min()}; draw at least 0 completions")
    # C(n-c, k)/C(n, k) is symmetric in c and k: the shorter product is taken.
    few, many = np.minimum(right, drawn), np.maximum(right, drawn)
    missed = np.ones(whole.shape)
    for i in range(int(few.max(initial=0))):
        left = np.maximum(whole - many - i, 0) / np.maximum(whole - i, 1)
        missed = np.where(i < few, missed * left, missed)
    return np.where(whole < drawn, np.nan, 1 - missed)


@dataclass(frozen=True, slots=True)
class PassPath:
    """pass@k along a run.

    Attributes:
        k: Completions drawn.
        first_rows: Row of the step axis where each window begins.
        estimates: Mean over problems with at least ``k`` completions, with a t interval; ``nan`` without any.
        problems: How many problems those are, by window.
    """

    k: int
    first_rows: tuple[int, ...]
    estimates: tuple[Estimate, ...]
    problems: tuple[int, ...]

    def to_dict(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


def pass_at_k_path(counts: ArrayLike, correct: ArrayLike, k: int, window: int = 1) -> PassPath:
    """pass@k by window of steps, averaged over the problems that have enough completions there.

    A window pools completions of policies that differ a little; keep it short where they move.

    Args:
        counts: Completions, shape ``[steps, problems, formats]``.
        correct: Correct completions, same shape.
        k: Completions drawn, from 1.
        window: Steps in a window.

    Raises:
        UsageError: Shapes, counts or a window that do not fit.

    Example:
        >>> path = pass_at_k_path(np.full((2, 3, 1), 4), np.array([[[1], [0], [4]]] * 2), k=2)
        >>> round(path.estimates[0].value, 6), path.problems
        (0.5, (3, 3))
    """
    n, c = as_counts(counts, axes=3), as_counts(correct, axes=3)
    check_counts(n, c)
    whole, right = windowed(n.sum(axis=2), window), windowed(c.sum(axis=2), window)
    values = pass_at_k(whole, right, k)
    kept = [row[np.isfinite(row)] for row in values]
    starts = tuple(range(0, len(whole) * window, window))
    return PassPath(k, starts, tuple(map(over_problems, kept)), tuple(map(len, kept)))


def majority_at_k(
    answers: Sequence[Sequence[str | None]],
    correct: Sequence[Sequence[bool]],
    k: int | None = None,
    *,
    draws: int = 2000,
    seed: int = 0,
) -> Estimate:
    """Probability that the commonest answer of ``k`` completions is correct, averaged over problems.

    Honest: completions without an answer never vote, ties are shared evenly, and nothing but the votes
        decides.

    Args:
        answers: Parsed answers of each problem's completions; ``None`` where nothing could be parsed.
        correct: Whether each is correct. An answer's worth is its mean, should its completions disagree.
        k: Completions drawn; ``None`` takes all of each problem, exactly. Problems with fewer are left out.
        draws: Draws without replacement per problem, where ``k`` is less than all.
        seed: Of the draws.

    Raises:
        UsageError: Lists of different lengths, or ``k`` below 1.

    Example:
        >>> majority_at_k([["3", "5", "5", None]], [[True, False, False, False]]).value
        0.0
    """
    if [len(row) for row in answers] != [len(row) for row in correct]:
        raise UsageError("answers and correct must hold the same completions of the same problems")
    if k is not None and k < 1:
        raise UsageError(f"k is {k}; draw at least 1 completion")
    rng = np.random.default_rng(seed)
    values = [
        _majority(*_votes(given, right), len(given) if k is None else k, draws, rng)
        for given, right in zip(answers, correct, strict=True)
        if given and len(given) >= (k or 1)
    ]
    return over_problems(np.array(values))


def _votes(given: Sequence[str | None], right: Sequence[bool]) -> tuple[NDArray[np.int64], Floats, int]:
    """Votes for each answer, each answer's worth, and completions without an answer."""
    worth: dict[str, list[bool]] = defaultdict(list)
    for answer, good in zip(given, right, strict=True):
        if answer is not None:
            worth[answer].append(good)
    votes = np.array([len(marks) for marks in worth.values()], dtype=np.int64)
    return votes, np.array([np.mean(marks) for marks in worth.values()]), len(given) - int(votes.sum())


def _majority(
    votes: NDArray[np.int64], worth: Floats, blank: int, k: int, draws: int, rng: np.random.Generator
) -> float:
    if votes.size == 0:
        return 0.0
    if k == votes.sum() + blank:
        drawn = votes[None]
    else:
        drawn = rng.multivariate_hypergeometric([*votes, blank], k, size=draws)[:, :-1]
    top = (drawn == drawn.max(axis=1, keepdims=True)) & (drawn > 0)
    ties = np.maximum(top.sum(axis=1), 1)
    return math.fsum((top * worth).sum(axis=1) / ties) / len(drawn)
