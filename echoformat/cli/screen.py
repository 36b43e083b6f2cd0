"""What `echoformat watch` draws of one run: a line a format with its curve, figures, the alarm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from echoformat.live.bell import Ring
from echoformat.series import FormatSeries

BARS, PLAIN_BARS = "▁▂▃▄▅▆▇█", " .:-=+*#"
MOST_NAMES = 8
CURVE = 32
RED, BOLD, RESET = "\x1b[31;1m", "\x1b[1m", "\x1b[0m"


def screen_lines(
    title: str,
    part: FormatSeries,
    figures: Mapping[str, float | None],
    ring: Ring | None,
    bars: bool,
    colour: bool,
) -> list[str]:
    """The lines of one run and split.

    Args:
        title: What to call it, harmless for a terminal.
        part: Its series; names of formats are harmless by their declaration.
        figures: Its figures.
        ring: Its alarm, if it rang.
        bars: The terminal can show block characters.
        colour: It can show colours.
    """
    steps = part.steps
    span = f"step {steps[-1]}" if len(steps) == 1 else f"steps {steps[0]} to {steps[-1]} ({len(steps)})"
    head = f"{title}: {span}, {figures['completions']:.0f} completions"
    lines = [f"{BOLD}{head}{RESET}" if colour else head]
    lines += _table(part, bars)
    lines.append("  " + ", ".join(_figures(figures)))
    if ring is not None:
        said = f"  ALARM: {ring.format}, {_KINDS[ring.kind]}, at step {ring.step}"
        lines.append(f"{RED}{said}{RESET}" if colour else said)
    return lines


_KINDS = {"rise": "risen far above its share at the start", "cap": "almost alone"}


def _table(part: FormatSeries, bars: bool) -> list[str]:
    shares, names = part.shares(), part.names
    order = sorted(range(len(names)), key=lambda i: (-shares[-1, i], -shares[:, i].mean(), names[i]))
    width = max(len(names[i]) for i in order[:MOST_NAMES])
    lines = [
        f"  {names[i]:{width}}  {100 * shares[-1, i]:5.1f} %  {curve(shares[:, i].tolist(), bars)}"
        for i in order[:MOST_NAMES]
    ]
    if len(order) > MOST_NAMES:
        rest = 100 * shares[-1, order[MOST_NAMES:]].sum()
        lines.append(f"  {'others':{width}}  {rest:5.1f} %  ({len(order) - MOST_NAMES} more)")
    return lines


def _figures(figures: Mapping[str, float | None]) -> list[str]:
    shown = (
        ("dominant_share", "dominant share {:.2f}"),
        ("entropy_nats", "entropy {:.2f} nats"),
        ("effective_number", "effective number {:.2f}"),
        ("accuracy", "accuracy {:.2f}"),
        ("mean_reward", "mean reward {:.3f}"),
    )
    return [text.format(figures[name]) for name, text in shown if figures[name] is not None]


def curve(values: Sequence[float], bars: bool = True) -> str:
    """Values between 0 and 1 as a line of blocks, the mean of neighbours where there are too many.

    Example:
        >>> curve([0, 0.5, 1]), curve([0, 0.5, 1], bars=False)
        ('▁▅█', ' =#')
    """
    marks = BARS if bars else PLAIN_BARS
    pieces = np.array_split(np.asarray(values, dtype=np.float64), max(1, min(CURVE, len(values))))
    return "".join(
        marks[min(len(marks) - 1, int(piece.mean() * len(marks)))] for piece in pieces if len(piece)
    )
