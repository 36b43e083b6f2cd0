"""Chart: lines with bands over steps, drawn as SVG from numbers alone; every word in it is escaped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from echoformat.report.axis import Axis
from echoformat.report.escape import html

Floats = NDArray[np.float64]
LABEL_GAP, CHARACTER = 14.0, 7.2
TOP, BOTTOM, LEFT = 10.0, 34.0, 46.0
MOST_POINTERS = 400
NO_FORMAT, TOTAL = -1, -2


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart.

    Attributes:
        name: Written at its end.
        slot: Colour slot, `NO_FORMAT` for what is no format, `TOTAL` for what is about all of them.
        values: [steps], NaN where there is none.
        low: [steps] lower limit of the band, or ``None``.
        high: [steps] upper limit of the band, or ``None``.
    """

    name: str
    slot: int
    values: Floats
    low: Floats | None = None
    high: Floats | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """Lines over steps.

    Attributes:
        title: Read out by screen readers.
        steps: [steps] of every line.
        lines: From back to front.
        top: Largest figure of the vertical axis.
        say: Writes a figure.
        unit: What the vertical axis shows.
        bottom: Smallest figure of the vertical axis.
    """

    title: str
    steps: NDArray[np.int64]
    lines: Sequence[Line]
    top: float
    say: Callable[[float], str]
    unit: str
    bottom: float = 0.0


@dataclass(frozen=True, slots=True)
class Frame:
    """Size of a drawing and the room for the names at its right."""

    width: float
    height: float
    right: float
    log: bool = False


def draw(chart: Chart, frame: Frame) -> str:
    """The chart as an SVG element."""
    x = Axis(float(chart.steps[0]), float(chart.steps[-1]), LEFT, frame.width - frame.right, frame.log)
    y = Axis(chart.bottom, chart.top, frame.height - BOTTOM, TOP)
    steps = x(chart.steps.astype(np.float64))
    parts = [
        f'<svg viewBox="0 0 {frame.width:g} {frame.height:g}" role="img" aria-label="{html(chart.title)}">',
        f"<title>{html(chart.title)}</title>",
        *_grid(chart, frame, x, y),
        *(_band(line, steps, y) for line in chart.lines if line.low is not None),
        *(_path(line, steps, y) for line in chart.lines),
        *_names(chart, frame, y),
        *_pointers(chart, frame, steps),
        "</svg>",
    ]
    return "".join(parts)


def _grid(chart: Chart, frame: Frame, x: Axis, y: Axis) -> Iterator[str]:
    floor, right = frame.height - BOTTOM, frame.width - frame.right
    for value in y.ticks(4):
        at = float(y(np.array(value)))
        yield f'<line class="grid" x1="{LEFT:g}" x2="{right:.1f}" y1="{at:.1f}" y2="{at:.1f}"/>'
        yield _tick(LEFT - 6, at + 4, "end", chart.say(value))
    for value in x.ticks(max(2, int((right - LEFT) / (70 if right > 500 else 45)))):
        at = float(x(np.array(value)))
        yield _tick(at, floor + 16, "middle", f"{value:.0f}")
    words = "step (log scale)" if frame.log else "step"
    yield _tick((LEFT + right) / 2, floor + 30, "middle", words)


def _tick(x: float, y: float, anchor: str, words: str) -> str:
    return f'<text class="tick" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{html(words)}</text>'


def _points(steps: Floats, heights: Floats) -> str:
    return " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(steps.tolist(), heights.tolist(), strict=True))


def _stretches(known: NDArray[np.bool_]) -> list[NDArray[np.intp]]:
    """Runs of neighbouring positions where a figure is known."""
    at = np.flatnonzero(known)
    return np.split(at, np.flatnonzero(np.diff(at) > 1) + 1) if len(at) else []


