"""plot_shares: the shares picture as a matplotlib figure, for papers and notebooks."""

from __future__ import annotations

from typing import Any

from echoformat.errors import MissingExtra, UsageError
from echoformat.report.chart import Chart, Line, apart
from echoformat.report.escape import visible
from echoformat.report.palette import colour_slots
from echoformat.report.part import Part
from echoformat.report.pictures import pooled, shares_chart, thinned
from echoformat.series import FormatSeries

COLOURS = ("#0067a5", "#c24a00", "#007a57", "#9b3d8f", "#7d6400", "#4f55c9", "#b3245c", "#3f7382")
GREY = "#7a828c"
MOST_POINTS = 1000


def plot_shares(
    series: FormatSeries,
    *,
    run: str | None = None,
    split: str | None = None,
    log: bool = False,
    ax: Any = None,
    title: str = "",
) -> Any:
    """Share of completions by format over steps, with 95 % bands, as a `matplotlib.figure.Figure`.

    Args:
        series: Labelled completions.
        run: Run to draw, where the series holds several.
        split: Split to draw, where the series holds several.
        log: Draw the steps on a logarithmic axis (log of 1 + step).
        ax: Axes to draw into; by default those of a new figure.
        title: Written above.

    Raises:
        MissingExtra: matplotlib is not installed.
        UsageError: No completion, or several runs or splits and none chosen.

    Example:
        >>> series = FormatSeries.from_counts([0, 1], ["p", "p"], ["x", "y"], [3, 1])
        >>> figure = plot_shares(series)
        >>> figure.savefig("shares.svg")  # doctest: +SKIP
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtra("matplotlib", "viz", "plot_shares") from error
    chart = _chart(series.select(run, split))
    axes = Figure(figsize=(8.0, 3.6), layout="constrained").subplots() if ax is None else ax
    for line in chart.lines:
        _draw(axes, chart, line)
    _dress(axes, chart, log, title)
    return axes.figure


def _chart(series: FormatSeries) -> Chart:
    if not len(series.cells):
        raise UsageError("there is no completion to plot")
    part = Part("", "", series)
    slots = colour_slots([part])
    return shares_chart(pooled(thinned(part, MOST_POINTS), slots), slots)


def _draw(axes: Any, chart: Chart, line: Line) -> None:
    colour = COLOURS[line.slot] if line.slot >= 0 else GREY
    lone = "o" if len(chart.steps) == 1 else None
    axes.plot(chart.steps, line.values, color=colour, lw=2, ls="-" if line.slot >= 0 else ":", marker=lone)
    if line.low is not None:
        axes.fill_between(chart.steps, line.low, line.high, color=colour, alpha=0.16, lw=0)


def _dress(axes: Any, chart: Chart, log: bool, title: str) -> None:
    axes.set_ylim(0, 1.02)
    if log:
        axes.set_xscale("symlog", linthresh=1)
    axes.set_xlabel("step")
    axes.set_ylabel("share of completions")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#e4e7eb")
    # Names and titles may come from a log: a stray dollar sign must not start a formula.
    axes.set_title(visible(title), loc="left", parse_math=False)
    _name_lines(axes, chart)


def _name_lines(axes: Any, chart: Chart) -> None:
    height = axes.get_window_extent().height * 72 / axes.figure.dpi
    ends = sorted(chart.lines, key=lambda line: float(line.values[-1]))
    places = apart([float(line.values[-1]) * height for line in ends], 0.0, height)
    for place, line in zip(places, ends, strict=True):
        axes.annotate(
            visible(line.name),
            (1, place / height),
            xycoords="axes fraction",
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            color=COLOURS[line.slot] if line.slot >= 0 else GREY,
            parse_math=False,
        )
