"""RunFacts: what several claims need of one run, measured once with one set of resamples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from echoformat.measure.arrays import Floats
from echoformat.measure.bootstrap import bootstrap_counts, bootstrap_problems
from echoformat.measure.decompose import Confounding, confounding
from echoformat.measure.estimate import Estimate, over_replicates
from echoformat.measure.rivals import Rivals
from echoformat.measure.run_counts import RunCounts
from echoformat.measure.run_outcome import accuracies_at_ends, base_rivals
from echoformat.measure.transition import Transition, transitions
from echoformat.measure.window import end_rows, window_for_totals, windowed
from echoformat.measure.winner import Outcome, Winner, winner


@dataclass(frozen=True, slots=True, eq=False)
class RunFacts:
    """Measures of one run that its findings share.

    Attributes:
        run: The counts.
        weights: Resamples of problems, shape ``[replicates, problems]``.
        first: Rows of the base.
        last: Rows of the end.
        base: Completions at base, shape ``[problems, formats]``.
        final: Completions at the end.
        winner: The format on top.
        riser: Index of the format that rose most.
        rise: Its share at the end less that at base.
        transition: When the share of the riser moved.
        rivals: Base rankings; ``None`` without correctness.
        confounding: Within-problem path and pooled path; ``None`` without correctness or with one step.
        gain: Accuracy at the end less that at base; ``None`` without correctness.
    """

    run: RunCounts
    weights: Floats
    first: int
    last: int
    base: NDArray[Any]
    final: NDArray[Any]
    winner: Winner
    riser: int
    rise: Estimate
    transition: Transition
    rivals: Rivals | None
    confounding: Confounding | None
    gain: Estimate | None

    @property
    def won(self) -> int | None:
        """Index of the format that won, rising; ``None`` where none did."""
        return self.winner.index if self.winner.outcome is Outcome.WON else None

    def name(self, index: int) -> str:
        """Name of a format."""
        return self.run.formats[index]


def run_facts(run: RunCounts, replicates: int = 200) -> RunFacts:
    """Measure a run once for all its findings.

    Args:
        run: The counts, with at least one completion of a format.
        replicates: Resamples of problems.

    Raises:
        UsageError: No column that is a format.

    Example:
        >>> counts = np.array([[[3, 5]] * 60, [[7, 1]] * 60])
        >>> facts = run_facts(RunCounts(np.array([0, 9]), tuple(map(str, range(60))), ("a", "b"), counts))
        >>> facts.name(facts.won)
        'a'
    """
    weights = bootstrap_problems(len(run.problems), replicates)
    first, last = end_rows(run.counts)
    base, final = run.counts[:first].sum(axis=0), run.counts[-last:].sum(axis=0)
    top = winner(base, final, eligible=run.labelled, weights=weights)
    moved = np.where(run.labelled, np.subtract(top.final_shares, top.base_shares), -np.inf)
    riser = int(np.argmax(moved))
    scored, right = run.scored_counts, run.correct
    known = right is not None and bool(scored.any())
    paths = None
    if right is not None and known and len(run.steps) > 1:
        paths = confounding(scored, right, weights=weights)
    gains = accuracies_at_ends(run, slice(None), first, last, weights) if known else None
    return RunFacts(
        run,
        weights,
        first,
        last,
        base,
        final,
        top,
        riser,
        share_change(base, final, riser, weights),
        transitions(
            run.counts,
            run.steps,
            steps_per_epoch=run.steps_per_epoch,
            replicates=replicates,
            only=(riser,),
        )[0],
        base_rivals(run, first, weights) if known else None,
        paths,
        gains[2] if gains is not None else None,
    )


def share_change(base: NDArray[Any], final: NDArray[Any], index: int, weights: Floats) -> Estimate:
    """Share at the end less share at base, over resampled problems."""
    draws = np.vstack([np.ones(len(base)), weights])
    ends = [(draws @ side[:, index], draws @ side.sum(axis=1)) for side in (base, final)]
    before, after = (np.divide(n, total, out=np.full(len(n), np.nan), where=total > 0) for n, total in ends)
    change = after - before
    return over_replicates(float(change[0]), change[1:] if len(base) > 1 else np.empty(0))


def accuracy_curve(run: RunCounts, weights: Floats) -> tuple[Floats, Floats]:
    """Accuracy by window: its mean steps, and accuracies of the data (row 0) and of the resamples.

    Example:
        >>> counts = np.full((4, 64, 1), 8)
        >>> run = RunCounts(np.arange(4), tuple(map(str, range(64))), ("a",), counts, counts // 2)
        >>> accuracy_curve(run, np.ones((1, 64)))[1].tolist()
        [[0.5, 0.5, 0.5, 0.5], [0.5, 0.5, 0.5, 0.5]]
    """
    scored, right = run.scored_counts, run.correct if run.correct is not None else run.scored_counts
    window = window_for_totals(scored)
    sizes = windowed(np.ones(len(run.steps)), window)
    centres = windowed(run.steps.astype(np.float64), window) / sizes
    draws = np.vstack([np.ones(len(run.problems)), weights])
    whole, good = (
        bootstrap_counts(windowed(x.sum(axis=2, keepdims=True), window), draws)[..., 0]
        for x in (scored, right)
    )
    return centres, np.divide(good, whole, out=np.full(whole.shape, np.nan), where=whole > 0)