def _band(line: Line, steps: Floats, y: Axis) -> str:
    if line.low is None or line.high is None:
        return ""
    shapes = []
    for at in _stretches(np.isfinite(line.low) & np.isfinite(line.high)):
        if len(at) == 1:
            continue
        there, back = _points(steps[at], y(line.high[at])), _points(steps[at][::-1], y(line.low[at])[::-1])
        shapes.append(f'<polygon class="band {_slot(line)}" points="{there} {back}"/>')
    return "".join(shapes)


def _path(line: Line, steps: Floats, y: Axis) -> str:
    shapes = []
    for at in _stretches(np.isfinite(line.values)):
        heights = y(line.values[at])
        if len(at) > 1:
            shapes.append(f'<polyline class="line {_slot(line)}" points="{_points(steps[at], heights)}"/>')
        else:
            shapes.append(_lone_point(line, steps, y, int(at[0])))
    return "".join(shapes)


def _lone_point(line: Line, steps: Floats, y: Axis, at: int) -> str:
    here = f'cx="{steps[at]:.1f}" cy="{float(y(line.values[at])):.1f}"'
    whisker = ""
    if line.low is not None and line.high is not None and np.isfinite(line.low[at] + line.high[at]):
        ends = f'y1="{float(y(line.low[at])):.1f}" y2="{float(y(line.high[at])):.1f}"'
        whisker = f'<line class="line {_slot(line)}" x1="{steps[at]:.1f}" x2="{steps[at]:.1f}" {ends}/>'
    return f'{whisker}<circle class="dot {_slot(line)}" {here} r="3"/>'


def _slot(line: Line) -> str:
    return {NO_FORMAT: "rest", TOTAL: "ink"}.get(line.slot, f"s{line.slot}")


def _names(chart: Chart, frame: Frame, y: Axis) -> Iterator[str]:
    """Names at the ends of their lines, moved apart where they would overlap."""
    ends = []
    for line in chart.lines:
        known = np.flatnonzero(np.isfinite(line.values))
        if len(known):
            ends.append((float(y(line.values[known[-1]])), line))
    ends.sort(key=lambda end: end[0])
    places = apart([height for height, _ in ends], TOP + 4, frame.height - BOTTOM + 4)
    room = max(3, int((frame.right - 8) / CHARACTER))
    for place, (_, line) in zip(places, ends, strict=True):
        name = line.name if len(line.name) <= room else line.name[: room - 1] + "…"
        at = f'x="{frame.width - frame.right + 6:g}" y="{place + 4:.1f}"'
        yield f'<text class="name {_slot(line)}" {at}>{html(name)}</text>'


def apart(heights: Sequence[float], low: float, high: float) -> list[float]:
    """Ascending heights moved so that neighbours are a line of text apart, inside limits where they fit.

    Example:
        >>> apart([10.0, 11.0, 50.0], 0, 100)
        [10.0, 24.0, 50.0]
        >>> apart([98.0, 99.0], 0.0, 100.0)
        [86.0, 100.0]
    """
    placed: list[float] = []
    for height in heights:
        placed.append(max(height, low, placed[-1] + LABEL_GAP if placed else low))
    limit = high
    for i in range(len(placed) - 1, -1, -1):
        placed[i] = min(placed[i], limit)
        limit = placed[i] - LABEL_GAP
    return placed


def _pointers(chart: Chart, frame: Frame, steps: Floats) -> Iterator[str]:
    """One invisible strip a step that tells its figures to whoever points at it."""
    if not 1 < len(steps) <= MOST_POINTERS:
        return
    edges = np.concatenate([steps[:1], (steps[1:] + steps[:-1]) / 2, steps[-1:]])
    for i, step in enumerate(chart.steps.tolist()):
        told = [(float(v), line.name) for line in chart.lines if np.isfinite(v := line.values[i])]
        words = "\n".join(f"{name} {chart.say(value)}" for value, name in sorted(told, reverse=True)[:9])
        place = f'x="{edges[i]:.1f}" width="{max(0.1, edges[i + 1] - edges[i]):.1f}"'
        size = f'y="{TOP:g}" height="{frame.height - BOTTOM - TOP:g}"'
        yield f'<rect class="point" {place} {size}><title>step {step}\n{html(words)}</title></rect>'
