"""Collapse: which format dominates at the end of a run, and from which step on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from echoformat.measure.intervals import cluster_wilson
from echoformat.measure.run_counts import RunCounts

# The last tenth of the steps, at least this many, is "the end" of a run.
END_PART = 0.1
LEAST_END_STEPS = 3


@dataclass(frozen=True, slots=True)
class Collapse:
    """The verdict on one run.

    Attributes:
        dominant: Format with the largest share at the end; ``None`` where nothing is labelled.
        share: Its share at the end (last tenth of the steps), with `low` and `high` limits.
        low: Lower 95 % limit, clustered by problem.
        high: Upper 95 % limit.
        base_share: Its share at the start (first tenth of the steps).
        collapsed: It keeps at least `threshold` of the share from `onset` to the end.
        onset: First step of that stretch; ``None`` where there is no collapse.
        threshold: The share that a collapse keeps.
    """

    dominant: str | None
    share: float
    low: float
    high: float
    base_share: float
    collapsed: bool
    onset: int | None
    threshold: float

    def to_dict(self) -> dict[str, Any]:
        """As a JSON-able mapping."""
        return {name: getattr(self, name) for name in self.__slots__}


def find_collapse(run: RunCounts, threshold: float, replicates: int) -> Collapse:
    """The verdict on one run's counts."""
    columns = np.flatnonzero(run.labelled)
    if not run.counts.any() or not len(columns):
        return Collapse(None, 0.0, 0.0, 1.0, 0.0, False, None, threshold)
    span = min(len(run.steps), max(LEAST_END_STEPS, round(END_PART * len(run.steps))))
    last = run.counts[-span:].sum(axis=0)
    column = int(columns[last.sum(axis=0)[columns].argmax()])
    end = cluster_wilson(last, column)
    first = run.counts[:span].sum(axis=(0, 1))
    onset = _onset(run.counts[:, :, column].sum(axis=1), run.counts.sum(axis=(1, 2)), run.steps, threshold)
    return Collapse(
        run.formats[column],
        end.point,
        end.low,
        end.high,
        float(first[column] / first.sum()),
        onset is not None,
        onset,
        threshold,
    )


def _onset(
    of_format: NDArray[Any], completions: NDArray[Any], steps: NDArray[Any], threshold: float
) -> int | None:
    below = np.flatnonzero(of_format < threshold * completions)
    first = 0 if not len(below) else int(below[-1]) + 1
    return int(steps[first]) if first < len(steps) else None
