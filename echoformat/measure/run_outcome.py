"""One run in a line: what it was set to, who won, and how far shares and accuracy went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from echoformat.errors import UsageError
from echoformat.measure.arrays import Floats
from echoformat.measure.bootstrap import bootstrap_problems
from echoformat.measure.divergence import delta_logit
from echoformat.measure.diversity import effective_number
from echoformat.measure.estimate import Estimate, over_replicates
from echoformat.measure.rivals import Rivals, rivals
from echoformat.measure.run_counts import RunCounts
from echoformat.measure.run_metadata import RunMetadata
from echoformat.measure.takeover import taker
from echoformat.measure.window import end_rows
from echoformat.measure.winner import Winner, winner


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """Summary of one run for comparison with others.

    Attributes:
        name: Name of the run.
        metadata: Its settings.
        formats: Names of the columns, unlabelled ones included.
        first_step: First step.
        last_step: Last step that was read.
        winner: The format on top.
        winner_name: Name of the format that won; ``None`` where none did.
        rivals: Base rankings; ``None`` without correctness.
        base_shares: Shares at base, by name of the format.
        final_shares: Shares at the end.
        delta_logit: Change of the logit share (half a completion added), by name of the format.
        effective_number: ``exp`` of the entropy of the final shares of formats; ``nan`` without any.
        base_accuracy: Accuracy at base; ``None`` without correctness.
        final_accuracy: Accuracy at the end.
        gain: The difference.
    """

    name: str
    metadata: RunMetadata
    formats: tuple[str, ...]
    first_step: int
    last_step: int
    winner: Winner
    winner_name: str | None
    rivals: Rivals | None
    base_shares: Mapping[str, float]
    final_shares: Mapping[str, float]
    delta_logit: Mapping[str, float]
    effective_number: float
    base_accuracy: Estimate | None
    final_accuracy: Estimate | None
    gain: Estimate | None

    def to_dict(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


def run_outcome(
    name: str, run: RunCounts, metadata: RunMetadata | None = None, until: int | None = None
) -> RunOutcome:
    """Summarise a run between its base and its end (each at least 384 completions, where the log has them).

    Args:
        name: Name of the run.
        run: Its counts.
        metadata: Its settings.
        until: Last step to read; the run's last by default.

    Raises:
        UsageError: No step up to ``until``, or no completion at either end.

    Example:
        >>> counts = np.array([[[3, 5]] * 60, [[7, 1]] * 60])
        >>> run = RunCounts(np.array([0, 9]), tuple(map(str, range(60))), ("a", "b"), counts)
        >>> outcome = run_outcome("demo", run)
        >>> outcome.winner_name, round(outcome.delta_logit["a"], 2)
        ('a', 2.45)
    """
    kept = slice(0, len(run.steps) if until is None else int(np.searchsorted(run.steps, until, side="right")))
    if kept.stop == 0:
        raise UsageError(f"run {name!r} has no step up to {until}; its first is {run.steps[0]}")
    counts, weights = run.counts[kept], bootstrap_problems(len(run.problems))
    first, last = end_rows(counts)
    base, final = counts[:first].sum(axis=0), counts[-last:].sum(axis=0)
    result = winner(base, final, eligible=run.labelled, weights=weights)
    won = taker(result, counts, run.steps[kept])
    moved = delta_logit(base.sum(axis=0), final.sum(axis=0)).value
    labelled = final.sum(axis=0)[run.labelled]
    spread = float(effective_number(labelled / labelled.sum())) if labelled.any() else float("nan")
    accuracies = accuracies_at_ends(run, kept, first, last, weights) or (None, None, None)
    return RunOutcome(
        name,
        metadata or RunMetadata(),
        run.formats,
        int(run.steps[0]),
        int(run.steps[kept.stop - 1]),
        result,
        None if won is None else run.formats[won],
        base_rivals(run, first, weights),
        dict(zip(run.formats, result.base_shares, strict=True)),
        dict(zip(run.formats, result.final_shares, strict=True)),
        {f: float(x) for f, x, ok in zip(run.formats, moved, run.labelled, strict=True) if ok},
        spread,
        *accuracies,
    )


def base_rivals(run: RunCounts, first: int, weights: Floats) -> Rivals | None:
    """Rivals in the first rows of a run; ``None`` without correctness or without a scored format there.

    Args:
        run: The counts.
        first: Rows that make up the base.
        weights: Resamples, shape ``[replicates, problems]``.
    """
    scored = run.scored_counts[:first].sum(axis=0)
    if run.correct is None or not scored[:, run.labelled].any():
        return None
    declared = run.pretraining
    mixture = None if declared is None else [declared.get(name, np.nan) for name in run.formats]
    right = run.correct[:first].sum(axis=0)
    return rivals(scored, right, eligible=run.labelled, pretraining=mixture, weights=weights)


def accuracies_at_ends(
    run: RunCounts, rows: slice, first: int, last: int, weights: Floats
) -> tuple[Estimate, Estimate, Estimate] | None:
    """Accuracy at base, at the end, and the gain, over resampled problems; ``None`` where one is unknown.

    Args:
        run: The counts.
        rows: Rows to read.
        first: Rows that make up the base.
        last: Rows that make up the end.
        weights: Resamples, shape ``[replicates, problems]``.
    """
    if run.correct is None:
        return None
    scored, right = (x[rows].sum(axis=2) for x in (run.scored_counts, run.correct))
    draws = np.vstack([np.ones(len(run.problems)), weights])
    ends = []
    for part in (slice(0, first), slice(-last, None)):
        whole, good = (draws @ x[part].sum(axis=0) for x in (scored, right))
        ends.append(np.divide(good, whole, out=np.full(len(draws), np.nan), where=whole > 0))
    base, final = ends
    if np.isnan(base[0] + final[0]):
        return None
    spread = slice(1, None if len(run.problems) > 1 else 1)
    found = [over_replicates(float(x[0]), x[spread]) for x in (base, final, final - base)]
    return found[0], found[1], found[2]
