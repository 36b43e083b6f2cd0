"""Clusters: how completions of one problem resemble each other, and the variances that know it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from echoformat.errors import UsageError
from echoformat.measure.arrays import Floats, as_counts

Target = Literal["population", "fixed"]


@dataclass(frozen=True, slots=True)
class ClusterSums:
    """The sums over problems that every variance of a share needs, by step.

    Attributes:
        share: [steps, formats].
        completions: [steps] completions.
        problems: [steps] problems with completions.
        between: [steps, formats] sum_j (n_jf - q_f n_j)^2.
        within: [steps, formats] sum_j n_j^2 x_j (1 - x_j) / (n_j - 1), over problems with two or more.
        singles: [steps] problems with one completion.
        inside: [steps, formats] pooled variance within problems of two or more; NaN without any.
    """

    share: Floats
    completions: Floats
    problems: Floats
    between: Floats
    within: Floats
    singles: Floats
    inside: Floats

    @classmethod
    def of(cls, counts: ArrayLike) -> ClusterSums:
        """The sums of a run [steps, problems, formats], one step at a time to keep memory flat."""
        array = as_counts(counts, axes=3)
        rows = [_step_sums(np.asarray(step, dtype=np.float64)) for step in array]
        columns = [np.array(column) for column in zip(*rows, strict=True)] if rows else None
        if columns is None:
            raise UsageError("counts hold no step; pass at least one")
        return cls(*columns)

    def variance(self, target: Target) -> tuple[Floats, NDArray[np.bool_]]:
        """Variance of every share [steps, formats], and whether the step can show it at all [steps]."""
        with np.errstate(divide="ignore", invalid="ignore"):
            if target == "population":
                factor = self.problems / (self.problems - 1) / self.completions**2
                return np.where(self.problems > 1, factor, np.nan)[:, None] * self.between, self.problems > 1
            if target != "fixed":
                raise UsageError(f"target={target!r} is unknown; use 'population' or 'fixed'")
            # A problem with one completion shows no spread of its own: the pooled one stands in, else q(1-q).
            alone = np.where(np.isnan(self.inside), self.share * (1 - self.share), self.inside)
            total = self.within + self.singles[:, None] * alone
            return total / self.completions[:, None] ** 2, self.completions > self.problems

    def degrees(self, target: Target) -> Floats:
        """Degrees of freedom of the variance [steps]: P-1, or N-P for a fixed set."""
        return self.problems - 1 if target == "population" else self.completions - self.problems


def _step_sums(step: Floats) -> tuple[Floats, float, int, Floats, Floats, int, Floats]:
    sizes = step.sum(axis=1)
    if not sizes.all():
        step, sizes = step[sizes > 0], sizes[sizes > 0]
    totals, completions = step.sum(axis=0), float(sizes.sum())
    share = totals / completions if completions else np.full(step.shape[1], np.nan)
    squares = np.einsum("jf,jf->f", step, step)
    between = squares - 2 * share * (sizes @ step) + share * share * float(sizes @ sizes)
    several = np.where(sizes > 1, sizes - 1, np.inf)
    inverse = 1 / several
    within = (sizes * inverse) @ step - np.einsum("jf,jf,j->f", step, step, inverse)
    pooled = _pooled_inside(step, sizes)
    scale = np.maximum(squares, 1.0) * 1e-14
    between, within = (np.where(s > scale, s, 0.0) for s in (between, within))
    return share, completions, len(sizes), between, within, int((sizes == 1).sum()), pooled


def _pooled_inside(step: Floats, sizes: Floats) -> Floats:
    free = float((sizes - 1).sum())
    if free <= 0:
        return np.full(step.shape[1], np.nan)
    return np.asarray((step.sum(axis=0) - np.einsum("jf,jf,j->f", step, step, 1 / sizes)) / free)


def design_effect(counts: ArrayLike) -> Floats:
    """Variance of every share over what independent completions would give: v / (q(1-q)/N), by format.

    1 for independent completions, 1 + (G-1) ICC for G a problem; NaN where a share is 0 or 1.

    Example:
        >>> round(float(design_effect([[4, 0], [0, 4], [1, 3], [3, 1], [2, 2]])[0]), 4)
        2.5
    """
    sums = ClusterSums.of(as_counts(counts, axes=2)[None])
    spread = sums.share * (1 - sums.share) / sums.completions[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(spread > 0, sums.variance("population")[0] / spread, np.nan)[0])


def intraclass_correlation(counts: ArrayLike) -> Floats:
    """How alike completions of one problem are, by format: (MSB - MSW)/(MSB + (n0-1) MSW), analysis of
    variance.

    0 for independent completions, 1 when each problem always takes the same format; may be slightly negative.
    NaN where a format never varies or no problem has two completions.

    Example:
        >>> round(float(intraclass_correlation([[4, 0], [0, 4], [1, 3], [3, 1], [2, 2]])[0]), 6)
        0.407407
    """
    array = np.asarray(as_counts(counts, axes=2), dtype=np.float64)
    sizes = array.sum(axis=1)
    array, sizes = array[sizes > 0], sizes[sizes > 0]
    problems, total = len(sizes), float(sizes.sum())
    if problems < 2 or total <= problems:
        return np.full(array.shape[1], np.nan)
    share = array.sum(axis=0) / total
    between = (sizes[:, None] * (array / sizes[:, None] - share) ** 2).sum(axis=0) / (problems - 1)
    within = _pooled_inside(array, sizes)
    typical = (total - float((sizes**2).sum()) / total) / (problems - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((between - within) / (between + (typical - 1) * within))
