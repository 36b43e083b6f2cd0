"""The pictures of one run: shares, entropy and dominant share, accuracy in total and by format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from echoformat.cells import merge_cells
from echoformat.measure.interval import Intervals
from echoformat.report.chart import NO_FORMAT, TOTAL, Chart, Line
from echoformat.report.headline import percent
from echoformat.report.part import Floats, Part
from echoformat.report.thin import spread_both
from echoformat.series import FormatSeries

REST, UNLABELLED = "other formats", "unlabelled"
LEAST_PEAK = 0.01
LEAST_SCORED = 8
MOST_STRETCHES = 16


def thinned(part: Part, most: int) -> Part:
    """The part at no more than about `most` of its steps, for drawing."""
    chosen = part.steps[spread_both(len(part.steps), most)]
    return part if len(chosen) == len(part.steps) else part.of_steps(chosen)


def pooled(part: Part, slots: Mapping[str, int]) -> Part:
    """The part with names that have no colour pooled as other formats, and all states as unlabelled."""
    cells = part.series.cells
    states = set(part.series.unlabelled)
    names = [UNLABELLED if name in states else name if name in slots else REST for name in cells.names]
    distinct = tuple(dict.fromkeys(names))
    codes = np.array([distinct.index(name) for name in names] or [0], dtype=np.int64)
    merged = merge_cells([replace(cells, names=distinct, name=codes[cells.name])])
    return replace(part, series=replace(part.series, cells=merged))


def shares_chart(part: Part, slots: Mapping[str, int]) -> Chart:
    """Shares with 95 % bands; `part` thinned and pooled."""
    found = part.shares
    lines = [
        _line(name, slots, found, column)
        for column, name in _drawn(part)
        if found.point[:, column].max() >= LEAST_PEAK
    ]
    title = "Share of completions by format over training steps, with 95% intervals."
    return Chart(title, part.steps, lines, 1.0, percent, "share")


def _drawn(part: Part) -> list[tuple[int, str]]:
    """Columns with what is no format first, so that formats are drawn over it."""
    rest = (REST, UNLABELLED)
    return sorted(enumerate(part.names), key=lambda item: (item[1] not in rest, item[0]))


def _line(name: str, slots: Mapping[str, int], found: Intervals, column: int) -> Line:
    if name not in slots:
        return Line(name, NO_FORMAT, found.point[:, column])
    low, high = found.low[:, column], found.high[:, column]
    return Line(name, slots[name], found.point[:, column], low, high)


def entropy_chart(part: Part) -> Chart:
    """Entropy with its 95 % band; `part` thinned, not pooled."""
    found = part.entropy
    line = Line("entropy", TOTAL, found.point, found.low, found.high)
    peak = float(np.nanmax([np.nanmax(found.high), np.nanmax(found.point), 0.1]))
    title = "Entropy of the format shares over training steps, in nats, with 95% intervals."
    return Chart(title, part.steps, [line], peak * 1.05, lambda value: f"{value:.2g}", "nats")


def dominance_chart(part: Part) -> Chart:
    """Largest share of any format; `part` thinned."""
    line = Line("largest", TOTAL, part.series.dominant_share())
    return Chart("Largest share of a format over training steps.", part.steps, [line], 1.0, percent, "share")


def accuracy_chart(whole: Part, slots: Mapping[str, int]) -> Chart | None:
    """Accuracy in total and by format where at least 8 completions were scored; ``None`` without scores.

    Steps are pooled into at most 16 stretches: a format's few completions at one step say too little.
    """
    part = whole.in_stretches(MOST_STRETCHES)
    if not np.isfinite(part.accuracy).any():
        return None
    right = np.where(_counted(part.series, "scored") >= LEAST_SCORED, part.accuracy_by_format, np.nan)
    title = "Fraction of completions that were correct over training steps, in total and by format."
    return Chart(title, part.steps, _in_colour(part, slots, right, part.accuracy), 1.0, percent, "accuracy")


def reward_chart(whole: Part, slots: Mapping[str, int]) -> Chart | None:
    """Mean reward likewise; ``None`` without rewards, and where they say no more than the accuracy does."""
    part = whole.in_stretches(MOST_STRETCHES)
    paid, right = part.series.mean_reward(), part.accuracy
    if not np.isfinite(paid).any() or np.allclose(paid, right, equal_nan=True):
        return None
    enough = _counted(part.series, "rewarded") >= LEAST_SCORED
    lines = _in_colour(part, slots, np.where(enough, part.series.mean_reward_by_format(), np.nan), paid)
    every = np.concatenate([line.values for line in lines])
    low, high = float(min(0.0, np.nanmin(every))), float(max(0.0, np.nanmax(every)))
    title = "Mean reward over training steps, in total and by format."
    top = high if high > low else 1.0
    return Chart(title, part.steps, lines, top, lambda value: f"{value:.3g}", "reward", low)


def _in_colour(part: Part, slots: Mapping[str, int], values: Floats, total: Floats) -> list[Line]:
    """A line for each format that has a colour and figures, and one in ink for all completions."""
    lines = [
        Line(name, slots[name], values[:, column])
        for column, name in enumerate(part.names)
        if name in slots and np.isfinite(values[:, column]).any()
    ]
    return [*lines, Line("all", TOTAL, total)]


def _counted(series: FormatSeries, column: str) -> NDArray[np.int64]:
    """Sum of a column of the cells, [steps, names]."""
    cells, names = series.cells, series.names
    table = np.zeros((len(series.steps), len(names)), dtype=np.int64)
    position = {name: i for i, name in enumerate(names)}
    codes = np.array([position.get(name, 0) for name in cells.names] or [0], dtype=np.int64)
    np.add.at(table, (np.searchsorted(series.steps, cells.step), codes[cells.name]), getattr(cells, column))
    return table
