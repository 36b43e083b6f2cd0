"""Part: one run's one split, with every figure that the page, the summary and --fail-on show, made once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from echoformat.cells import merge_cells
from echoformat.collapse import Collapse
from echoformat.findings import Finding, findings
from echoformat.measure.interval import Intervals
from echoformat.series import FormatSeries

Floats = NDArray[np.float64]
WINDOW_PART, LEAST_WINDOW = 0.1, 3
MOST_STEPS_OF_CLAIMS = 1000


@dataclass(frozen=True, slots=True)
class Move:
    """A share at the start of a run and at its end (its first and last tenth of steps, at least three).

    Attributes:
        name: The format or state.
        start, start_low, start_high: Share at the start with its 95 % limits.
        end, end_low, end_high: Share at the end with its 95 % limits.
    """

    name: str
    start: float
    start_low: float
    start_high: float
    end: float
    end_low: float
    end_high: float


@dataclass(frozen=True)
class Part:
    """One run's one split.

    Attributes:
        run: Name of the run, may be empty.
        split: Name of the split, may be empty.
        series: Its series.
    """

    run: str
    split: str
    series: FormatSeries

    @property
    def title(self) -> str:
        """What to call it on a page that shows several."""
        return " · ".join(word for word in (self.run or "run", self.split) if word)

    @cached_property
    def steps(self) -> NDArray[np.int64]:
        """Its steps."""
        return self.series.steps

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Formats, then states."""
        return self.series.names

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """Completions, [steps, names]."""
        return self.series.counts()

    @cached_property
    def total(self) -> int:
        """Completions."""
        return int(self.counts.sum())

    @cached_property
    def shares(self) -> Intervals:
        """Shares with intervals, [steps, names]."""
        return self.series.share_intervals()

    @cached_property
    def entropy(self) -> Intervals:
        """Entropy with intervals, [steps], nats."""
        return self.series.entropy_intervals()

    @cached_property
    def accuracy(self) -> Floats:
        """Accuracy, [steps], NaN where unknown."""
        return self.series.accuracy()

    @cached_property
    def accuracy_by_format(self) -> Floats:
        """Accuracy, [steps, names], NaN where unknown."""
        return self.series.accuracy_by_format()

    @cached_property
    def collapse(self) -> Collapse:
        """The verdict."""
        return self.series.collapse()

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """The study's claims held against this run, very long runs in stretches; none for one step."""
        if len(self.steps) < 2:
            return ()
        return findings(self.stretched.series.run_counts())

    @cached_property
    def stretched(self) -> Part:
        """The part in no more stretches of steps than the claims' resampling has time for."""
        return self.in_stretches(MOST_STEPS_OF_CLAIMS)

    @cached_property
    def ends(self) -> tuple[Part, Part]:
        """The start and the end as parts of one step each; both are the whole of a run of one step."""
        tenth = max(LEAST_WINDOW, round(WINDOW_PART * len(self.steps)))
        width = max(1, min(len(self.steps) // 2, tenth))
        return self._as_one_step(self.steps[:width]), self._as_one_step(self.steps[-width:])

    def _as_one_step(self, steps: NDArray[np.int64]) -> Part:
        cells = self.of_steps(steps).series.cells
        pooled = merge_cells([replace(cells, step=np.zeros_like(cells.step))])
        return replace(self, series=replace(self.series, cells=pooled))

    @cached_property
    def moves(self) -> tuple[Move, ...]:
        """Start and end of every name, largest end share first; empty for fewer than two steps."""
        if len(self.steps) < 2:
            return ()
        start, end = (one.limits for one in self.ends)
        moves = [Move(name, *start.get(name, (0, 0, 0)), *end.get(name, (0, 0, 0))) for name in self.names]
        return tuple(sorted(moves, key=lambda move: (-move.end, move.name)))

    @cached_property
    def limits(self) -> dict[str, tuple[float, float, float]]:
        """Share, lower and upper limit of every name at the first step."""
        found = self.shares
        return {
            name: (float(found.point[0, i]), float(found.low[0, i]), float(found.high[0, i]))
            for i, name in enumerate(self.names)
        }

    def of_steps(self, steps: NDArray[np.int64]) -> Part:
        """The part at some of its steps."""
        cells = self.series.cells
        return replace(self, series=replace(self.series, cells=cells.where(np.isin(cells.step, steps))))

    def in_stretches(self, most: int) -> Part:
        """The part with steps pooled into at most `most` stretches of neighbours, named by the middle."""
        if len(self.steps) <= most:
            return self
        stretch = np.arange(len(self.steps)) * most // len(self.steps)
        first, after = (
            np.searchsorted(stretch, np.arange(most)),
            np.searchsorted(stretch, np.arange(1, most + 1)),
        )
        middle = self.steps[(first + after) // 2]
        cells = self.series.cells
        steps = middle[stretch[np.searchsorted(self.steps, cells.step)]]
        return replace(self, series=replace(self.series, cells=merge_cells([replace(cells, step=steps)])))

    @cached_property
    def figures(self) -> Mapping[str, float | None]:
        """Figures of the last step by name, as --fail-on knows them; ``None`` where not known."""
        if not self.total:
            return {}
        series, last = self.series, -1
        unlabelled = len(series.labelled)
        found: dict[str, Any] = {
            "steps": len(self.steps),
            "completions": self.total,
            "dominant_share": series.dominant_share()[last],
            "entropy_nats": series.entropy_nats()[last],
            "effective_number": series.effective_number()[last],
            "total_variation": series.total_variation()[last],
            "unlabelled_share": series.shares()[last, unlabelled:].sum(),
            "accuracy": self.accuracy[last],
            "mean_reward": series.mean_reward()[last],
            "collapsed": float(self.collapse.collapsed),
            "onset": self.collapse.onset,
        }
        found |= {f"share.{name}": share for name, share in zip(self.names, series.shares()[last])}
        return {name: _known(value) for name, value in found.items()}


def _known(value: Any) -> float | None:
    return float(value) if value is not None and np.isfinite(value) else None


@lru_cache(maxsize=1)
def parts_of(series: FormatSeries) -> tuple[Part, ...]:
    """Every run and split of a series, in order.

    Example:
        >>> series = FormatSeries.from_counts([0, 1], ["p", "p"], ["x", "x"], [3, 1])
        >>> [part.total for part in parts_of(series)]
        [4]
    """
    return tuple(Part(run, split, one) for run, split, one in series.each())
