"""RunMeasures: every measure of one run as a method; each hands the arrays to one function of `measure/`."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from echoformat.errors import UsageError
from echoformat.findings import Finding, findings
from echoformat.measure.confusion import ConfusionMatrix
from echoformat.measure.coverage import SuppressedOnly, suppressed_only
from echoformat.measure.diversity import hill
from echoformat.measure.estimate import Estimate
from echoformat.measure.intervals import Intervals, paired_change
from echoformat.measure.kl_optimum import KLOptimum, excess_amplification, kl_optimum
from echoformat.measure.lost import LostAndGained, lost_and_gained
from echoformat.measure.manski import ManskiBounds, manski_bounds
from echoformat.measure.partition import UnbiasedPartition, partition_unbiased
from echoformat.measure.pass_at_k import PassPath, pass_at_k_path
from echoformat.measure.path import confounding
from echoformat.measure.path_split import Confounding, PathSplit, selection_fraction
from echoformat.measure.quantify import Shares
from echoformat.measure.quantify import shares as corrected
from echoformat.measure.reach import Reach, reach
from echoformat.measure.rivals import Rivals, rivals
from echoformat.measure.run_counts import RunCounts
from echoformat.measure.selection import SelectionCoefficients, selection_coefficients
from echoformat.measure.window import end_rows
from echoformat.measure.winner import Winner, winner


class RunMeasures:
    """Every measure of one run, from its counts.

    Args:
        run: The counts; `FormatSeries.measures()` makes them.

    Example:
        >>> counts = np.array([[[3, 5]] * 40, [[7, 1]] * 40])
        >>> run = RunCounts(np.array([0, 9]), tuple(map(str, range(40))), ("a", "b"), counts, counts // 2)
        >>> measured = RunMeasures(run)
        >>> measured.winner().outcome.value, measured.reach(4).problems
        ('won', 40)
    """

    def __init__(self, run: RunCounts) -> None:
        self.run = run

    @cached_property
    def _rows(self) -> tuple[int, int]:
        return end_rows(self.run.counts)

    @cached_property
    def base(self) -> NDArray[Any]:
        """Completions at the start, [problems, formats]."""
        return np.asarray(self.run.counts[: self._rows[0]].sum(axis=0))

    @cached_property
    def final(self) -> NDArray[Any]:
        """Completions at the end, [problems, formats]."""
        return np.asarray(self.run.counts[-self._rows[1] :].sum(axis=0))

    def _ends(self) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]:
        """Scored and correct completions at the start, then at the end."""
        scored, right, (first, last) = self.run.scored_counts, self._correct(), self._rows
        pairs = ((x[:first].sum(axis=0), x[-last:].sum(axis=0)) for x in (scored, right))
        (n0, n1), (c0, c1) = pairs
        return n0, c0, n1, c1

    def _correct(self) -> NDArray[Any]:
        if self.run.correct is None:
            raise UsageError(
                "this log does not say which completions are correct; name the column (--correct)"
            )
        return self.run.correct

    def hill(self, q: float) -> NDArray[np.float64]:
        """Hill number of order q of each step's shares, [steps]; see `measure.diversity.hill`."""
        counts = self.run.counts.sum(axis=1)
        return np.asarray(hill(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1), q))

    def share_change(self) -> Intervals:
        """Shares at the end less those at the start, paired by problem, [formats]."""
        return paired_change(self.base, self.final)

    def selection_coefficients(self) -> SelectionCoefficients:
        """Slope of ln(share / share of the format most common at the start) over steps, [formats]."""
        reference = int(np.where(self.run.labelled, self.base.sum(axis=0), -1).argmax())
        counts = self.run.counts.sum(axis=1)
        return selection_coefficients(counts, self.run.steps, reference=reference, pseudo_count=0.5)

    def decomposition(self) -> Confounding:
        """The gain in accuracy split into selection and improvement: within problems, pooled, the difference.

        Raises:
            UsageError: The log holds no correctness.
        """
        return confounding(self.run.scored_counts, self._correct())

    def selection_fraction(self) -> Estimate | None:
        """Fraction of the gain that is selection; ``None`` without a clear gain."""
        within: PathSplit = self.decomposition().within
        return selection_fraction(within)

    def winner(self) -> Winner:
        """Which format the run ended in, and whether it won."""
        return winner(self.base, self.final, eligible=self.run.labelled)

    def rivals(self) -> Rivals:
        """The formats at the start ranked by share, accuracy, correct mass and pretraining share."""
        n0, c0, _, _ = self._ends()
        declared = self.run.pretraining
        shares = None if declared is None else [declared.get(name, np.nan) for name in self.run.formats]
        return rivals(n0, c0, eligible=self.run.labelled, pretraining=shares)

    def kl_optimum(self, beta: float | None = None) -> KLOptimum:
        """Where the KL-regularised objective alone would take the shares of the start."""
        n0, c0, _, _ = self._ends()
        shares, accuracy = n0.sum(axis=0) / n0.sum(), c0.sum(axis=0) / np.maximum(n0.sum(axis=0), 1)
        return kl_optimum(shares, accuracy, self._beta(beta))

    def excess_amplification(self, beta: float | None = None) -> Estimate:
        """How much further than that optimum the dominant format's share went, in logits."""
        n0, c0, n1, _ = self._ends()
        return excess_amplification(n0, c0, n1, self._dominant(), self._beta(beta))

    def _beta(self, beta: float | None) -> float:
        found = self.run.kl_coefficient if beta is None else beta
        if found is None:
            raise UsageError("this log does not say its KL coefficient; give beta")
        return found

    def _dominant(self) -> int:
        return int(np.where(self.run.labelled, self.final.sum(axis=0), -1).argmax())

    def pass_at_k(self, k: int, window: int = 1) -> PassPath:
        """pass@k by window of steps, over the problems with at least k completions there."""
        return pass_at_k_path(self.run.scored_counts, self._correct(), k, window)

    def reach(self, k: int, at: str = "base") -> Reach:
        """pass@k at the start (``"base"``) or the end (``"end"``), split by format."""
        n0, c0, n1, c1 = self._ends()
        if at not in ("base", "end"):
            raise UsageError(f"at={at!r}: choose base or end")
        return reach(n0, c0, k) if at == "base" else reach(n1, c1, k)

    def lost_and_gained(self, minimum: int = 1) -> LostAndGained:
        """Problems solved at one end of the run and not at the other, beside what chance alone gives."""
        n0, c0, n1, c1 = (side.sum(axis=1) for side in self._ends())
        return lost_and_gained(n0, c0, n1, c1, minimum)

    def suppressed_only(self) -> SuppressedOnly:
        """Problems that at the start only formats other than the final dominant one solved."""
        n0, c0, _, _ = self._ends()
        return suppressed_only(n0, c0, self._dominant())

    def partition(self, at: str = "end") -> UnbiasedPartition:
        """Diversity of formats within problems and across them, order 2, unbiased."""
        return partition_unbiased(self.base if at == "base" else self.final)

    def unlabelled_bounds(self) -> ManskiBounds:
        """What the shares at the end could be, whatever formats the unlabelled completions have."""
        totals, labelled = self.final.sum(axis=0), self.run.labelled
        return manski_bounds(totals[labelled], int(totals[~labelled].sum()))

    def corrected_shares(self, confusion: ConfusionMatrix, at: str = "end") -> Shares:
        """Shares with the labeller's known errors taken out (``acc``), the raw ones beside them.

        Args:
            confusion: Of the labeller, rows and columns in the order of `run.formats`.
            at: ``"base"`` or ``"end"``.
        """
        counts = self.base if at == "base" else self.final
        problems, formats = np.nonzero(counts)
        times = counts[problems, formats]
        return corrected(np.repeat(formats, times), np.repeat(problems, times), "acc", confusion=confusion)

    def findings(self, replicates: int = 200) -> tuple[Finding, ...]:
        """The study's claims held against this run: supported, contradicted or undecided."""
        return findings(self.run, replicates)
