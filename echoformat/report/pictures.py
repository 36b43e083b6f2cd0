"""The pictures of one run: shares, entropy and dominant share, accuracy in total and by format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from echoformat.cells import merge_cells
from echoformat.measure.interval import Intervals
from echoformat.report.chart import NO_FORMAT, TOTAL, Chart, Line
from echoformat.report.headline import percent
from echoformat.report.part import Part
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
    right = np.where(_scored(part.series) >= LEAST_SCORED, part.accuracy_by_format, np.nan)
    lines = [
        Line(name, slots[name], right[:, column])
        for column, name in enumerate(part.names)
        if name in slots and np.isfinite(right[:, column]).any()
    ]
    total = Line("all", TOTAL, part.accuracy)
    title = "Fraction of completions that were correct over training steps, in total and by format."
    return Chart(title, part.steps, [*lines, total], 1.0, percent, "accuracy")


def _scored(series: FormatSeries) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    table = series.cells.where(series.cells.scored > 0)
    shape = np.zeros((len(series.steps), len(series.names)), dtype=np.int64)
    row = np.searchsorted(series.steps, table.step)
    column = {name: i for i, name in enumerate(series.names)}
    codes = np.array([column.get(name, 0) for name in table.names] or [0], dtype=np.int64)
    np.add.at(shape, (row, codes[table.name]), table.scored)
    return shape
